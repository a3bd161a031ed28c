"""The work of ``snapshot``: freeze a period, show it, verify what was frozen, compare it with now.

Exit codes: 0 done; 1 not complete, not as it was frozen, or another one now; 2 wrong input.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from collector.cli.arguments import instant_of, written_month
from collector.cli.options import Format, LanguageOption, WrongInput, find_configuration
from collector.cli.output import write_csv
from collector.cli.tables.board import console
from collector.cli.tables.snapshot import (
    heading,
    print_comparison,
    print_deliveries,
    print_snapshot,
)
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.clock import now as present
from collector.io.progress import progress
from collector.measuring.engine.definition_guard import register
from collector.model.bilingual import Language
from collector.model.periods import Period
from collector.snapshot import Frozen, latest
from collector.snapshot.capture import take
from collector.snapshot.chain import SnapshotError, envelope, numbered
from collector.snapshot.compare import Comparison, compared
from collector.snapshot.comparison_rows import COLUMNS, record, rows
from collector.snapshot.freeze import FreezeRequest, FreezeResult, amend, freeze
from collector.snapshot.verify import (
    Fault,
    NotDelivered,
    read_delivered,
    verify,
    verify_delivered,
)
from collector.store import Store
from collector.text.dates import local_times


def freeze_period(
    *,
    month: str,
    incomplete: bool,
    amendment: bool,
    now: str | None,
    config: Path | None,
    restate: bool,
) -> None:
    """Freeze a period: written once, with a seal over all that was frozen before."""
    settings = load_settings(find_configuration(config))
    period, given = written_month(settings, month), _given(settings, now)
    with _problems(), _store(settings) as store:
        register(settings, store, present(), restate=restate)
        with progress(f"freezing {period.name}") as report:
            request = FreezeRequest(period, given, incomplete)
            done = (amend if amendment else freeze)(settings, store, request, present, report)
    _told(done, settings)


def show_snapshot(
    *, month: str, number: int | None, output: Format, language: LanguageOption, config: Path | None
) -> None:
    """Print what was frozen; json is what is delivered, content and seal to the byte."""
    if output is Format.CSV:
        raise WrongInput("--format csv: a snapshot is shown as table or json; report writes csv")
    settings = load_settings(find_configuration(config))
    period = written_month(settings, month)
    with _problems(), _store(settings) as store:
        found = _chosen(store, period, number)
        sent = store.deliveries.of(found.seal)
    if output is Format.JSON:
        sys.stdout.write(envelope(found).decode())
        return
    when, out = local_times(settings.timezone, language.value), console(150)
    print_snapshot(found, when, language.value, out)
    print_deliveries(sent, when, language.value, out)


def verify_snapshots(
    *, month: str | None, file: Path | None, seal: str | None, config: Path | None
) -> None:
    """Prove that what was frozen is as it was frozen, to the byte; exit 1 and say where if not."""
    if file is not None and config is None:
        settings = None  # whoever got a file need not have our store
    else:
        settings = load_settings(find_configuration(config))
    if file is not None:
        with _maybe(settings) as store:
            _verify_file(file, seal, store)
        return
    assert settings is not None
    only = None if month is None else written_month(settings, month)
    with _store(settings) as store:
        _verify_store(store, only, seal)


def compare_snapshot(
    *,
    month: str,
    number: int | None,
    output: Format,
    now: str | None,
    language: LanguageOption,
    config: Path | None,
    restate: bool,
) -> None:
    """Print what the figures would be now, and which records changed them; exit 1 if any did."""
    settings = load_settings(find_configuration(config))
    period, given = written_month(settings, month), _given(settings, now)
    with _problems(), _store(settings) as store:
        before = _chosen(store, period, number)
        register(settings, store, present(), restate=restate)
        with progress(f"measuring {period.name}") as report:
            taken = take(settings, store, period, present(), given, report)
        found = compared(before, taken, store, settings)
    for gap in taken.content["incomplete"]:
        print(f"note: {gap[language.value]}", file=sys.stderr)
    _print_comparison(before, found, output, language.value)
    if found.changed:
        raise typer.Exit(1)


# -- what they take -----------------------------------------------------------------------------


def _given(settings: Settings, text: str | None) -> int | None:
    return None if text is None else instant_of(text, settings.timezone)


def _store(settings: Settings) -> Store:
    return Store.open(settings.store, settings.store_password)


@contextmanager
def _maybe(settings: Settings | None) -> Iterator[Store | None]:
    if settings is None:
        yield None
        return
    with _store(settings) as store:
        yield store


def _chosen(store: Store, period: Period, number: int | None) -> Frozen:
    return latest(store, period) if number is None else numbered(store, period, number)


@contextmanager
def _problems() -> Iterator[None]:
    """What the work finds is told in words, and ends it with 1."""
    try:
        yield
    except SnapshotError as problem:
        print(str(problem), file=sys.stderr)
        raise typer.Exit(1) from None


# -- what they say ------------------------------------------------------------------------------


def _told(done: FreezeResult, settings: Settings) -> None:
    found, when = done.snapshot, local_times(settings.timezone)
    if done.new:
        for each in (*found.content["incomplete"], *found.content["notes"]):
            print(f"note: {each['en']}", file=sys.stderr)
        print(f"{heading(found, 'en')}, frozen {when(found.frozen_at)}")
        print(f"seal {found.seal}")
        return
    name = found.content["period"]["name"]
    print(f"{name} is frozen already: snapshot {found.number}, {when(found.frozen_at)}")
    print(f"seal {found.seal}")
    if done.differs is None:
        return
    print(
        f"{name} would be another one now, and nothing was changed: see how with servicedesk-kpi "
        f"snapshot compare {name}, and freeze that beside it with --amendment",
        file=sys.stderr,
    )
    raise typer.Exit(1)


def _verify_file(file: Path, seal: str | None, store: Store | None) -> None:
    try:
        delivered = read_delivered(file.read_bytes())
    except OSError as error:
        raise WrongInput(f"--file {file}: {error.strerror}") from None
    except NotDelivered as problem:
        print(f"{file}: {problem}", file=sys.stderr)
        raise typer.Exit(1) from None
    faults = verify_delivered(delivered, store)
    head = delivered.head
    if seal is not None and seal.strip().lower() != head.seal:
        faults.append(Fault(head.number, "seal", f"the file's is {head.seal}, not the one given"))
    _end(faults, str(file))
    if delivered.laid_out:
        print(f"note: {file} is laid out otherwise than it was delivered; it says the same")
    against = "" if store else "; not held against a store: name one with --config FILE"
    print(f"{file}: as it was frozen: snapshot {head.number}, seal {head.seal}{against}")


def _verify_store(store: Store, only: Period | None, seal: str | None) -> None:
    dates = None if only is None else (only.first.isoformat(), only.last.isoformat())
    count, faults = verify(store, dates)
    heads = [] if faults else store.snapshots.heads()
    if only is not None and not faults:
        heads = [each for each in heads if (each.first, each.last) == dates]
        if not heads:
            faults = [Fault(0, "chain", f"none is of {only.name}")]
    _end(faults, "")
    if seal is not None:
        heads = [each for each in heads if each.seal == seal.strip().lower()]
        if not heads:
            _end([Fault(0, "seal", "none has the seal that was given")], "")
    for head in heads:
        print(f"snapshot {head.number}: {head.kind} of {head.first}..{head.last}: {head.seal}")
    print(f"all is as it was frozen ({count} snapshots)")


def _end(faults: list[Fault], where: str) -> None:
    """Tell the faults and end with 1, if there are any."""
    for fault in faults:
        print(f"{where}: {fault}" if where else str(fault), file=sys.stderr)
    if faults:
        raise typer.Exit(1)


def _print_comparison(
    before: Frozen, found: Comparison, output: Format, language: Language
) -> None:
    if output is Format.TABLE:
        out = console(150)
        out.print(f"[bold]{heading(before, language)}[/]")
        print_comparison(found, language, out)
    elif output is Format.JSON:
        compared_with = {"number": before.number, "seal": before.seal, "changed": found.changed}
        print(json.dumps({**compared_with, **record(found)}, ensure_ascii=False))
    else:
        write_csv(rows(found), COLUMNS, sys.stdout)
