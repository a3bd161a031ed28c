"""The page ``/what-if``: the figures are those of the command, and the work is bounded."""

from __future__ import annotations

from decimal import Decimal

import pytest
import requests
from starlette.applications import Starlette

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.what_if import alternatives
from collector.web.desk import Desk
from collector.web.levers import moved, scales
from collector.web.pages import page_routes
from collector.web.parameters import Question
from collector.web.rooms import AT_ONCE, room
from collector.web.what_if_page import WhatIfPage
from tests.worlds.measured import RESPONSE, settings_of
from tests.worlds.serving import served

MONTH = "2020-06"


def page(desk: Desk, **asked: str):
    values = {"indicator": "urgent", "month": MONTH, **asked}
    return WhatIfPage().content(desk, Question(values, "en"))


def in_force(desk: Desk, name: str):
    return next(each for each in desk.months(name, None) if each.period.name == MONTH)


@pytest.fixture(scope="module")
def address(desk: Desk):
    with served(Starlette(routes=page_routes(lambda: desk))) as found:
        yield found


def test_nothing_moved_is_what_is_published(desk):
    found = page(desk)
    assert found.in_force == found.what_if
    assert found.in_force.figure.value == in_force(desk, "urgent").value
    assert (found.change, found.moved) == (0.0, [])


def test_another_limit_gives_the_figures_of_the_command(desk, whole_desk):
    """The command replaces the limit in the file; here the settings are made from scratch."""
    measuring = whole_desk.live.measuring
    urgent = {**RESPONSE, "within": "1h", "records": {"priority": "urgent"}}
    other = settings_of(
        {"urgent": urgent},
        sources={"desk": {"type": "csv_tickets", "path": "tickets.csv", "every": "60s"}},
        priorities=["urgent", "normal", "low"],
    )
    period = measuring.period(MONTH, desk.now)
    (expected,) = alternatives(
        (measuring, period), (Measuring(other, measuring.store), period), desk.now, ["urgent"]
    )
    found = page(desk, within="3600")
    assert found.in_force.figure.value == expected.in_force.value
    assert found.what_if.figure.value == expected.other.value != expected.in_force.value
    assert {(each.was, each.becomes): each.n for each in found.moved} == expected.moved
    assert "within 1\N{NO-BREAK SPACE}h" in found.what_if.rule
    assert found.change == found.what_if.figure.value - found.in_force.figure.value


def test_another_target_changes_the_state_and_no_verdict(desk):
    met, missed = (page(desk, target=each) for each in ("50", "99.5"))
    assert met.what_if.figure.value == missed.what_if.figure.value == met.in_force.figure.value
    assert (met.what_if.figure.state, missed.what_if.figure.state) == ("met", "missed")
    assert met.what_if.target == "at least 50%"
    assert met.moved == missed.moved == []


def test_other_hours_change_the_business_time(desk):
    """Everything is opened between 8 and 12; a desk that opens at 11 has hours more for most."""
    found = page(desk, opens=str(11 * 60))
    assert found.what_if.figure.value > found.in_force.figure.value
    assert {each.name: each.text for each in found.levers}["opens"] == "11:00"


def test_levers_are_those_of_the_indicator(desk):
    assert [each.name for each in page(desk).levers] == ["within", "target", "opens", "closes"]
    assert [each.name for each in page(desk, indicator="answered").levers] == ["within", "target"]
    assert [each.name for each in page(desk, indicator="orders").levers] == ["opens", "closes"]


@pytest.mark.parametrize("name", ["urgent", "normal", "answered", "handling", "tickets"])
def test_every_place_of_a_lever_can_be_asked_for(desk, name):
    """A slider can only stand on its own steps: what is in force must be one of them."""
    for each in page(desk, indicator=name).levers:
        low, step = Decimal(str(each.low)), Decimal(str(each.step))
        places = (Decimal(str(each.high)) - low) / step
        assert len(each.texts) == int(places) + 1 <= 300
        at = (Decimal(str(each.in_force)) - low) / step
        assert each.texts[int(at)] == each.in_force_text
        assert at == int(at)
        assert len(set(each.texts)) == len(each.texts)


@pytest.mark.parametrize(
    ("within", "target"),
    [("7s", ">= 97.3%"), ("37min", "<= 5%"), ("1 business_day", ">= 92.55%"), ("20h", ">= 100%")],
)
def test_odd_limits_and_targets_have_levers_too(desk, whole_desk, within, target):
    odd = settings_of({"urgent": {**RESPONSE, "within": within, "target": target}})
    measuring = Measuring(odd, whole_desk.live.measuring.store)
    period = measuring.period(MONTH, desk.now)
    (figure, *_) = measuring.figures(
        measuring.tallies(period.first, period.after, desk.now), period, desk.now, {}
    )
    for scale in scales(odd, figure, period.last, "sv"):
        lever = scale.lever("sv", None)
        at = (scale.in_force - scale.low) / scale.step
        assert lever.texts[int(at)] == lever.in_force_text
        assert at == int(at)
        if scale.name == "target":
            assert 0 <= scale.low <= scale.in_force <= scale.high <= 100
        for place in (scale.low, scale.high):
            moved(odd, "urgent", period.last, {scale.name: scale.lever("sv", str(place))})


def test_every_day_opens_and_closes_as_much_earlier_or_later(whole_desk, desk):
    settings = settings_of({"urgent": RESPONSE})
    name = settings.indicators["urgent"].calendar
    own = settings.calendars[name]
    hours = {"mon": [("08:00", "12:00"), ("13:00", "17:00")], "fri": [("08:00", "11:00")]}
    settings = settings.model_copy(
        update={"calendars": {name: own.model_copy(update={"hours": hours})}}
    )
    measuring = Measuring(settings, whole_desk.live.measuring.store)
    period = measuring.period(MONTH, desk.now)
    (figure, *_) = measuring.figures(
        measuring.tallies(period.first, period.after, desk.now), period, desk.now, {}
    )
    by_name = {each.name: each for each in scales(settings, figure, period.last, "sv")}

    def hours_with(**asked: str):
        levers = {each: by_name[each].lever("sv", text) for each, text in asked.items()}
        return moved(settings, "urgent", period.last, levers).calendars[name].hours

    assert hours_with(opens="450", closes="1080") == {
        "mon": [("07:30", "12:00"), ("13:00", "18:00")],
        "fri": [("07:30", "12:00")],
    }
    assert hours_with(opens="750") == {"mon": [("13:00", "17:00")], "fri": []}
    with pytest.raises(ValueError, match="opens: 16:30 is not before 08:30"):
        hours_with(opens="990", closes="510")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("within=1e9", "within: 1e9 is not between 300 and 7200"),
        ("within=soon", "within: 'soon' is not a number"),
        ("target=nan", "target: 'nan' is not a number"),
        ("month=1999-01", "month: '1999-01' is not one of"),
        ("indicator=costs", "indicator: 'costs' is not one of"),
    ],
)
def test_what_cannot_be_asked_is_said(address, asked, says):
    answer = requests.get(f"{address}/api/v1/what-if?indicator=urgent&{asked}", timeout=30)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(says)


def test_levers_of_another_indicator_are_left_out(address):
    """The filter carries them along when another indicator is chosen."""
    found = requests.get(
        f"{address}/api/v1/what-if?indicator=answered&of=urgent&within=3600", timeout=30
    ).json()["page"]
    assert found["in_force"] == found["what_if"]


def test_only_so_many_are_measured_at_once(address):
    asked = f"{address}/api/v1/what-if?indicator=urgent&within=3600"
    with room(), room():
        assert AT_ONCE == 2
        answer = requests.get(asked, timeout=30)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        shown = requests.get(
            asked.replace("/api/v1", ""), headers={"Accept": "text/html"}, timeout=30
        )
        assert (shown.status_code, shown.headers["retry-after"]) == (503, "2")
        unmoved = requests.get(f"{address}/what-if", timeout=30)
        assert unmoved.status_code == 200
    assert requests.get(asked, timeout=30).status_code == 200
