"""What the author has yet to write: comments on targets that are missed. For ``check`` and
``report``, not for the document itself, which is marked as a draft until then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.config.settings import Settings, fiscal_year
from collector.model.periods import Period, written_period
from collector.report.content.off_target import without_comment
from collector.report.content.office_parts import OfficeParts
from collector.report.content.office_tables import office_warnings, warning_text
from collector.report.content.report import Report
from collector.report.content.seals import Sealed, published_before
from collector.report.office import Office, read_office
from collector.report.office.folders import period_folders
from collector.snapshot import SnapshotError, first_freeze
from collector.snapshot.chain import of_same_year
from collector.store import Store


def missing_comments(
    settings: Settings, snapshot: Sealed, office: Office, others: Sequence[Sealed]
) -> list[str]:
    """A line for each missed target of a frozen period without a comment, with the file to write.

    ``others``: the snapshots of the same fiscal year.
    """
    chosen, found = settings.report, dict[str, None]()
    published = published_before(snapshot, others)
    for language in chosen.languages:
        report = Report(snapshot.content, language, chosen.words, chosen.locale, published)
        comments = OfficeParts(report, office).comments()
        found |= dict.fromkeys(each.id for each in without_comment(report, comments))
    period = str(snapshot.content["period"]["name"])
    folder = Path(settings.committee.commentary) / period
    return [
        f"{folder / name}.md: does not exist, but {name} misses its target in {period}, or is "
        "expected to; the document is a draft until there is a comment"
        for name in found
    ]


def what_is_missing(
    settings: Settings, snapshot: Sealed, office: Office, others: Sequence[Sealed]
) -> list[str]:
    """A line for each thing that makes the document of a frozen period a draft: comments as of
    :func:`missing_comments`, and what is wrong in the office's files."""
    doubts = [each for each in office_warnings(office) if each.shown]
    faulty = [f"{each.where}: {warning_text(each, 'en')}" for each in doubts]
    return [*missing_comments(settings, snapshot, office, others), *faulty]


def missing_in_store(settings: Settings, store: Store) -> Iterator[str]:
    """The same lines for each frozen period that the office has a folder for, and for the one that
    was frozen last.

    Damaged snapshots are left to ``snapshot verify``. Raises FaultyFile when a file of the office
    cannot be used, and StoreError.
    """
    fiscal = fiscal_year(settings)
    folders, _ = period_folders(Path(settings.committee.folder), fiscal)
    periods = {(each.period.first, each.period.after): each.period for each in folders}
    for period in [*periods.values(), *_frozen_last(store, settings)]:
        try:
            snapshot = first_freeze(store, period)
            others = of_same_year(store, snapshot)
        except SnapshotError:
            continue
        yield from missing_comments(settings, snapshot, read_office(settings, period), others)


def _frozen_last(store: Store, settings: Settings) -> Iterator[Period]:
    heads = store.snapshots.heads()
    if heads:
        last = heads[-1]
        yield written_period(f"{last.first[:7]}..{last.last[:7]}", fiscal_year(settings))
