"""A frozen period as an archive package: FGS Paketstruktur 2.0 in a ZIP file.

Documented: Riksarkivet laid down FGS Paketstruktur 2.0 (RAFGS1V2.0, 30 March 2023) as E-ARK CSIP
2.1.0 with E-ARK SIP 2.1.0 (riksarkivet.se/faststallda-kommande-fgser, xml.ra.se/e-arkiv).
Structure, METS elements and vocabularies are those of their METS profiles (E-ARK-CSIP-v2-1-0.xml,
E-ARK-SIP-v2-1-0.xml), the PREMIS elements those of the PREMIS 3.0 schema of the Library of
Congress. Not read: what Riksarkivet asks for beyond them when packages are handed over to it
(Riksarkivets tillämpning), and what a municipal archive agrees on. From memory: the terms of PREMIS
events, and PRONOM's keys for CSV, XML and plain text.

    uuid-…/METS.xml                             what is in the package, and of whom
           metadata/descriptive/dc.xml          Dublin Core
           metadata/preservation/premis.xml     formats, digests and events
           documentation/                       seal, signature, allowed signers
           representations/published/METS.xml
           representations/published/data/      documents (PDF/A-2a) and figures (CSV, JSON)
           representations/unmasked/…           the snapshot itself, on request

Every file stands in a METS with its SHA-256. The same files give the same bytes: all dates are that
of freezing, the name of the package is made of the files' digests, and nothing is compressed.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from collector import __version__
from collector.config.archive import ArchiveSettings
from collector.report.content.report import Report
from collector.report.content.rows import figure_rows, month_rows
from collector.report.content.seals import Sealed
from collector.report.render.common import printable
from collector.snapshot.canonical import canonical, parse_json

PROGRAM = "servicedesk-kpi"

_HOW = """\
Sigill: SHA-256 av snapshot-{number}.json är sigillet som dokumenten visar. Filen nämner också
SHA-256 av den frysta ögonblicksbildens innehåll (sha256) och av bedömningarna (records_sha256).
Seal: the SHA-256 of snapshot-{number}.json is the seal that the documents show. The file also names
the SHA-256 of the frozen snapshot's content (sha256) and of its verdicts (records_sha256).

    {seal}

Alla datum i paketet är tidpunkten då siffrorna frystes, inte då paketet gjordes.
All dates in the package are the time at which the figures were frozen, not that of packing.

Underskrift, om den finns / Signature, if there is one (OpenSSH 8.2, SIGNER: allowed_signers):

    ssh-keygen -Y verify -f allowed_signers -I SIGNER -n servicedesk-kpi-snapshot \\
        -s snapshot-{number}.json.sig < snapshot-{number}.json
"""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: media type, name, version, and PRONOM's key ("" if none was found)."""

    mime: str
    name: str
    version: str = ""
    pronom: str = ""


_FORMATS = {
    ".pdf": Format("application/pdf", "PDF/A", "2a", "fmt/476"),
    ".csv": Format("text/csv", "Comma Separated Values", "", "x-fmt/18"),
    ".json": Format("application/json", "JSON", "", "fmt/817"),
    ".xml": Format("application/xml", "XML", "1.0", "fmt/101"),
    ".sig": Format("text/plain", "SSH signature"),
}
_OTHER = Format("text/plain", "Plain text", "", "x-fmt/111")


@dataclass(frozen=True)
class _File:
    """A file of the package: its path in it, and its path from the METS file that lists it."""

    path: str
    content: bytes
    id: str
    href: str

    @property
    def format(self) -> Format:
        return _FORMATS.get(PurePosixPath(self.path).suffix, _OTHER)

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class _Group:
    """Files of a METS file. ``use``: what for; ``mets``: where the METS file is that lists them."""

    use: str
    files: Sequence[_File]
    mets: str = ""


@dataclass(frozen=True)
class Contents:
    """What is handed over, as (name, content). ``published``: documents and figures;
    ``proof``: the sealed text, its signature and who may sign; ``unmasked``: the snapshot itself,
    or nothing; ``languages``: those of the documents."""

    languages: Sequence[str]
    published: Sequence[tuple[str, bytes]]
    proof: Sequence[tuple[str, bytes]]
    unmasked: Sequence[tuple[str, bytes]] = field(default=())


def fgs_bytes(
    snapshot: Sealed, report: Report, title: str, archive: ArchiveSettings, contents: Contents
) -> bytes:
    """Build the package of a snapshot. ``report``, ``title``: in the language of the archive."""
    return _Package(snapshot, report, title, archive, contents).zipped()


def sealed_text(raw: bytes) -> bytes:
    """The text whose SHA-256 is the seal, out of a snapshot as it is delivered."""
    head = parse_json(raw)["seal"]
    return canonical({name: value for name, value in head.items() if name != "seal"})


def figures_json(report: Report, seal: str) -> bytes:
    """The published figures as JSON: the columns of the CSV files, and the months."""
    said = {
        "period": {"first": str(report.content.first), "last": str(report.content.last)},
        "seal": seal,
        "language": report.language,
        "figures": [row.values for row in figure_rows(report)],
        "months": [row.values for row in month_rows(report)],
    }
    return json.dumps(said, ensure_ascii=False, indent=1).encode() + b"\n"


class _Package:
    def __init__(
        self,
        snapshot: Sealed,
        report: Report,
        title: str,
        archive: ArchiveSettings,
        contents: Contents,
    ) -> None:
        self._languages = contents.languages
        how = _HOW.format(number=snapshot.number, seal=snapshot.seal).encode()
        parts = [
            ("documentation/README.txt", how),
            *((f"documentation/{name}", content) for name, content in contents.proof),
            *((f"{_DATA['published']}{name}", content) for name, content in contents.published),
            *((f"{_DATA['unmasked']}{name}", content) for name, content in contents.unmasked),
        ]
        told = (archive.model_dump_json(), *(f"{p} {sha256(c).hexdigest()}" for p, c in parts))
        self._uuid: UUID = uuid5(NAMESPACE_URL, "\n".join((snapshot.seal, *told)))
        self.name = f"uuid-{self._uuid}"
        self._at = datetime.fromtimestamp(snapshot.frozen_at, UTC)
        self._parts = [self._file(path, content) for path, content in parts]
        first, last = report.content.first.isoformat(), report.content.last.isoformat()
        self._facts: dict[str, Any] = {
            "name": self.name,
            "label": f"{title}, {report.period}",
            "created": self._at.isoformat(timespec="seconds").replace("+00:00", "Z"),
            "archive": archive,
            "program": PROGRAM,
            "version": __version__,
            "number": snapshot.number,
            "seal": snapshot.seal,
            "first": first,
            "last": last,
        }

    def zipped(self) -> bytes:
        """The whole package, in the order of its paths."""
        files = sorted(self._files(), key=lambda each: each.path)
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for each in files:
                at = max(self._at, datetime(1980, 1, 1, tzinfo=UTC)).timetuple()[:6]
                entry = zipfile.ZipInfo(f"{self.name}/{each.path}", at)
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, each.content)
        return out.getvalue()

    def _files(self) -> list[_File]:
        descriptive = self._made(
            "metadata/descriptive/dc.xml",
            "dc",
            languages=self._languages,
            formats=sorted({each.format.mime for each in self._parts}),
        )
        preservation = self._made(
            "metadata/preservation/premis.xml", "premis", files=self._parts, events=self._events()
        )
        documentation = [each for each in self._parts if each.path.startswith("documentation/")]
        groups = [_Group("Documentation", documentation)]
        found = [*self._parts, descriptive, preservation]
        for name, data in _DATA.items():
            own = [each for each in self._parts if each.path.startswith(data)]
            if own:
                mets = self._representation(name, data, own)
                found.append(mets)
                groups.append(_Group(f"Representations/{name}", [mets], mets=mets.path))
        root = self._mets(
            "METS.xml", descriptive=[descriptive], preservation=[preservation], groups=groups
        )
        return [*found, root]

    def _representation(self, name: str, data: str, own: Sequence[_File]) -> _File:
        folder = data.removesuffix("data/")
        inside = [
            _File(each.path, each.content, f"{each.id}-in", each.path.removeprefix(folder))
            for each in own
        ]
        return self._mets(
            f"{folder}METS.xml",
            name=name,
            descriptive=[],
            preservation=[],
            groups=[_Group("Data", inside)],
        )

    def _events(self) -> list[dict[str, str]]:
        facts = self._facts
        sealed = f"snapshot {facts['number']} frozen, its seal (SHA-256) {facts['seal']}"
        events = [("creation", sealed)]
        if any(each.path.endswith(".sig") for each in self._parts):
            events.append(("digital signature generation", "the sealed text signed by SSH"))
        packed = f"{len(self._parts)} files packed; dated as the snapshot, whenever it was done"
        events.append(("information package creation", packed))
        return [
            {"id": self._id(what), "type": what, "at": facts["created"], "detail": detail}
            for what, detail in events
        ]

    def _mets(self, path: str, **more: Any) -> _File:
        return self._made(path, "METS", ids=self._id(path), **more)

    def _made(self, path: str, template: str, **more: Any) -> _File:
        page = _TEMPLATES.get_template(f"{template}.xml.j2")
        return self._file(path, page.render(self._facts | more).encode())

    def _file(self, path: str, content: bytes) -> _File:
        return _File(path, content, self._id(path), path)

    def _id(self, what: str) -> str:
        """An XML id that no other package has."""
        return f"id-{uuid5(self._uuid, what)}"


_DATA = {
    "published": "representations/published/data/",
    "unmasked": "representations/unmasked/data/",
}


def _clean(value: Any) -> Any:
    """A text without the characters that XML cannot hold; what a template made stays as it is."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


_TEMPLATES = Environment(
    loader=PackageLoader("collector.report.render", "templates/fgs"),
    autoescape=True,
    finalize=_clean,
    undefined=StrictUndefined,
    keep_trailing_newline=True,
)
