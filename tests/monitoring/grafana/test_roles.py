"""Who the token is, and what its role may do."""

from __future__ import annotations

import pytest

from collector.io.secrets import Secret
from collector.monitoring.alerts.grafana import rule_groups
from collector.monitoring.grafana.client import PATIENCE, Grafana, Refused
from collector.monitoring.grafana.sync import Sync
from tests.worlds.grafana_stub import V12, Stub
from tests.worlds.promtool import board
from tests.worlds.provisioning import Rules, check, client, provision, settings_for, wanted_by


@pytest.fixture
def stub():
    return Stub(version=V12)


@pytest.mark.parametrize("anonymous", [False, True], ids=["closed", "anonymous viewing"])
@pytest.mark.parametrize("run", [check, provision])
def test_an_invented_token_is_never_taken_for_a_viewer(
    stub, url, opened, monkeypatch, anonymous, run
):
    provision(settings_for(url), opened)
    writes = len(stub.writes)
    stub.anonymous = anonymous
    monkeypatch.setenv("GRAFANA_TOKEN", "glsa_hush_invented")
    with pytest.raises(Refused, match=r"GET /api/user: 401.*is the token that of a") as caught:
        run(settings_for(url), opened)
    assert "${GRAFANA_TOKEN}" in str(caught.value)
    assert "hush" not in str(caught.value)
    assert len(stub.writes) == writes


def test_a_viewer_may_look_at_an_empty_grafana_and_at_a_full_one(stub, url, opened):
    stub.role = "Viewer"
    assert check(settings_for(url), opened).drift == 12
    stub.role = "Admin"
    provision(settings_for(url), opened)
    stub.role = "Viewer"
    assert check(settings_for(url), opened).drift == 0


def test_a_viewer_that_writes_is_told_its_account_and_the_role_it_needs(stub, url, opened):
    provision(settings_for(url), opened)
    stub.role = "Viewer"
    rules = Rules()
    rules.expr["stale"] = "up == 1"
    (failure,) = provision(settings_for(url), opened, rules).failures
    assert failure.endswith("; give the token's service account, kpi, the role Editor")


def test_an_editor_may_write_alerting_where_folder_and_source_are(stub, url, opened):
    provision(settings_for(url), opened)
    stub.role = "Editor"
    rules = Rules()
    rules.expr["stale"] = "up == 1"
    settings = settings_for(url, mute_timings={}, languages=["sv"])
    outcome = provision(settings, opened, rules)
    assert (outcome.failures, outcome.drift) == ([], 0)


def test_an_editor_cannot_make_the_data_source_and_then_writes_no_board(stub, url, opened):
    stub.role = "Editor"
    outcome = provision(settings_for(url), opened)
    (failure,) = outcome.failures
    assert failure.startswith("data source servicedesk-prometheus: POST /api/datasources: 403")
    assert failure.endswith("; give the token's service account, kpi, the role Admin")
    assert (stub.boards, stub.rules) == ({}, {})


class Waits(list):
    """Takes the place of sleeping."""

    def __call__(self, seconds):
        self.append(seconds)


def written_by_an_editor(stub, url, opened, waits):
    """An editor makes the folder; the data source is there."""
    provision(settings_for(url), opened)
    for kept in (stub.folders, stub.boards, stub.rules, stub.intervals):
        kept.clear()
    stub.role = "Editor"
    with Grafana(url, Secret("${GRAFANA_TOKEN}"), 10, wait=waits) as door:
        return Sync(door, wanted_by(settings_for(url)), opened).write()


@pytest.mark.parametrize("delay", [0, 1, 5])
def test_a_new_folder_is_waited_for(stub, url, opened, delay):
    stub.delay, waits = delay, Waits()
    outcome = written_by_an_editor(stub, url, opened, waits)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert waits == [1, 2, 4, 8, 15][:delay]


def test_a_folder_that_stays_closed_is_waited_for_within_a_bound(stub, url, opened):
    stub.delay, waits = 10**6, Waits()
    outcome = written_by_an_editor(stub, url, opened, waits)
    assert len(outcome.failures) > 1
    assert all("403" in each for each in outcome.failures)
    assert 60 <= sum(waits) <= PATIENCE  # Grafana caches permissions for 60 s


def test_a_folder_made_a_moment_ago_by_a_run_that_was_killed_is_used(stub, url, opened):
    provision(settings_for(url), opened)
    for kept in (stub.boards, stub.rules, stub.intervals):
        kept.clear()
    stub.role, stub.fresh = "Editor", {"servicedesk-kpi": 3}
    outcome = provision(settings_for(url), opened)
    assert (outcome.failures, outcome.drift) == ([], 0)
    assert len(stub.boards) == 4


def test_annotations_of_our_rules_are_expanded_without_an_error(stub, url, opened):
    shown = board()
    wanted = wanted_by(settings_for(url), lambda _, *uids: rule_groups(shown, *uids))
    with client(url) as door:
        Sync(door, wanted, opened).write()
    assert len(stub.rules) > 15
    assert stub.log == []


def test_the_stub_logs_a_template_that_cannot_be_expanded_without_data():
    stub = Stub()
    stub.folders["f"] = {"uid": "f"}
    text = "{{ $values.A.Value | humanizeDuration }}"
    rule = {
        "uid": "r",
        "title": "R",
        "data": [],
        "folderUID": "f",
        "annotations": {"summary": text},
    }
    stub._keep_rule(rule, "api")
    assert stub.log == [
        "R: failed to expand template: error calling humanizeDuration: can't convert <nil> to float"
    ]
