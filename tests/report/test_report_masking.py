"""Small groups are hidden, and so is what would give them away."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.model.periods import month_index, month_start
from collector.report.content.frozen import read_content
from collector.report.content.masking import Masks
from collector.report.content.report import Report
from collector.report.content.rows import figure_rows, month_rows
from collector.report.content.suppression import hidden_figures
from collector.report.content.timeline_sums import Shown
from tests.worlds.report_world import (
    cells,
    content,
    everything,
    figure,
    indicator,
    made,
    months,
    tables,
)
from tests.worlds.sizes import sample_size

TO = date(2020, 7, 31)
YEAR = (date(2020, 1, 1), TO)
JULY = (date(2020, 7, 1), TO)
THIRTEEN = (date(2019, 7, 1), date(2020, 8, 1))
PRIME = 2**61 - 1
PERIODS = {
    "a month": date(2020, 7, 1),
    "two months": date(2020, 6, 1),
    "from within a month": date(2020, 6, 20),
    "within a month": date(2020, 7, 14),
    "the year so far": date(2020, 1, 1),
    "from last year": date(2019, 11, 1),
    "from within a month of last year": date(2019, 11, 15),
    "longer than the months": date(2019, 1, 10),
}


@pytest.mark.parametrize(
    ("parts", "whole", "expected"),
    [
        ({"a": 10, "b": 20}, 30, {}),
        ({"a": 0, "b": 20}, 20, {}),  # that there was none is no secret, and nobody's
        ({"a": 3, "b": 20, "c": 30}, 53, {"a": "too_few", "b": "protected"}),
        ({"a": 3, "b": 4, "c": 30}, 37, {"a": "too_few", "b": "too_few"}),
        ({"a": 1, "b": 2, "c": 30, "d": 9}, 42, {"a": "too_few", "b": "too_few", "d": "protected"}),
        ({"a": 3, "b": 0, "c": 30}, 33, {"a": "too_few", "c": "protected"}),
        ({"a": 3, "c": 30}, 40, {"a": "too_few"}),  # 7 of nobody: a and they cannot be told apart
        ({"a": 3, "c": 30}, 34, {"a": "too_few", "c": "protected"}),  # 1 of nobody: 4 in all
        ({"a": 10, "c": 30}, 43, {"a": "protected"}),  # 3 of nobody
        ({"a": 10, "c": 30}, 45, {}),  # 5 of nobody
    ],
)
def test_what_is_hidden(parts: dict[str, int], whole: int, expected: dict[str, str]) -> None:
    figures = [Shown(None, JULY, whole, 1), *(Shown(o, JULY, n, 1) for o, n in parts.items())]
    found = hidden_figures(figures, 5)
    assert found == {(name, JULY): why for name, why in expected.items()}


def test_where_the_whole_is_hidden_so_are_its_parts() -> None:
    figures = [Shown(None, JULY, 4, 1), Shown("a", JULY, 4, 1), Shown("b", JULY, 0, 1)]
    assert hidden_figures(figures, 5) == {
        (None, JULY): "too_few",
        ("a", JULY): "too_few",
    }


Days = tuple[int, int]
"""Ordinals of the first and the last date."""
Count = dict[tuple[int, str], int]
"""How many records there are of a day's ordinal and an organization ("": none)."""


@st.composite
def desks(draw: st.DrawFn) -> tuple[date, Count]:
    """When the period begins, and records on a few days: of each month one or two."""
    begin = PERIODS[draw(st.sampled_from(sorted(PERIODS)))]
    days = {date(2019, 1, 20), date(2019, 11, 5), date(2019, 11, 20), date(2020, 1, 9)}
    days |= {date(2020, 6, 5), date(2020, 6, 25), date(2020, 7, 5), date(2020, 7, 20)}
    count = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 20])
    who = ["", "a", "b"] if draw(st.booleans()) else ["", "a"]
    return begin, {(day.toordinal(), o): draw(count) for day in sorted(days) for o in who}


@settings(max_examples=sample_size(80, 200, 400), deadline=None, derandomize=True)
@given(desks(), st.sampled_from([1, 2, 3, 5, 8]))
def test_nothing_small_can_be_computed(desk: tuple[date, Count], min_n: int) -> None:
    """Whoever adds and subtracts all the shown figures, in any way, never comes to a small group:
    months, period, year so far, and the organizations in both."""
    begin, count = desk
    names = sorted({o for _, o in count} - {""})

    def n(first: date, last: date, name: str | None = None) -> int:
        return sum(
            k
            for (d, o), k in count.items()
            if first.toordinal() <= d <= last.toordinal() and name in {None, o}
        )

    spans = {"period": (begin, TO), "year_to_date": YEAR}
    each_month = [
        (month_start(m), month_start(m + 1) - timedelta(1))
        for m in range(month_index(THIRTEEN[0]), month_index(THIRTEEN[1]))
    ]
    raw: dict[str, Any] = {
        span: [figure(0, n(*dates)), *(figure(0, n(*dates, o), organization=o) for o in names)]
        for span, dates in spans.items()
    }
    told_months = months(*[(0, n(*m)) for m in each_month])
    said = content(
        indicator("x", months=told_months, min_n=min_n) | raw,
        organizations=names,
        period={"name": "x", "first": begin.isoformat(), "last": TO.isoformat()},
    )
    read_ = read_content(said)
    masks, of = Masks(read_), read_.indicators[0]
    shown: list[tuple[date, date, str | None]] = [
        (*m, None) for m in each_month if masks.month(of, f"{m[0]:%Y-%m}") is None
    ]
    shown += [
        (*dates, name)
        for span, dates in spans.items()
        for name in [None, *names]
        if masks.figure(of, span, name) is None
    ]
    assert all(n(*each) == 0 or n(*each) >= min_n for each in shown)
    cells_ = sorted(count)
    told = [
        [int(f.toordinal() <= d <= t.toordinal() and name in {None, o}) for d, o in cells_]
        for f, t, name in shown
    ]
    assert smallest_computed(told, [count[each] for each in cells_], min_n) == 0


PUBLISHED = {
    "2020-04": ("2020-04-01", "2020-04-30"),
    "2020-06": ("2020-06-01", "2020-06-30"),
    "2020-07": ("2020-07-01", "2020-07-31"),
    "2020-t1": ("2020-01-01", "2020-04-30"),
    "2020-h1": ("2020-01-01", "2020-06-30"),
    "2020-q2": ("2020-04-01", "2020-06-30"),
    "2020-01..2020-07": ("2020-01-01", "2020-07-31"),
    "2020-06-20..2020-07-31": ("2020-06-20", "2020-07-31"),
    "2020-07-01..2020-07-12": ("2020-07-01", "2020-07-12"),
    "2019-11-15..2020-04-30": ("2019-11-15", "2020-04-30"),
}
"""Documents of one fiscal year: their first and last dates."""
Half = tuple[int, int]
"""Good records and missed ones."""


@st.composite
def years(draw: st.DrawFn) -> tuple[list[str], dict[tuple[int, str], Half]]:
    """Which documents were made, in their order, and the records of some days."""
    made_ = draw(st.lists(st.sampled_from(sorted(PUBLISHED)), min_size=2, max_size=4, unique=True))
    days = [date(2019, 11, 5), date(2019, 11, 20), date(2020, 1, 9), date(2020, 4, 3)]
    days += [
        date(2020, 5, 5),
        date(2020, 6, 5),
        date(2020, 6, 25),
        date(2020, 7, 5),
        date(2020, 7, 20),
    ]
    some = st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 20])
    alike = st.sampled_from([0.0, 0.0, 1.0, 1.0, 0.5])
    found = {}
    for day in days:
        for name in ("", "a", "b"):
            n, share = draw(some), draw(alike)
            found[day.toordinal(), name] = (int(n * share), n - int(n * share))
    return made_, found


@settings(max_examples=sample_size(60, 300, 1000), deadline=None, derandomize=True)
@given(years(), st.sampled_from([2, 3, 5, 8]))
def test_all_documents_of_a_year_together_give_nothing_away(
    year: tuple[list[str], dict[tuple[int, str], Half]], min_n: int
) -> None:
    """The same attacker is given every figure of every document, and looks for sums that are all
    good or all missed as well; but for what was told before anybody asked for it."""
    names, count = year
    cells_, told = sorted(count), []
    sums = [sum(count[each]) for each in cells_]
    halves = [[count[each][half] for each in cells_] for half in (0, 1)]
    secret: list[list[list[int]]] = [[], []]
    contents: list[Any] = []
    for name in names:
        first, last = map(date.fromisoformat, PUBLISHED[name])
        said, spans = _document(name, first, last, count, min_n)
        read_ = read_content(said)
        masks, of = Masks(read_, contents), read_.indicators[0]
        contents.append(said)
        before, hidden = list(told), []
        for span, (begin, end), whose in spans:
            row = [int(begin <= d <= end and whose in {None, o}) for d, o in cells_]
            if span in ("period", "year_to_date"):
                why = masks.figure(of, span, whose)  # type: ignore[arg-type]
            else:
                why = masks.month(of, span)
            told += [row] if why is None else []
            hidden += [row] if why == "too_few" else []
        for own, half in zip(secret, halves, strict=True):
            known = told_by_alike(before, hidden, sums, half)
            own += [row for row in hidden if row not in known]
    assert smallest_computed(told, sums, min_n) == 0
    for own, half in zip(secret, halves, strict=True):
        assert not told_by_alike(told, own, sums, half)


def _document(
    name: str, first: date, last: date, count: dict[tuple[int, str], Half], min_n: int
) -> tuple[Any, list[tuple[str, Days, str | None]]]:
    """A snapshot's content, and all figures of its document: span or month, dates, whose."""
    organizations = sorted({o for _, o in count} - {""})

    def halves(begin: date, end: date, whose: str | None = None) -> Half:
        some = [
            k for (d, o), k in count.items()
            if begin.toordinal() <= d <= end.toordinal() and whose in {None, o}
        ]  # fmt: skip
        return sum(k[0] for k in some), sum(k[1] for k in some)

    def shown(begin: date, end: date, whose: str | None = None) -> Any:
        good, missed = halves(begin, end, whose)
        return figure(good, good + missed, organization=whose)

    spans = {"period": (first, last), "year_to_date": (date(2020, 1, 1), last)}
    index = month_index(last)
    each_month = [
        (month_start(m), min(last, month_start(m + 1) - timedelta(1)))
        for m in range(index - 12, index + 1)
    ]
    values = [halves(*each) for each in each_month]
    said = content(
        indicator(
            "x",
            min_n=min_n,
            months=months(*[(g, g + m) for g, m in values], last=f"{last:%Y-%m}"),
        )
        | {s: [shown(*d), *(shown(*d, o) for o in organizations)] for s, d in spans.items()},
        organizations=organizations,
        period={"name": name, "first": first.isoformat(), "last": last.isoformat()},
        year={"first": "2020-01-01", "last": "2020-12-31", "to": last.isoformat()},
    )
    every: list[tuple[str, Days, str | None]] = [
        (f"{begin:%Y-%m}", (begin.toordinal(), end.toordinal()), None) for begin, end in each_month
    ]
    for span, (begin, end) in spans.items():
        days = begin.toordinal(), end.toordinal()
        every += [(span, days, whose) for whose in (None, *organizations)]
    return said, every


def told_by_alike(
    told: list[list[int]], secret: list[list[int]], n: list[int], half: list[int]
) -> list[list[int]]:
    """The hidden figures that are known to have none of one half of the records, since each of
    their cells is part of a computed sum without any. Not those of which shown figures say it."""
    empty = known_without(told, n)
    alike = [row for row in told if not sum(k for k, on in zip(half, row, strict=True) if on)]
    said = empty | {cell for row in alike for cell, on in enumerate(row) if on}
    known = empty | known_without(told, half)
    cells_of = [({cell for cell, on in enumerate(row) if on}, row) for row in secret]
    return [row for cells_, row in cells_of if cells_ <= known and not cells_ <= said]


def known_without(told: list[list[int]], count: list[int]) -> set[int]:
    """The cells that are part of a computed set in which nothing is counted: pairs of halves of
    those sets are matched by what they are across the rows told."""
    across = orthogonal([list(row) for row in dict.fromkeys(map(tuple, told))], len(count))
    without = [cell for cell, k in enumerate(count) if not k]
    middle = len(without) // 2
    halves: list[dict[int, int]] = []
    for cells_, sign in ((without[:middle], 1), (without[middle:], -1)):
        found = {0: 0}
        for cell in cells_:
            for weight, members in list(found.items()):
                key = (weight + sign * across[cell]) % PRIME
                found[key] = found.get(key, 0) | members | 1 << cell
        halves.append(found)
    known = 0
    for weight in halves[0].keys() & halves[1].keys():
        known |= halves[0][weight] | halves[1][weight]
    return {cell for cell in without if known >> cell & 1}


def smallest_computed(told: list[list[int]], n: list[int], under: int) -> int:
    """The smallest number of records from 1 to ``under`` - 1 of any set of cells that is a sum and
    difference of what is told (a row of 0 and 1 each); 0 where there is none. Cells that are known
    to be empty, because a computed sum is, are left out of all others."""
    while True:
        # cells that nothing tells apart are one
        merged: dict[tuple[int, ...], int] = {}
        for cell, column in enumerate(zip(*told, strict=True)):
            merged[column] = merged.get(column, 0) + n[cell]
        merged.pop((0,) * len(told), None)
        n, told = list(merged.values()), [list(row) for row in zip(*merged, strict=True)]
        sets = list(computed_sets(told, n, under))
        empty = {cell for members, total in sets if not total for cell in members}
        if not empty:
            return min((total for _, total in sets), default=0)
        keep = [cell for cell in range(len(n)) if cell not in empty]
        told, n = [[row[cell] for cell in keep] for row in told], [n[cell] for cell in keep]


def computed_sets(
    told: list[list[int]], n: list[int], under: int
) -> Iterator[tuple[tuple[int, ...], int]]:
    """The sets of cells with fewer records that are in the span of what is told, with their n.

    A set is in it if every vector that is orthogonal to all rows is so to the set; one such vector
    is drawn at random from a large field, where another set is orthogonal to it by no chance."""
    across = orthogonal(told, len(n))
    sets: list[tuple[tuple[int, ...], int, int]] = [((), 0, 0)]
    for cell, size in enumerate(n):
        sets += [
            ((*members, cell), total + size, (weight + across[cell]) % PRIME)
            for members, total, weight in sets
            if total + size < under
        ]
    for members, total, weight in sets:
        if members and weight == 0:
            yield members, total


def orthogonal(rows: list[list[int]], width: int) -> list[int]:
    """A random vector modulo PRIME that is orthogonal to all rows."""
    reduced: dict[int, list[int]] = {}
    for row in rows:
        left = list(row)
        for pivot, other in reduced.items():
            left = [(a - left[pivot] * b) % PRIME for a, b in zip(left, other, strict=True)]
        at = next((i for i, a in enumerate(left) if a), None)
        if at is None:
            continue
        left = [a * pow(left[at], -1, PRIME) % PRIME for a in left]
        for pivot, other in reduced.items():
            reduced[pivot] = [(a - other[at] * b) % PRIME for a, b in zip(other, left, strict=True)]
        reduced[at] = left
    draw = random.Random(5)
    found = [draw.randrange(1, PRIME) for _ in range(width)]
    for pivot, row in reduced.items():
        free = sum(a * found[i] for i, a in enumerate(row) if i not in reduced)
        found[pivot] = -free % PRIME
    return found


@pytest.mark.parametrize(
    ("told", "n", "expected"),
    [
        ([[1, 1, 1], [0, 0, 1]], [2, 2, 9], 4),
        ([[1, 1, 1], [0, 1, 1]], [3, 0, 9], 3),
        ([[1, 1, 0], [0, 1, 1]], [2, 2, 2], 4),  # and none of 2
        ([[1, 1, 1], [0, 0, 1], [0, 1, 0]], [7, 7, 0], 0),
        ([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], [9, 0, 0, 1], 1),  # the third sum is small
        ([[1, 1, 1], [1, 1, 0], [0, 1, 1]], [3, 9, 9], 3),  # the first two
    ],
)
def test_what_can_be_computed(told: list[list[int]], n: list[int], expected: int) -> None:
    assert smallest_computed(told, n, 5) == expected


def _masks(**more: object) -> Masks:
    return Masks(read_content(content(indicator("x", **more))))  # type: ignore[arg-type]


def test_the_rest_of_the_year_is_not_given_away_by_its_part() -> None:
    """12 this year and 9 in July leave 3 for all the months before."""
    found = _masks(year=figure(10, 12), period=figure(8, 9), months=months((2, 3), (8, 9)))
    indicator_ = read_content(content(indicator("x"))).indicators[0]
    assert found.figure(indicator_, "period", None) == "protected"
    assert found.figure(indicator_, "year_to_date", None) is None


def test_a_month_is_not_given_away_by_the_others() -> None:
    """The months of the year add up to the year; those before it to nothing that is shown."""
    each = months(*[(9, 10)] * 6, (9, 10), (20, 30), (2, 3), (20, 30), (20, 30), (9, 12), (9, 11))
    found = _masks(
        year=figure(0, sum(m["eligible"] for m in each[6:])), period=figure(9, 11), months=each
    )
    indicator_ = read_content(content(indicator("x"))).indicators[0]
    told = {m["month"]: found.month(indicator_, m["month"]) for m in each}
    assert {m for m, why in told.items() if why == "too_few"} == {"2020-03"}
    assert {m for m, why in told.items() if why == "protected"} == {"2020-01"}
    assert found.figure(indicator_, "period", None) is None


def _told(said: Any) -> dict[str, Any]:
    """What a document shows of one indicator: n by month or span, why it is hidden instead."""
    rows = [*month_rows(Report(said, "sv")), *figure_rows(Report(said, "sv"))]
    return {
        str(row.values.get("month") or row.values["span"]): row.values["hidden"]
        or row.values["eligible"]
        for row in rows
    }


def test_a_month_cannot_be_computed_from_a_tertial() -> None:
    """August is 1 of the tertial's 41; June is hidden, too, so that the rest tells nothing."""
    each = months(*[(9, 10)] * 9, (0, 0), (9, 20), (8, 20), (0, 1), last="2020-08")
    tertial = {"name": "2020-t2", "first": "2020-05-01", "last": "2020-08-31"}
    year = {"first": "2020-01-01", "last": "2020-12-31", "to": "2020-08-31"}
    one = indicator("x", figure(53, 81), figure(17, 41), months=each)
    told = _told(content(one, period=tertial, year=year))
    assert told["2020-08"] == "too_few"
    assert told["2020-06"] == "protected"
    assert (told["2020-05"], told["2020-07"], told["period"], told["year_to_date"]) == (
        0, 20, 41, 81,
    )  # fmt: skip


def test_a_day_does_not_give_away_the_rest_of_its_month() -> None:
    """13 of 17 in July so far, 12 of 14 on the 14th: 1 of 3 before."""
    day = {"name": "2020-07-14", "first": "2020-07-14", "last": "2020-07-14"}
    year = {"first": "2020-01-01", "last": "2020-12-31", "to": "2020-07-14"}
    each = months(*[(40, 50)] * 12, (13, 17))
    one = indicator("x", figure(253, 317), figure(12, 14), months=each)
    told = _told(content(one, period=day, year=year, organizations=[]))
    assert told["2020-07"] == "protected"
    assert told["period"] == 14
    assert told["2020-01"] == "protected"  # else the rest is the year without its other months


def test_organizations_stay_hidden_with_their_whole() -> None:
    """3 of nobody are the rest of the year beside July: so July is hidden, and what would be all of
    it to whoever takes everybody to be somebody's."""
    figures = [
        Shown(None, YEAR, 23, 2), Shown(None, JULY, 20, 1), Shown("a", JULY, 20, 1),
    ]  # fmt: skip
    assert hidden_figures(figures, 5) == {
        (None, JULY): "protected",
        ("a", JULY): "protected",
    }


def test_given_by_hand_and_mere_numbers_are_shown() -> None:
    counted = indicator("n", figure(3, 3, value=3.0), kind="count", unit="tickets", target=None)
    by_hand = indicator("h", figure(value=2.0), kind="manual", unit="%", months=[])
    rows = cells(tables(made(content(counted, by_hand)))[0])
    assert [row[2] for row in rows] == ["3 ärenden", "2 %"]


def test_no_least_number_hides_nothing() -> None:
    rows = cells(tables(made(content(indicator("x", figure(1, 1), min_n=0))))[0])
    assert rows[0][2] == "100,0 % | av 1"


def test_a_second_municipality_protects_the_first() -> None:
    parts = [
        figure(1, 3, "too_few", "Askersund"),
        figure(40, 50, "missed", "Hallsberg"),
        figure(9, 10, "met", "Laxå"),
        figure(0, 0, "no_data", "Lekeberg"),
    ]
    said = content(indicator("x", figure(50, 63, "missed"), parts=parts))
    shown = next(t for t in tables(made(said)) if t.caption.startswith("Värden per kommun"))
    assert cells(shown)[0] == [
        "x", "79,4 % ✗ | av 63", "· För få ärenden | färre än 5", "80,0 % ✗ | av 50",
        "Visas inte | skyddar en liten grupp", "– Ej mätt",
    ]  # fmt: skip
    assert "33" not in everything(made(said))


def test_what_cannot_be_divided_is_not_called_unmeasured() -> None:
    """Calls do not tell the municipality, unlike tickets of which one has none."""
    none = [figure(0, 0, "no_data", each) for each in ("Askersund", "Laxå")]
    some = [figure(60, 63, "met", "Askersund"), figure(0, 0, "no_data", "Laxå")]
    said = content(
        indicator("calls", figure(50, 63, "missed"), parts=none),
        indicator("tickets", figure(60, 63, "met"), parts=some),
        indicator("nothing", figure(0, 0, "no_data"), parts=none),
        organizations=["Askersund", "Laxå"],
    )
    shown = next(t for t in tables(made(said)) if t.caption.startswith("Värden per kommun"))
    cannot, unmeasured = "– | kan inte delas per kommun", "– Ej mätt"
    assert [row[2:] for row in cells(shown)] == [
        [cannot, cannot],
        ["95,2 % ✓ | av 63", unmeasured],
        [unmeasured, unmeasured],
    ]


def test_one_organization_alone_has_no_chapter() -> None:
    parts = [figure(80, 100, "missed", "Laxå")]
    said = content(indicator("x", parts=parts), organizations=["Laxå"])
    assert "Kommun för kommun" not in everything(made(said))


def test_all_is_hidden_where_the_whole_is_small() -> None:
    parts = [figure(2, 2, "too_few", "Askersund"), figure(1, 2, "too_few", "Laxå")]
    said = content(
        indicator("x", figure(3, 4, "too_few"), parts=parts, months=[]),
        organizations=["Askersund", "Laxå"],
    )
    text = everything(made(said))
    assert "75" not in text
    assert "50" not in text
