"""The definitions in force, to be read by people, and what was changed in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collector.report.blocks import Block, Cell, Column, Heading, Items, Paragraph, Run, Table
from collector.report.content.definition_words import (
    Said,
    calendar_name,
    changed_value,
    in_order,
    label,
    said,
    source_words,
    weekly_hours,
)
from collector.report.content.frozen import Indicator, Json
from collector.report.content.report import Report
from collector.snapshot.sentences import special_day
from collector.text.words import capital
from collector.text.words.reasons import day_words

_TECHNICAL = ("calendars.", "sources.", "exclude.")


def definitions_in_force(report: Report) -> list[Block]:
    """What all indicators share, each indicator's own, calendars, and changes within the year."""
    words, indicators = report.words, report.content.indicators
    if not indicators:
        return []
    shared = _shared(indicators)
    found: list[Block] = [Heading(words("definition_own"), 2)]
    found.append(Items(tuple((_own(report, each, shared),) for each in indicators)))
    if shared:
        found.append(Heading(words("definition_shared"), 2))
        found.append(_shared_table(report, shared))
    for name, calendar in sorted(report.content.raw["calendars"].items()):
        found += _calendar(report, name, calendar)
    return [*found, *_changes(report)]


def _shared(indicators: Sequence[Indicator]) -> dict[str, Said]:
    """What is the same wherever it decides a figure; of calendars nothing, they come apart."""
    found: dict[str, Said] = {}
    differing: set[str] = set()
    for each in indicators:
        for path, value in each.raw["definition"].items():
            if path.startswith(("indicators.", "calendars.")):
                continue
            if path in found and found[path] != value:
                differing.add(path)
            found.setdefault(path, value)
    return {path: value for path, value in found.items() if path not in differing}


def _own(report: Report, indicator: Indicator, shared: Mapping[str, Said]) -> Paragraph:
    title = indicator.title[report.language]
    text = _own_text(report, indicator, shared)
    return Paragraph((Run(title, strong=True), Run(f". {text}.")))


def definition_text(report: Report, indicator: Indicator) -> str:
    """How an indicator is made, in a line, without what all of them share."""
    return _own_text(report, indicator, _shared(report.content.indicators))


def _own_text(report: Report, indicator: Indicator, shared: Mapping[str, Said]) -> str:
    """An indicator's definition in a sentence of labels and values."""
    language, prefix = report.language, f"indicators.{indicator.id}."
    told = []
    definition = {p.removeprefix(prefix): v for p, v in indicator.raw["definition"].items()}
    for own, value in in_order(definition.items()):
        if own in shared or own == "target" or own.startswith("calendars."):
            continue
        told.append(f"{label(own, language)}: {said(own, value, language)}")
    if target := report.amounts(indicator).target():
        told.append(f"{report.words('column_target')}: {target}")
    return "; ".join(told)


def _shared_table(report: Report, shared: Mapping[str, Said]) -> Table:
    language = report.language
    rows = [
        (Cell(label(path, language)), Cell(said(path, value, language)))
        for path, value in in_order(shared.items())
        if not path.startswith(_TECHNICAL)
    ]
    for head in ("exclude", "sources"):
        for name, text in _gathered(report, shared, head).items():
            rows.append((Cell(f"{report.words(f'definition_{head}')} {name}"), Cell(text)))
    words = report.words
    columns = (Column(words("definition_what"), 1.2), Column(words("definition_is"), 2))
    return Table(words("definition_shared"), columns, tuple(rows), compact=True)


def _gathered(report: Report, shared: Mapping[str, Said], head: str) -> dict[str, str]:
    """All that is said below ``head.NAME``, in one text a name."""
    found: dict[str, list[str]] = {}
    for path, value in shared.items():
        if path.startswith(f"{head}."):
            _, name, rest = path.split(".", 2)
            kind = str(shared.get(f"sources.{name}.type", ""))
            if text := _gathered_text(report, head, rest, value, kind):
                found.setdefault(name, []).append(text)
    return {name: "; ".join(told) for name, told in found.items()}


def _gathered_text(report: Report, head: str, rest: str, value: Said, kind: str) -> str:
    language = report.language
    if head == "sources":
        return source_words(rest, value, language, kind)
    text = f"{label(f'records.{rest}', language)} {said(rest, value, language)}"
    return text.removeprefix("records.")


def _calendar(report: Report, name: str, calendar: Json) -> list[Block]:
    words, prefix = report.words, f"calendars.{name}."
    definition = {path.removeprefix(prefix): v for path, v in calendar["definition"].items()}
    hours = {p.removeprefix("hours."): v for p, v in definition.items() if p.startswith("hours.")}
    rows = [
        (Cell(capital(days)), Cell(windows))
        for days, windows in weekly_hours(hours, report.language)
    ]
    if "timezone" in definition:
        timezone = definition["timezone"]
        rows.append(
            (Cell(label("timezone", report.language)), Cell(said("", timezone, report.language)))
        )
    if closed := calendar["closed"]:
        told = "; ".join(
            f"{report.day(day)} {day_words(special_day(sentence), report.language)}".strip()
            for day, sentence in closed
        )
        rows.append((Cell(words("calendar_closed")), Cell(told)))
    caption = words("calendar_caption", name=calendar_name(name, report.language))
    columns = (Column(words("definition_what"), 1), Column(words("definition_is"), 3))
    return [Heading(caption, 2), Table(caption, columns, tuple(rows), compact=True)]


def _changes(report: Report) -> list[Block]:
    words = report.words
    lines = dict.fromkeys(
        _line(report, change)
        for each in report.content.indicators
        for change in each.raw["definition_changes"]
    )
    found: list[Block] = [Heading(words("definition_changes_title"), 2)]
    found.append(_items(lines) if lines else _text(words("definition_no_changes")))
    return found


def _line(report: Report, change: Json) -> str:
    """One change, with the words of its path where the path is short."""
    path = change["path"]
    short = path.split(".", 2)[-1] if path.startswith("indicators.") else path
    titles = {each.id: each.title[report.language] for each in report.content.indicators}
    of = titles.get(path.split(".")[1]) if path.startswith("indicators.") else None
    what = (
        label(short, report.language)
        if of is None
        else f"{of}, {label(short, report.language).lower()}"
    )
    nothing = report.words("nothing")
    return capital(
        report.words(
            "definition_changed",
            since=report.day(change["from"]),
            what=what,
            before=changed_value(short, change["before"], nothing, report.language),
            after=changed_value(short, change["after"], nothing, report.language),
        )
    )


def _items(lines: Iterable[str]) -> Items:
    return Items(tuple((_text(line),) for line in lines))


def _text(text: str) -> Paragraph:
    return Paragraph((Run(text),))
