"""Where a figure stands, how many misses are left, and what the rest of a period must bring."""

from decimal import Decimal

import pytest

from collector.measuring.kinds.progress import Progress, records_to_come
from collector.measuring.kinds.table import kind_of
from collector.measuring.verdicts.counts import Counts
from collector.model.quantities import Amount, Target
from tests.worlds.measured import CALLS, FIRST_LINE, MEAN, RESPONSE, timeline_of

HALF = Progress(0.5, stale=False)
OVER = Progress(1.0, stale=False)
NOTHING_LEFT = Progress(0.5, stale=False, left=0)


def yardstick(target=None, indicator=RESPONSE, **rules):
    given = {**indicator, "target": target} if target is not None else {**indicator}
    return timeline_of(given, rules).versions[0]


def asked(name):
    """A method of the kind that a yardstick's indicator has."""
    return lambda yardstick, *given: getattr(kind_of(yardstick.indicator), name)(yardstick, *given)


state, threshold, in_unit_of_value = map(asked, ("state", "threshold", "in_unit_of_value"))
misses_left, required = map(asked, ("misses_left", "required"))


def by_hand(target, value, hoped, *, over):
    manual = yardstick(target, {"kind": "manual"})
    return kind_of(manual.indicator).state_by_hand(manual, value, hoped, over=over)


def share(target, good, eligible, progress, pending=0):
    tallied = Counts(good=good, eligible=eligible, pending=pending)
    value = good / eligible if eligible else None
    return state(yardstick(target), tallied, value, progress)


@pytest.mark.parametrize(
    ("target", "good", "eligible", "pending", "progress", "wanted"),
    [
        (">= 90%", 9, 10, 0, HALF, "met"),
        ("> 90%", 9, 10, 0, HALF, "at_risk"),
        ("> 90%", 9, 10, 0, OVER, "missed"),
        (">= 90%", 8, 10, 0, HALF, "at_risk"),  # ten more, all good: 18 of 20
        (">= 90%", 7, 10, 0, HALF, "missed"),  # 17 of 20
        (">= 90%", 8, 10, 0, OVER, "missed"),
        (">= 90%", 8, 10, 10, OVER, "at_risk"),  # those pending may still be good
        (">= 90%", 8, 10, 9, OVER, "missed"),
        (">= 90%", 4, 4, 0, HALF, "too_few"),
        (">= 90%", 5, 5, 0, HALF, "met"),
        (">= 90%", 0, 0, 9, HALF, "no_data"),
        ("<= 10%", 1, 10, 0, HALF, "met"),
        ("<= 10%", 2, 10, 0, HALF, "at_risk"),  # ten more, none of them: 2 of 20
        ("<= 10%", 3, 10, 0, HALF, "missed"),
        ("< 10%", 2, 10, 0, HALF, "missed"),
    ],
)
def test_states_of_shares(target, good, eligible, pending, progress, wanted):
    assert share(target, good, eligible, progress, pending) == wanted


def test_stale_comes_first_and_an_unread_source_only_where_there_is_a_value():
    stale = Progress(0.5, stale=True)
    assert share(">= 90%", 9, 10, stale) == "stale"
    assert share(">= 90%", 0, 0, stale) == "stale"
    unread = Progress(0.5, stale=False, unread=True)
    assert share(">= 90%", 9, 10, unread) == "stale"
    assert share(">= 90%", 0, 0, unread) == "no_data"


def test_without_a_target_there_is_no_verdict():
    plain = {k: v for k, v in RESPONSE.items() if k != "target"}
    assert state(yardstick(None, plain), Counts(good=9, eligible=10), 0.9, HALF) is None
    assert required(yardstick(None, plain), Counts(good=9, eligible=10), HALF) is None
    assert misses_left(yardstick(None, plain), Counts(good=9, eligible=10), HALF) is None


def test_a_mean_can_be_saved_by_quick_records_to_come():
    mean = yardstick("<= 1h", MEAN)

    def of(seconds, n, progress):
        return state(mean, Counts(good=n, eligible=n, seconds=seconds), seconds / n, progress)

    assert of(36_000, 10, HALF) == "met"
    assert of(36_001, 10, HALF) == "at_risk"
    assert of(72_000, 10, HALF) == "at_risk"  # ten more that take no time
    assert of(72_001, 10, HALF) == "missed"
    assert of(36_001, 10, OVER) == "missed"
    slow = yardstick(">= 1h", MEAN)
    assert state(slow, Counts(good=10, eligible=10, seconds=1), 0.1, HALF) == "at_risk"
    assert state(slow, Counts(good=10, eligible=10, seconds=1), 0.1, OVER) == "missed"


def test_a_number_of_records_grows_until_its_period_is_over():
    many = yardstick(">= 100", {"kind": "count"})
    few = yardstick("<= 100", {"kind": "count"})

    def of(which, n, progress):
        return state(which, Counts(good=n, eligible=n), float(n), progress)

    assert of(many, 3, HALF) == "at_risk"  # not too few: it is a number, not a share
    assert of(many, 99, OVER) == "missed"
    assert of(many, 100, OVER) == "met"
    assert of(few, 100, HALF) == "met"
    assert of(few, 101, HALF) == "missed"


@pytest.mark.parametrize(
    ("progress", "pending", "wanted"),
    [
        (HALF, 0, 10),
        (HALF, 2, 14),  # what is pending has come, too: 12 so far, 12 more, and the 2
        (Progress(0.25, stale=False), 0, 30),
        (Progress(0.8, stale=False), 1, 4),  # round(11 * 0.2 / 0.8) = 3
        (Progress(0.0, stale=False), 3, 3),
        (OVER, 3, 3),
        (Progress(0.5, stale=False, left=7.4), 3, 10),
        (Progress(0.5, stale=False, left=7.6), 3, 11),
        (Progress(1.0, stale=False, left=7.6), 3, 3),
    ],
)
def test_what_is_still_to_be_decided(progress, pending, wanted):
    assert records_to_come(Counts(good=5, eligible=10, pending=pending), progress) == wanted


@pytest.mark.parametrize(
    "progress", [Progress(0.5, stale=True, left=7), Progress(0.5, stale=False, unread=True, left=7)]
)
def test_the_silence_of_a_source_says_nothing_of_the_rest(progress):
    tallied = Counts(good=8, eligible=10, pending=2)
    assert records_to_come(tallied, progress) is None
    assert misses_left(yardstick(">= 90%"), tallied, progress) is None
    assert required(yardstick(">= 90%"), tallied, progress) is None


@pytest.mark.parametrize(
    ("target", "good", "eligible", "progress", "wanted"),
    [
        (">= 90%", 10, 10, HALF, 2),  # 20 in all, 18 must be good
        (">= 90%", 8, 10, HALF, 0),
        (">= 90%", 7, 10, HALF, -1),
        (">= 85%", 10, 10, HALF, 3),
        (">= 86%", 10, 10, HALF, 2),  # 17.2 must be: 18
        ("> 90%", 10, 10, HALF, 1),  # 18 of 20 would not do
        (">= 100%", 10, 10, HALF, 0),
        (">= 0%", 10, 10, HALF, 20),
        ("<= 10%", 1, 10, HALF, None),
        (">= 90%", 0, 0, HALF, None),
        (">= 70%", 7, 10, OVER, 0),
    ],
)
def test_misses_that_are_left(target, good, eligible, progress, wanted):
    assert misses_left(yardstick(target), Counts(good=good, eligible=eligible), progress) == wanted


def test_misses_are_counted_exactly():
    """0.1 and 0.7 are no floats: 70 % of 10 is 7, not 7.000000000000001."""
    for percent in range(101):
        target = yardstick(f">= {percent}%")
        tallied = Counts(good=100, eligible=100)
        assert misses_left(target, tallied, NOTHING_LEFT) == 100 - percent


def test_misses_only_of_shares():
    tallied = Counts(good=10, eligible=10)
    assert misses_left(yardstick("<= 1h", MEAN), tallied, HALF) is None
    assert misses_left(yardstick(">= 9", {"kind": "count"}), tallied, HALF) is None
    assert misses_left(yardstick(">= 45%", FIRST_LINE), tallied, HALF) == 11
    assert misses_left(yardstick(">= 70%", CALLS), tallied, HALF) == 6


@pytest.mark.parametrize(
    ("target", "good", "eligible", "left", "wanted"),
    [
        # seven months of twelve at 80 %: facts of the report, 104 % and 92 %
        (">= 90%", 56, 70, 50, 1.04),
        (">= 85%", 56, 70, 50, 0.92),
        (">= 80%", 56, 70, 50, 0.8),
        (">= 45%", 43, 100, 50, 0.49),
        (">= 10%", 56, 70, 50, -0.88),
        ("<= 5%", 7, 70, 50, -0.02),
    ],
)
def test_what_the_rest_must_give(target, good, eligible, left, wanted):
    progress = Progress(0.6, stale=False, left=left)
    found = required(yardstick(target), Counts(good=good, eligible=eligible), progress)
    assert found == pytest.approx(wanted, abs=1e-12)


def test_required_of_means_counts_and_of_nothing():
    mean = Counts(good=10, eligible=10, seconds=10 * 7200)
    assert required(yardstick("<= 1h", MEAN), mean, HALF) == 0
    assert required(yardstick("<= 3h", MEAN), mean, HALF) == 4 * 3600
    assert required(yardstick(">= 100", {"kind": "count"}), Counts(eligible=30), HALF) == 70
    assert required(yardstick(">= 90%"), Counts(good=8, eligible=10), OVER) is None
    pending = Counts(good=8, eligible=10, pending=2)
    assert required(yardstick(">= 90%"), pending, OVER) == pytest.approx(1.4)
    given = timeline_of({"kind": "manual", "target": ">= 0 tkr", "unit": "tkr"}).versions[0]
    assert required(given, Counts(), HALF) is None
    assert misses_left(given, Counts(good=1, eligible=1), HALF) is None


def test_thresholds_in_the_unit_of_the_value():
    assert threshold(yardstick(">= 85%")) == 0.85
    assert threshold(yardstick("<= 2 business_days", MEAN)) == 2 * 9 * 3600
    assert threshold(yardstick("<= 90 min", MEAN)) == 5400
    assert threshold(yardstick(">= 70", {"kind": "count"})) == 70
    given = {"kind": "manual", "unit": "%", "target": "< baseline 5%"}
    assert threshold(timeline_of(given).versions[0]) == 5
    plain = {k: v for k, v in RESPONSE.items() if k != "target"}
    assert threshold(yardstick(None, plain)) is None
    assert in_unit_of_value(yardstick(">= 1%"), Amount.parse("92,5 %")) == 0.925
    assert in_unit_of_value(yardstick("<= 1h", MEAN), Amount.parse("1.5 business_days")) == 48600
    assert in_unit_of_value(yardstick("<= 1h", MEAN), Amount.parse("90")) == 90  # seconds


@pytest.mark.parametrize(
    ("target", "value", "hoped", "wanted"),
    [
        ("< baseline 5%", None, None, "no_data"),
        ("< baseline 5%", None, 4, "no_data"),
        ("< baseline 5%", 4.99, None, "met"),
        ("< baseline 5%", 5, None, "missed"),
        ("< baseline 5%", 6.06, 4, "at_risk"),
        ("< baseline 5%", 6.06, 5, "missed"),
        ("> baseline 71.13", 71.13, None, "missed"),
        ("> baseline 71.13", 71.14, None, "met"),
        (">= 0 tkr", 0, None, "met"),
        (">= 0 tkr", -1, 420, "at_risk"),
        ("yes", 1, None, "met"),
        ("yes", 0, 1, "at_risk"),
        ("no", 0, None, "met"),
    ],
)
def test_states_of_what_is_given_by_hand(target, value, hoped, wanted):
    assert by_hand(target, value, hoped, over=False) == wanted
    in_the_end = "missed" if wanted == "at_risk" else wanted  # no forecast helps what is over
    assert by_hand(target, value, hoped, over=True) == in_the_end


def test_a_figure_given_by_hand_needs_no_target():
    assert by_hand(None, 5, None, over=False) is None
    assert by_hand(None, None, None, over=True) == "no_data"
    assert Target.parse("> baseline 71,13").number == Decimal("71.13")
