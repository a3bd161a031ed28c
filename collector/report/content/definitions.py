"""The chapter on definitions: what is in force, in words, and what changed within the year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collector.config.definitions import without_idle_rules
from collector.measuring.figures.rules import rule_in_words
from collector.report.blocks import Block, Cell, Column, Heading, Items, Paragraph, Run, Table
from collector.report.content.definition_words import source_setting_in_words, value_in_words
from collector.report.content.frozen import Indicator, Json
from collector.report.content.report import Report
from collector.snapshot.sentences import special_day
from collector.text.words import capital, lower
from collector.text.words.definitions import (
    SettingValue,
    calendar_name,
    changed_value_in_words,
    in_order,
    label,
    weekly_hours,
)
from collector.text.words.reasons import day_words

_TOLD_BY_RULE = frozenset(
    {
        "kind",
        "of",
        "from",
        "to",
        "within",
        "formula",
        "short_abandon",
        "calendar",
        "valid_days",
        "unit",
    }
)
_TECHNICAL = ("calendars.", "sources.", "exclude.")


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
        blocks.append(_shared_table(report, shared))
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
    definition = indicator.raw["definition"]
    if f"indicators.{indicator.id}.kind" in definition:
        text = _sentence(report, indicator, shared)
    else:
        text = _own_text(report, indicator, shared)
    return Paragraph((Run(indicator.title[report.language], strong=True), Run(f". {text}.")))


def _sentence(report: Report, indicator: Indicator, shared: Mapping[str, SettingValue]) -> str:
    """The definition as one sentence: the rule, then what it does not tell."""
    language, words = report.language, report.words
    own = _own_settings(indicator, shared)
    parts = [capital(rule_in_words(indicator.id, indicator.raw["definition"], language))]
    names = own.pop("sources", ())
    for path, value in own.items():
        if path not in _TOLD_BY_RULE and not path.startswith("where."):
            between = ": " if path.startswith("rules.") else " "
            parts.append(
                lower(label(path, language)) + between + value_in_words(path, value, language)
            )
    titles = [report.source(name) for name in ([names] if isinstance(names, str) else names)]
    if titles:
        parts.append(words("definition_source", sources=words.listed(titles)))
    if target := report.amounts(indicator).target():
        parts.append(words("definition_target", target=target))
    return "; ".join(parts)


def definition_text(report: Report, indicator: Indicator) -> str:
    """An indicator's own definition in one line, without the settings that all indicators share."""
    return _own_text(report, indicator, _shared(report.content.indicators))


def _own_text(report: Report, indicator: Indicator, shared: Mapping[str, SettingValue]) -> str:
    """The definition as ``label: value; label: value``, without the ``shared`` settings."""
    language = report.language
    parts = [
        f"{label(path, language)}: {value_in_words(path, value, language)}"
        for path, value in _own_settings(indicator, shared).items()
    ]
    if target := report.amounts(indicator).target():
        parts.append(f"{report.words('column_target')}: {target}")
    return "; ".join(parts)


def _own_settings(
    indicator: Indicator, shared: Mapping[str, SettingValue]
) -> dict[str, SettingValue]:
    """The settings of an indicator in their order, without the ``shared`` ones and the target."""
    prefix = f"indicators.{indicator.id}."
    acting = without_idle_rules(indicator.raw["definition"])
    definition = {path.removeprefix(prefix): value for path, value in acting.items()}
    return {
        path: value
        for path, value in in_order(definition.items())
        if path not in shared and path != "target" and not path.startswith("calendars.")
    }


def _shared_table(report: Report, shared: Mapping[str, SettingValue]) -> Table:
    language = report.language
    rows = [
        (Cell(label(path, language)), Cell(value_in_words(path, value, language)))
        for path, value in in_order(shared.items())
        if not path.startswith(_TECHNICAL)
    ]
    for head in ("exclude", "sources"):
        for name, text in _gathered(report, shared, head).items():
            rows.append((Cell(f"{report.words(f'definition_{head}')} {name}"), Cell(text)))
    words = report.words
    columns = (Column(words("definition_what"), 1.2), Column(words("definition_is"), 2))
    return Table(words("definition_shared"), columns, tuple(rows), compact=True)


def _gathered(report: Report, shared: Mapping[str, SettingValue], head: str) -> dict[str, str]:
    """The settings below ``head.NAME``, joined into one text for each name."""
    by_name: dict[str, list[str]] = {}
    for path, value in shared.items():
        if path.startswith(f"{head}."):
            _, name, rest = path.split(".", 2)
            kind = str(shared.get(f"sources.{name}.type", ""))
            if text := _gathered_text(report, head, rest, value, kind):
                by_name.setdefault(name, []).append(text)
    return {name: "; ".join(texts) for name, texts in by_name.items()}


def _gathered_text(report: Report, head: str, rest: str, value: SettingValue, kind: str) -> str:
    language = report.language
    if head == "sources":
        return source_setting_in_words(rest, value, language, kind)
    text = f"{label(f'records.{rest}', language)} {value_in_words(rest, value, language)}"
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
