"""Small groups are hidden, and so is what would give them away."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_world import cells, content, everything, figure, indicator, made, months, tables

from collector.report.frozen import read
from collector.report.masking import Masks, hidden


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
        ({"a": 3}, 3, {"a": "too_few"}),
    ],
)
def test_what_is_hidden(parts: dict[str, int], whole: int, expected: dict[str, str]) -> None:
    assert hidden(parts, whole, 5) == expected


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40), max_size=6),
    st.integers(0, 9),
    st.integers(1, 12),
)
def test_what_is_hidden_cannot_be_computed(parts: dict[str, int], nobody: int, min_n: int) -> None:
    whole = sum(parts.values()) + nobody
    found = hidden(parts, whole, min_n)
    assert {name for name, n in parts.items() if 0 < n < min_n} <= set(found)
    assert all(parts[name] for name in found)
    shown = {name: n for name, n in parts.items() if name not in found}
    if found and any(shown.values()):
        together = whole - sum(shown.values())  # all that can be computed
        assert together >= min_n
        assert len(found) + (nobody > 0) >= 2


def _masks(**more: object) -> Masks:
    return Masks(read(content(indicator("x", **more))))  # type: ignore[arg-type]


def test_the_rest_of_the_year_is_not_given_away_by_its_part() -> None:
    """12 this year and 9 in July leave 3 for all the months before."""
    found = _masks(year=figure(10, 12), period=figure(8, 9), months=months((2, 3), (8, 9)))
    indicator_ = read(content(indicator("x"))).indicators[0]
    assert found.figure(indicator_, "period", None) == "protected"
    assert found.figure(indicator_, "year_to_date", None) is None


def test_a_month_is_not_given_away_by_the_others() -> None:
    """The months of the year add up to the year; those before it to nothing that is shown."""
    each = months(*[(9, 10)] * 6, (9, 10), (20, 30), (2, 3), (20, 30), (20, 30), (9, 12), (9, 11))
    found = _masks(
        year=figure(0, sum(m["eligible"] for m in each[6:])), period=figure(9, 11), months=each
    )
    indicator_ = read(content(indicator("x"))).indicators[0]
    told = {m["month"]: found.month(indicator_, m["month"]) for m in each}
    assert {m for m, why in told.items() if why == "too_few"} == {"2020-03"}
    assert {m for m, why in told.items() if why == "protected"} == {"2020-01"}
    assert found.figure(indicator_, "period", None) is None


def test_given_by_hand_and_mere_numbers_are_shown() -> None:
    counted = indicator("n", figure(3, 3, value=3.0), kind="count", unit="tickets", target=None)
    by_hand = indicator("h", figure(value=2.0), kind="manual", unit="%", months=[])
    rows = cells(tables(made(content(counted, by_hand)))[0])
    assert [row[2] for row in rows] == ["3 ärenden", "2 %"]


def test_no_least_number_hides_nothing() -> None:
    rows = cells(tables(made(content(indicator("x", figure(1, 1), min_n=0))))[0])
    assert rows[0][2] == "100 % | av 1"


def test_a_second_municipality_protects_the_first() -> None:
    parts = [
        figure(1, 3, "too_few", "Askersund"),
        figure(40, 50, "missed", "Hallsberg"),
        figure(9, 10, "met", "Laxå"),
        figure(0, 0, "no_data", "Lekeberg"),
    ]
    said = content(indicator("x", figure(50, 63, "missed"), parts=parts))
    shown = next(t for t in tables(made(said)) if t.caption.startswith("Indikatorerna per kommun"))
    assert cells(shown)[0] == [
        "x", "79 % ✗ | av 63", "· För få ärenden | färre än 5", "80 % ✗ | av 50",
        "Visas inte | skyddar en liten grupp", "– Ej mätt",
    ]  # fmt: skip
    assert "33" not in everything(made(said))


def test_all_is_hidden_where_the_whole_is_small() -> None:
    parts = [figure(2, 2, "too_few", "Askersund"), figure(1, 2, "too_few", "Laxå")]
    said = content(
        indicator("x", figure(3, 4, "too_few"), parts=parts, months=[]),
        organizations=["Askersund", "Laxå"],
    )
    text = everything(made(said))
    assert "75" not in text
    assert "50" not in text
