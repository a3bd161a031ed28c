"""The chapter on definitions: what is in force, in words, and what changed within the year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collector.config.definitions import without_idle_rules
from collector.report.blocks import Block, Cell, Column, Heading, Items, Paragraph, Run, Table
from collector.report.content.definition_sentences import (
    sentence,
    settings_in_a_line,
    shared_sentences,
)
from collector.report.content.definition_words import value_in_words
from collector.report.content.frozen import Indicator, Json
from collector.report.content.report import Report
from collector.snapshot.sentences import special_day
from collector.text.words import capital
from collector.text.words.definitions import (
    SettingValue,
    calendar_name,
    changed_value_in_words,
    label,
    weekly_hours,
)
from collector.text.words.reasons import day_words


def definitions_in_force(report: Report) -> list[Block]:
    """Each indicator's own definition, the shared settings, the calendars and the year's changes.

    Empty if the snapshot has no indicators.
    """
    words, indicators = report.words, report.content.indicators
    if not indicators:
        return []
    shared = _shared(indicators)
    blocks: list[Block] = [Heading(words("definition_own"), 2)]
    blocks.append(Items(tuple((_own(report, each, shared),) for each in indicators)))
    if shared:
        blocks.append(Heading(words("definition_shared"), 2))
        blocks.append(_items(shared_sentences(report, shared)))
    for name, calendar in sorted(report.content.raw["calendars"].items()):
        blocks += _calendar(report, name, calendar)
    return [*blocks, *_changes(report)]


def _shared(indicators: Sequence[Indicator]) -> dict[str, SettingValue]:
    """Settings with the same value in every definition that has them.

    Calendars are left out: they have tables of their own.
    """
    settings: dict[str, SettingValue] = {}
    differing: set[str] = set()
    for each in indicators:
        for path, value in without_idle_rules(each.raw["definition"]).items():
            if path.startswith(("indicators.", "calendars.")):
                continue
            if path in settings and settings[path] != value:
                differing.add(path)
            settings.setdefault(path, value)
    return {path: value for path, value in settings.items() if path not in differing}


def _own(report: Report, indicator: Indicator, shared: Mapping[str, SettingValue]) -> Paragraph:
    text = _own_text(report, indicator, shared)
    return Paragraph((Run(indicator.title[report.language], strong=True), Run(f": {text}.")))


def definition_text(report: Report, indicator: Indicator) -> str:
    """An indicator's own definition in one sentence without a full stop, without the settings that
    all indicators share."""
    return capital(_own_text(report, indicator, _shared(report.content.indicators)))


def _own_text(report: Report, indicator: Indicator, shared: Mapping[str, SettingValue]) -> str:
    if f"indicators.{indicator.id}.kind" in indicator.raw["definition"]:
        return sentence(report, indicator, shared)
    return settings_in_a_line(report, indicator, shared)


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
            (
                Cell(label("timezone", report.language)),
                Cell(value_in_words("", timezone, report.language)),
            )
        )
    if closed := calendar["closed"]:
        days_closed = "; ".join(
            f"{report.day(day)} {day_words(special_day(sentence), report.language)}".strip()
            for day, sentence in closed
        )
        rows.append((Cell(words("calendar_closed")), Cell(days_closed)))
    called = calendar_name(name, report.language)
    title, caption = (words(key, name=called) for key in ("calendar_title", "calendar_caption"))
    columns = (Column(words("definition_what"), 1), Column(words("definition_is"), 3))
    return [Heading(title, 2), Table(caption, columns, tuple(rows), compact=True)]


def _changes(report: Report) -> list[Block]:
    words = report.words
    lines = dict.fromkeys(
        _line(report, change)
        for each in report.content.indicators
        for change in each.raw["definition_changes"]
    )
    blocks: list[Block] = [Heading(words("definition_changes_title"), 2)]
    blocks.append(_items(lines) if lines else _text(words("definition_no_changes")))
    return blocks


def _line(report: Report, change: Json) -> str:
    """One change in words, led by the indicator's title if the setting belongs to one."""
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
            before=changed_value_in_words(short, change["before"], nothing, report.language),
            after=changed_value_in_words(short, change["after"], nothing, report.language),
        )
    )


def _items(lines: Iterable[str]) -> Items:
    return Items(tuple((_text(line),) for line in lines))


def _text(text: str) -> Paragraph:
    return Paragraph((Run(text),))
