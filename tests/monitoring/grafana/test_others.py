"""Provisioning beside what others made in the same Grafana: none of it is touched."""

from __future__ import annotations

import json

import pytest

from collector.monitoring.grafana.ownership import contact_point_uid
from collector.store import Store
from tests.worlds.grafana_stub import V11, Stub, grafana
from tests.worlds.provisioning import (
    Rules,
    hook_with,
    provision,
    seed_foreign,
    settings_for,
)
from tests.worlds.provisioning import rule as a_rule


def test_a_contact_point_of_others_of_the_same_name_is_not_joined(stub, url, opened):
    stub.points.append(
        {
            **{"uid": "theirs", "name": "Chat", "type": "email", "provenance": ""},
            **{"settings": {"addresses": "a@example.org"}, "disableResolveMessage": False},
        }
    )
    outcome = provision(settings_for(url), opened)
    assert outcome.failures == [
        "contact point Chat: there is one of that name, and it is not ours: give ours another name"
    ]
    assert [point["uid"] for point in stub.points if point["name"] == "Chat"] == ["theirs"]


def test_a_mute_timing_of_others_of_the_same_name_is_not_changed(stub, url, opened):
    theirs = {"name": "nights/weekends", "time_intervals": [{"months": ["july"]}]}
    stub.timings["nights/weekends"] = dict(theirs)
    outcome = provision(settings_for(url), opened)
    assert [failure.split(":")[0] for failure in outcome.failures] == [
        "mute timing nights/weekends"
    ]
    assert stub.timings["nights/weekends"] == theirs
    provision(settings_for(url, mute_timings={}), opened)
    assert stub.timings["nights/weekends"] == theirs


def test_a_mute_timing_of_others_that_is_the_same_is_never_removed(stub, url, opened):
    made_elsewhere = {
        "name": "nights/weekends",
        "time_intervals": [
            {
                "weekdays": ["sunday", "monday:saturday"],
                "times": [{"start_time": "18:00", "end_time": "24:00"}],
                "location": "Europe/Stockholm",
            }
        ],
    }
    stub.timings["nights/weekends"] = made_elsewhere
    assert provision(settings_for(url), opened).failures == []
    assert provision(settings_for(url, mute_timings={}), opened).failures == []
    assert "nights/weekends" in stub.timings


def test_a_mute_timing_made_anew_by_others_is_theirs(stub, url, opened):
    provision(settings_for(url), opened)
    del stub.timings["nights/weekends"]
    provision(settings_for(url, mute_timings={}), opened)
    stub.timings["nights/weekends"] = {"name": "nights/weekends", "time_intervals": []}
    provision(settings_for(url, mute_timings={}), opened)
    assert "nights/weekends" in stub.timings


def test_a_rule_of_others_in_our_group_is_not_deleted_with_it(stub, url, opened):
    provision(settings_for(url), opened)
    theirs = {**stub.rules["servicedesk-stale"], "uid": "own1", "title": "Mine", "labels": {}}
    stub.rules["own1"] = theirs
    rules = Rules()
    rules.expr["stale"] = "up == 1"
    outcome = provision(settings_for(url), opened, rules)
    assert [f.split(":")[0] for f in outcome.failures] == ["rule group servicedesk-sources"]
    assert "own1" in outcome.failures[0]
    assert stub.rules["own1"] == theirs
    assert stub.resets == []


def test_a_board_of_others_with_our_uid_is_not_overwritten(stub, url, opened):
    theirs = {"uid": "servicedesk-today-sv", "title": "Mine", "tags": [], "version": 1, "id": 4}
    stub.boards["servicedesk-today-sv"] = {"dashboard": dict(theirs), "folderUid": ""}
    outcome = provision(settings_for(url), opened)
    assert [f.split(":")[0] for f in outcome.failures] == ["board servicedesk-today-sv"]
    assert stub.boards["servicedesk-today-sv"]["dashboard"] == theirs


LOOKALIKES = {
    "a contact point": ("points", "servicedesk-kpi-team-mail"),
    "a board with our tag": ("boards", "servicedesk-team-wall"),
    "a data source with our mark": ("sources", "servicedesk-team"),
    "a rule with our label": ("rules", "servicedesk-team-rule"),
}


def _seed_lookalikes(stub):
    stub.points.append(
        {
            **{"uid": "servicedesk-kpi-team-mail", "name": "Team mail", "type": "email"},
            **{"settings": {"addresses": "a@example.org"}, "provenance": ""},
            "disableResolveMessage": False,
        }
    )
    wall = {"uid": "servicedesk-team-wall", "title": "Wall", "tags": ["servicedesk-kpi"]}
    stub.boards["servicedesk-team-wall"] = {
        "dashboard": {**wall, "panels": [], "id": 91, "version": 1},
        "folderUid": "",
    }
    stub.sources["servicedesk-team"] = {
        **{"uid": "servicedesk-team", "name": "Team", "type": "prometheus", "access": "proxy"},
        **{"url": "http://t:9090", "jsonData": {"managedBy": "servicedesk-kpi"}, "id": 92},
        **{"version": 1, "isDefault": False, "orgId": 1},
    }
    stub.folders["ops"] = {"uid": "ops", "title": "Ops", "id": 1, "version": 3}
    stub.rules["servicedesk-team-rule"] = {
        **a_rule("x", "page", "prom"),
        **{"uid": "servicedesk-team-rule", "title": "Of the team", "folderUID": "ops"},
        **{"labels": {"managed_by": "servicedesk-kpi"}, "ruleGroup": "team", "id": 93},
        "provenance": "",
    }
    stub.intervals["ops", "team"] = 60


@pytest.mark.parametrize("times", [1, 2])
def test_what_only_looks_like_ours_is_never_removed(stub, url, opened, times):
    _seed_lookalikes(stub)
    theirs = {
        kind: json.dumps(
            stub.points if kind == "points" else getattr(stub, kind)[uid], sort_keys=True
        )
        for kind, uid in LOOKALIKES.values()
    }
    for _ in range(times):
        outcome = provision(settings_for(url), opened)
        assert (outcome.failures, outcome.drift) == ([], 0)
    for what, (kind, uid) in LOOKALIKES.items():
        if kind == "points":
            kept = [p for p in stub.points if p["name"] not in ("On call", "Chat")]
        else:
            kept = getattr(stub, kind)[uid]
        assert json.dumps(kept, sort_keys=True) == theirs[kind], what


def test_a_new_store_removes_only_what_proves_to_be_ours(stub, url, opened, tmp_path):
    provision(settings_for(url), opened)
    rules = Rules()
    rules.groups = {"servicedesk-sources": (120, ["stale"])}
    less = settings_for(url, languages=["sv"], contact_points=hook_with()[:1])
    less = less.model_copy(
        update={"grafana": less.grafana.model_copy(update={"receivers": {"page": "On call"}})}
    )
    with Store.open(f"sqlite:///{tmp_path / 'new.db'}") as new:
        assert provision(less, new, rules).failures == []
    assert set(stub.rules) == {"servicedesk-stale"}
    assert {p["name"] for p in stub.points} == {"grafana-default-email", "On call"}
    assert "servicedesk-today-en" in stub.boards  # nothing but a record tells whose it is


def test_a_board_that_cannot_be_read_and_has_not_our_tag_is_not_overwritten(stub, url, opened):
    theirs = {"uid": "servicedesk-today-sv", "title": "Mine", "tags": [], "version": 1, "id": 4}
    stub.boards["servicedesk-today-sv"] = {
        **{"dashboard": dict(theirs), "folderUid": "", "v2": True},
    }
    outcome = provision(settings_for(url), opened)
    assert outcome.failures == [
        "board servicedesk-today-sv: there is one of that uid, and it is not ours: give it another "
        "uid"
    ]
    assert stub.boards["servicedesk-today-sv"]["dashboard"] == theirs


def test_a_folder_of_others_whose_uid_begins_as_ours_keeps_its_name(stub, url, opened):
    theirs = {"uid": "servicedesk-team", "title": "Team", "id": 1, "version": 3}
    stub.folders["servicedesk-team"] = dict(theirs)
    assert provision(settings_for(url, folder={"uid": "servicedesk-team"}), opened).failures == []
    assert stub.folders["servicedesk-team"] == theirs


def test_a_board_of_others_with_our_title_is_not_overwritten(opened):
    """Old releases took a title in a folder for the same board."""
    stub = Stub(version=V11)
    stub.folders["servicedesk-kpi"] = {"uid": "servicedesk-kpi", "title": "Servicedesk KPI"}
    theirs = {"uid": "u1", "title": "Servicedesk i dag: today", "version": 1, "id": 4}
    stub.boards["u1"] = {"dashboard": dict(theirs), "folderUid": "servicedesk-kpi"}
    with grafana(stub) as url:
        outcome = provision(settings_for(url), opened)
    assert [f.split(":")[0] for f in outcome.failures] == ["board servicedesk-today-sv"]
    assert stub.boards["u1"]["dashboard"] == theirs


def test_what_files_keep_is_left_to_them(stub, url, opened):
    provision(settings_for(url), opened)
    stub.boards["servicedesk-today-sv"]["provisioned"] = True
    stub.rules["servicedesk-stale"]["provenance"] = "file"
    stub.points[1]["provenance"] = "file"
    stub.timings["nights/weekends"]["provenance"] = "file"
    stub.sources["servicedesk-prometheus"]["readOnly"] = True
    writes = len(stub.writes)
    outcome = provision(settings_for(url), opened)
    assert len(stub.writes) == writes
    assert [f.split(":")[0] for f in outcome.failures] == [
        "contact point On call",
        "mute timing nights/weekends",
        "data source servicedesk-prometheus",
        "board servicedesk-today-sv",
        "rule group servicedesk-sources",
    ]


def test_an_existing_data_source_is_used_and_never_changed(stub, url, opened):
    seed_foreign(stub)
    before = json.dumps(stub.sources)
    settings = settings_for(url, datasource={"uid": "prom"})
    assert provision(settings, opened).failures == []
    assert json.dumps(stub.sources) == before
    assert stub.rules["servicedesk-stale"]["data"][0]["datasourceUid"] == "prom"


def test_a_data_source_that_is_not_there_is_a_failure(stub, url, opened):
    outcome = provision(settings_for(url, datasource={"uid": "nowhere"}), opened)
    assert outcome.failures == [
        "data source nowhere: there is none of that uid: create it, or give grafana.datasource.url"
    ]


def test_a_data_source_of_others_is_not_taken_over(stub, url, opened):
    seed_foreign(stub)
    before = json.dumps(stub.sources)
    settings = settings_for(url, datasource={"uid": "prom", "url": "http://prometheus:9090"})
    assert [f.split(":")[0] for f in provision(settings, opened).failures] == ["data source prom"]
    assert json.dumps(stub.sources) == before


def test_what_people_chose_of_our_data_source_stays(stub, url, opened):
    provision(settings_for(url), opened)
    source = stub.sources["servicedesk-prometheus"]
    source["isDefault"] = True
    source["jsonData"]["timeInterval"] = "30s"
    assert provision(settings_for(url), opened).written == 0
    source["url"] = "x"
    provision(settings_for(url), opened)
    source = stub.sources["servicedesk-prometheus"]
    assert (source["isDefault"], source["jsonData"]["timeInterval"]) == (True, "30s")
    assert source["url"] == "http://prometheus:9090"


def test_a_folder_of_others_is_used_and_keeps_its_name(stub, url, opened):
    seed_foreign(stub)
    before = json.dumps(stub.folders["ops"])
    assert provision(settings_for(url, folder={"uid": "ops"}), opened).failures == []
    assert json.dumps(stub.folders["ops"]) == before
    assert stub.boards["servicedesk-today-sv"]["folderUid"] == "ops"


def test_a_contact_point_that_others_use_is_not_removed_and_it_is_told(stub, url, opened):
    provision(settings_for(url), opened)
    stub.policies["routes"] = [{"receiver": "Chat", "object_matchers": [["team", "=", "x"]]}]
    settings = settings_for(
        url, contact_points=[settings_point(url, "On call")], receivers={"page": "On call"}
    )
    outcome = provision(settings, opened)
    assert len(outcome.failures) == 1
    assert outcome.failures[0].startswith("contact point Chat: DELETE /api/v1/provisioning/")
    assert "currently used" in outcome.failures[0]
    assert outcome.drift == 1
    assert contact_point_uid("Chat") in {point["uid"] for point in stub.points}


def settings_point(url, name):
    from tests.worlds.provisioning import OPTIONS

    return next(point for point in OPTIONS["contact_points"] if point["name"] == name)


def test_nothing_is_removed_after_a_failure(stub, url, opened):
    from tests.worlds.grafana_stub import No

    provision(settings_for(url), opened)

    def refuse(request):
        if request.verb == "PUT" and "rule-groups" in request.path:
            raise No(400, "no")

    stub.before = refuse
    rules = Rules()
    rules.expr["stale"] = "up == 1"
    outcome = provision(settings_for(url, languages=["sv"]), opened, rules)
    assert len(outcome.failures) == 1
    assert outcome.remarks == ["2 objects were not removed because of the failures"]
    assert "servicedesk-today-en" in stub.boards
    assert outcome.drift == 3
