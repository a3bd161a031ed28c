"""Tables for the terminal: comparisons, distributions, forecasts, and other ways to measure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

from collector.forecasting import Calibration
from collector.indicators.comparison import Comparison
from collector.indicators.distribution import BOUNDS, Quantile, quantile
from collector.indicators.figures import Figure
from collector.indicators.forecast import NoForecast
from collector.indicators.outlook import Outlook
from collector.terminal import (
    amount_parts,
    amount_text,
    count_text,
    decimal,
    plain,
    state_text,
    target_text,
    value_text,
)
from collector.values import Language
from collector.whatif import Alternative

_BARS = 30
_NAME_WIDTH = 28
_WIDE = 140
_ENOUGH_YEARS = 2
_MOST_GROUPS = 12
_WORDS: dict[str, dict[Language, str]] = {
    "indicator": {"sv": "Indikator", "en": "Indicator"},
    "now": {"sv": "Nuvärde", "en": "Now"},
    "forecast": {"sv": "Prognos (80 %)", "en": "Forecast (80 %)"},
    "target": {"sv": "Målvärde", "en": "Target"},
    "state": {"sv": "Läge", "en": "State"},
    "required": {"sv": "Krävs resten av året", "en": "Needed for the rest"},
    "misses": {"sv": "Missar kvar", "en": "Misses left"},
    "chance": {"sv": "Chans", "en": "Chance"},
    "change": {"sv": "Ändring", "en": "Change"},
    "previous": {"sv": "Perioden före", "en": "Period before"},
    "year_before": {"sv": "Ett år tidigare", "en": "Year before"},
    "year_to_date": {"sv": "Hittills i år", "en": "Year to date"},
    "better": {"sv": "bättre", "en": "better"},
    "worse": {"sv": "sämre", "en": "worse"},
    "other": {"sv": "annorlunda", "en": "different"},
    "may_be_chance": {"sv": "kan vara slump", "en": "may be chance"},
    "too_few": {"sv": "för få att säga", "en": "too few to tell"},
    "points": {"sv": "p.e.", "en": "pp"},
    "median": {"sv": "median", "en": "median"},
    "ninety": {"sv": "90 % inom", "en": "90 % within"},
    "over": {"sv": "över", "en": "over"},
    "unreachable": {"sv": "går inte", "en": "out of reach"},
    "safe": {"sv": "redan nått", "en": "reached already"},
    NoForecast.SHORT_HISTORY: {"sv": "för kort historik", "en": "history too short"},
    NoForecast.NOTHING_ELIGIBLE: {"sv": "inget att räkna", "en": "nothing to count"},
    "odd": {
        "sv": "är olik de 12 månaderna före: nya regler? breaks delar historiken",
        "en": "is unlike the 12 months before it: new rules? breaks cuts the history",
    },
    "calibrated": {
        "sv": "80 %-intervallet: i {2} avslutade år låg {0} av {1} prognoser ({3} %) så nära",
        "en": "80 % interval: in {2} finished years {0} of {1} forecasts ({3} %) were as near",
    },
    "untested": {
        "sv": "80 %-intervallet är inte prövat här: det finns inte två avslutade år",
        "en": "80 % interval: not tested here yet, there are no two finished years",
    },
    "set_by": {"sv": "satt av", "en": "set by"},
    "by_hand": {"sv": "satt för hand", "en": "set by hand"},
    "computed": {"sv": "beräknad", "en": "computed"},
    "in_force": {"sv": "Gällande", "en": "In force"},
    "what_if": {"sv": "Om i stället", "en": "What if"},
    "records": {"sv": "Poster", "en": "Records"},
    "none": {"sv": "inga ändras", "en": "none change"},
    "met": {"sv": "nådda", "en": "met"},
    "missed": {"sv": "missade", "en": "missed"},
    "pending": {"sv": "väntar", "en": "pending"},
    "excluded": {"sv": "undantagna", "en": "excluded"},
    "not counted": {"sv": "ej räknade", "en": "not counted"},
}


def word(name: str, language: Language) -> str:
    """A word of these tables."""
    return _WORDS[name][language]


def table(*columns: tuple[str, bool]) -> Table:
    """A table without lines; each column with whether it stands to the right. The first and the
    last one take what room there is."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, (name, right) in enumerate(columns):
        if index == 0:
            made.add_column(name, ratio=1, min_width=_NAME_WIDTH, overflow="fold")
        else:
            last = index == len(columns) - 1
            side: Literal["left", "right"] = "right" if right else "left"
            made.add_column(name, justify=side, no_wrap=not last, overflow="fold")
    return made


def _named(figure: Figure, language: Language) -> str:
    whole = plain(figure.title[language])
    return whole if figure.organization is None else f"{whole} · {plain(figure.organization)}"


def _row_name(figure: Figure, language: Language) -> str:
    """The title, or of a part of the desk below it only whose."""
    return (
        _named(figure, language)
        if figure.organization is None
        else f"  · {plain(figure.organization)}"
    )


def print_comparisons(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """Each figure beside those of other periods, and whether the change is more than chance."""
    shown = table(
        (word("indicator", language), False),
        (word("now", language), True),
        (word("previous", language), True),
        (word("change", language), False),
        (word("year_before", language), True),
        (word("change", language), False),
        (word("year_to_date", language), True),
    )
    for figure in figures:
        known = {each.name: each for each in figure.comparisons}
        cells = [_row_name(figure, language), value_text(figure, language)]
        for name in ("previous", "year_before"):
            each = known[name]
            cells += [amount_text(figure, each.value, language), _change(figure, each, language)]
        to_date = known.get("year_to_date")
        cells.append("" if to_date is None else amount_text(figure, to_date.value, language))
        shown.add_row(*cells)
    out.print()
    out.print(shown)


def _change(figure: Figure, each: Comparison, language: Language) -> str:
    if each.change is None:
        return ""
    text = change_text(figure, each.change, language)
    if each.verdict is None:
        return text
    name = "may_be_chance" if each.verdict == "chance" else each.verdict
    return f"{text}, {word(name, language)}"


def change_text(figure: Figure, change: float, language: Language) -> str:
    """A change with its sign; of shares in points."""
    sign = "+" if change > 0 else "±" if change == 0 else "−"
    if figure.unit == "ratio":
        return f"{sign}{decimal(abs(100 * change), 1, language)} {word('points', language)}"
    return f"{sign}{amount_text(figure, abs(change), language)}"


def print_distributions(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """Median, 90th percentile and a histogram of the durations behind each figure."""
    for figure in figures:
        median, ninety = (quantile(figure.histogram, share) for share in (0.5, 0.9))
        if median is None or ninety is None:
            continue
        out.print()
        out.print(
            f"[bold]{_named(figure, language)}[/]  n {sum(figure.histogram)} · "
            f"{word('median', language)} {quantile_text(median, language)} · "
            f"{word('ninety', language)} {quantile_text(ninety, language)}"
        )
        for label, n, share in _groups(figure.histogram, language):
            bar = "█" * round(_BARS * share) or ("▏" if n else "")
            out.print(f"  {label:>12}  {bar:<{_BARS}} {n} ({decimal(100 * share, 0, language)} %)")


def quantile_text(found: Quantile, language: Language) -> str:
    """A percentile as it is known: about so much, between two bounds."""
    low = span_text(found.low, language)
    if found.high is None:
        return f"{word('over', language)} {low}"
    if found.low == found.high:
        return low
    return f"≈ {span_text(found.seconds, language)} ({low} – {span_text(found.high, language)})"


def span_text(seconds: float, language: Language) -> str:
    """A duration in the largest unit that it is at least one of; days would be ambiguous."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            number = decimal(seconds / length, 1, language)
            return f"{number.removesuffix('.0').removesuffix(',0')} {unit}"
    return f"{round(seconds)} s"


def _groups(histogram: Sequence[int], language: Language) -> Iterable[tuple[str, int, float]]:
    """Label, records and share of neighbouring buckets, at most _MOST_GROUPS of them."""
    total = sum(histogram)
    filled = [index for index, n in enumerate(histogram) if n]
    first, last = filled[0], filled[-1]
    size = -(-(last - first + 1) // _MOST_GROUPS)
    for start in range(first, last + 1, size):
        end = min(start + size - 1, last)
        n = sum(histogram[start : end + 1])
        if end < len(BOUNDS):
            label = f"≤ {span_text(BOUNDS[end], language)}"
        else:
            label = f"> {span_text(BOUNDS[-1], language)}"
        yield label, n, n / total


def print_forecasts(figures: Iterable[Figure], language: Language, out: Console) -> None:
    """The year to date and how it is expected to end; where there is room, also what the rest of
    the year must bring."""
    wide = out.width >= _WIDE
    columns = [
        (word("indicator", language), False),
        (word("now", language), True),
        ("n", True),
        (word("forecast", language), False),
        (word("target", language), False),
        (word("state", language), False),
    ]
    if wide:
        columns += [(word(name, language), True) for name in ("required", "misses", "chance")]
    shown = table(*columns)
    notes: list[str | None] = []
    for figure in figures:
        cells = [
            _row_name(figure, language),
            value_text(figure, language),
            count_text(figure),
            outlook_text(figure, figure.outlook, language),
            target_text(figure, language),
            state_text(figure.state, language),
        ]
        if wide:
            chance = None if figure.outlook is None else figure.outlook.chance
            cells += [
                required_text(figure, language),
                "" if figure.misses_left is None else str(figure.misses_left),
                "" if chance is None else f"{decimal(100 * chance, 0, language)} %",
            ]
        shown.add_row(*cells)
        notes += [_by_hand(figure, language), _odd(figure, language)]
    out.print(shown)
    for note in filter(None, notes):
        out.print(f"[dim]{note}[/]")


def outlook_text(figure: Figure, outlook: Outlook | None, language: Language) -> str:
    """A forecast with its interval; with a star where a person set it; or why there is none."""
    if outlook is None:
        return ""
    if outlook.value is None:
        return f"– ({word(outlook.reason, language)})"
    text = amount_text(figure, outlook.value, language)
    if outlook.given:
        return f"{text} *"
    if outlook.low is None or outlook.high is None:
        return text
    low, high = (amount_parts(figure, each, language)[0] for each in (outlook.low, outlook.high))
    return f"{text} ({low}–{high})"


def _by_hand(figure: Figure, language: Language) -> str | None:
    """Who set a forecast and when, and what the program would have said; None if it is its own."""
    outlook = figure.outlook
    if outlook is None or not outlook.given:
        return None
    who = plain(outlook.set_by or "")
    text = f"{word('set_by', language)} {who}" if who else word("by_hand", language)
    text = f"* {_named(figure, language)}: {text} {outlook.since}"
    if outlook.computed is not None:
        computed = amount_text(figure, outlook.computed, language)
        text += f"; {word('computed', language)} {computed}"
    return f"{text}; {plain(outlook.comment)}" if outlook.comment else text


def _odd(figure: Figure, language: Language) -> str | None:
    """A month that a person should look at; None without one."""
    outlook = figure.outlook
    if outlook is None or outlook.odd_month is None or outlook.odd_by is None:
        return None
    by = decimal(outlook.odd_by, 1, language)
    return (
        f"! {_named(figure, language)}: {outlook.odd_month:%Y-%m} {word('odd', language)} (z {by})"
    )


def print_calibration(calibration: Calibration, language: Language, out: Console) -> None:
    """What the 80 % of the intervals rests on."""
    told = word("calibrated" if calibration.years >= _ENOUGH_YEARS else "untested", language)
    share = 100 * calibration.held / max(calibration.forecasts, 1)
    text = told.format(calibration.held, calibration.forecasts, calibration.years, round(share))
    out.print(f"[dim]{text}[/]")


def required_text(figure: Figure, language: Language) -> str:
    """What the rest of the period must give for the target to be reached."""
    if figure.required is None or figure.target is None:
        return ""
    if figure.unit == "ratio" and figure.target.higher_is_better:
        if figure.required > 1:
            share = f"{decimal(100 * figure.required, 1, language)} %"
            return f"{share} ({word('unreachable', language)})"
        if figure.required <= 0:
            return word("safe", language)
    if figure.required < 0:
        unreachable = not figure.target.higher_is_better
        return word("unreachable" if unreachable else "safe", language)
    return amount_text(figure, figure.required, language)


def print_alternatives(
    alternatives: Iterable[Alternative], language: Language, out: Console
) -> None:
    """Figures in force beside those of another configuration."""
    shown = table(
        (word("indicator", language), False),
        (word("in_force", language), True),
        ("n", True),
        (word("state", language), False),
        (word("what_if", language), True),
        ("n", True),
        (word("state", language), False),
        (word("change", language), True),
        (word("records", language), False),
    )
    for each in alternatives:
        before, after = each.in_force, each.other
        change = ""
        alike = (before.unit, before.shown_in) == (after.unit, after.shown_in)
        if before.value is not None and after.value is not None and alike:
            change = change_text(after, after.value - before.value, language)
        shown.add_row(
            _named(before, language),
            value_text(before, language),
            count_text(before),
            state_text(before.state, language),
            value_text(after, language),
            count_text(after),
            state_text(after.state, language),
            change,
            _moved(each, language),
        )
    out.print(shown)


def _moved(each: Alternative, language: Language) -> str:
    if each.in_force.kind == "manual":
        return ""
    parts = [
        f"{n} {word(was, language)} → {word(becomes, language)}"
        for (was, becomes), n in each.moved.items()
    ]
    return ", ".join(parts) or word("none", language)
