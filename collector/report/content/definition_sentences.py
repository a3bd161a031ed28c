"""Definitions as sentences: what an indicator counts, and the rules that all indicators share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from collector.config.definitions import without_idle_rules
from collector.measuring.figures.rules import rule_in_words
from collector.report.content.definition_words import source_setting_in_words, value_in_words
from collector.report.content.frozen import Indicator
from collector.report.content.report import Report
from collector.text.dates import month_in_full
from collector.text.words import lower
from collector.text.words.definitions import SettingValue, in_order, label
from collector.text.words.sentences import SELECTED, SHARED

_TOLD_BY_RULE = frozenset(
    {
        "kind",
        "of",
        "from",
        "to",
        "within",
        "formula",
        "short_abandon",
        "rejoin_within",
        "calendar",
        "valid_days",
        "unit",
    }
)
_FILTER = "records."
_BY = {"sv": "efter ", "en": "by "}
"""How the rule begins that says which priority decides."""


def own_settings(
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


def sentence(report: Report, indicator: Indicator, shared: Mapping[str, SettingValue]) -> str:
    """The definition as one sentence without a full stop: what is counted, by which rules, with
    which target, and from which source. ``shared``: the settings that all indicators have."""
    language, words = report.language, report.words
    own = own_settings(indicator, shared)
    names = own.pop("sources", ())
    what, *rules = rule_in_words(indicator.id, indicator.raw["definition"], language).split("; ")
    by_priority = rules.pop(0) if rules and rules[0].startswith(_BY[language]) else ""
    counted = ", ".join(filter(None, [_counted(report, indicator, what, own), by_priority]))
    parts = [counted, *rules]
    for path, value in own.items():
        if path in _TOLD_BY_RULE or path.startswith(("where.", _FILTER)):
            continue
        if path.startswith("rules.") and (told := _shared(report, path, value)):
            parts.append(lower(told).removesuffix("."))
        else:
            parts.append(f"{lower(label(path, language))}: {value_in_words(path, value, language)}")
    last = []
    if aim := report.aim(indicator):
        last.append(aim)
    titles = [report.source(name) for name in ([names] if isinstance(names, str) else names)]
    if titles:
        last.append(words("definition_source", sources=words.listed(titles)))
    return "; ".join(filter(None, [*parts, words.listed(last)]))


def _counted(
    report: Report, indicator: Indicator, what: str, own: Mapping[str, SettingValue]
) -> str:
    """``andelen ärenden av typen incident besvarade inom 30 min``: what is counted, of which
    records."""
    words = report.words
    chosen = " ".join(
        _selected(report, path.removeprefix(_FILTER), value)
        for path, value in own.items()
        if path.startswith(_FILTER)
    )
    records = words("definition_calls" if indicator.on_calls else "definition_tickets")
    named = " ".join(filter(None, [records, chosen]))
    if indicator.is_share and "within" in own:
        if not indicator.on_calls:
            return words("definition_share", records=named, what=what)
        what = words("definition_share_of", what=what)
    if not chosen:
        return what
    if indicator.is_count:
        return f"{what} {chosen}"
    return words("definition_among", records=named, what=what)


def _selected(report: Report, field: str, value: SettingValue) -> str:
    """``med prioriteten akut``: how records are selected by one field."""
    language = report.language
    values = [value] if isinstance(value, str) else list(value)
    texts = [value_in_words(f"{_FILTER}{field}", each, language) for each in values]
    text = report.words.either(texts)
    if field in SELECTED:
        return SELECTED[field][language].format(value=text)
    return report.words("definition_with", field=lower(label(field, language)), value=text)


def shared_sentences(report: Report, shared: Mapping[str, SettingValue]) -> Iterator[str]:
    """A sentence for each of the rules that all indicators share, and for each source and
    exclusion."""
    for path, value in in_order(shared.items()):
        if not path.startswith(("calendars.", "sources.", "exclude.")):
            told = _shared(report, path, value)
            yield told or (
                f"{label(path, report.language)}: {value_in_words(path, value, report.language)}."
            )
    yield from _excluded(report, shared)
    yield from _sources(report, shared)


def _shared(report: Report, path: str, value: SettingValue) -> str:
    """The sentence of one rule; empty for a rule without one."""
    language = report.language
    found = SHARED.get(f"{path} {value}") or SHARED.get(path)
    if found is None:
        return ""
    if path == "fiscal_year_start":
        text = month_in_full(date(2000, int(str(value)), 1), language)
    elif isinstance(value, str):
        text = value_in_words(path, value, language)
    else:
        each = [value_in_words(path, one, language) for one in value]
        text = report.words.either(each) if path == "rules.answers" else report.words.listed(each)
    return found[language].format(value=text)


def _excluded(report: Report, shared: Mapping[str, SettingValue]) -> Iterator[str]:
    for name, settings in _below(shared, "exclude.").items():
        chosen = " ".join(_selected(report, field, value) for field, value in settings.items())
        yield report.words("definition_excluded", chosen=chosen, name=name)


def _sources(report: Report, shared: Mapping[str, SettingValue]) -> Iterator[str]:
    language = report.language
    for name, settings in _below(shared, "sources.").items():
        kind = str(settings.get("type", ""))
        told = [
            source_setting_in_words(path, value, language, kind)
            for path, value in settings.items()
            if path != "type"
        ]
        if texts := [each for each in told if each]:
            title = report.source(name)
            yield report.words("definition_reads", source=title, settings="; ".join(texts))


def _below(shared: Mapping[str, SettingValue], head: str) -> dict[str, dict[str, SettingValue]]:
    """The settings below ``head``, by the name that follows it."""
    found: dict[str, dict[str, SettingValue]] = {}
    for path, value in shared.items():
        if path.startswith(head):
            name, _, rest = path.removeprefix(head).partition(".")
            found.setdefault(name, {})[rest] = value
    return found


def settings_in_a_line(
    report: Report, indicator: Indicator, shared: Mapping[str, SettingValue]
) -> str:
    """The definition as ``label: value; label: value``, for snapshots that do not tell the kind of
    an indicator."""
    language = report.language
    parts: Sequence[str] = [
        f"{label(path, language)}: {value_in_words(path, value, language)}"
        for path, value in own_settings(indicator, shared).items()
    ]
    target = report.amounts(indicator).target()
    return "; ".join([*parts, *([f"{report.words('column_target')}: {target}"] if target else [])])
