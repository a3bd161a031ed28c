"""Numbers, shares and amounts: what is shown is what was decided on, in either language."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.model.bilingual import Text
from collector.model.quantities import Target
from collector.text import numbers
from collector.text.measures import Amounts, Measure, amount_text, target_text
from collector.text.words import words_in

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "places", "sv", "en"),
    [
        (-34559, 0, "−34_559", "−34,559"),
        (Decimal("1234567.5"), 1, "1_234_567,5", "1,234,567.5"),
        (999, 0, "999", "999"),
        (1000, 0, "1_000", "1,000"),
        (0.5, 0, "1", "1"),
        (1.5, 0, "2", "2"),
        (2.5, 0, "3", "3"),
        (-2.5, 0, "−3", "−3"),
        (0.145, 2, "0,15", "0.15"),
        (1.005, 2, "1,01", "1.01"),
        (-0.4, 0, "0", "0"),
        (Decimal("-0"), 0, "0", "0"),
        (6.06, 2, "6,06", "6.06"),
        (10**14, 0, "100_000_000_000_000", "100,000,000,000,000"),
        (1e-7, 0, "0", "0"),
    ],
)
def test_numbers(value, places, sv, en):
    assert numbers.number(value, "sv", places) == sv.replace("_", NBSP)
    assert numbers.number(value, "en", places) == en


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN")])
def test_what_is_no_number_is_not_shown(value):
    with pytest.raises(ValueError, match="finite number"):
        numbers.number(value, "sv")


@pytest.mark.parametrize(
    ("share", "target", "shown"),
    [
        (0.9, 0.9, "90"),
        (0.8996, 0.9, "89,96"),
        (0.895, 0.9, "89,5"),  # half up it would be 90
        (0.8995, 0.9, "89,95"),
        (0.904, 0.9, "90,4"),
        (0.9004, 0.9, "90,04"),
        (0.894, 0.9, "89"),
        (0.7000000000000001, 0.7, "70"),  # the same but for the binary digits
    ],
)
def test_what_is_not_quite_its_target_is_not_shown_as_the_target(share, target, shown):
    assert numbers.percent(share, "sv", 0, target=target) == f"{shown}{NBSP}%"


@given(
    st.fractions(min_value=0, max_value=1, max_denominator=5000).map(float),
    st.integers(0, 100).map(lambda n: n / 100),
    st.integers(0, 2),
)
def test_no_share_is_shown_as_a_target_that_it_is_not(share, target, places):
    shown = numbers.percent(share, "en", places, target=target).removesuffix("%")
    assert (Decimal(shown) == 100 * Decimal(str(target))) == (abs(share - target) < 1e-11)


def test_shares_and_points():
    assert numbers.percent(0.825, "sv") == f"82,5{NBSP}%"
    assert numbers.percent(0.825, "sv", 0) == f"83{NBSP}%"
    assert numbers.percent(0.8249, "en", 1) == "82.5%"
    assert numbers.percent(349 / 400, "en") == "87.3%"  # 87.25, half up
    assert numbers.percent(0.82, "en") == "82.0%"
    assert numbers.percent(1.04, "sv", 0) == f"104{NBSP}%"
    assert numbers.points(0.023, "sv") == f"2,3{NBSP}p.e."
    assert numbers.points(-0.05, "en") == f"5.0{NBSP}pp"
    assert numbers.points(0.01, "sv", 0) == f"1{NBSP}p.e."
    assert numbers.points(0, "sv") == f"0,0{NBSP}p.e."
    assert numbers.points(-0.0001, "sv") == f"0,0{NBSP}p.e."


def test_amounts():
    assert numbers.amount(1579, "tkr", "sv") == f"1{NBSP}579{NBSP}tkr"
    assert numbers.amount(1579.0, "tkr", "en") == f"1,579{NBSP}tkr"
    assert numbers.amount(6.06, "%", "sv") == f"6,06{NBSP}%"
    assert numbers.amount(Decimal("71.130"), "%", "en") == "71.13%"
    assert numbers.amount(1, "yes/no", "sv") == "ja"
    assert numbers.amount(0, "yes/no", "en") == "no"
    assert numbers.amount(4, "", "sv") == "4"
    assert numbers.amount(1 / 3, "h arbetstid", "sv", 1) == f"0,3{NBSP}h{NBSP}arbetstid"
    assert numbers.amount(1 / 3, "st", "sv") == f"0,333333{NBSP}st"
    assert numbers.amount(9.97, "dagar", "sv", 0, target=10) == f"9,97{NBSP}dagar"
    assert numbers.amount(1200, "tkr", "sv") == f"1{NBSP}200{NBSP}tkr"


@pytest.mark.parametrize(
    ("seconds", "unit", "sv", "en"),
    [
        (126_720, ("business_days", 32_400), "3,91_arbetsdagar", "3.91_business_days"),
        (8_100, ("hours", 3_600), "2,25_h_arbetstid", "2.25_business_h"),
        (129_600, ("business_days", 32_400), "4_arbetsdagar", "4_business_days"),
    ],
)
def test_an_earlier_target_of_a_duration_has_two_decimals_at_most(seconds, unit, sv, en):
    measure = Measure("seconds", shown_in=unit)
    assert Amounts(measure, words_in("sv")).threshold(seconds) == sv.replace("_", NBSP)
    assert Amounts(measure, words_in("en")).threshold(seconds) == en.replace("_", NBSP)


def test_an_axis_of_yes_and_no_says_so():
    values = Amounts(Measure(unit="yes/no"), words_in("sv"))
    assert [values.axis(each) for each in (1, 0)] == ["ja", "nej"]


def test_a_configured_unit_replaces_that_of_a_duration_in_value_and_target():
    label = Text(sv="arbetsdagar", en="working days")
    target = Target.parse("<= 10 business_days")
    of = Measure("seconds", label, ("business_days", 28800), target=target, threshold=10 * 28800)
    assert amount_text(of, 2.5 * 28800, "en").replace(NBSP, " ") == "2.5 working days"
    assert target_text(of, "en").replace(NBSP, " ") == "at most 10 working days"
