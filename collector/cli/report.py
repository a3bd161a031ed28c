"""Implements ``report``: writes or delivers the document and data of a frozen period."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import cast, get_args

import typer

from collector.cli.arguments import language_of, parse_month
from collector.cli.options import OutputLanguage, WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.config.report import Form
from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.files import write_file
from collector.model.bilingual import Language
from collector.model.periods import Period
from collector.report.content.office_tables import office_warnings, warning_text
from collector.report.content.unfinished import missing_comments
from collector.report.delivery.bundles import delivered_seal, parcels
from collector.report.delivery.deliver import deliver as deliver_parcel
from collector.report.delivery.parcel import Parcel
from collector.report.drafts import finished_name
from collector.report.office import Office, read_office
from collector.report.render.files import render_files
from collector.snapshot import FrozenSnapshot, SnapshotError, amendments, first_freeze
from collector.snapshot.chain import envelope, of_same_year
from collector.snapshot.signing import signature_files
from collector.store import Delivery, DeliveryKey, Store


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
    """Write the committee's document of a frozen period and its data, or deliver them.

    Raises WrongInput for wrong or conflicting options, and when a file cannot be written;
    typer.Exit(1) when the period is not frozen, its snapshot is damaged, or a delivery failed.
    """
    settings = load_settings(find_configuration(config))
    period = parse_month(settings, month)
    _check_delivery(settings, deliver, out, formats, again or [])
    forms = cast(Sequence[Form], _chosen("--format", formats, get_args(Form)))
    chosen_languages = cast(
        Sequence[Language], _chosen("--language", languages, get_args(Language))
    )
    for language in chosen_languages:
        language_of(settings, OutputLanguage(language))
    snapshot, later, others, sent = _frozen(settings, period)
    office = read_office(settings, period)
    _warn(office)
    written = settings.delivery.formats if deliver else forms or settings.report.formats
    if set(written) != {"json"}:  # the snapshot itself needs no comments
        for line in missing_comments(settings, snapshot, office, others):
            print(f"warning: {line}", file=sys.stderr)
    if deliver:
        _deliver(
            settings,
            parcels(settings, snapshot, later, office, chosen_languages, others),
            again or [],
        )
        return
    made = render_files(
        snapshot,
        envelope(snapshot),
        settings.report,
        amendments=later,
        others=others,
        office=office,
        signature=signature_files(snapshot.head, settings.snapshot.sign),
        formats=forms,
        languages=chosen_languages,
    )
    _write(_warning_of_changes(made, sent), out or Path(settings.report.folder))


def _chosen(option: str, given: list[str] | None, known: tuple[str, ...]) -> list[str]:
    """The values of an option that may be repeated or hold commas; empty: as configured."""
    found = [word.strip() for text in given or () for word in text.split(",") if word.strip()]
    for word in found:
        if word not in known:
            raise WrongInput(f"{option} {word}: must be one of {', '.join(known)}")
    if given and not found:
        raise WrongInput(f"{option}: is empty; must be one of {', '.join(known)}")
    return found


def _frozen(
    settings: Settings, period: Period
) -> tuple[
    FrozenSnapshot,
    list[FrozenSnapshot],
    list[FrozenSnapshot],
    list[tuple[DeliveryKey, Delivery]],
]:
    """The snapshot, its later amendments, the others of its fiscal year, and their deliveries.

    Raises typer.Exit(1) when the period is not frozen or its snapshot is damaged.
    """
    with Store.open(settings.store, settings.store_password) as store:
        try:
            snapshot, later = first_freeze(store, period), amendments(store, period)
            sent = store.deliveries.of(delivered_seal(snapshot, later))
            return snapshot, later, of_same_year(store, snapshot), sent
        except SnapshotError as problem:
            print(f"error: {problem}", file=sys.stderr)
            raise typer.Exit(1) from None


def _warn(office: Office) -> None:
    for doubt in office_warnings(office):
        print(f"warning: {doubt.where}: {warning_text(doubt, 'en')}", file=sys.stderr)


def _warning_of_changes(
    made: Iterator[tuple[str, bytes]], sent: list[tuple[DeliveryKey, Delivery]]
) -> Iterator[tuple[str, bytes]]:
    """The same files; warns about each that was delivered with different content, be it as a
    draft."""
    for name, content in made:
        digest = sha256(content).hexdigest()
        for key, each in sent:
            delivered = {finished_name(file): found for file, found in each.files.items()}
            if each.stage == "sent" and delivered.get(finished_name(name), digest) != digest:
                print(
                    f"warning: {name} differs from the file delivered to {key.target}: the "
                    "figures are the same, but the office's files, the templates or the program "
                    "have changed since (see snapshot show)",
                    file=sys.stderr,
                )
        yield name, content


def _write(made: Iterator[tuple[str, bytes]], folder: Path) -> None:
    """Write each file atomically and print its path once it is there."""
    try:
        for name, content in made:
            written = write_file(folder / name, content)
            print(f"{folder / name}" + ("" if written else " is up to date"))
    except OSError as error:
        raise WrongInput(f"{error.filename or folder}: {error.strerror}") from None


def _check_delivery(
    settings: Settings,
    deliver: bool,
    out: Path | None,
    formats: list[str] | None,
    again: list[str],
) -> None:
    """Raises WrongInput for options that cannot be combined, and for unknown targets."""
    targets = settings.delivery.targets
    if again and not deliver:
        raise WrongInput("--again: can only be used with --deliver")
    if deliver and (out is not None or formats):
        raise WrongInput("--deliver: takes targets and formats from delivery: in the configuration")
    if deliver and not targets:
        raise WrongInput("--deliver: no targets are configured; add them under delivery:")
    for name in again:
        if name not in targets:
            raise WrongInput(f"--again {name}: must be one of {', '.join(targets)}")


def _deliver(settings: Settings, made: Iterator[Parcel], again: list[str]) -> None:
    """Send each parcel. Raises typer.Exit(1) when one did not arrive, or may not have."""
    problem = False
    with Store.open(settings.store, settings.store_password) as store:
        for parcel in made:
            for outcome in deliver_parcel(
                parcel, settings.delivery, store, clock=now, again=frozenset(again)
            ):
                good = outcome.status in ("sent", "already")
                problem = problem or not good
                line = f"{parcel.language}: {outcome.text}"
                print(line if good else f"error: {line}", file=None if good else sys.stderr)
    if problem:
        raise typer.Exit(1)
