"""Snapshots for the terminal: what was frozen, and how the present differs from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console

from collector.cli.tables.board import print_board
from collector.cli.tables.forecasts import print_forecasts
from collector.cli.tables.layout import Sheet, titles
from collector.cli.tables.markup import escaped
from collector.model.bilingual import Language, Text
from collector.snapshot.as_figures import figures_of
from collector.snapshot.chain import AMENDMENT, FrozenSnapshot
from collector.snapshot.compare import SnapshotComparison
from collector.store import Delivery, DeliveryKey
from collector.text.dates import LocalTimes
from collector.text.words.reasons import CHANGE_WORDS

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
    "year_to_date": Text(sv="hittills i år", en="year to date"),
}
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
        path = f"{each.indicator} {each.path}".strip()
        line = f"{path}: {_say(each.then, language)} → {_say(each.now, language)}"
        out.print(line, markup=False, soft_wrap=True)
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
            out.print(f"… {len(found.records) - _MAX_RECORDS} more: --format csv")


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
            f"{name} {_say((each.then or {}).get(name), language)} → "
            f"{_say((each.now or {}).get(name), language)}"
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
    reason = f" ({side['reason'].replace('_', ' ')})" if side["reason"] else ""
    return f"{side['verdict']}{reason}"


def _say(value: Any, language: Language) -> str:
    if value is None:
        return _WORDS["nothing"][language]
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return " ".join(f"{key} {_say(each, language)}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
