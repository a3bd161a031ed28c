"""``snapshot`` as a user has it: what it prints, and how it ends."""

import csv
import io
import json
from pathlib import Path

import pytest

from collector.snapshot.canonical import canonical
from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.frozen import sql


@pytest.fixture
def desk(polled):
    """Runs a command on the small desk, which was read to its end."""

    def run(*arguments):
        return run_here(*arguments, "--config", polled / "servicedesk.yaml")

    run.folder = polled
    run.url = f"sqlite:///{polled / 'servicedesk.db'}"
    return run


def edit(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text()
    assert before in text
    (folder / name).write_text(text.replace(before, after))


def answer(desk):
    """Ticket 4 is answered and solved; the source is read again."""
    edit(desk.folder, "tickets.csv", "4,order,normal,Askersund,2020-06-24 09:00:00,,,,open",
         "4,order,normal,Askersund,2020-06-24 09:00:00,2020-06-24 09:30:00,2020-06-24 10:00:00,"
         ",resolved")  # fmt: skip
    assert desk("poll").code == 0


def test_freeze_show_verify(desk):
    first = desk("snapshot", "freeze", "2020-06")
    assert first.code == 0
    assert [line[:29] for line in first.err.splitlines()] == [
        "note: The source desk begins ",
        "note: The source phone begins",
        "note: The source phone has no",
    ]
    assert first.out.startswith("Snapshot 1: 2020-06, frozen ")
    seal = first.out.split()[-1]
    again = desk("snapshot", "freeze", "2020-06-01..2020-06-30")
    assert (again.code, again.err) == (0, "")
    assert "2020-06 is frozen already: snapshot 1" in again.out
    assert seal in again.out
    shown = desk("snapshot", "show", "2020-06", "--language", "sv")
    assert shown.code == 0
    assert "Ögonblicksbild 1: 2020-06" in shown.out
    assert "33,3 %" in shown.out
    assert "✗ Når inte målet" in shown.out
    assert seal in shown.out
    assert desk("snapshot", "verify").out.endswith("all is as it was frozen (1 snapshots)\n")
    assert desk("snapshot", "verify", "--seal", seal.upper()).code == 0
    wrong = desk("snapshot", "verify", "--seal", "0" * 64)
    assert (wrong.code, "none has the seal" in wrong.err) == (1, True)


def test_a_seal_is_given_as_it_is_printed(desk):
    """In groups of four, in quotes or not, over two lines; or its first 16 digits or more."""
    seal = desk("snapshot", "freeze", "2020-06").out.split()[-1]
    groups = [seal[at : at + 4] for at in range(0, 64, 4)]
    written = [[" ".join(groups)], ["\u00a0".join(groups).upper()], groups]
    written += [["\n".join([" ".join(groups[:9]), " ".join(groups[9:])])], ["-".join(groups)]]
    for words in written:
        held = desk("snapshot", "verify", "--seal", *words)
        assert (held.code, held.err, "prefix" in held.out) == (0, "", False), words
    for words in ([" ".join(groups[:4])], groups[:4], [" ".join(groups[:4]) + " …"], [seal[:63]]):
        held = desk("snapshot", "verify", "--seal", *words)
        assert held.code == 0, words
        assert "note: the seal given is a prefix, the first " in held.out
    other = ("0" if seal[15] != "0" else "1").join([seal[:15], ""])
    assert desk("snapshot", "verify", "--seal", other).code == 1
    held = desk("snapshot", "verify", "2020-06", "--seal", seal)
    assert (held.code, "snapshot 1: " in held.out) == (0, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["3f2a91c07b65d4e"], "has 15 digits: give all 64, or at least the first 16"),
        (["3f2a", "91c0"], "has 8 digits"),
        (["not a seal at all"], "is not a seal"),
        (["ab" * 33], "66 digits"),
        ([""], "is not a seal"),
    ],
)
def test_what_is_no_seal_is_no_finding(desk, words, says):
    """Exit code 2: nobody may take a slip for a forgery."""
    ended = desk("snapshot", "verify", "--seal", *words)
    assert (ended.code, says in ended.err, len(ended.err.splitlines())) == (2, True, 1)


def test_a_delivered_file(desk, tmp_path):
    desk("snapshot", "freeze", "2020-06")
    delivered = desk("snapshot", "show", "2020-06", "--format", "json").out
    said = json.loads(delivered)
    assert canonical(said["content"]).decode() in delivered
    file = tmp_path / "delivered.json"
    file.write_text(delivered)
    alone = run_here("snapshot", "verify", "--file", file)
    assert (alone.code, "not compared with a store" in alone.out) == (0, True)
    assert "consistent in itself" in alone.out
    assert "proves nothing about who made it" in alone.out
    held = desk("snapshot", "verify", "--file", file, "--seal", said["seal"]["seal"])
    assert (held.code, held.err) == (0, "")
    assert "not compared" not in held.out
    assert desk("snapshot", "verify", "--file", file, "--seal", "ab" * 32).code == 1
    given = run_here("snapshot", "verify", "--file", file, "--seal", said["seal"]["seal"])
    assert (given.code, "matches the seal given" in given.out) == (0, True)
    assert "not compared with a store" in given.out
    file.write_text(json.dumps(said, indent=2))
    assert "formatted differently" in run_here("snapshot", "verify", "--file", file).out
    file.write_text("%PDF")
    other = run_here("snapshot", "verify", "--file", file)
    assert (other.code, other.out, str(file) in other.err) == (1, "", True)
    file.write_text(delivered.replace('"value":59.0', '"value":79.0'))
    forged = run_here("snapshot", "verify", "--file", file)
    assert forged.code == 1
    assert "snapshot 1: content: it does not match its seal" in forged.err


def test_what_is_tampered_with_is_not_shown(desk):
    desk("snapshot", "freeze", "2020-06")
    sql(desk.url, "UPDATE snapshots SET content = replace(content, '59.0', '79.0')")
    sql(desk.url, "UPDATE snapshots SET content = CAST(content AS BLOB)")
    for command in (["show", "2020-06"], ["compare", "2020-06"], ["freeze", "2020-06"]):
        ended = desk("snapshot", *command)
        assert (ended.code, "is not as it was frozen" in ended.err) == (1, True)
    assert "snapshot 1: content" in desk("snapshot", "verify").err
    assert desk("snapshot", "verify").code == 1


def test_compare_and_amend(desk):
    desk("snapshot", "freeze", "2020-06")
    nothing = desk("snapshot", "compare", "2020-06")
    assert (nothing.code, "nothing is another" in nothing.out) == (0, True)
    answer(desk)
    changed = desk("snapshot", "compare", "2020-06", "--language", "sv")
    assert changed.code == 1
    assert "desk/4" in changed.out
    assert "desk/1" not in changed.out
    assert "källan berättade det först efteråt" in changed.out
    told = json.loads(desk("snapshot", "compare", "2020-06", "--format", "json").out)
    assert {each["id"] for each in told["records"]} == {"4"}
    table = list(csv.DictReader(io.StringIO(
        desk("snapshot", "compare", "2020-06", "--format", "csv").out)))  # fmt: skip
    assert {row["id"] for row in table if row["part"] == "record"} == {"4"}
    again = desk("snapshot", "freeze", "2020-06")
    assert (again.code, "--amendment" in again.err) == (1, True)
    amended = desk("snapshot", "freeze", "2020-06", "--amendment")
    assert (amended.code, "Amendment of snapshot 1" in amended.out) == (0, True)
    assert desk("snapshot", "compare", "2020-06").code == 0
    assert desk("snapshot", "compare", "2020-06", "--number", "1").code == 1
    assert "Snapshot 1: " in desk("snapshot", "show", "2020-06", "--number", "1").out
    assert desk("snapshot", "freeze", "2020-06", "--amendment").code == 1
    assert desk("snapshot", "verify", "2020-06").code == 0


def test_a_source_that_was_never_read(tmp_path):
    file = write_desk(tmp_path)
    refused = run_here("snapshot", "freeze", "2020-06", "--config", file)
    assert (refused.code, refused.out) == (1, "")
    assert len(refused.err.splitlines()) == 4
    assert "servicedesk-kpi poll desk" in refused.err
    marked = run_here("snapshot", "freeze", "2020-06", "--incomplete", "--config", file)
    assert (marked.code, len(marked.err.splitlines())) == (0, 2)
    assert "NOT COMPLETE" in run_here("snapshot", "show", "2020-06", "--config", file).out


def test_the_past_may_not_be_edited(desk):
    desk("snapshot", "freeze", "2020-06")
    edit(desk.folder, "servicedesk.yaml", "within: 30min", "within: 40min")
    for command in (["freeze", "2020-05"], ["compare", "2020-06"]):
        refused = desk("snapshot", *command)
        assert (refused.code, "30min → 40min" in refused.err) == (2, True)
    assert desk("snapshot", "verify").code == 0, "what was frozen needs no definitions"
    assert desk("snapshot", "show", "2020-06").code == 0
    restated = desk("snapshot", "compare", "2020-06", "--restate")
    assert (restated.code, "urgent: limit: 30 min → 40 min" in restated.out) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["freeze", "last_month"], "is not a period written as dates"),
        (["freeze", "2020-13"], "is not a period"),
        (["freeze", "2020-06", "--now", "yesterday"], "is not a date"),
        (["show", "2020-06", "--format", "csv"], "use report for csv"),
        (["verify", "--file", "nowhere.json"], "No such file"),
        (["verify", "2020-05", "2020-06"], "MONTH: one period at most, not 2020-05 2020-06"),
    ],
)
def test_wrong_input(desk, arguments, says):
    ended = desk("snapshot", *arguments)
    assert ended.code == 2
    assert says in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("command", ["show", "compare"])
def test_what_is_not_frozen(desk, command):
    ended = desk("snapshot", command, "2020-06")
    assert ended.code == 1
    assert ended.err == (
        "2020-06 is not frozen: freeze it with servicedesk-kpi snapshot freeze 2020-06\n"
    )
    assert desk("snapshot", "verify", "2020-06").code == 1


def test_a_calendar_that_is_not_there(tmp_path):
    file = write_desk(tmp_path, CONFIGURATION + "snapshot: {calendar: nowhere, at: 7}\n")
    ended = run_here("check", "--offline", "--config", file)
    assert ended.code == 2
    assert 'write it in quotes, as in "07:00"' in ended.err
    file = write_desk(tmp_path, CONFIGURATION + "snapshot: {calendar: nowhere}\n")
    ended = run_here("check", "--offline", "--config", file)
    assert "there is no calendar 'nowhere'" in ended.err
