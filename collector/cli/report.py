"""The work of ``report``: the committee's document and data of a frozen period, as files."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar, cast, get_args

import typer

from collector.cli.arguments import written_month
from collector.cli.options import WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.config.report import Form
from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.files import write_file
from collector.model.bilingual import Language
from collector.model.periods import Period
from collector.report.content.office_tables import doubt_text, office_warnings
from collector.report.delivery.bundles import delivered_seal, parcels
from collector.report.delivery.deliver import deliver as deliver_parcel
from collector.report.delivery.parcel import Parcel
from collector.report.office import Office, read_office
from collector.report.render.files import files
from collector.snapshot import Frozen, SnapshotError, amendments, stored
from collector.snapshot.chain import envelope
from collector.store import Delivery, DeliveryKey, Store

W = TypeVar("W", bound=str)


def write_report(
    *,
    month: str,
    out: Path | None,
    formats: list[str] | None,
    languages: list[str] | None,
    deliver: bool,
    again: list[str] | None,
    config: Path | None,
) -> None:
    """Write the committee's document of a frozen period, and its figures."""
    settings = load_settings(find_configuration(config))
    period = written_month(settings, month)
    _check_delivery(settings, deliver, out, formats, again or [])
    wanted = cast(Sequence[Form], _chosen("--format", formats, get_args(Form)))
    spoken = cast(Sequence[Language], _chosen("--language", languages, get_args(Language)))
    snapshot, later, sent = _frozen(settings, period)
    office = read_office(settings, period)
    _warn(office)
    if deliver:
        _deliver(settings, parcels(settings, snapshot, later, office, spoken), again or [])
        return
    made = files(
        snapshot,
        envelope(snapshot),
        settings.report,
        amendments=later,
        office=office,
        formats=wanted,
        languages=spoken,
    )
    _write(_unlike(made, sent), out or Path(settings.report.folder))


def _chosen(option: str, given: list[str] | None, known: tuple[str, ...]) -> list[str]:
    """What was asked for, by commas and repetition; nothing: as configured."""
    found = [word.strip() for text in given or () for word in text.split(",") if word.strip()]
    for word in found:
        if word not in known:
            raise WrongInput(f"{option} {word}: is one of {', '.join(known)}")
    if given and not found:
        raise WrongInput(f"{option}: names nothing; it is one of {', '.join(known)}")
    return found


def _frozen(
    settings: Settings, period: Period
) -> tuple[Frozen, list[Frozen], list[tuple[DeliveryKey, Delivery]]]:
    """The snapshot, what was frozen beside it later, and what was delivered of them. What is not
    there ends the work with 1."""
    with Store.open(settings.store, settings.store_password) as store:
        try:
            snapshot, later = stored(store, period), amendments(store, period)
            return snapshot, later, store.deliveries.of(delivered_seal(snapshot, later))
        except SnapshotError as problem:
            print(f"error: {problem}", file=sys.stderr)
            raise typer.Exit(1) from None


def _warn(office: Office) -> None:
    for doubt in office_warnings(office):
        print(f"warning: {doubt.where}: {doubt_text(doubt, 'en')}", file=sys.stderr)


def _unlike(
    made: Iterator[tuple[str, bytes]], sent: list[tuple[DeliveryKey, Delivery]]
) -> Iterator[tuple[str, bytes]]:
    """The files as they are; of one that was delivered with another content it is told."""
    for name, content in made:
        digest = sha256(content).hexdigest()
        for key, each in sent:
            if each.stage == "sent" and each.files.get(name, digest) != digest:
                print(
                    f"warning: {name} is not the one that was delivered to {key.target}: the "
                    "figures are the same, but the office's files, the templates or the program "
                    "have changed since (see snapshot show)",
                    file=sys.stderr,
                )
        yield name, content


def _write(made: Iterator[tuple[str, bytes]], folder: Path) -> None:
    """Each file whole or not at all, told as it is there."""
    try:
        for name, content in made:
            written = write_file(folder / name, content)
            print(f"{folder / name}" + ("" if written else " is as it shall be"))
    except OSError as error:
        raise WrongInput(f"{error.filename or folder}: {error.strerror}") from None


def _check_delivery(
    settings: Settings,
    deliver: bool,
    out: Path | None,
    formats: list[str] | None,
    again: list[str],
) -> None:
    """What goes with --deliver, and what does not."""
    targets = settings.delivery.targets
    if again and not deliver:
        raise WrongInput("--again: is for --deliver")
    if deliver and (out is not None or formats):
        raise WrongInput("--deliver: where to and in which forms stands under delivery:")
    if deliver and not targets:
        raise WrongInput("--deliver: there are no targets; write them under delivery:")
    for name in again:
        if name not in targets:
            raise WrongInput(f"--again {name}: is one of {', '.join(targets)}")


def _deliver(settings: Settings, made: Iterator[Parcel], again: list[str]) -> None:
    """Sends each parcel; ends with 1 where one did not arrive, or may not have."""
    problem = False
    with Store.open(settings.store, settings.store_password) as store:
        for parcel in made:
            for outcome in deliver_parcel(
                parcel, settings.delivery, store, clock=now, again=frozenset(again)
            ):
                good = outcome.became in ("sent", "already")
                problem = problem or not good
                line = f"{parcel.language}: {outcome.text}"
                print(line if good else f"error: {line}", file=None if good else sys.stderr)
    if problem:
        raise typer.Exit(1)
