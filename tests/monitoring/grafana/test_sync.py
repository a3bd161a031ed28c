"""Provisioning against a Grafana with a memory: what is written, what is not, and its traps."""

from __future__ import annotations

import json

import pytest

from collector.store import Store
from tests.worlds.grafana_stub import V11, V13, No, Stub, grafana
from tests.worlds.openapi import specifications
from tests.worlds.provisioning import (
    ENVIRONMENT,
    Rules,
    check,
    hook_with,
    provision,
    seed_foreign,
    settings_for,
    told,
)


def test_the_stub_holds_requests_against_the_specifications():
    specifications()
    stub = Stub()
    with pytest.raises(AssertionError), grafana(stub) as url:
        from tests.worlds.provisioning import client

        with client(url) as door:
            door.post("folders", body={"uid": "x", "title": "X", "colour": "blue"})
    assert len(stub.complaints) == 2  # one for each release
    assert "body.colour: is not known" in stub.complaints[0]


def test_an_empty_grafana_gets_all_of_it(stub, url, opened):
    outcome = provision(settings_for(url), opened)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert stub.folders["servicedesk-kpi"]["title"] == "Servicedesk KPI"
    source = stub.sources["servicedesk-prometheus"]
    assert (source["type"], source["url"]) == ("prometheus", "http://prometheus:9090")
    assert set(stub.boards) == {
        f"servicedesk-{name}-{language}" for name in ("today", "goals") for language in ("sv", "en")
    }
    assert {board["folderUid"] for board in stub.boards.values()} == {"servicedesk-kpi"}
    assert set(stub.rules) == {f"servicedesk-{n}" for n in ("overdue", "due-soon", "stale")}
    for rule in stub.rules.values():
        assert rule["labels"]["managed_by"] == "servicedesk-kpi"
        assert rule["folderUID"] == "servicedesk-kpi"
        assert rule["provenance"] == "api"  # shown as provisioned, and not edited by accident
    assert stub.intervals == {
        ("servicedesk-kpi", "servicedesk-tickets"): 60,
        ("servicedesk-kpi", "servicedesk-sources"): 120,
    }
    names = {point["name"] for point in stub.points}
    assert names == {"grafana-default-email", "On call", "Chat"}
    assert set(stub.timings) == {"nights/weekends"}


def test_boards_know_the_collector_and_the_data_source(stub, url, opened):
    provision(settings_for(url), opened)
    variables = {
        each["name"]: each
        for each in stub.boards["servicedesk-today-sv"]["dashboard"]["templating"]["list"]
    }
    assert variables["collector"]["query"] == "https://kpi.example.org/"
    assert variables["collector"]["current"]["value"] == "https://kpi.example.org/"
    assert variables["datasource"]["current"]["value"] == "servicedesk-prometheus"
    assert variables["datasource"]["query"] == "prometheus"


def test_rules_notify_their_contact_points_and_the_tree_stays(stub, url, opened):
    before = json.dumps(stub.policies)
    provision(settings_for(url), opened)
    receivers = {
        uid: (rule.get("notification_settings") or {}).get("receiver")
        for uid, rule in stub.rules.items()
    }
    assert receivers == {
        "servicedesk-overdue": "On call",
        "servicedesk-stale": "Chat",
        "servicedesk-due-soon": None,
    }
    assert json.dumps(stub.policies) == before
    assert ("PUT", "/v1/provisioning/policies") not in told(stub)


def test_a_second_run_writes_nothing(stub, url, opened):
    provision(settings_for(url), opened)
    writes, held = len(stub.writes), stub.held()
    outcome = provision(settings_for(url), opened)
    assert len(stub.writes) == writes
    assert (outcome.written, outcome.drift, outcome.failures) == (0, 0, [])
    assert outcome.remarks == []
    assert stub.held() == held
    assert stub.resets == []


def test_what_shall_be_written_first_is(stub, url, opened):
    provision(settings_for(url), opened)
    paths = [path for _, path in told(stub) if path]
    first = {
        part: next(n for n, r in enumerate(stub.asked) if r.verb != "GET" and part in r.path)
        for part in ("contact-points", "mute-timings", "folders", "datasources", "dashboards/db")
    }
    rules = next(n for n, r in enumerate(stub.asked) if r.verb != "GET" and "rule" in r.path)
    assert list(first.values()) == sorted(first.values())
    assert rules > max(first.values())
    assert paths


def test_new_rules_are_sent_one_by_one_only_where_groups_do_not_take_them(stub, url, opened):
    provision(settings_for(url), opened)
    posted = [path for verb, path in told(stub) if verb == "POST" and "alert-rules" in path]
    assert len(posted) == (3 if stub.version == V11 else 0)
    assert len([p for p in told(stub, "PUT") if "rule-groups" in p[1]]) == 2


def test_a_grafana_that_hides_its_release_is_taken_for_an_old_one(opened):
    stub = Stub(version=V11, hide_version=True)
    with grafana(stub) as url:
        assert provision(settings_for(url), opened).failures == []
    assert ("GET", "/frontend/settings") in told(stub)


def test_one_changed_rule_resets_no_other(stub, url, opened):
    rules = Rules()
    provision(settings_for(url), opened, rules)
    rules.expr["overdue"] = "up == 1"
    before = len(stub.writes)
    outcome = provision(settings_for(url), opened, rules)
    assert outcome.written == 1
    assert [r.path for r in stub.writes[before:]] == [
        "/v1/provisioning/folder/servicedesk-kpi/rule-groups/servicedesk-tickets"
    ]
    assert stub.resets == ["servicedesk-overdue"]
    assert stub.rules["servicedesk-overdue"]["data"][0]["model"]["expr"] == "up == 1"


def test_a_changed_interval_changes_no_rule(stub, url, opened):
    rules = Rules()
    provision(settings_for(url), opened, rules)
    rules.groups["servicedesk-sources"] = (300, ["stale"])
    assert provision(settings_for(url), opened, rules).written == 1
    assert stub.intervals["servicedesk-kpi", "servicedesk-sources"] == 300
    assert stub.resets == []


def test_a_rule_that_moves_to_another_group_stays_itself(stub, url, opened):
    rules = Rules()
    provision(settings_for(url), opened, rules)
    rules.groups = {
        "servicedesk-tickets": (60, ["overdue"]),
        "servicedesk-sources": (120, ["stale", "due-soon"]),
    }
    outcome = provision(settings_for(url), opened, rules)
    assert (outcome.drift, outcome.failures) == (0, [])
    assert stub.rules["servicedesk-due-soon"]["ruleGroup"] == "servicedesk-sources"
    assert set(stub.rules) == {f"servicedesk-{n}" for n in ("overdue", "due-soon", "stale")}
    assert provision(settings_for(url), opened, rules).written == 0


@pytest.mark.parametrize("others", [False, True], ids=["alone", "among others"])
def test_what_is_no_longer_wanted_goes_and_nothing_else(stub, url, opened, others):
    if others:
        seed_foreign(stub)
    theirs = Stub(version=stub.version)
    if others:
        seed_foreign(theirs)
    provision(settings_for(url), opened)
    rules = Rules()
    rules.groups = {}
    bare = settings_for(
        url,
        deploy="prometheus",
        contact_points=[],
        receivers={},
        mute_timings={},
        languages=["en"],
        datasource={"uid": "servicedesk-second", "url": "http://prometheus:9090"},
        folder={"title": "Desk"},
    )
    outcome = provision(bare, opened, rules)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert "servicedesk-prometheus" not in stub.sources
    for uid in ("servicedesk-today-en", "servicedesk-goals-en"):
        del stub.boards[uid]
    del stub.folders["servicedesk-kpi"], stub.sources["servicedesk-second"]
    assert stub.held() == theirs.held()
    assert opened.provisions.objects(url).keys() == {
        ("board", "servicedesk-today-en"),
        ("board", "servicedesk-goals-en"),
        ("data source", "servicedesk-second"),
        ("folder", "servicedesk-kpi"),
    }


def test_removal_goes_in_the_reverse_order(stub, url, opened):
    provision(settings_for(url), opened)
    before = len(stub.writes)
    bare = settings_for(
        url, deploy="prometheus", contact_points=[], receivers={}, mute_timings={}, languages=["en"]
    )
    provision(bare, opened)
    paths = [r.path for r in stub.writes[before:]]
    kinds = ["alert-rules", "dashboards/uid", "mute-timings", "contact-points"]
    order = [next(n for n, kind in enumerate(kinds) if kind in path) for path in paths]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2, 3}


def test_objects_of_others_are_the_same_byte_by_byte(stub, url, opened):
    seed_foreign(stub)
    theirs = json.dumps(
        [
            *(stub.folders["ops"], stub.sources, stub.boards, stub.rules),
            *(stub.points, stub.timings, stub.policies),
        ]
    )
    provision(settings_for(url), opened)
    rules = Rules()
    rules.groups = {"servicedesk-sources": (60, ["stale"])}
    provision(settings_for(url, languages=["sv"]), opened, rules)
    kept = [
        stub.folders["ops"],
        {"prom": stub.sources["prom"]},
        {uid: stub.boards[uid] for uid in ("nodes", "aB3xK9", "servicedesk-own")},
        {uid: stub.rules[uid] for uid in ("disk", "xYz12", "servicedesk-by-hand")},
        stub.points[:2],
        {"holidays": stub.timings["holidays"]},
        stub.policies,
    ]
    assert json.dumps(kept) == theirs


# -- secrets ---------------------------------------------------------------------------------------


def test_secrets_are_sent_and_never_what_was_read(stub, url, opened):
    provision(settings_for(url), opened)
    hook = next(point for point in stub.points if point["name"] == "On call")
    assert hook["settings"]["password"] == ENVIRONMENT["WEBHOOK_PASSWORD"]
    provision(
        settings_for(url, contact_points=hook_with(url="https://pager.example.org/new")), opened
    )
    hook = next(point for point in stub.points if point["name"] == "On call")
    assert hook["settings"]["url"] == "https://pager.example.org/new"
    assert hook["settings"]["password"] == ENVIRONMENT["WEBHOOK_PASSWORD"]


def test_another_secret_is_seen_and_sent(stub, url, opened, monkeypatch):
    provision(settings_for(url), opened)
    monkeypatch.setenv("WEBHOOK_PASSWORD", "hush-another")
    assert check(settings_for(url), opened).drift == 1
    assert provision(settings_for(url), opened).written == 1
    hook = next(point for point in stub.points if point["name"] == "On call")
    assert hook["settings"]["password"] == "hush-another"
    assert provision(settings_for(url), opened).written == 0


def test_secrets_that_were_sent_from_elsewhere_are_no_drift_and_are_sent_again(
    stub, url, opened, tmp_path
):
    provision(settings_for(url), opened)
    with Store.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        looked = check(settings_for(url, mute_timings={}), other)
        assert looked.drift == 0
        assert [each.split(":")[0] for each in looked.remarks] == [
            "contact point On call",
            "contact point Chat",
        ]
        assert provision(settings_for(url, mute_timings={}), other).written == 2
        assert provision(settings_for(url, mute_timings={}), other).written == 0


def test_the_store_holds_no_secret(stub, url, opened, tmp_path):
    provision(settings_for(url), opened)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("store.db*"))
    assert b"contact point" in kept
    for secret in ENVIRONMENT.values():
        assert secret.encode() not in kept


def test_a_secret_in_an_answer_is_not_repeated(url, stub, opened):
    def refuse(request):
        if request.verb == "POST" and "contact-points" in request.path:
            raise No(400, f"cannot use {request.body['settings']}")

    stub.before = refuse
    settings = settings_for(url)
    from collector.monitoring.grafana.sync import Sync
    from tests.worlds.provisioning import SECRETS, client, wanted_by

    with client(url) as door:
        for secret in SECRETS:
            door.hide(secret)
        outcome = Sync(door, wanted_by(settings), opened).write()
    told_of = "\n".join(outcome.failures)
    assert "contact point On call: POST /api/v1/provisioning/contact-points: 400" in told_of
    assert not any(secret in told_of for secret in SECRETS)


@pytest.mark.parametrize("secret", ["hush  with\nspaces", 'hush "quoted" ä', "hush" * 30])
def test_no_part_of_a_secret_is_left_where_an_answer_is_cut(url, stub, opened, secret):
    from collector.monitoring.grafana.client import Refused
    from tests.worlds.provisioning import client

    def refuse(request):
        raise No(400, "x" * 150 + json.dumps({"password": secret}))

    stub.before = refuse
    with client(url) as door:
        door.hide(secret)
        with pytest.raises(Refused) as refused:
            door.version()
    assert "***" in str(refused.value)
    assert "hush" not in str(refused.value)


# -- drift -----------------------------------------------------------------------------------------


DRIFTS = {
    "a board's title": lambda s: s.boards["servicedesk-today-sv"]["dashboard"].update(title="Mine"),
    "a board's expression": lambda s: s.boards["servicedesk-goals-en"]["dashboard"]["panels"][0][
        "targets"
    ][0].update(expr="1"),
    "a panel more": lambda s: s.boards["servicedesk-today-sv"]["dashboard"]["panels"].append(
        {"id": 9, "type": "text", "title": "Mine"}
    ),
    "a board moved": lambda s: s.boards["servicedesk-today-sv"].update(folderUid="ops"),
    "a board gone": lambda s: s.boards.pop("servicedesk-today-sv"),
    "a board without its tag": lambda s: s.boards["servicedesk-today-sv"]["dashboard"].update(
        tags=[]
    ),
    "a board saved in another form": lambda s: s.boards["servicedesk-today-sv"].update(v2=True),
    "the folder's title": lambda s: s.folders["servicedesk-kpi"].update(title="Mine"),
    "the data source's address": lambda s: s.sources["servicedesk-prometheus"].update(url="x"),
    "a rule paused": lambda s: s.rules["servicedesk-stale"].update(isPaused=True),
    "a rule's expression": lambda s: s.rules["servicedesk-stale"]["data"][0]["model"].update(
        expr="vector(0)"
    ),
    "a rule's for": lambda s: s.rules["servicedesk-stale"].update({"for": "1h"}),
    "a rule's label": lambda s: s.rules["servicedesk-stale"]["labels"].update(severity="page"),
    "a rule gone": lambda s: s.rules.pop("servicedesk-stale"),
    "a group's interval": lambda s: s.intervals.update(
        {("servicedesk-kpi", "servicedesk-sources"): 600}
    ),
    "a mute timing's hours": lambda s: s.timings["nights/weekends"].update(
        time_intervals=[{"weekdays": ["monday"]}]
    ),
    "a mute timing gone": lambda s: s.timings.pop("nights/weekends"),
    "a contact point's address": lambda s: s.points[1]["settings"].update(url="https://evil"),
    "a contact point's type": lambda s: s.points[2].update(type="teams"),
}


@pytest.mark.parametrize("drift", DRIFTS.values(), ids=DRIFTS)
def test_what_people_change_is_seen_and_put_right(stub, url, opened, drift):
    stub.folders["ops"] = {"uid": "ops", "title": "Ops", "id": 1, "version": 1}
    provision(settings_for(url), opened)
    right = stub.held()
    drift(stub)
    writes = len(stub.writes)
    looked = check(settings_for(url), opened)
    assert looked.drift == 1
    assert len(stub.writes) == writes  # to look is to write nothing
    stub.boards.get("servicedesk-today-sv", {}).pop("v2", None)
    outcome = provision(settings_for(url), opened)
    assert (outcome.drift, outcome.failures) == (0, [])
    assert stub.held() == right
    assert provision(settings_for(url), opened).written == 0


def test_what_grafana_adds_after_an_upgrade_is_no_drift(opened):
    stub = Stub(version=V11)
    with grafana(stub) as url:
        provision(settings_for(url), opened)
        stub.version = V13  # it migrates what it keeps
        for board in stub.boards.values():
            board["dashboard"] |= {"schemaVersion": 42, "preload": False, "liveNow": False}
            board["dashboard"]["panels"][0] |= {"transparent": False, "pluginVersion": "13.0.0"}
        assert [c for c in _changes(url, opened) if c.kind == "board"] == []


def _changes(url, opened):
    from collector.monitoring.grafana.sync import Sync
    from tests.worlds.provisioning import client, wanted_by

    with client(url) as door:
        return Sync(door, wanted_by(settings_for(url)), opened).plan.changes
