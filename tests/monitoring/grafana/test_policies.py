"""Provisioning and the tree of notification policies: left alone unless told."""

from __future__ import annotations

import json

import pytest

from tests.worlds.grafana_stub import V11
from tests.worlds.provisioning import (
    provision,
    seed_foreign,
    settings_for,
)


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
        "policy route notification policies: somebody else changed the notification policies: "
        "check them"
    ]


def test_only_a_tree_of_people_is_written_without_provenance(stub, url, opened):
    provision(settings_for(url, policies="route"), opened)
    unlocked = {r.path for r in stub.writes if "x-disable-provenance" in r.headers}
    assert unlocked == {"/v1/provisioning/policies"}


def test_keys_that_a_release_does_not_know_are_not_sent_to_it(stub, url, opened):
    from collector.monitoring.grafana.sync import Sync
    from tests.worlds.provisioning import client, wanted_by

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
        "rule servicedesk-stale: Grafana stores parts of it differently than they were sent: "
        "annotations.summary"
    ]
    outcome = provision(settings_for(url), opened)
    assert (outcome.written, outcome.drift, outcome.remarks) == (0, 0, [])
