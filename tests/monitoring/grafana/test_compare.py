"""What is a difference in Grafana and what is not, seals, weekdays and the policy tree."""

from __future__ import annotations

import pytest

from collector.monitoring.grafana.compare import (
    differences,
    fingerprint,
    matches_salted_hash,
    normalised,
    salted_hash,
)
from collector.monitoring.grafana.desired import as_grafana_takes_them
from collector.monitoring.grafana.ownership import Kind, contact_point_uid
from collector.monitoring.grafana.policies import route_by_severity, with_route


@pytest.mark.parametrize(
    ("wanted", "found", "paths"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": 1}, {"a": 2}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({"a": None, "b": [], "c": {}, "d": ""}, {}, []),
        ({}, {"a": None, "b": [], "c": {}, "d": "", "e": False, "f": {"g": []}}, []),
        ({}, {"a": {"b": "x"}}, ["a"]),
        ({}, {"a": "x"}, ["a"]),
        ({"editable": False}, {}, ["editable"]),  # there the default is yes
        ({"a": [{"b": 1}, {"b": 2}]}, {"a": [{"b": 1}, {"b": 3}]}, ["a[1].b"]),
        ({"a": [1]}, {"a": [1, 2]}, ["a"]),
        ({"p": {"password": "x"}}, {"p": {"password": "[REDACTED]"}}, []),
        ({"model": {"expr": "up"}}, {"model": {"expr": "up", "intervalMs": 1000}}, []),
        ({"model": {"expr": "up"}}, {"model": {"expr": "up", "intervalMs": 5000}}, ["model"
                                                                                  ".intervalMs"]),
        ({"panels": [{}]}, {"panels": [{"pluginVersion": "12.1.0"}]}, []),
    ],
)  # fmt: skip
def test_differences(wanted, found, paths):
    assert differences(wanted, found) == paths


def test_bookkeeping_is_no_part_of_an_object():
    kept = {"id": 1, "version": 4, "orgID": 1, "provenance": "api", "updated": "x", "title": "T"}
    assert normalised(Kind.RULE, kept) == {"title": "T"}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("5m", "5m0s", True),
        ("1h", "60m", True),
        ("1d", "24h0m0s", True),
        ("90s", "1m30s", True),
        ("5m", "6m", False),
        ("soon", "soon", True),
        ("5 minutes", "5m", False),
    ],
)
def test_durations(one, other, same):
    pair = [normalised(Kind.RULE, {"for": each}) for each in (one, other)]
    assert (pair[0] == pair[1]) is same


def test_the_text_of_a_query_is_never_taken_for_a_duration():
    query = {"data": [{"model": {"for": "60m"}}]}
    assert normalised(Kind.RULE, query) == query


def test_annotations_that_grafana_builds_in_are_its_own():
    board = {"annotations": {"list": [{"builtIn": 1}, {"name": "Ours"}]}, "schemaVersion": 41}
    assert normalised(Kind.BOARD, board) == {"annotations": {"list": [{"name": "Ours"}]}}


def test_fingerprints_tell_content_apart_and_nothing_else():
    one = {"title": "T", "version": 1, "panels": [{"id": 1}]}
    assert fingerprint(Kind.BOARD, one) == fingerprint(Kind.BOARD, {**one, "version": 2})
    assert fingerprint(Kind.BOARD, one) != fingerprint(Kind.BOARD, {**one, "title": "U"})
    assert fingerprint(Kind.BOARD, one) != fingerprint(Kind.BOARD, {**one, "panels": [{"id": 2}]})


@pytest.mark.parametrize("kind", [Kind.CONTACT_POINT, Kind.BOARD])
def test_a_seal_fits_its_content_alone(kind):
    body = {"settings": {"password": "hush"}}
    seal = salted_hash(kind, body)
    assert matches_salted_hash(kind, seal, body)
    assert not matches_salted_hash(kind, seal, {"settings": {"password": "other"}})
    assert not matches_salted_hash(kind, None, body)
    assert not matches_salted_hash(kind, "", body)
    assert "hush" not in seal
    assert salted_hash(kind, body) != seal  # of the same secret no two are alike


@pytest.mark.parametrize(
    ("days", "taken"),
    [
        (["monday:sunday"], ["sunday", "monday:saturday"]),
        (["saturday:sunday"], ["sunday", "saturday"]),
        (["friday:monday"], ["sunday:monday", "friday:saturday"]),
        (["monday:friday"], ["monday:friday"]),
        (["sunday:saturday"], ["sunday:saturday"]),
        (["Monday:Sunday"], ["sunday", "monday:saturday"]),
        (["sunday", "wednesday"], ["sunday", "wednesday"]),
        (["noday:sunday"], ["noday:sunday"]),  # Grafana says what is wrong with it
    ],
)
def test_ranges_of_weekdays_past_saturday_are_split(days, taken):
    """To Grafana a week begins on Sunday: monday:sunday ends before it begins, 400."""
    written = [{"weekdays": days, "location": "Europe/Stockholm"}]
    assert as_grafana_takes_them(written) == [{"weekdays": taken, "location": "Europe/Stockholm"}]


def test_intervals_without_weekdays_stay_as_they_are():
    written = [{"months": ["july"]}, {"times": [{"start_time": "00:00", "end_time": "06:00"}]}]
    assert as_grafana_takes_them(written) == written


TREE = {"receiver": "root", "group_by": ["a"], "routes": [{"receiver": "x"}, {"receiver": "y"}]}


def test_a_route_is_merged_first_and_replaces_itself():
    one, two = (route_by_severity({"page": name}) for name in ("A", "B"))
    tree = with_route(TREE, one)
    assert tree["routes"] == [one, *TREE["routes"]]
    moved = {**tree, "routes": [TREE["routes"][0], one, TREE["routes"][1]]}
    assert with_route(moved, two)["routes"] == [TREE["routes"][0], two, TREE["routes"][1]]
    assert with_route(moved, None) == TREE
    assert with_route({"receiver": "root"}, one) == {"receiver": "root", "routes": [one]}
    doubled = {**tree, "routes": [one, {"receiver": "x"}, one]}
    assert with_route(doubled, two)["routes"] == [two, {"receiver": "x"}]


def test_uids_of_contact_points_are_ones_that_grafana_takes():
    uid = contact_point_uid("Jourtelefon / kväll & helg, andra linjen, IT")
    assert len(uid) <= 40
    assert set(uid) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert uid != contact_point_uid("Jourtelefon")
