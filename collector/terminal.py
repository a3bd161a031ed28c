"""What people read in the terminal: the board as a table, explanations, progress."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from collector.indicators.figures import Figure
from collector.store import PollState
from collector.values import Language

STATE_WORDS: dict[str, dict[Language, str]] = {
    "met": {"sv": "✓ Når målet", "en": "✓ On target"},
    "at_risk": {"sv": "▲ Risk", "en": "▲ At risk"},
    "missed": {"sv": "✗ Når inte målet", "en": "✗ Off target"},
    "no_data": {"sv": "– Ej mätt", "en": "– Not measured"},
    "too_few": {"sv": "· För få ärenden", "en": "· Too few"},
    "stale": {"sv": "◷ Inaktuell", "en": "◷ Stale"},
}
_HOURS: dict[Language, str] = {"sv": "h arbetstid", "en": "business h"}
_MINUTES: dict[Language, str] = {"sv": "min arbetstid", "en": "business min"}
_SECONDS: dict[Language, str] = {"sv": "s arbetstid", "en": "business s"}
_DAYS: dict[Language, str] = {"sv": "dygn arbetstid", "en": "x 24 business h"}
_BUSINESS_DAYS: dict[Language, str] = {"sv": "arbetsdagar", "en": "business days"}
UNIT_WORDS = {
    "s": _SECONDS, "seconds": _SECONDS, "min": _MINUTES, "minutes": _MINUTES,
    "h": _HOURS, "hours": _HOURS, "d": _DAYS, "days": _DAYS,
    "business_day": _BUSINESS_DAYS, "business_days": _BUSINESS_DAYS,
}  # fmt: skip
_STYLES = {
    "met": "green",
    "at_risk": "yellow",
    "missed": "red",
    "no_data": "dim",
    "too_few": "dim",
    "stale": "magenta",
}
_COLUMNS: dict[Language, tuple[str, ...]] = {
    "sv": ("Indikator", "Nuvärde", "n", "Målvärde", "Läge"),
    "en": ("Indicator", "Now", "n", "Target", "State"),
}
WHOLE: dict[Language, str] = {"sv": "Alla", "en": "All"}
YES_NO: dict[Language, tuple[str, str]] = {"sv": ("nej", "ja"), "en": ("no", "yes")}
_WEEKDAYS: dict[Language, str] = {
    "sv": "mån tis ons tor fre lör sön",
    "en": "Mon Tue Wed Thu Fri Sat Sun",
}
_PENDING: dict[Language, str] = {"sv": "väntar", "en": "pending"}
_DAY = 86_400
Number = TypeVar("Number", float, Decimal)
_MOST_PLACES = 6
_ROUNDING = 1e-9


def console(columns: int = 100) -> Console:
    """Standard output; so many columns where there is no terminal to ask."""
    return _Output(width=None if sys.stdout.isatty() else columns, highlight=False)


class _Output(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command line; rich would end the process with an error."""
        raise BrokenPipeError


def plain(text: str) -> str:
    """Text of others: nothing in it is markup, or a control sequence for the terminal."""
    return escape("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text))


def target_text(figure: Figure, language: Language) -> str:
    """What a figure is held against, as people read it."""
    if figure.target is None:
        return ""
    unit = figure.target.unit
    text = figure.target.text.replace(">=", "≥").replace("<=", "≤")
    if unit in UNIT_WORDS and unit.startswith("business_day"):
        text = text.replace(unit, UNIT_WORDS[unit][language])
    if text in {"no", "yes"}:
        return YES_NO[language][text == "yes"]
    return plain(text)


def print_board(
    figures: Iterable[Figure], heading: str, language: Language, out: Console | None = None
) -> None:
    """The table of the committee: indicator, value now, n, target, state."""
    out = out or console()
    figures = list(figures)
    by_organization = any(f.organization for f in figures)
    pending = any(f.pending for f in figures)
    out.print(f"[italic]{plain(heading)}[/]")
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    name, now, n, target, state = _COLUMNS[language]
    table.add_column(name, ratio=1, overflow="fold")
    if by_organization:
        table.add_column("", no_wrap=True)
    table.add_column(now, justify="right", no_wrap=True)
    table.add_column(
        f"{n} (+{_PENDING[language]})" if pending else n, justify="right", no_wrap=True
    )
    table.add_column(target, no_wrap=True)
    table.add_column(state, no_wrap=True)
    shown: str | None = None
    for figure in figures:
        title = plain(figure.title[language]) if figure.indicator != shown else ""
        shown = figure.indicator
        cells = [title]
        if by_organization:
            cells.append(plain(figure.organization or WHOLE[language]))
        cells += [
            value_text(figure, language),
            count_text(figure),
            target_text(figure, language),
            state_text(figure.state, language),
        ]
        table.add_row(*cells)
    out.print(table)


def print_formulas(figures: Iterable[Figure], out: Console) -> None:
    """How each figure is made, a line or two for each indicator."""
    table = Table(box=None, show_header=False, pad_edge=False, style="dim")
    for figure in figures:
        if figure.organization is None:
            table.add_row(figure.indicator, plain(figure.formula))
    out.print(table)


def value_text(figure: Figure, language: Language) -> str:
    """A figure's value with its unit, as people read it; a dash where there is none."""
    return amount_text(figure, figure.value, language)


def amount_text(figure: Figure, amount: float | None, language: Language, places: int = 1) -> str:
    """A number in the unit of a figure's value, as people read it; a dash where there is none."""
    if amount is None:
        return "–"
    return " ".join(amount_parts(figure, amount, language, places)).rstrip()


def amount_parts(
    figure: Figure, amount: float, language: Language, places: int = 1
) -> tuple[str, str]:
    """A number in the unit of a figure's value, and that unit.

    What is not quite its target is never shown as if it were the target: it gets as many places as
    that takes.
    """
    if figure.unit == "ratio":
        places = telling(100 * amount, figure.threshold, 100, places)
        return decimal(100 * amount, places, language), "%"
    if figure.shown_in is not None:
        unit, length = figure.shown_in
        label = figure.unit_label[language] if figure.unit_label else UNIT_WORDS[unit][language]
        places = telling(amount / length, figure.threshold, 1 / length, places)
        return decimal(amount / length, places, language), plain(label)
    if figure.unit == "yes/no":
        return YES_NO[language][bool(amount)], ""
    unit = plain(figure.unit_label[language] if figure.unit_label else figure.unit)
    if figure.kind == "count":  # a forecast of records, too, is whole
        return decimal(amount, telling(amount, figure.threshold, 1, 0), language), unit
    return _as_given(amount, language), unit


def _as_given(amount: float, language: Language) -> str:
    """A number with the decimals that it was given with, but no end of them."""
    text = f"{Decimal(str(amount)):z.{_MOST_PLACES}f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if language == "sv" else text


def telling(
    shown: Number,
    target: Number | None,
    scale: Number,
    places: int,
    rounded: Callable[[Number, int], Number] | None = None,
) -> int:
    """How many places tell a number from the target; ``scale``: shown per unit of the target.

    ``rounded``: how the number will be rounded to so many places; by default as ``round`` does.
    """
    rounded = rounded or round
    wanted = None if target is None else target * scale
    if wanted is not None and abs(shown - wanted) > _ROUNDING:
        while places < _MOST_PLACES and rounded(shown, places) == rounded(wanted, places):
            places += 1
    return places


def count_text(figure: Figure) -> str:
    """What a figure rests on: its n, and how many are still pending."""
    if figure.kind == "manual":
        return ""
    return f"{figure.eligible}" + (f" (+{figure.pending})" if figure.pending else "")


def state_text(state: str | None, language: Language) -> str:
    """Symbol and word of a state, coloured for the terminal."""
    if state is None:
        return ""
    return f"[{_STYLES[state]}]{STATE_WORDS[state][language]}[/]"


def decimal(number: float, places: int, language: Language) -> str:
    """A number with the language's decimal sign."""
    text = f"{number:.{places}f}"
    return text.replace(".", ",") if language == "sv" else text


def duration(seconds: int) -> str:
    """``-2:05:10`` for hours, minutes and seconds; hours are not turned into days."""
    sign, rest = ("-" if seconds < 0 else ""), abs(seconds)
    return f"{sign}{rest // 3600}:{rest // 60 % 60:02d}:{rest % 60:02d}"


class LocalTimes(Protocol):
    """Instants as people read them."""

    def __call__(self, instant: int) -> str: ...


def local_times(timezone: str, language: Language = "en") -> LocalTimes:
    """``Thu 2020-06-18 16:50:00`` in a time zone, in Swedish ``tor``; the offset is added where it
    is not unique."""
    zone, weekdays = ZoneInfo(timezone), _WEEKDAYS[language].split()

    def text(instant: int) -> str:
        moment = datetime.fromtimestamp(instant, zone)
        twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
        shown = f"{weekdays[moment.weekday()]} {moment:%Y-%m-%d %H:%M:%S}"
        return shown + (f" {moment:%z}" if twice else "")

    return text


def print_sources(states: dict[str, PollState], now: int, when: LocalTimes, out: Console) -> None:
    """One line a source: when it was last read, what it gave, what it rejected."""
    for state in states.values():
        read = state.last_success
        seen = "never read" if read is None else f"read {when(read)}"
        if read is not None and now >= read:
            seen += f", {_ago(now, read)}"
        rejected = sum(state.rejected.values())
        parts = [f"{state.source}: {seen}"]
        if rejected:
            reasons = ", ".join(f"{reason} {n}" for reason, n in sorted(state.rejected.items()))
            parts.append(f"{rejected} rejected ({reasons})")
        if state.consecutive_failures:
            parts.append(f"failing: {state.last_error}")
        out.print("; ".join(parts), markup=False, soft_wrap=True)


def _ago(now: int, then: int) -> str:
    seconds = max(0, now - then)
    if seconds < 120:
        return f"{seconds} s ago"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 2 * _DAY else f"{seconds // _DAY} days ago"
