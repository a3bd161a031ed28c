"""A data source that does not work: nothing in Grafana is written, repointed or changed for it."""

from __future__ import annotations

import pytest

from collector.monitoring.grafana.ownership import TRIAL
from collector.monitoring.grafana.sync import Sync
from tests.worlds.grafana_stub import V12, No, Stub, grafana
from tests.worlds.provisioning import (
    Rules,
    check,
    client,
    hook_with,
    provision,
    seed_foreign,
    settings_for,
    told,
    wanted_by,
)

OURS = "http://prometheus:9090"
OTHER = "http://elsewhere:9090"
REFUSED = "dial tcp 10.0.0.9:9090: connect: connection refused"


@pytest.fixture
def stub():
    return Stub(version=V12)


def insisting(settings, store):
    with client(settings.grafana.url) as door:
        return Sync(door, wanted_by(settings), store, anyway=True).write()


def everything_else_changed(url, **options):
    """Settings by which each kind of object would be changed, and one removed."""
    return settings_for(
        url,
        contact_points=hook_with(username="other"),
        mute_timings={},
        folder={"uid": "servicedesk-kpi", "title": "Another title"},
        languages=["sv"],
        **options,
    )


def stopped(stub, held, outcome):
    """Nothing was written; the one failure, without its head."""
    assert stub.held() == held
    assert outcome.written == 0
    assert outcome.drift > 0
    assert outcome.remarks[-1].startswith("nothing was written: without its data source no board")
    (failure,) = outcome.failures
    head, _, text = failure.partition(": ")
    assert head.startswith("data source ")
    return text


@pytest.mark.parametrize("uid", ["nowhere", "prom"])
def test_boards_and_rules_are_not_repointed_at_a_source_that_does_not_work(stub, url, opened, uid):
    seed_foreign(stub)
    assert provision(settings_for(url), opened).failures == []
    stub.ill["http://other:9090"] = REFUSED
    held = stub.held()
    settings = everything_else_changed(url, datasource={"uid": uid})
    text = stopped(stub, held, provision(settings, opened, Rules()))
    assert (
        text
        == {
            "nowhere": "there is none of that uid: create it, or give grafana.datasource.url, or "
            "correct grafana.datasource.uid (there are prom, servicedesk-prometheus)",
            "prom": f"Grafana cannot query http://other:9090: {REFUSED}; start that Prometheus, or "
            "correct it in Grafana, or name another in grafana.datasource.uid",
        }[uid]
    )


def test_a_source_of_ours_that_falls_ill_stops_what_would_be_written(stub, url, opened):
    provision(settings_for(url), opened)
    stub.ill[OURS] = REFUSED
    held = stub.held()
    text = stopped(stub, held, provision(everything_else_changed(url), opened))
    assert text == (
        f"Grafana cannot query {OURS}: {REFUSED}; start that Prometheus, or correct "
        "grafana.datasource.url"
    )
    assert stopped(stub, held, insisting(everything_else_changed(url), opened)) == text


def test_one_without_our_metrics_stops_it_too_unless_the_user_insists(stub, url, opened):
    provision(settings_for(url), opened)
    stub.empty.add(OURS)
    held = stub.held()
    settings = everything_else_changed(url)
    text = stopped(stub, held, provision(settings, opened))
    assert text == (
        f"{OURS} has had no metrics of this service for a day: let it scrape the collector, or "
        "correct grafana.datasource.url; with --anyway boards and rules are written nevertheless"
    )
    outcome = insisting(settings, opened)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert outcome.remarks == [f"data source servicedesk-prometheus: {text}"]
    assert stub.folders["servicedesk-kpi"]["title"] == "Another title"


@pytest.mark.parametrize("how", ["ill", "empty", "refuses the trial"])
def test_a_new_address_is_tried_before_it_is_used(stub, url, opened, how):
    provision(settings_for(url), opened)
    if how == "ill":
        stub.ill[OTHER] = REFUSED
    elif how == "empty":
        stub.empty.add(OTHER)
    else:
        stub.before = _no_new_source
    held = stub.held()
    settings = everything_else_changed(url, datasource={"url": OTHER})
    text = stopped(stub, held, provision(settings, opened))
    assert text.startswith(
        {
            "ill": f"Grafana cannot query {OTHER}: {REFUSED}",
            "empty": f"{OTHER} has had no metrics",
            "refuses the trial": "its new address cannot be tried: POST /api/datasources: 403",
        }[how]
    )


def _no_new_source(request):
    if request.verb == "POST" and request.path == "/datasources":
        raise No(403, "no")


def test_a_new_address_that_works_is_used_and_the_trial_leaves_nothing(stub, url, opened):
    provision(settings_for(url), opened)
    stub.sources["servicedesk-prometheus"]["jsonData"]["timeInterval"] = "30s"
    outcome = provision(settings_for(url, datasource={"url": OTHER}), opened)
    assert (outcome.failures, outcome.drift, outcome.written) == ([], 0, 1)
    assert list(stub.sources) == ["servicedesk-prometheus"]
    assert stub.sources["servicedesk-prometheus"]["url"] == OTHER
    assert stub.sources["servicedesk-prometheus"]["jsonData"]["timeInterval"] == "30s"


def test_a_trial_that_was_interrupted_is_used_again_and_removed(stub, url, opened):
    provision(settings_for(url), opened)
    theirs = stub.sources["servicedesk-prometheus"]
    stub.sources[TRIAL] = {**theirs, "uid": TRIAL, "name": "x", "url": "http://third:9090"}
    outcome = provision(settings_for(url, datasource={"url": OTHER}), opened)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert list(stub.sources) == ["servicedesk-prometheus"]
    stub.sources[TRIAL] = {**theirs, "uid": TRIAL, "name": "x"}
    outcome = provision(settings_for(url, datasource={"url": OTHER}), opened)
    assert (outcome.failures, list(stub.sources)) == ([], ["servicedesk-prometheus"])


def test_a_source_of_others_with_the_uid_of_the_trial_is_left_alone(stub, url, opened):
    provision(settings_for(url), opened)
    stub.sources[TRIAL] = {**stub.sources["servicedesk-prometheus"], "uid": TRIAL, "jsonData": {}}
    held = stub.held()
    outcome = provision(settings_for(url, datasource={"url": OTHER}), opened)
    assert stopped(stub, held, outcome).startswith(f"the uid {TRIAL} is needed to try it")


def test_secrets_that_a_trial_cannot_have_are_told(stub, url, opened):
    provision(settings_for(url), opened)
    stub.sources["servicedesk-prometheus"]["secureJsonFields"] = {"basicAuthPassword": True}
    stub.ill[OTHER] = "401 Unauthorized"
    held = stub.held()
    outcome = provision(settings_for(url, datasource={"url": OTHER}), opened)
    assert "tried without the secrets that Grafana keeps for it" in stopped(stub, held, outcome)


def test_a_new_source_that_does_not_work_gets_no_boards_and_changes_nothing(stub, url, opened):
    provision(settings_for(url), opened)
    stub.ill[OTHER] = REFUSED
    new = {"uid": "another", "url": OTHER}
    titled = {"uid": "servicedesk-kpi", "title": "Another title"}
    point = {"name": "New", "type": "email", "settings": {"addresses": "a@example.org"}}
    settings = settings_for(
        url,
        datasource=new,
        folder=titled,
        contact_points=[*hook_with(username="other"), point],
    )
    before = stub.held()
    outcome = provision(settings, opened)
    assert outcome.failures[0].startswith("data source ")
    assert {"New"} <= {each["name"] for each in stub.points}
    stub.points = [each for each in stub.points if each["name"] != "New"]
    del stub.sources["another"]
    assert stub.held() == before
    assert any("objects were not written: without its data" in r for r in outcome.remarks)


def test_an_empty_grafana_with_a_source_that_does_not_work_gets_no_board(stub, url, opened):
    stub.ill[OURS] = REFUSED
    outcome = provision(settings_for(url), opened)
    assert outcome.failures == [
        f"data source servicedesk-prometheus: Grafana cannot query {OURS}: {REFUSED}; start that "
        "Prometheus, or correct grafana.datasource.url"
    ]
    assert (stub.boards, stub.rules) == ({}, {})
    assert outcome.remarks == [
        "7 objects were not written: without its data source no board shows and no alert fires"
    ]
    del stub.ill[OURS]
    assert provision(settings_for(url), opened).drift == 0
    assert len(stub.boards) == 4


def test_a_source_that_cannot_be_written_gets_no_boards(stub, url, opened):
    seed_foreign(stub)
    stub.sources["prom"]["name"] = "Servicedesk KPI"  # the name of ours
    boards = set(stub.boards)
    outcome = provision(settings_for(url), opened)
    assert len(outcome.failures) == 1
    assert "data source with the same name already exists" in outcome.failures[0]
    assert set(stub.boards) == boards


def test_a_look_tells_of_it_and_writes_nothing(stub, url, opened):
    provision(settings_for(url), opened)
    stub.ill[OURS] = REFUSED
    writes = len(stub.writes)
    assert check(settings_for(url), opened).drift == 1
    assert check(settings_for(url, datasource={"url": OTHER}), opened).drift == 1
    assert len(stub.writes) == writes


def test_credentials_in_an_address_are_not_shown(stub, url, opened):
    seed_foreign(stub)
    stub.sources["prom"]["url"] = "http://kpi:hush@other:9090"
    stub.ill["http://kpi:hush@other:9090"] = 'Get "http://kpi:hush@other:9090/": refused'
    (failure,) = provision(settings_for(url, datasource={"uid": "prom"}), opened).failures
    assert "hush" not in failure
    assert "Grafana cannot query http://***@other:9090" in failure


def test_an_answer_that_the_source_does_not_give_in_time(stub, url, opened):
    from collector.monitoring.grafana.client import TimedOut
    from collector.monitoring.grafana.sources import find_trouble

    class Slow:
        def get(self, *path):
            raise TimedOut("https://grafana.example.org/ did not answer within 10 s")

    trouble = find_trouble(Slow(), {"uid": "prom", "url": OTHER}, ours=False)
    assert trouble is not None
    assert not trouble.passable
    assert "did not answer within 10 s" in trouble.text


def test_the_source_is_asked_as_its_rules_will_ask_it(stub, url, opened):
    provision(settings_for(url), opened)
    (query,) = next(r.body["queries"] for r in stub.asked if r.path == "/ds/query")
    assert query["datasource"] == {"uid": "servicedesk-prometheus"}
    assert query["expr"] == "count(last_over_time(servicedesk_build_info[1d]))"
    assert ("GET", "/datasources/uid/servicedesk-prometheus/health") in told(stub)


def test_a_grafana_that_breaks_off_is_not_taken_for_an_ill_source(opened):
    from collector.monitoring.grafana.client import Unreachable

    stub = Stub()

    def break_off(request):
        if request.path.endswith("/health") and "datasources" in request.path:
            raise ConnectionError

    with grafana(stub) as url:
        provision(settings_for(url), opened)
        stub.before = break_off
        with pytest.raises(Unreachable, match="the connection broke"):
            provision(settings_for(url), opened)
