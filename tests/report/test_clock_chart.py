"""The clock of one record on a line of time: spans that touch are one, and names do not overlap."""

import re

from collector.report.charts.clock import Line, Marked, clock

DAY = 86400
ACCENT = "#0b5394"


def line(**more):
    given = {
        "first": 0,
        "last": 40 * DAY,
        "until": 30 * DAY,
        "due": None,
        "open": [],
        "paused": [],
        "marked": [Marked(0, "opened", False), Marked(30 * DAY, "ended", True)],
        "named": [],
        "ticks": [],
        "legend": ("passed", "", "", "closed", ""),
    }
    return Line(**{**given, **more})


def drawn(**more):
    return clock(line(**more), ACCENT, "alt").svg


def widths(svg, colour):
    found = re.findall(r'width="([\d.]+)" height="\d+" fill="' + colour + '"', svg)
    return [float(each) for each in found if float(each) != 12]  # without that of the legend


def test_hours_too_close_to_be_seen_apart_are_one_span():
    near = [(0, DAY), (DAY + 60, 2 * DAY)]
    far = [(0, DAY), (10 * DAY, 11 * DAY)]
    (one,) = widths(drawn(open=near), ACCENT)
    first, second = widths(drawn(open=far), ACCENT)
    assert abs(first - second) <= 0.1
    assert abs(one - 2 * first) <= 1


def test_what_passed_after_the_deadline_has_another_colour_than_what_passed_before():
    hours = [(0, 10 * DAY), (15 * DAY, 35 * DAY)]
    in_time = drawn(open=hours, until=20 * DAY, marked=[])
    late = drawn(open=hours, until=20 * DAY, due=5 * DAY, marked=[])
    assert sum(widths(in_time, ACCENT)) > sum(widths(late, ACCENT))
    colours = set(re.findall(r'fill="(#\w+)"', late)) - set(re.findall(r'fill="(#\w+)"', in_time))
    assert len(colours) == 1


def test_names_stand_below_their_spans_as_far_as_there_is_room():
    apart = [((2 * DAY, 3 * DAY), "Midsummer"), ((30 * DAY, 31 * DAY), "on hold")]
    beside = [((2 * DAY, 3 * DAY), "Midsummer"), ((3 * DAY, 4 * DAY), "on hold")]
    assert all(f">{name}</text>" in drawn(named=apart) for name in ("Midsummer", "on hold"))
    crowded = drawn(named=beside)
    assert ">Midsummer</text>" in crowded
    assert ">on hold</text>" not in crowded
