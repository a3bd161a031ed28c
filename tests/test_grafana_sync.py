"""Provisioning against a Grafana with a memory: what is written, what is not, and its traps."""

from __future__ import annotations

import json

import pytest
from grafana_stub import V11, V12, V13, Stub, grafana
from openapi import missing
from provisioning import (
    ENVIRONMENT,
    Rules,
    check,
    provision,
    seed_foreign,
    settings_for,
    use_boards,
)
from provisioning import rule as a_rule

from collector.grafana import compare
from collector.grafana.marks import contact_point_uid
from collector.store import Store

RELEASES = (V11, V12, V13)


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(compare, "_COST", 16)  # seals as slowly as need be are tested elsewhere
    use_boards(monkeypatch, tmp_path / "boards")


@pytest.fixture
def opened(sqlite_url):
    with Store.open(sqlite_url) as store:
        yield store


@pytest.fixture(params=RELEASES)
def stub(request):
    return Stub(version=request.param)


@pytest.fixture
def url(stub):
    with grafana(stub) as address:
        yield address


def told(stub, verb=None):
    """What was asked of it, in short."""
    return [(r.verb, r.path) for r in stub.asked if verb in (None, r.verb)]


def test_the_stub_holds_requests_against_the_specifications():
    if reason := missing():
        pytest.skip(reason)
    stub = Stub()
    with pytest.raises(AssertionError), grafana(stub) as url:
        from provisioning import client

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
    assert opened.provisioned(url).keys() == {
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
        settings_for(url, contact_points=_hook_with(url="https://pager.example.org/new")), opened
    )
    hook = next(point for point in stub.points if point["name"] == "On call")
    assert hook["settings"]["url"] == "https://pager.example.org/new"
    assert hook["settings"]["password"] == ENVIRONMENT["WEBHOOK_PASSWORD"]


def _hook_with(**settings):
    from provisioning import OPTIONS

    hook, chat = OPTIONS["contact_points"]
    return [{**hook, "settings": {**hook["settings"], **settings}}, chat]


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
    from grafana_stub import No

    def refuse(request):
        if request.verb == "POST" and "contact-points" in request.path:
            raise No(400, f"cannot use {request.body['settings']}")

    stub.before = refuse
    settings = settings_for(url)
    from provisioning import SECRETS, client, wanted_by

    from collector.grafana.sync import Sync

    with client(url) as door:
        for secret in SECRETS:
            door.hide(secret)
        outcome = Sync(door, wanted_by(settings), opened).write()
    told_of = "\n".join(outcome.failures)
    assert "contact point On call: POST /api/v1/provisioning/contact-points: 400" in told_of
    assert not any(secret in told_of for secret in SECRETS)


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
    from provisioning import client, wanted_by

    from collector.grafana.sync import Sync

    with client(url) as door:
        return Sync(door, wanted_by(settings_for(url)), opened).plan.changes


# -- what belongs to others ------------------------------------------------------------------------


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
    less = settings_for(url, languages=["sv"], contact_points=_hook_with()[:1])
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
    from provisioning import OPTIONS

    return next(point for point in OPTIONS["contact_points"] if point["name"] == name)


def test_nothing_is_removed_after_a_failure(stub, url, opened):
    from grafana_stub import No

    provision(settings_for(url), opened)

    def refuse(request):
        if request.verb == "PUT" and "rule-groups" in request.path:
            raise No(400, "no")

    stub.before = refuse
    rules = Rules()
    rules.expr["stale"] = "up == 1"
    outcome = provision(settings_for(url, languages=["sv"]), opened, rules)
    assert len(outcome.failures) == 1
    assert outcome.remarks == ["2 objects were not removed, since something failed"]
    assert "servicedesk-today-en" in stub.boards
    assert outcome.drift == 3


# -- the policy tree -------------------------------------------------------------------------------


def test_our_route_is_merged_into_the_tree_and_taken_out_again(stub, url, opened):
    seed_foreign(stub)
    before = json.loads(json.dumps(stub.policies))
    routed = settings_for(url, policies="route")
    assert provision(routed, opened).failures == []
    ours, *others = stub.policies["routes"]
    assert others == before["routes"]
    assert ours["object_matchers"] == [["managed_by", "=", "servicedesk-kpi"]]
    assert [route["receiver"] for route in ours["routes"]] == ["On call", "Chat"]
    assert "provenance" not in stub.policies  # people go on editing their tree
    assert not any(rule.get("notification_settings") for rule in stub.rules.values())
    assert provision(routed, opened).written == 0
    assert provision(settings_for(url), opened).failures == []
    assert stub.policies == before


def test_our_route_keeps_the_place_that_people_gave_it(stub, url, opened):
    seed_foreign(stub)
    provision(settings_for(url, policies="route"), opened)
    stub.policies["routes"].append(stub.policies["routes"].pop(0))
    assert provision(settings_for(url, policies="route"), opened).written == 0
    provision(settings_for(url, policies="route", receivers={"page": "On call"}), opened)
    assert [bool(r.get("routes")) for r in stub.policies["routes"]] == [False, False, True]


@pytest.mark.parametrize("keeper", ["api", "file", "converted_prometheus"])
def test_a_tree_that_another_program_keeps_is_left_alone(stub, url, opened, keeper):
    seed_foreign(stub)
    stub.policies["provenance"] = keeper
    before = json.dumps(stub.policies)
    outcome = provision(settings_for(url, policies="route"), opened)
    assert [f.split(":")[0] for f in outcome.failures] == ["policy route notification policies"]
    assert json.dumps(stub.policies) == before


def test_a_route_that_people_made_for_our_label_is_theirs(stub, url, opened):
    seed_foreign(stub)
    theirs = {"receiver": "Their hook", "object_matchers": [["managed_by", "=", "servicedesk-kpi"]]}
    stub.policies["routes"].append(theirs)
    before = json.dumps(stub.policies)
    assert provision(settings_for(url), opened).failures == []
    assert json.dumps(stub.policies) == before


def test_a_tree_that_changes_while_ours_is_written_is_told(stub, url, opened):
    seed_foreign(stub)

    def meddle(request):
        if request.verb == "PUT" and request.path.endswith("/policies"):
            stub.policies["routes"].pop()

    stub.after = meddle
    outcome = provision(settings_for(url, policies="route"), opened)
    assert outcome.failures == [
        "policy route notification policies: others changed the notification policies meanwhile: "
        "look at them"
    ]


def test_only_a_tree_of_people_is_written_without_provenance(stub, url, opened):
    provision(settings_for(url, policies="route"), opened)
    unlocked = {r.path for r in stub.writes if "x-disable-provenance" in r.headers}
    assert unlocked == {"/v1/provisioning/policies"}


def test_keys_that_a_release_does_not_know_are_not_sent_to_it(stub, url, opened):
    from provisioning import client, wanted_by

    from collector.grafana.sync import Sync

    with client(url) as door:
        sync = Sync(door, wanted_by(settings_for(url)), opened)
        assert sync.write().remarks == []
    late = ("keep_firing_for", "missingSeriesEvalsToResolve")
    assert sync.dropped == (late if stub.version == V11 else ())
    sent = json.dumps([request.body for request in stub.writes])
    assert all((key in sent) == (stub.version != V11) for key in late)


def test_what_grafana_keeps_otherwise_is_told_once_and_is_no_drift(stub, url, opened):
    def round_off(request):
        if request.path.endswith("servicedesk-sources") and request.verb == "PUT":
            stub.rules["servicedesk-stale"]["annotations"] = {"summary": "cut"}

    stub.after = round_off
    outcome = provision(settings_for(url), opened)
    assert (outcome.drift, outcome.failures) == (0, [])
    assert outcome.remarks == [
        "rule servicedesk-stale: Grafana keeps some of it otherwise than it was sent: "
        "annotations.summary"
    ]
    outcome = provision(settings_for(url), opened)
    assert (outcome.written, outcome.drift, outcome.remarks) == (0, 0, [])
