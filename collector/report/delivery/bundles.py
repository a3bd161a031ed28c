"""Make the parcels of a frozen period: the files configured under ``delivery``, by language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from collector.config.settings import Settings
from collector.model.bilingual import Language
from collector.report.content.goals import result
from collector.report.content.report import Report
from collector.report.content.seals import published_before
from collector.report.delivery.parcel import Parcel
from collector.report.drafts import any_draft
from collector.report.office import Office
from collector.report.render.files import render_files
from collector.snapshot import FrozenSnapshot
from collector.snapshot.chain import envelope
from collector.snapshot.signing import signature_files


def parcels(
    settings: Settings,
    snapshot: FrozenSnapshot,
    later: Sequence[FrozenSnapshot],
    office: Office,
    languages: Sequence[Language] | None = None,
    others: Sequence[FrozenSnapshot] = (),
) -> Iterator[Parcel]:
    """Yield one parcel per language, by default in the configured languages.

    ``later``: the snapshot's amendments, the oldest first; ``others``: the snapshots of the same
    fiscal year, against which small groups are masked. A parcel bears the seal of the last one,
    so that an amended report counts as another delivery. Raises ReportError if a file cannot be
    rendered, and SigningError if its signature cannot be read.
    """
    delivery = settings.delivery
    for language in languages or delivery.languages:
        rendered = tuple(
            render_files(
                snapshot,
                envelope(snapshot),
                settings.report,
                amendments=later,
                others=others,
                office=office,
                signature=signature_files(snapshot.head, settings.snapshot.sign),
                formats=delivery.formats,
                languages=[language],
            )
        )
        made = settings.report
        published = published_before(snapshot, others)
        report = Report(snapshot.content, language, made.words, made.locale, published)
        seal, line = delivered_seal(snapshot, later), result(report)
        draft = any_draft(name for name, _ in rendered)
        yield Parcel(seal, report.period, language, rendered, result=line, draft=draft)


def delivered_seal(snapshot: FrozenSnapshot, later: Sequence[FrozenSnapshot]) -> str:
    """Return the seal under which a snapshot with its amendments is delivered."""
    return later[-1].seal if later else snapshot.seal
