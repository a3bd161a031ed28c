"""Implements ``snapshot verify``: the chain in the store, a delivered file, a seal on paper.

Exit codes: 0 all holds; 1 something does not; 2 wrong input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer

from collector.cli.arguments import parse_month
from collector.cli.options import WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.config.snapshot import SshSigning
from collector.io.clock import now
from collector.measuring.engine.engine import Measuring
from collector.model.periods import Period
from collector.snapshot.purged import purged_periods
from collector.snapshot.seals import LEAST_DIGITS, SEAL_DIGITS, parse_seal
from collector.snapshot.signing import SigningError, signature_faults
from collector.snapshot.verify import (
    Fault,
    NotDelivered,
    read_delivered,
    verify,
    verify_delivered,
)
from collector.store import SnapshotHead, Store


def verify_snapshots(
    *, words: Sequence[str], file: Path | None, seal: str | None, config: Path | None
) -> None:
    """Verify that snapshots are byte for byte as they were frozen, in the store or in ``file``.

    ``words``: a month, or the rest of a seal that was written in groups without quotes. Raises
    WrongInput for a wrong month or seal, or an unreadable file; typer.Exit(1) after printing what
    does not hold.
    """
    month, digits = _month_and_seal(list(words), seal)
    if file is not None and config is None:
        settings = None  # whoever received a file need not have the store
    else:
        settings = load_settings(find_configuration(config))
    if file is not None:
        with _optional_store(settings) as store:
            _verify_file(file, digits, store)
        return
    assert settings is not None
    only = None if month is None else parse_month(settings, month)
    with _opened(settings) as store, _told():
        _verify_store(store, only, digits, settings.snapshot.sign)
        _note_purged(Measuring(settings, store), only)


def _month_and_seal(words: list[str], seal: str | None) -> tuple[str | None, str | None]:
    """The month and the digits of the seal; a seal's groups may come as words of their own."""
    if seal is not None and words and len(seal.strip()) < LEAST_DIGITS:
        seal, words = " ".join([seal, *words]), []
    if len(words) > 1:
        raise WrongInput(f"MONTH: one period at most, not {' '.join(words)}")
    try:
        digits = None if seal is None else parse_seal(seal)
    except ValueError as error:
        raise WrongInput(f"--seal: {error}") from None
    return (words[0] if words else None), digits


@contextmanager
def _optional_store(settings: Settings | None) -> Iterator[Store | None]:
    if settings is None:
        yield None
        return
    with _opened(settings) as store:
        yield store


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except SigningError as problem:
        print(f"error: {problem}", file=sys.stderr)
        raise typer.Exit(1) from None


def _opened(settings: Settings) -> Store:
    return Store.open(settings.store, settings.store_password)


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
    if seal is not None and not head.seal.startswith(seal):
        faults.append(Fault(head.number, "seal", f"the file's is {head.seal}, not the one given"))
    _exit_if_faulty(faults, str(file))
    if delivered.laid_out:
        print(f"note: {file} is formatted differently than delivered; its content is the same")
    named = f"snapshot {head.number}, seal {head.seal}"
    if store is not None:
        print(f"{file}: as it was frozen: {named}")
    elif seal is not None:
        print(f"{file}: matches the seal given: {named}; not compared with a store")
    else:
        print(
            f"{file}: consistent in itself: {named}; not compared with a store. That proves "
            "nothing about who made it: compare the seal with one on paper (--seal), or with the "
            "store (--config FILE)"
        )
    _note_prefix(seal)


def _verify_store(
    store: Store, only: Period | None, seal: str | None, signing: SshSigning | None
) -> None:
    dates = None if only is None else (only.first.isoformat(), only.last.isoformat())
    count, faults = verify(store, dates)
    if signing is not None:
        faults += signature_faults(store.snapshots.heads(), signing)
    heads = [] if faults else store.snapshots.heads()
    if only is not None and not faults:
        heads = [each for each in heads if (each.first, each.last) == dates]
        if not heads:
            faults = [Fault(0, "chain", f"none is of {only.name}")]
    _exit_if_faulty(faults, "")
    if seal is not None:
        heads = _with_seal(heads, seal)
    for head in heads:
        print(f"snapshot {head.number}: {head.kind} of {head.first}..{head.last}: {head.seal}")
    if signing is not None:
        print(f"signed by {signing.signer}")
    print(f"all is as it was frozen ({count} snapshots)")
    _note_prefix(seal)


def _with_seal(heads: list[SnapshotHead], seal: str) -> list[SnapshotHead]:
    found = [each for each in heads if each.seal.startswith(seal)]
    if not found:
        _exit_if_faulty([Fault(0, "seal", "none has the seal that was given")], "")
    if len(found) > 1:
        numbers = ", ".join(str(each.number) for each in found)
        raise WrongInput(f"--seal: the seals of snapshots {numbers} begin like this: give more")
    return found


def _note_purged(measuring: Measuring, only: Period | None) -> None:
    """Say how the frozen figures of purged months stand to the sums that are stored of them.

    Their records are gone, so that an amendment is not possible: where they differ, since a record
    changed after the freeze, it is told and no fault of what was frozen."""
    if not measuring.purged.standing().purges:
        return
    for each in purged_periods(measuring, now()):
        if only is not None and (each.first, each.last) != (only.first, only.last):
            continue
        told = f"note: snapshot {each.number}: its records were purged on {each.purged}; "
        told += "the stored sums give the same figures"
        if each.others:
            told += f", but not of {', '.join(each.others)}"
        if each.unmeasured:
            told += f"; there are none by the present definition of {', '.join(each.unmeasured)}"
        print(told)


def _note_prefix(seal: str | None) -> None:
    if seal is not None and len(seal) < SEAL_DIGITS:
        print(f"note: the seal given is a prefix, the first {len(seal)} of {SEAL_DIGITS} digits")


def _exit_if_faulty(faults: list[Fault], where: str) -> None:
    """Print faults. Raises typer.Exit(1) if there are any."""
    for fault in faults:
        print(f"{where}: {fault}" if where else str(fault), file=sys.stderr)
    if faults:
        raise typer.Exit(1)
