"""The levers of /what-if by themselves: what cannot be moved has none, and versions move along."""

from datetime import date
from decimal import Decimal

import pytest

from collector.measuring.figures.figure import measured_figure
from collector.measuring.kinds.progress import Progress
from collector.measuring.verdicts.counts import Counts
from collector.model.periods import parse_period
from collector.web.levers import moved, scales
from tests.worlds.measured import CALLS, OFFICE, RESOLUTION, RESPONSE, settings_of, timeline_of

DAY = date(2020, 6, 30)
JUNE = parse_period("2020-06", date(2020, 7, 14))
DAYS = {**RESOLUTION, "within": "2 business_days"}


def figure(indicator, **more):
    timeline = timeline_of(indicator, None, **more)
    over = Progress(1.0, stale=False)
    return measured_figure(timeline, Counts(good=9, eligible=10), JUNE, None, over, DAY)


def by_name(indicator, **more):
    settings = settings_of({"one": indicator}, **more)
    return settings, {each.name: each for each in scales(settings, figure(indicator), DAY, "en")}


def calendars(**office):
    return {"calendars": {"office": {**OFFICE, **office}, "always": OFFICE}}


@pytest.mark.parametrize(
    ("hours", "has"),
    [
        ({"mon-fri": ["08:00-17:00"]}, True),
        ({"mon-fri": ["08:00:30-17:00"]}, False),  # a lever has no seconds
        ({}, False),
    ],
)
def test_hours_have_levers_where_they_are_whole_minutes(hours, has):
    _, found = by_name(RESPONSE, **calendars(hours=hours))
    assert ("opens" in found) == ("closes" in found) == has


def test_a_target_of_zero_has_no_lever():
    assert "target" not in by_name({**RESPONSE, "target": ">= 0%"})[1]
    assert "target" in by_name({**RESPONSE, "target": ">= 1%"})[1]


@pytest.mark.parametrize(
    ("indicator", "place", "limit"),
    [
        (CALLS, "30", 30),
        (RESPONSE, "3600", "1h"),
        (DAYS, "3", "3 business_days"),
    ],
)
def test_a_limit_moves_in_its_own_unit(indicator, place, limit):
    settings, found = by_name(indicator)
    lever = found["within"].lever("en", place)
    within = moved(settings, "one", DAY, {"within": lever}).indicators["one"].within
    assert (within if isinstance(within, int) else within.text) == limit


def test_a_calendar_moves_in_all_its_versions_that_have_hours():
    later = {"valid_from": "2020-05-01", "hours": {"mon-fri": ["09:00-16:00"]}}
    named = {"valid_from": "2020-03-01", "holidays": {"add": ["2020-03-02"]}}
    settings, found = by_name(RESPONSE, **calendars(versions=[named, later]))
    assert found["opens"].in_force == Decimal(9 * 60)
    lever = found["opens"].lever("en", str(8 * 60))
    own = moved(settings, "one", DAY, {"opens": lever}).calendars["office"]
    assert own.hours["mon"] == [("07:00", "17:00")]
    assert own.versions[0].hours is None
    assert own.versions[1].hours["mon"] == [("08:00", "16:00")]


def test_what_would_never_be_open_is_refused():
    settings, found = by_name(RESPONSE)
    levers = {
        "opens": found["opens"].lever("en", str(16 * 60)),
        "closes": found["closes"].lever("en", str(9 * 60)),
    }
    with pytest.raises(ValueError, match="opens: 16:00 is not before 09:00, when it closes"):
        moved(settings, "one", DAY, levers)
    with pytest.raises(ValueError, match="within: 9999999 is not between"):
        found["within"].lever("en", "9999999")
