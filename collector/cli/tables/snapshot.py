"""Snapshots for the terminal: what was frozen, and how the present differs from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from rich.console import Console

from collector.cli.tables.board import print_board
from collector.cli.tables.forecasts import print_forecasts
from collector.cli.tables.layout import Sheet, titles
from collector.cli.tables.markup import escaped, printable
from collector.config.definition_changes import Difference
from collector.model.bilingual import Language, Text
from collector.report.content.definition_sections import change_in_words, setting_value
from collector.snapshot.as_figures import figures_of
from collector.snapshot.chain import AMENDMENT, FrozenSnapshot
from collector.snapshot.compare import DefinitionChange, SnapshotComparison
from collector.snapshot.sentences import special_day
from collector.store import Delivery, DeliveryKey
from collector.text.dates import LocalTimes
from collector.text.durations import duration
from collector.text.numbers import decimals, number
from collector.text.vocabulary import NO, STATE_LOOKS, YES
from collector.text.words.definitions import calendar_name, exclusion_reason, setting_in_words
from collector.text.words.reasons import CHANGE_WORDS, day_words
from collector.text.words.records import VERDICT_WORDS
from collector.text.words.tables import word

_WORDS = {
    "freeze": Text(sv="Ögonblicksbild", en="Snapshot"),
    "amendment": Text(sv="Tillägg till ögonblicksbild", en="Amendment of snapshot"),
    "frozen": Text(sv="fryst", en="frozen"),
    "known": Text(sv="som känt", en="as known"),
    "incomplete": Text(sv="INTE FULLSTÄNDIG", en="NOT COMPLETE"),
    "year": Text(sv="Hittills i år, till", en="Year to date, to"),
    "seal": Text(sv="sigill", en="seal"),
    "same": Text(
        sv="ingenting är annorlunda än när det frystes",
        en="nothing is another than when it was frozen",
    ),
    "figures": Text(sv="Siffror", en="Figures"),
    "records": Text(sv="Poster", en="Records"),
    "definitions": Text(sv="Definitioner", en="Definitions"),
    "earlier": Text(
        sv="Prognoser som ändrats av poster från före {date}, vilka inte nämns en och en: "
        "{indicators}",
        en="Forecasts changed by records from before {date}, which are not named one by one: "
        "{indicators}",
    ),
    "nothing": Text(sv="inget", en="nothing"),
    "all": Text(sv="Alla", en="All"),
    "period": Text(sv="perioden", en="the period"),
    "sent": Text(sv="levererad", en="delivered"),
    "sending": Text(
        sv="leverans påbörjad, oklart om den kom fram", en="delivery begun, end unknown"
    ),
    "failed": Text(sv="leverans misslyckad", en="delivery failed"),
    "more": Text(sv="… {} till: --format csv", en="… {} more: --format csv"),
    "year_to_date": Text(sv="hittills i år", en="year to date"),
}
_FIELDS = {
    "good": Text(sv="nådda", en="good"),
    "eligible": Text(sv="räknade", en="eligible"),
    "pending": Text(sv="väntar", en="pending"),
    "excluded": Text(sv="undantagna", en="excluded"),
    "value": Text(sv="värde", en="value"),
    "state": Text(sv="läge", en="state"),
    "target": Text(sv="mål", en="target"),
    "median": Text(sv="median", en="median"),
    "p90": Text(sv="90 % inom", en="90% within"),
    "threshold": Text(sv="gräns", en="threshold"),
    "forecast": Text(sv="prognos", en="forecast"),
    "low": Text(sv="lägst", en="low"),
    "high": Text(sv="högst", en="high"),
}
"""The fields of figures that are compared."""
_QUANTILES = frozenset({"median", "p90"})
_MAX_RECORDS = 200


def print_snapshot(
    snapshot: FrozenSnapshot, when: LocalTimes, language: Language, out: Console
) -> None:
    """Print a snapshot: the figures of the period, the year to date, and the seal."""
    content = snapshot.content
    out.print(f"[bold]{heading(snapshot, language)}[/]")
    known = _WORDS["known"][language]
    frozen = f"{_WORDS['frozen'][language]} {when(snapshot.frozen_at)}"
    out.print(f"{frozen}, {known} {content['known_at']}", markup=False)
    for each in content["incomplete"]:
        out.print(f"[bold]{_WORDS['incomplete'][language]}[/]: {escaped(Text.of(each)[language])}")
    for each in content["notes"]:
        out.print(escaped(Text.of(each)[language]))
    print_board(figures_of(content, "period"), content["period"]["name"], language, out)
    if content["period"]["first"] != content["year"]["first"]:
        out.print()
    out.print(f"[italic]{_WORDS['year'][language]} {content['year']['to']}[/]")
    whole = [f for f in figures_of(content, "year_to_date") if f.organization is None]
    print_forecasts(whole, language, out)
    out.print(f"{_WORDS['seal'][language]} {snapshot.seal}", markup=False, soft_wrap=True)


def print_deliveries(
    found: Sequence[tuple[DeliveryKey, Delivery]],
    when: LocalTimes,
    language: Language,
    out: Console,
) -> None:
    """Print the deliveries of a snapshot, with the SHA-256 of each file: it proves which document
    was delivered, including the office's texts in it."""
    for key, each in found:
        stage = _WORDS[each.stage][language]
        line = f"{stage} {when(each.at)}: {key.target} ({key.language})"
        out.print(line, markup=False, soft_wrap=True)
        for name, digest in sorted(each.files.items()):
            out.print(f"  {digest}  {name}", markup=False, highlight=False, soft_wrap=True)


def heading(snapshot: FrozenSnapshot, language: Language) -> str:
    """A one-line heading: the snapshot's number, what it amends, and its period."""
    kind = _WORDS["freeze"][language]
    number = f"{kind} {snapshot.number}"
    if snapshot.kind == AMENDMENT:
        amended = snapshot.content["amends"]["number"]
        number += f" ({_WORDS['amendment'][language]} {amended})"
    return f"{number}: {snapshot.content['period']['name']}"


def print_comparison(found: SnapshotComparison, language: Language, out: Console) -> None:
    """Print what differs: definitions, figures, and the first _MAX_RECORDS records."""
    if not found.changed:
        out.print(_WORDS["same"][language])
        return
    for each in found.definitions:
        for line in _definition_lines(each, language):
            out.print(printable(line), markup=False, soft_wrap=True)
    if found.figures:
        out.print(f"[bold]{_WORDS['figures'][language]}[/] ({len(found.figures)})")
        _print_rows(_figure_rows(found, language), language, out)
    if found.earlier:
        out.print(_earlier(found, language), markup=False, soft_wrap=True)
    if found.records:
        counts = Counter(each.why for each in found.records)
        reasons = ", ".join(f"{n} {CHANGE_WORDS[why][language]}" for why, n in counts.most_common())
        title = _WORDS["records"][language]
        out.print(f"[bold]{title}[/] ({len(found.records)}): {reasons}", soft_wrap=True)
        _print_rows(_record_rows(found, language), language, out)
        if len(found.records) > _MAX_RECORDS:
            more = _WORDS["more"][language].format(len(found.records) - _MAX_RECORDS)
            out.print(more, markup=False)


def _definition_lines(each: DefinitionChange, language: Language) -> Iterator[str]:
    """What differs in a definition, a line for each setting."""
    if each.path == "versions":
        sides = [
            {(change["from"], change["path"]): change["after"] for change in side or ()}
            for side in (each.then, each.now)
        ]
        for since, path in dict.fromkeys((*sides[0], *sides[1])):
            then, now = (side.get((since, path), "") for side in sides)
            if then != now:
                changed = Difference(path, date.fromisoformat(since), then, now)
                yield word("changed", language, since, *change_in_words(changed, language))
        return
    name, calendar, _, day = (*each.path.split(".", 3), "", "", "")[:4]
    if name == "calendars" and each.path.count(".closed."):
        what = f"{calendar_name(calendar, language)}: {day}"
        then, now = (
            _WORDS["nothing"][language] if side is None else day_words(special_day(side), language)
            for side in (each.then, each.now)
        )
    else:
        what = setting_in_words(each.path, language)
        if each.indicator and name != "indicators":
            what = f"{each.indicator}, {what}"
        then, now = (setting_value(each.path, side, language) for side in (each.then, each.now))
    yield f"{what}: {then} → {now}"


def _earlier(found: SnapshotComparison, language: Language) -> str:
    text = _WORDS["earlier"][language]
    return text.format(date=found.since, indicators=", ".join(found.earlier))


def _print_rows(
    rows: Iterator[tuple[str, str, str, str]], language: Language, out: Console
) -> None:
    shown = Sheet(titles(), titles(), titles(), titles())
    for row in rows:
        shown.add_row(*map(escaped, row))
    shown.print(out, language)


def _figure_rows(
    found: SnapshotComparison, language: Language
) -> Iterator[tuple[str, str, str, str]]:
    for each in found.figures:
        span = _WORDS[each.span][language] if each.span in _WORDS else each.span
        whom = each.organization or _WORDS["all"][language]
        names = dict.fromkeys((*(each.then or {}), *(each.now or {})))
        changes = ", ".join(
            f"{_name(name, language)} {_say(name, (each.then or {}).get(name), language)} → "
            f"{_say(name, (each.now or {}).get(name), language)}"
            for name in names
        )
        yield each.indicator, whom, span, changes


def _record_rows(
    found: SnapshotComparison, language: Language
) -> Iterator[tuple[str, str, str, str]]:
    for each in found.records[:_MAX_RECORDS]:
        sides = [_verdict(side, language) for side in (each.then, each.now)]
        name = f"{each.source}/{each.id}"
        yield name, each.indicator, " → ".join(sides), CHANGE_WORDS[each.why][language]


def _verdict(side: dict[str, Any] | None, language: Language) -> str:
    if side is None:
        return _WORDS["nothing"][language]
    reason = f" ({exclusion_reason(side['reason'], language, 1)})" if side["reason"] else ""
    return f"{VERDICT_WORDS[side['verdict']][language]}{reason}"


def _name(field: str, language: Language) -> str:
    return _FIELDS[field][language] if field in _FIELDS else field


def _say(field: str, value: Any, language: Language) -> str:
    """The value of a field in words; numbers as the language writes them."""
    if value is None or value == {}:
        return _WORDS["nothing"][language]
    if field == "state" and value in STATE_LOOKS:
        return STATE_LOOKS[value].word[language]
    if isinstance(value, bool):
        return (YES if value else NO)[language]
    if isinstance(value, int | float):
        rounded = float(f"{value:.6g}") if isinstance(value, float) else value
        return number(rounded, language, decimals(rounded))
    if field in _QUANTILES and isinstance(value, dict):
        return duration(round(value["seconds"]))
    if isinstance(value, dict):
        excluded = field == "excluded"
        return " ".join(
            f"{exclusion_reason(key, language) if excluded else _name(key, language)} "
            f"{_say(key, each, language)}"
            for key, each in value.items()
        )
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
