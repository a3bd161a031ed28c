"""What is said of figures and rules in words, and what kinds promise that few indicators use."""

from dataclasses import replace
from datetime import date

import pytest

from collector.measuring.figures.compared_in_words import change_in_words, quantile_text
from collector.measuring.figures.distribution import BOUNDS, BUCKETS, quantile
from collector.measuring.figures.figure import measured_figure
from collector.measuring.figures.in_words import required_text
from collector.measuring.figures.rules import rules_in_words
from collector.measuring.kinds.progress import Progress
from collector.measuring.kinds.table import KINDS, kind_of
from collector.measuring.verdicts.counts import Counts
from collector.model.periods import parse_period
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    MEAN,
    RESOLUTION,
    RESPONSE,
    WITH_HISTORY,
    settings_of,
    timeline_of,
)

TODAY = date(2020, 7, 14)
JULY = parse_period("2020-07", TODAY)
HALF = Progress(0.5, stale=False)
JUDGED = {"kind": "share_where", "where": {"own_response": "met"}, "target": ">= 90%"}


def figure(indicator, **tallied):
    return measured_figure(timeline_of(indicator), Counts(**tallied), JULY, None, HALF, TODAY)


def rule(indicator, **rules):
    settings = settings_of({"one": {**indicator, "rules": rules}}, sources=WITH_HISTORY)
    return rules_in_words(settings, "one", [TODAY], "en")


# Rules as a sentence


@pytest.mark.parametrize(
    ("indicator", "rules", "said"),
    [
        (RESOLUTION, {"closed_pauses": True}, "time until a reopening does not count"),
        (RESOLUTION, {"resolution": "first"}, "the first resolution counts"),
        (CALLS, {"withdrawn": "callback"},
         "calls that the system took out of the queue count as callbacks"),
        (CALLS, {"refused": "unanswered"},
         "calls that were not let into the queue count as unanswered"),
        ({**CALLS, "of": "callers", "rejoin_within": "10min"}, {},
         "who is moved between queues, or back within 10 min, is one caller"),
    ],
)  # fmt: skip
def test_a_rule_that_is_not_the_usual_one_is_said(indicator, rules, said):
    sentence = rule(indicator, **rules).replace("\N{NO-BREAK SPACE}", " ")
    assert said in sentence.split("; ")
    usual = {key: each for key, each in indicator.items() if key not in ("of", "rejoin_within")}
    assert said not in rule(usual).replace("\N{NO-BREAK SPACE}", " ")


def test_a_clock_that_does_not_end_with_the_resolution_says_nothing_of_resolutions():
    assert rule(RESPONSE, closed_pauses=True, resolution="first") == rule(RESPONSE)


def test_a_condition_asked_of_the_source_is_said_and_is_in_the_formula():
    both = {**JUDGED, "where": {"own_response": "met", "kind": ["incident", "request"]}}
    assert rule(JUDGED).startswith("of the tickets that the source judged")
    assert "kind incident, request" in rule(both)
    formulas = [
        kind_of(each.indicator).formula(each).split(";")[0]
        for each in (timeline_of(given).versions[0] for given in (JUDGED, both, FIRST_LINE))
    ]
    assert formulas == [
        "true by the source's own verdict / all that it judged",
        "true at resolution / all resolved that the source judged",
        "true at resolution / all resolved",
    ]


# What the rest of a period must bring


@pytest.mark.parametrize(
    ("target", "required", "said"),
    [
        (">= 90%", 0.96, "96.0%"),
        (">= 90%", 1.02, "102.0% (out of reach)"),
        (">= 90%", 0, "reached already"),
        (">= 90%", -0.2, "reached already"),
        ("<= 10%", 0.04, "4.0%"),
        ("<= 10%", 0, "0.0%"),
        ("<= 10%", -0.1, "out of reach"),
        ("<= 10%", 1, "reached already"),  # even if all the rest were such
        ("<= 10%", 1.3, "reached already"),
    ],
)
def test_what_the_rest_of_a_share_must_be(target, required, said):
    found = replace(figure({**RESPONSE, "target": target}, good=9, eligible=10), required=required)
    assert required_text(found, "en").replace("\N{NO-BREAK SPACE}", " ") == said


def test_what_the_rest_of_a_mean_must_be():
    assert required_text(figure(MEAN, good=5, eligible=5, seconds=5 * 3600), "en")
    spent = figure(MEAN, good=5, eligible=5, seconds=5 * 40 * 86400)
    assert spent.required < 0
    assert required_text(spent, "en") == "out of reach"
    slow = replace(figure({**MEAN, "target": ">= 2h"}, good=5, eligible=5), required=-1)
    assert required_text(slow, "en") == "reached already"


def test_without_a_target_nothing_must_be():
    plain = {key: each for key, each in RESPONSE.items() if key != "target"}
    assert required_text(figure(plain, good=9, eligible=10), "en") == ""


# Changes and times


def test_a_figure_that_is_compared_with_nothing_has_no_change_to_tell():
    assert change_in_words(figure(RESPONSE, good=9, eligible=10), None, "en") == ""


def test_a_percentile_is_told_with_its_bounds_but_where_they_are_one():
    def said(bucket):
        histogram = [0] * BUCKETS
        histogram[bucket] = 3
        return quantile_text(quantile(histogram, 0.5), "en").replace("\N{NO-BREAK SPACE}", " ")

    assert said(0) == "0 s"
    assert said(BOUNDS.index(30)) == "≈ 28 s (25 s–30 s)"
    assert said(BUCKETS - 1) == "over 2,000 h"


# Kinds


def test_nothing_is_measured_of_what_is_entered_by_hand():
    yardstick = timeline_of({"kind": "manual", "target": ">= 5"}).versions[0]
    kind = kind_of(yardstick.indicator)
    with pytest.raises(TypeError, match="one is given by hand"):
        kind.measure(yardstick, None, 0)
    # no records to come can reach its target: the forecast entered by hand decides
    assert kind.state(yardstick, Counts(), 3, HALF) == "missed"
    assert kind.state_by_hand(yardstick, 3, 6, over=False) == "at_risk"


@pytest.mark.parametrize("given", [RESPONSE, MEAN, FIRST_LINE, CALLS, {"kind": "count"}])
def test_what_is_measured_has_no_value_entered_by_hand(given):
    yardstick = timeline_of(given).versions[0]
    assert kind_of(yardstick.indicator).entry_in_force(yardstick, None, TODAY) is None


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if not kind.has_deadlines])
def test_only_kinds_with_deadlines_are_asked_for_them(name):
    with pytest.raises(NotImplementedError):
        KINDS[name].deadlines(None, None, 0)


@pytest.mark.parametrize("given", [CALLS, FIRST_LINE, {"kind": "count"}])
def test_a_kind_without_a_clock_has_no_calculation_of_the_source_beside_it(given):
    yardstick = timeline_of(given).versions[0]
    assert kind_of(yardstick.indicator).source_calculation(yardstick, None, 0) is None
