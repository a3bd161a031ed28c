"""Implements ``snapshot``: freezes a period, shows it, and compares it with now.

Exit codes: 0 done; 1 incomplete, damaged, or different now; 2 wrong input.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from collector.cli.arguments import language_of, parse_instant, parse_month
from collector.cli.options import Format, OutputLanguage, WrongInput, find_configuration
from collector.cli.output import write_csv
from collector.cli.tables.layout import console
from collector.cli.tables.snapshot import (
    heading,
    print_comparison,
    print_deliveries,
    print_snapshot,
)
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.config.snapshot import SIGNATURE, witness_name
from collector.io.clock import now as present
from collector.io.progress import progress
from collector.measuring.engine.definition_guard import register
from collector.model.bilingual import Language, Text
from collector.model.periods import Period
from collector.report.delivery.attest import attest
from collector.snapshot import FrozenSnapshot, latest
from collector.snapshot.capture import capture_period
from collector.snapshot.chain import SnapshotError, by_number, envelope, of_period
from collector.snapshot.compare import SnapshotComparison, compare_with_present
from collector.snapshot.comparison_rows import COLUMNS, comparison_record, comparison_rows
from collector.snapshot.freeze import FreezeRequest, FreezeResult, amend, freeze
from collector.snapshot.verify import verify
from collector.store import SnapshotHead, Store
from collector.text.dates import local_times
from collector.text.words.tables import word

WITNESS_SECONDS = 5.0
"""How long a person who freezes waits for a witness that does not answer."""


def freeze_period(
    *,
    month: str,
    incomplete: bool,
    amendment: bool,
    now: str | None,
    config: Path | None,
    restate: bool,
) -> None:
    """Freeze a period: written once, with a seal that covers all earlier snapshots.

    Raises WrongInput for a wrong ``month`` or ``now``; typer.Exit(1) when the period is not
    complete, or frozen already with other figures.
    """
    settings = load_settings(find_configuration(config))
    period, known_at = parse_month(settings, month), _instant_or_none(settings, now)
    with _problems(), _store(settings) as store:
        register(settings, store, present(), restate=restate)
        with progress(f"freezing {period.name}") as report:
            request = FreezeRequest(period, known_at, incomplete)
            done = (amend if amendment else freeze)(settings, store, request, present, report)
        _print_result(done, settings)
        if done.new:
            _attest(settings, store, [done.snapshot.head], frozen=period)


def show_snapshot(
    *,
    month: str,
    number: int | None,
    output: Format,
    language: OutputLanguage | None,
    config: Path | None,
) -> None:
    """Print a snapshot; as json the delivered bytes, content and seal.

    Raises WrongInput for a wrong ``month`` and for csv; typer.Exit(1) without such a snapshot.
    """
    if output is Format.CSV:
        raise WrongInput("--format csv: a snapshot is shown as table or json; use report for csv")
    settings = load_settings(find_configuration(config))
    period = parse_month(settings, month)
    with _problems(), _store(settings) as store:
        found = _chosen(store, period, number)
        sent = store.deliveries.of(found.seal)
    if output is Format.JSON:
        sys.stdout.write(envelope(found).decode())
        return
    spoken, out = language_of(settings, language), console(150)
    when = local_times(settings.timezone, spoken, settings.locale)
    print_snapshot(found, when, spoken, out)
    print_deliveries(sent, when, spoken, out)


def sign_snapshots(*, month: str, again: list[str], config: Path | None) -> None:
    """Sign the snapshots of a period and give their seals to the witnesses, after a full verify.

    Raises WrongInput for a wrong ``month`` and for unknown witnesses in ``again``; typer.Exit(1)
    if the chain does not hold, or signing or a witness failed.
    """
    settings = load_settings(find_configuration(config))
    period = parse_month(settings, month)
    if not settings.snapshot.watched:
        raise WrongInput("snapshot: has neither sign nor witness; see docs/snapshots.md")
    known = {each.name: witness_name(each) for each in settings.snapshot.witness}
    for name in again:
        if name not in known:
            raise WrongInput(f"--again {name}: must be one of {', '.join(known) or 'none'}")
    with _problems(), _store(settings) as store:
        latest(store, period)
        if faults := verify(store)[1]:
            for fault in faults:
                print(fault, file=sys.stderr)
            raise typer.Exit(1)
        heads = of_period(store.snapshots.heads(), period)
        _attest(settings, store, heads, frozenset(known[name] for name in again))


def _attest(
    settings: Settings,
    store: Store,
    heads: list[SnapshotHead],
    again: frozenset[str] = frozenset(),
    frozen: Period | None = None,
) -> None:
    """Print what became of signing and witnesses. Raises typer.Exit(1) if any of it failed.

    ``frozen``: what was frozen just now; then a witness that does not answer is soon given up.
    """
    failed = waits = False
    within = None if frozen is None else WITNESS_SECONDS
    for each in attest(settings, store, heads, clock=present, again=again, within=within):
        good = each.status == "sent"
        failed = failed or not good
        waits = waits or (each.again_later and each.target != SIGNATURE)
        print(each.text if good else f"error: {each.text}", file=None if good else sys.stderr)
    if waits and frozen is not None:
        print(
            f"{frozen.name} is frozen; a running service tells the witness again within the hour, "
            f"and servicedesk-kpi snapshot sign {frozen.name} does so at once",
            file=sys.stderr,
        )
    if failed:
        raise typer.Exit(1)


def compare_snapshot(
    *,
    month: str,
    number: int | None,
    output: Format,
    now: str | None,
    language: OutputLanguage | None,
    config: Path | None,
    restate: bool,
) -> None:
    """Print how the figures would differ now, and which records changed them.

    Raises WrongInput for a wrong ``month`` or ``now``; typer.Exit(1) without such a snapshot, and
    when anything differs.
    """
    settings = load_settings(find_configuration(config))
    period, known_at = parse_month(settings, month), _instant_or_none(settings, now)
    with _problems(), _store(settings) as store:
        before = _chosen(store, period, number)
        register(settings, store, present(), restate=restate)
        with progress(f"measuring {period.name}") as report:
            taken = capture_period(settings, store, period, present(), known_at, report)
        found = compare_with_present(before, taken, store, settings)
    spoken = language_of(settings, language)
    for gap in taken.content["incomplete"]:
        print(f"{word('note', spoken)}: {Text.of(gap)[spoken]}", file=sys.stderr)
    _print_comparison(before, found, output, spoken)
    if found.changed:
        raise typer.Exit(1)


# -- input --------------------------------------------------------------------------------------


def _instant_or_none(settings: Settings, text: str | None) -> int | None:
    return None if text is None else parse_instant(text, settings.timezone)


def _store(settings: Settings) -> Store:
    return Store.open(settings.store, settings.store_password)


def _chosen(store: Store, period: Period, number: int | None) -> FrozenSnapshot:
    return latest(store, period) if number is None else by_number(store, period, number)


@contextmanager
def _problems() -> Iterator[None]:
    """Prints a SnapshotError and raises typer.Exit(1) in its place."""
    try:
        yield
    except SnapshotError as problem:
        print(str(problem), file=sys.stderr)
        raise typer.Exit(1) from None


# -- output -------------------------------------------------------------------------------------


def _print_result(done: FreezeResult, settings: Settings) -> None:
    found, when = done.snapshot, local_times(settings.timezone, locale=settings.locale)
    if done.new:
        for each in (*found.content["incomplete"], *found.content["notes"]):
            print(f"note: {Text.of(each)[settings.language]}", file=sys.stderr)
        print(f"{heading(found, 'en')}, frozen {when(found.frozen_at)}")
        print(f"seal {found.seal}")
        return
    name = found.content["period"]["name"]
    print(f"{name} is frozen already: snapshot {found.number}, {when(found.frozen_at)}")
    print(f"seal {found.seal}")
    if done.differs is None:
        return
    print(
        f"{name} would differ now; nothing was changed: see the differences with servicedesk-kpi "
        f"snapshot compare {name}, and freeze them as an amendment with --amendment",
        file=sys.stderr,
    )
    raise typer.Exit(1)


def _print_comparison(
    before: FrozenSnapshot, found: SnapshotComparison, output: Format, language: Language
) -> None:
    if output is Format.TABLE:
        out = console(150)
        out.print(f"[bold]{heading(before, language)}[/]")
        print_comparison(found, language, out)
    elif output is Format.JSON:
        compared_with = {"number": before.number, "seal": before.seal, "changed": found.changed}
        print(json.dumps({**compared_with, **comparison_record(found)}, ensure_ascii=False))
    else:
        write_csv(comparison_rows(found), COLUMNS, sys.stdout)
