"""The archive package: FGS Paketstruktur 2.0, by the published schemas and by eye."""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.document_tools import checker, run
from tests.worlds.paths import ROOT
from tests.worlds.programs import program

NOW = "2020-07-02T08:00:00+02:00"
NAMES = {
    "mets": "http://www.loc.gov/METS/",
    "csip": "https://DILCIS.eu/XML/METS/CSIPExtensionMETS",
    "xlink": "http://www.w3.org/1999/xlink",
    "premis": "http://www.loc.gov/premis/v3",
    "dc": "http://purl.org/dc/elements/1.1/",
}
SETTINGS = """
report:
  archive:
    creator: {name: "Sydnärkes <IT-nämnd> & co", id: "ORG:212000-0000"}
    submitter: {name: Sydnärkes IT-förvaltning, id: "ORG:212000-0001"}
    contact: {name: Registrator, details: [registrator@example.org, 0585-00 00 00]}
    receiver: {name: Kommunarkivet}
    agreement: "KA 2020/12; 2020-01-15"
    reference_code: SE/LEK/12
"""
SIGNING = """
snapshot:
  sign: {type: ssh, key: key, signer: kpi@example.org, allowed_signers: allowed}
"""


@dataclass(frozen=True)
class Package:
    """The files of a package by their path in its one folder, and the package's name."""

    name: str
    files: dict[str, bytes]
    data: bytes

    def tree(self, path: str = "METS.xml") -> Any:
        return etree.fromstring(self.files[path])


def packed(folder: Path, out: str = "out", *more: str) -> Package:
    made = run_here(
        "report", "2020-06", "--format", "fgs", "--out", folder / out,
        "-c", folder / "servicedesk.yaml", *more,
    )  # fmt: skip
    assert made.code == 0, made.err
    (file,) = (folder / out).iterdir()
    assert file.name == "servicedesk-2020-06-fgs-utkast.zip"
    with zipfile.ZipFile(file) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    (name,) = {each.partition("/")[0] for each in found}
    return Package(
        name,
        {each.partition("/")[2]: content for each, content in found.items()},
        file.read_bytes(),
    )


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk whose June 2020 is frozen, with an archive to hand it over to."""
    folder = tmp_path_factory.mktemp("fgs")
    file = write_desk(folder)
    assert run_here("poll", "-c", file).code == 0
    done = run_here("snapshot", "freeze", "2020-06", "--incomplete", "--now", NOW, "-c", file)
    assert done.code == 0, done.err
    file.write_text(CONFIGURATION + SETTINGS)
    return folder


@pytest.fixture(scope="module")
def package(desk: Path) -> Package:
    return packed(desk)


def test_documents_figures_and_proof_are_in_it(package: Package) -> None:
    data = "representations/published/data/servicedesk-2020-06-"
    assert list(package.files) == sorted([
        "METS.xml",
        "documentation/README.txt",
        "documentation/snapshot-1.json",
        "metadata/descriptive/dc.xml",
        "metadata/preservation/premis.xml",
        "representations/published/METS.xml",
        *(f"{data}{lang}.{end}" for lang in ("sv-utkast", "en-draft") for end in ("pdf", "csv")),
        f"{data}figures.json",
    ])  # fmt: skip
    assert package.files[f"{data}sv-utkast.pdf"].startswith(b"%PDF-")
    said = json.loads(package.files[f"{data}figures.json"])
    assert len(package.files[f"{data}sv-utkast.csv"].splitlines()) == len(said["figures"]) + 1
    assert said["seal"] == sha256(package.files["documentation/snapshot-1.json"]).hexdigest()


def listed(package: Package, path: str) -> Iterator[tuple[str, Any]]:
    """Each file that a METS file lists, by its path in the package."""
    folder = path.removesuffix("METS.xml")
    for each in package.tree(path).iter("{*}file", "{*}mdRef"):
        place = each if each.tag.endswith("mdRef") else each.find("mets:FLocat", NAMES)
        assert place.get("LOCTYPE") == "URL"
        yield folder + place.get(f"{{{NAMES['xlink']}}}href"), each


METS = ("METS.xml", "representations/published/METS.xml")


def test_every_file_stands_in_a_mets_with_its_size_and_digest(package: Package) -> None:
    found = [each for path in METS for each in listed(package, path)]
    assert sorted(path for path, _ in found) == sorted(package.files.keys() - {"METS.xml"})
    for path, each in found:
        content = package.files[path]
        assert each.get("CHECKSUMTYPE") == "SHA-256"
        assert each.get("CHECKSUM") == sha256(content).hexdigest()
        assert int(each.get("SIZE")) == len(content)
    ids = [each for path in METS for each in package.tree(path).xpath("//@ID")]
    assert len(ids) == len(set(ids)), "ids are unique in the package"


@pytest.mark.parametrize("path", METS)
def test_divisions_point_to_groups(package: Package, path: str) -> None:
    tree = package.tree(path)
    groups = {each.get("ID"): each.get("USE") for each in tree.iter("{*}fileGrp")}
    pointed = [each.get("FILEID") for each in tree.iter("{*}fptr")]
    pointed += tree.xpath("//mets:mptr/@xlink:title", namespaces=NAMES)
    assert sorted(pointed) == sorted(groups)
    top = tree.find("mets:structMap/mets:div", NAMES)
    assert (
        {"Metadata", *groups.values()} >= {each.get("LABEL") for each in top} >= {*groups.values()}
    )


def test_the_header_names_who_what_and_by_which_agreement(package: Package) -> None:
    root = package.tree()
    assert root.get("OBJID") == package.name
    assert root.get("PROFILE") == "https://earksip.dilcis.eu/profile/E-ARK-SIP.xml"
    assert root.get("TYPE") == "Mixed"
    head = root.find("mets:metsHdr", NAMES)
    assert head.get(f"{{{NAMES['csip']}}}OAISPACKAGETYPE") == "SIP"
    agents = [
        (each.get("ROLE"), each.get("TYPE"), *(part.text for part in each))
        for each in head.iter("{*}agent")
    ]
    assert agents[0][:3] == ("CREATOR", "OTHER", "servicedesk-kpi")
    assert agents[1:] == [
        ("ARCHIVIST", "ORGANIZATION", "Sydnärkes <IT-nämnd> & co", "ORG:212000-0000"),
        ("CREATOR", "ORGANIZATION", "Sydnärkes IT-förvaltning", "ORG:212000-0001"),
        ("CREATOR", "INDIVIDUAL", "Registrator", "registrator@example.org", "0585-00 00 00"),
        ("PRESERVATION", "ORGANIZATION", "Kommunarkivet"),
    ]
    assert {each.get("TYPE"): each.text for each in head.iter("{*}altRecordID")} == {
        "SUBMISSIONAGREEMENT": "KA 2020/12; 2020-01-15",
        "REFERENCECODE": "SE/LEK/12",
    }
    told = package.tree("metadata/descriptive/dc.xml")
    assert told.findtext("dc:creator", namespaces=NAMES) == "Sydnärkes <IT-nämnd> & co"
    assert told.findtext("dc:coverage", namespaces=NAMES) == "2020-06-01/2020-06-30"


SEQUENCES = {
    "premis": "object+ event* agent*",
    "object intellectualEntity": "objectIdentifier originalName",
    "object file": "objectIdentifier objectCharacteristics originalName relationship",
    "objectIdentifier": "objectIdentifierType objectIdentifierValue",
    "objectCharacteristics": "compositionLevel fixity size format",
    "fixity": "messageDigestAlgorithm messageDigest messageDigestOriginator",
    "format": "formatDesignation formatRegistry?",
    "formatDesignation": "formatName formatVersion?",
    "formatRegistry": "formatRegistryName formatRegistryKey",
    "relationship": "relationshipType relationshipSubType relatedObjectIdentifier",
    "relatedObjectIdentifier": "relatedObjectIdentifierType relatedObjectIdentifierValue",
    "event": "eventIdentifier eventType eventDateTime eventDetailInformation "
    "eventOutcomeInformation linkingAgentIdentifier linkingObjectIdentifier",
    "eventIdentifier": "eventIdentifierType eventIdentifierValue",
    "eventDetailInformation": "eventDetail",
    "eventOutcomeInformation": "eventOutcome",
    "linkingAgentIdentifier": "linkingAgentIdentifierType linkingAgentIdentifierValue",
    "linkingObjectIdentifier": "linkingObjectIdentifierType linkingObjectIdentifierValue",
    "agent": "agentIdentifier agentName agentType agentVersion?",
    "agentIdentifier": "agentIdentifierType agentIdentifierValue",
}
"""What stands in each element, in this order: the part of the PREMIS 3.0 schema that we use. The
schema itself (Library of Congress, premis-v3-0) names no licence, so it is not here."""


def _sequence(element: Any) -> str:
    kind = element.get("{http://www.w3.org/2001/XMLSchema-instance}type")
    name = etree.QName(element).localname
    return name if kind is None else f"{name} {kind}"


def test_premis_is_in_the_order_of_its_schema(package: Package) -> None:
    tree = package.tree("metadata/preservation/premis.xml")
    assert tree.get("version") == "3.0"
    for each in tree.iter():
        assert etree.QName(each).namespace == NAMES["premis"]
        if len(each):
            inside = "".join(f"{etree.QName(part).localname} " for part in each)
            words = SEQUENCES[_sequence(each)].split()
            order = "".join(f"({word.rstrip('+*?')} ){word[-1:] if word[-1] in '+*?' else ''}"
                            for word in words)  # fmt: skip
            assert re.fullmatch(order, inside), _sequence(each)
    named = {
        each.findtext("premis:originalName", namespaces=NAMES): each.findtext(
            ".//premis:messageDigest", namespaces=NAMES
        )
        for each in tree.iter("{*}object")
        if each.find("premis:objectCharacteristics", NAMES) is not None
    }
    metadata = {path for path in package.files if path.startswith("metadata/")}
    assert named == {
        path: sha256(content).hexdigest()
        for path, content in package.files.items()
        if path not in metadata | set(METS)
    }
    types = [each.text for each in tree.iter("{*}eventType")]
    assert types == ["creation", "information package creation"]


def validated(path: Path) -> Any:
    """What eark-validator, of the makers of E-ARK, says of a package."""
    said = run(checker("python"), ROOT / "checkers" / "eark.py", path)
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout[said.stdout.index("{") :])


def _found(messages: list[dict[str, str]], *severities: str) -> set[str]:
    return {each["rule_id"] for each in messages if each["severity"] in severities}


CONTRADICTED = {
    # the program, the submitter and the contact are all CREATOR (CSIP11, SIP16, SIP22), and here
    # every CREATOR must be a program with one note; a note's type has a namespace (CSIP16), and
    # here it must have none
    "CSIP12", "CSIP13", "CSIP15", "CSIP16", "SIP14",
    # only for a type OTHER, and only without METS files of representations, says the profile
    "CSIP63", "CSIP103",
    # no schemas are packed (CSIPSTR15 says SHOULD), and so none are listed
    "CSIP99", "CSIP113",
}  # fmt: skip
"""Rules of eark-validator 1.1.3 that this package breaks, and why it does."""


@pytest.mark.integration
def test_the_validator_of_e_ark_finds_schema_and_structure_valid(
    desk: Path, package: Package
) -> None:
    said = validated(desk / "out" / "servicedesk-2020-06-fgs-utkast.zip")
    assert said["structure"]["status"] == "WellFormed"
    warned = _found(said["structure"]["messages"], "Warn", "Error")
    assert warned == {"CSIPSTR13", "CSIPSTR15"}, "no metadata of its own, no schemas: both SHOULD"
    assert said["metadata"]["schema_results"] == {"status": "VALID", "messages": []}
    assert _found(said["metadata"]["schematron_results"]["messages"], "Error") == CONTRADICTED


@pytest.mark.integration
def test_so_it_does_with_the_representation_and_not_with_nonsense(
    desk: Path, package: Package, tmp_path: Path
) -> None:
    for path, content in package.files.items():
        file = tmp_path / package.name / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    inside = tmp_path / package.name / "representations" / "published"
    assert validated(inside)["metadata"]["schema_results"] == {"status": "VALID", "messages": []}
    mets = tmp_path / package.name / "METS.xml"
    mets.write_bytes(package.files["METS.xml"].replace(b"URL", b"U", 1))
    told = validated(tmp_path / package.name)["metadata"]["schema_results"]
    assert told["status"] != "VALID"
    assert "LOCTYPE" in str(told["messages"])


def test_the_same_snapshot_gives_the_same_bytes(desk: Path, package: Package) -> None:
    assert packed(desk, "again").data == package.data
    alone = packed(desk, "alone", "--language", "en")
    assert alone.data == package.data, "a package is in all languages, whoever asks"


def test_another_receiver_is_another_package(desk: Path, package: Package, tmp_path: Path) -> None:
    shown = desk / "servicedesk.yaml"
    before = shown.read_text()
    shown.write_text(before.replace("Kommunarkivet", "Regionarkivet"))
    try:
        assert packed(desk, "other").name != package.name
    finally:
        shown.write_text(before)


def test_texts_of_the_settings_are_never_markup(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "servicedesk.db").write_bytes((desk / "servicedesk.db").read_bytes())
    odd = r'"]]> <x a=\"b\"> & \a{{ 7 * 7 }} å\u030A"'
    creator = f"\nreport: {{archive: {{creator: {{name: {odd}}}, agreement: {odd}}}}}\n"
    (tmp_path / "servicedesk.yaml").write_text(CONFIGURATION + creator)
    package = packed(tmp_path)
    told = package.tree("metadata/descriptive/dc.xml").findtext("dc:creator", namespaces=NAMES)
    assert told.startswith(']]> <x a="b"> & {{ 7 * 7 }}')
    for path in package.files:
        if path.endswith(".xml"):
            assert package.tree(path) is not None


def test_the_signature_and_on_request_the_snapshot_are_in_it(desk: Path, tmp_path: Path) -> None:
    keygen = program("ssh-keygen")
    for name in ("servicedesk.yaml", "servicedesk.db"):
        (tmp_path / name).write_bytes((desk / name).read_bytes())
    made = [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")]
    subprocess.run(made, check=True)
    key = " ".join((tmp_path / "key.pub").read_text().split()[:2])
    (tmp_path / "allowed").write_text(f"kpi@example.org {key}\n")
    file = tmp_path / "servicedesk.yaml"
    more = SETTINGS.rstrip() + "\n    unmasked: true\n" + SIGNING
    file.write_text(CONFIGURATION + more)
    signed = run_here("snapshot", "sign", "2020-06", "-c", file)
    assert signed.code == 0, signed.err
    package = packed(tmp_path)
    whole = "representations/unmasked/data/servicedesk-2020-06-not-for-publication.json"
    assert json.loads(package.files[whole])["seal"]["number"] == 1
    (tmp_path / "taken").mkdir()
    for path, content in package.files.items():
        if path.startswith("documentation/"):
            (tmp_path / "taken" / path.removeprefix("documentation/")).write_bytes(content)
    command = [keygen, "-Y", "verify", "-f", "allowed_signers", "-I", "kpi@example.org",
               "-n", "servicedesk-kpi-snapshot", "-s", "snapshot-1.json.sig"]  # fmt: skip
    assert " ".join(command[1:3]) in (tmp_path / "taken/README.txt").read_text()
    done = subprocess.run(
        command, cwd=tmp_path / "taken", input=(tmp_path / "taken/snapshot-1.json").read_bytes(),
        check=False, capture_output=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = package.tree("metadata/preservation/premis.xml").iter("{*}eventType")
    assert "digital signature generation" in [each.text for each in events]


def test_without_a_creator_it_stops_only_itself(desk: Path, tmp_path: Path) -> None:
    (tmp_path / "servicedesk.db").write_bytes((desk / "servicedesk.db").read_bytes())
    file = tmp_path / "servicedesk.yaml"
    file.write_text(CONFIGURATION)
    done = run_here(
        "report", "2020-06", "--format", "fgs,csv", "--out", tmp_path / "out", "-c", file
    )
    assert done.code == 2
    assert "fgs: an archive package names who created the records: set report.archive" in done.err
    assert {each.suffix for each in (tmp_path / "out").iterdir()} == {".csv"}
    for key in ("report", "delivery"):
        file.write_text(f"{CONFIGURATION}\n{key}: {{formats: [pdf, fgs]}}\n")
        done = run_here("check", "-c", file)
        assert done.code == 2
        assert f"{key}.formats: fgs: an archive package names who created" in done.err
