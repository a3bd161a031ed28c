"""``report`` as a user has it: from a frozen month to files, and what is told when it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk

NOW = "2020-07-02T08:00:00+02:00"


@pytest.fixture
def frozen(tmp_path: Path) -> Path:
    """A configuration whose June 2020 is frozen."""
    file = write_desk(tmp_path)
    assert run_here("poll", "-c", file).code == 0
    done = run_here("snapshot", "freeze", "2020-06", "--incomplete", "--now", NOW, "-c", file)
    assert done.code == 0, done.err
    return file


def _report(file: Path, out: Path, *more: str) -> dict[str, bytes]:
    done = run_here("report", "2020-06", "--out", out, "-c", file, *more)
    assert done.code == 0, done.err
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_every_form_in_both_languages(frozen: Path, tmp_path: Path) -> None:
    found = _report(frozen, tmp_path / "out")
    forms = {
        f"servicedesk-2020-06-{lang}{mark}.{end}"
        for lang, mark in (("en", "-draft"), ("sv", "-utkast"))  # nobody has commented yet
        for end in ("csv", "docx", "html", "pdf", "xlsx")
    }
    assert set(found) == forms, "the unmasked snapshot only on request"
    assert found["servicedesk-2020-06-sv-utkast.pdf"].startswith(b"%PDF-")
    page = found["servicedesk-2020-06-sv-utkast.html"].decode()
    assert "Högprioriterade incidenter med återkoppling inom 30 min" in page
    assert '<html lang="sv">' in page


def test_two_runs_give_the_same_bytes(frozen: Path, tmp_path: Path) -> None:
    assert _report(frozen, tmp_path / "one") == _report(frozen, tmp_path / "two")


def test_what_is_there_already_is_not_written_again(frozen: Path, tmp_path: Path) -> None:
    _report(frozen, tmp_path / "out", "--format", "csv")
    again = run_here(
        "report", "2020-06", "--out", tmp_path / "out", "--format", "csv", "-c", frozen
    )
    assert again.out.count("is up to date") == 2


def test_formats_and_languages_are_chosen(frozen: Path, tmp_path: Path) -> None:
    found = _report(
        frozen, tmp_path / "out", "--format", "html,csv", "--format", "json", "--language", "sv"
    )
    assert list(found) == [
        "servicedesk-2020-06-not-for-publication.json",
        "servicedesk-2020-06-sv-utkast.csv",
        "servicedesk-2020-06-sv-utkast.html",
    ]  # fmt: skip


def test_the_snapshot_is_delivered_so_that_it_can_be_verified(frozen: Path, tmp_path: Path) -> None:
    found = _report(frozen, tmp_path / "out", "--format", "json")
    assert (
        json.loads(found["servicedesk-2020-06-not-for-publication.json"])["content"]["period"][
            "name"
        ]
        == "2020-06"
    )
    file = tmp_path / "out/servicedesk-2020-06-not-for-publication.json"
    assert run_here("snapshot", "verify", "--file", file).code == 0
    file.write_bytes(
        found["servicedesk-2020-06-not-for-publication.json"].replace(b'"good":', b'"godd":', 1)
    )
    assert run_here("snapshot", "verify", "--file", file).code == 1


def test_the_report_is_made_of_the_snapshot_and_never_of_the_records(
    frozen: Path, tmp_path: Path
) -> None:
    before = _report(frozen, tmp_path / "one", "--format", "html,csv,xlsx")
    tickets = frozen.parent / "tickets.csv"
    lines = tickets.read_text().splitlines()
    tickets.write_text("\n".join([lines[0], *lines[2:]]) + "\n")
    assert run_here("poll", "--since", "2020-06-01", "-c", frozen).code == 0
    assert _report(frozen, tmp_path / "two", "--format", "html,csv,xlsx") == before


def test_the_configured_folder_and_forms(tmp_path: Path) -> None:
    file = write_desk(tmp_path)
    chosen = "report: {formats: [csv], languages: [en], folder: board, author: Board}\n"
    file.write_text(CONFIGURATION + chosen)
    run_here("poll", "-c", file)
    run_here("snapshot", "freeze", "2020-06", "--incomplete", "--now", NOW, "-c", file)
    done = run_here("report", "2020-06", "-c", file)
    assert done.code == 0, done.err
    assert [path.name for path in (tmp_path / "board").iterdir()] == [
        "servicedesk-2020-06-en-draft.csv"
    ]


def test_spans_make_names_without_dots(frozen: Path, tmp_path: Path) -> None:
    span = "2020-01..2020-06"
    run_here("snapshot", "freeze", span, "--incomplete", "--now", NOW, "-c", frozen)
    out = tmp_path / "out"
    done = run_here(
        "report", span, "--out", out, "--format", "csv", "--language", "sv", "-c", frozen
    )
    assert done.code == 0, done.err
    assert [path.name for path in out.iterdir()] == ["servicedesk-2020-h1-sv-utkast.csv"]


def test_comments_of_the_office_come_in(frozen: Path, tmp_path: Path) -> None:
    comments = frozen.parent / "commentary/2020-06"
    comments.mkdir(parents=True)
    (comments / "urgent.md").write_text("Sommarens **bemanning** var låg.\n")
    page = _report(frozen, tmp_path / "out", "--format", "html", "--language", "sv")
    (text,) = (content.decode() for content in page.values())
    assert "Sommarens <strong>bemanning</strong> var låg." in text


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["2020-05"], 1, "2020-05 is not frozen: freeze it with servicedesk-kpi snapshot freeze"),
        (["last_month"], 2, "MONTH: "),
        (["2020-13"], 2, "MONTH: "),
        (["2020-06", "--format", "pdf,odt"], 2, "--format odt: must be one of pdf, docx, html"),
        (["2020-06", "--format", ","], 2, "--format: is empty"),
        (["2020-06", "--language", "fi"], 2, "--language fi: must be one of sv, en"),
        (["2020-06", "--format", "kolada"], 2, "kolada: nothing has a code"),
    ],
)
def test_what_cannot_be_done_is_told(
    frozen: Path, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    done = run_here("report", *arguments, "--out", tmp_path / "out", "-c", frozen)
    assert done.code == code
    assert said in done.err
    assert not (tmp_path / "out").exists()


def test_kolada_without_codes_stops_only_itself(frozen: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run_here("report", "2020-06", "--format", "kolada,csv", "--out", out, "-c", frozen)
    assert done.code == 2
    assert "kolada: nothing has a code" in done.err
    assert {each.suffix for each in out.iterdir()} == {".csv"}


def test_a_folder_that_cannot_be_written_is_told(frozen: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    done = run_here("report", "2020-06", "--out", tmp_path / "out", "--format", "csv", "-c", frozen)
    assert done.code == 2
    assert str(tmp_path / "out") in done.err
