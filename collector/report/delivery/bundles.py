"""The parcels of a frozen period: its files, as ``delivery:`` names them, in each language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.config.settings import Settings
from collector.model.bilingual import Language
from collector.report.content.report import Report
from collector.report.delivery.parcel import Parcel
from collector.report.office import Office
from collector.report.render.files import files
from collector.snapshot import Frozen
from collector.snapshot.chain import envelope


def parcels(
    settings: Settings,
    snapshot: Frozen,
    later: Sequence[Frozen],
    office: Office,
    languages: Sequence[Language] | None = None,
) -> Iterator[Parcel]:
    """One parcel for each language.

    ``later``: the amendments that the files tell of; a parcel bears the seal of the last of them,
    so that an amended document is another delivery. Raises ReportError.
    """
    wanted = settings.delivery
    for language in languages or wanted.languages:
        made = files(
            snapshot,
            envelope(snapshot),
            settings.report,
            amendments=later,
            office=office,
            formats=wanted.formats,
            languages=[language],
        )
        period = Report(snapshot.content, language, settings.report.words).period
        yield Parcel(delivered_seal(snapshot, later), period, language, tuple(made))


def delivered_seal(snapshot: Frozen, later: Sequence[Frozen]) -> str:
    """The seal that files of a snapshot with its amendments are delivered under."""
    return later[-1].seal if later else snapshot.seal
