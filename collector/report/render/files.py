"""Render a frozen period as files, in each format and language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from collector.config.checks.report import NO_ARCHIVE
from collector.config.report import Form, ReportSettings
from collector.model.bilingual import Language
from collector.report.blocks import Document, Look
from collector.report.content.document import DocumentChoices, build_document
from collector.report.content.report import Report
from collector.report.content.seals import Sealed, published_before
from collector.report.drafts import draft_mark
from collector.report.office.model import Office
from collector.report.render.common import CONTENTS_FROM, ReportError

UNMASKED = "not-for-publication"
"""Part of the name of a file that also holds what documents hide."""

_TYPST = "report.typ"


@dataclass(frozen=True)
class Making:
    """The input for the files of one language. ``raw``: the snapshot as it is delivered;
    ``others``: the snapshots of the same fiscal year, whose documents may have been published."""

    snapshot: Sealed
    raw: bytes
    amendments: Sequence[Sealed]
    others: Sequence[Sealed]
    office: Office
    settings: ReportSettings
    language: Language

    @cached_property
    def report(self) -> Report:
        """The snapshot's content, for formats with figures only."""
        return Report(
            self.snapshot.content,
            self.language,
            self.settings.words,
            self.settings.locale,
            published_before(self.snapshot, self.others),
        )

    @cached_property
    def document(self) -> Document:
        """The document, for formats that people read."""
        return build_document(
            self.snapshot,
            self.language,
            amendments=self.amendments,
            office=self.office,
            choices=choices(self.settings),
            others=self.others,
        )

    @cached_property
    def pages(self) -> int:
        """How many pages the document has as PDF."""
        from collector.report.render.pdf import pages  # noqa: PLC0415 - typst is large

        return pages(self.document)

    def named(self, name: str, form: Form) -> str:
        """The name of a file: ``NAME-sv.pdf``, or ``NAME-sv-utkast.pdf`` of a draft. What belongs
        to a draft is one, too, whatever its format."""
        return f"{'-'.join([name, self.language, *self.mark])}.{FORMATS[form][0]}"

    @property
    def mark(self) -> list[str]:
        """What the name of a draft ends with; empty if the document is finished."""
        return [draft_mark(self.language)] if self.document.draft else []


def choices(settings: ReportSettings) -> DocumentChoices:
    """Return the municipality's choices for the document."""
    look = Look(settings.logo, settings.logo_alt, settings.accent, settings.templates)
    return DocumentChoices(
        title=settings.title,
        board=settings.board,
        author=settings.author,
        words=settings.words,
        columns=settings.columns,
        look=look,
        locale=settings.locale,
        chapters=settings.chapters,
        climate_in=settings.climate_in,
    )


def render_files(
    snapshot: Sealed,
    raw: bytes,
    settings: ReportSettings,
    *,
    amendments: Sequence[Sealed] = (),
    others: Sequence[Sealed] = (),
    office: Office | None = None,
    signature: Sequence[tuple[str, bytes]] = (),
    formats: Sequence[Form] | None = None,
    languages: Sequence[Language] | None = None,
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each file; the same input gives the same bytes.

    Formats and languages default to the configured ones. The snapshot itself (json) has no language
    and comes once, and so does the archive package (fgs), in all configured languages. ``raw``: the
    snapshot as it is delivered; ``signature``: what proves it, for the package. Raises ReportError
    if a file cannot be made; missing settings of kolada and fgs stop only their own files, and are
    reported after all others.
    """
    period = str(snapshot.content["period"]["name"]).replace("..", "_")
    chosen_formats = dict.fromkeys(formats or settings.formats)
    if "json" in chosen_formats:
        yield f"servicedesk-{period}-{UNMASKED}.json", raw
    makings = {
        language: Making(snapshot, raw, amendments, others, office or Office(), settings, language)
        for language in dict.fromkeys((*(languages or ()), *settings.languages))
    }
    for language in dict.fromkeys(languages or settings.languages):
        for form in chosen_formats:
            if form in FORMATS and not (form == "kolada" and _lacks_codes(settings)):
                making = makings[language]
                yield making.named(f"servicedesk-{period}", form), FORMATS[form][1](making)
    if "fgs" in chosen_formats and settings.archive is not None:
        archived = [makings[language] for language in settings.languages]
        mark = next((making.mark for making in archived if making.mark), [])
        name = "-".join([f"servicedesk-{period}-fgs", *mark])
        yield f"{name}.zip", _fgs(archived, f"servicedesk-{period}", signature)
    if faults := list(_faults(chosen_formats, settings)):
        raise ReportError("; ".join(faults))


def _pdf(making: Making) -> bytes:
    from collector.report.render.pdf import pdf  # noqa: PLC0415 - typst is large

    own = Path(making.settings.templates or "") / _TYPST
    chosen = making.settings.templates is not None and own.is_file()
    return pdf(making.document, own if chosen else None)


def _docx(making: Making) -> bytes:
    from collector.report.render.docx import docx  # noqa: PLC0415

    return docx(making.document, contents=making.pages >= CONTENTS_FROM)


def _html(making: Making) -> bytes:
    from collector.report.render.html import html  # noqa: PLC0415

    return html(making.document, making.report.words)


def _csv(making: Making) -> bytes:
    from collector.report.render.csv import csv_bytes  # noqa: PLC0415

    return csv_bytes(making.report)


def _xlsx(making: Making) -> bytes:
    from collector.report.render.xlsx import xlsx_bytes  # noqa: PLC0415

    document = making.document
    return xlsx_bytes(making.report, document.title, making.settings.author, document.draft)


def _kolada(making: Making) -> bytes:
    from collector.report.render.kolada import kolada_bytes  # noqa: PLC0415

    settings = making.settings
    return kolada_bytes(making.report, settings.municipality_codes, settings.kolada_ids)


def _fgs(makings: Sequence[Making], name: str, signature: Sequence[tuple[str, bytes]]) -> bytes:
    """The archive package of documents in these languages; the first is that of its own words."""
    from collector.report.render.fgs import (  # noqa: PLC0415
        Contents,
        fgs_bytes,
        figures_json,
        sealed_text,
    )

    first = makings[0]
    archive = first.settings.archive
    assert archive is not None
    published = [
        (making.named(name, form), FORMATS[form][1](making))
        for making in makings
        for form in ("pdf", "csv")
    ]
    figures = (f"{name}-figures.json", figures_json(first.report, first.snapshot.seal))
    contents = Contents(
        languages=[making.language for making in makings],
        published=[*published, figures],
        proof=[(f"snapshot-{first.snapshot.number}.json", sealed_text(first.raw)), *signature],
        unmasked=[(f"{name}-{UNMASKED}.json", first.raw)] if archive.unmasked else [],
    )
    return fgs_bytes(first.snapshot, first.report, first.document.title, archive, contents)


def _faults(chosen: Iterable[Form], settings: ReportSettings) -> Iterator[str]:
    """What is missing in the settings for some of the formats."""
    if "fgs" in chosen and settings.archive is None:
        yield f"fgs: {NO_ARCHIVE}"
    if "kolada" in chosen and _lacks_codes(settings):
        yield (
            "kolada: nothing has a code; set municipality_codes (by organization) and kolada_ids "
            '(by indicator) under report, as in municipality_codes: {Laxå: "1860"} and '
            "kolada_ids: {urgent_response: SD01}"
        )


def _lacks_codes(settings: ReportSettings) -> bool:
    return not settings.municipality_codes or not settings.kolada_ids


FORMATS: Mapping[Form, tuple[str, Callable[[Making], bytes]]] = {
    "pdf": ("pdf", _pdf),
    "docx": ("docx", _docx),
    "html": ("html", _html),
    "csv": ("csv", _csv),
    "xlsx": ("xlsx", _xlsx),
    "kolada": ("kolada.json", _kolada),
}
"""File extension and renderer of the formats that have a language: ``json`` is the snapshot as it
is, and ``fgs`` a package of several files."""
