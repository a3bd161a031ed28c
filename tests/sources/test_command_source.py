"""``command``: what a program writes, how it is run, and how it is ended."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from collector.io.errors import SourceError, UserFacingError
from collector.model.page import Page
from collector.model.records import Ticket
from collector.service.drain import drain
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from collector.store import Store

AT = 1_700_000_000
FIELDS = {"id": "id", "opened_at": "at", "status": "state"}


def source(program: str, *arguments: str, **more: Any) -> Source:
    """A source that runs Python."""
    keys = {"type": "command", "command": [sys.executable, "-c", program, *arguments]}
    keys |= {"time_format": "epoch", "fields": FIELDS, **more}
    return make_source("desk", SOURCES["command"].model_validate(keys), ())


def writes(*messages: Any) -> str:
    """A program that writes these messages."""
    lines = [each if isinstance(each, str) else json.dumps(each) for each in messages]
    return f"print({chr(10).join(lines)!r})"


def record(number: int, stream: str = "tickets", **more: Any) -> dict[str, Any]:
    row = {"id": number, "at": AT + number, "state": "open", **more}
    return {"type": "RECORD", "stream": stream, "record": row}


def read(made: Source, cursor: Any = None) -> tuple[list[str], Any]:
    pages: list[Page] = list(made.pages(cursor))
    ids = [each.id for page in pages for each in page.records]
    return ids, json.loads(json.dumps(pages[-1].cursor))


# -- what it writes -------------------------------------------------------------------------------


def test_records_of_one_stream_are_tickets_and_the_last_state_is_kept() -> None:
    program = writes(
        {"type": "SCHEMA", "stream": "users", "schema": {}, "key_properties": ["id"]},
        {"type": "SCHEMA", "stream": "tickets", "schema": {}, "key_properties": ["id"]},
        {"type": "ACTIVATE_VERSION", "stream": "tickets", "version": 1},
        {"type": "STATE", "value": {"upto": 1}},
        record(1),
        record(7, stream="users"),
        record(2),
        {"type": "STATE", "value": {"upto": 2}},
    )
    found, cursor = read(source(program, stream="tickets"))
    assert found == ["1", "2"]
    assert cursor["state"] == {"upto": 2}


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_the_state_is_passed_back(way: str) -> None:
    """What the program was given is written into the ticket, as its status."""
    given = "sys.stdin.read()" if way == "stdin" else "(sys.argv[1:] and open(sys.argv[2]).read())"
    program = (
        f"import json, sys\nstate = {given} or 'first'\n"
        "row = {'id': 1, 'at': 1700000000, 'state': state}\n"
        "print(json.dumps({'type': 'RECORD', 'stream': 't', 'record': row}))\n"
        "print(json.dumps({'type': 'STATE', 'value': {'upto': 9}}))\n"
    )
    made = source(program, state=way)
    seen, cursor = [], None
    for _ in range(2):
        pages = list(made.pages(cursor))
        seen += [each.status for page in pages for each in page.records if isinstance(each, Ticket)]
        cursor = pages[-1].cursor
    assert seen == ["first", '{"upto": 9}']


def test_lines_of_json_are_tickets_with_their_history() -> None:
    moves = [{"at": AT + 60, "from": "new", "to": "resolved"}]
    row = {"id": "A", "at": AT, "state": "resolved", "moves": moves}
    changes = {"rows": "moves", "at": "at", "field": "'status'", "old": "from", "new": "to"}
    made = source(writes(row, "", "no json: Anna"), format="ndjson", changes=changes)
    pages = list(made.pages(None))
    (ticket,) = [each for page in pages for each in page.records]
    assert isinstance(ticket, Ticket) and ticket.resolved_at == AT + 60
    (wrong,) = [each for page in pages for each in page.rejected]
    assert (wrong.where, wrong.reason, wrong.message) == (
        "line 2",
        "bad_line",
        "line 2 is no JSON object",
    )


def test_what_is_the_same_as_at_the_last_run_is_not_delivered_again(tmp_path: Path) -> None:
    file = tmp_path / "out"
    made = source(f"print(open({str(file)!r}).read())", format="ndjson")
    file.write_text(json.dumps({"id": 1, "at": AT, "state": "new"}))
    found, cursor = read(made)
    assert (found, read(made, cursor)[0]) == (["1"], [])
    file.write_text(json.dumps({"id": 1, "at": AT, "state": "open"}))
    assert read(made, cursor)[0] == ["1"]


@pytest.mark.parametrize(
    ("program", "keys", "said"),
    [
        (writes({"id": 1}), {}, "line 1 of the output is no Singer message"),
        (writes(record(1), record(2, stream="x")), {}, r"several streams \(tickets, x\)"),
        (writes(record(1)), {"stream": "incidents"}, "no stream incidents, only tickets"),
        (writes({"type": "BATCH", "stream": "tickets"}), {}, "line 1 is a BATCH"),
    ],
)
def test_output_that_cannot_be_used_is_said(program: str, keys: dict[str, str], said: str) -> None:
    with pytest.raises(SourceError, match=said) as caught:
        read(source(program, **keys))
    assert caught.value.permanent


@pytest.mark.parametrize("state", ["file", "none"])
def test_no_ticket_at_all_is_an_error_unless_only_changes_are_asked_for(
    tmp_path: Path, state: str
) -> None:
    file = tmp_path / "out"
    made = source(f"print(open({str(file)!r}).read())", state=state)
    told = {"type": "STATE", "value": {"since": AT}}
    file.write_text("\n".join(map(json.dumps, [told])))
    with pytest.raises(SourceError, match="wrote no ticket, though it was to list all"):
        read(made)
    file.write_text("\n".join(map(json.dumps, [record(1), told])))
    found, cursor = read(made)
    assert found == ["1"]
    file.write_text(json.dumps(told))
    if state == "file":
        assert read(made, cursor)[0] == []
    else:
        with pytest.raises(SourceError, match="wrote no ticket"):
            read(made, cursor)


def test_a_slow_program_without_a_usable_ticket_fails_at_every_poll(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.sources.command.source._HEARTBEAT", 0.05)
    written = {"id": 1, "at": "yesterday", "state": "open"}
    made = source(f"import time; time.sleep(0.3)\n{writes(written)}", format="ndjson")
    for _ in range(2):
        result = drain(made, sqlite_store, clock=lambda: AT, log_failure=False)
        assert result.error == "1 of 1 records rejected (bad_time 1)"


# -- how it is run --------------------------------------------------------------------------------


def test_a_failed_run_keeps_the_cursor_and_what_it_wrote_is_not_used(tmp_path: Path) -> None:
    """Even after a state of its own; and what it said as an error is in no message."""
    said = "import sys; sys.stderr.write('password of Anna')"
    good = writes(record(1), {"type": "STATE", "value": 1})
    bad = f"{writes(record(2), {'type': 'STATE', 'value': 2})}; {said}; sys.exit(3)"
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        assert drain(source(good), store, clock=lambda: AT + 900).ok
        before = store.pages.cursor("desk")
        result = drain(source(bad), store, clock=lambda: AT + 960)
        assert result.error == "the command ended with status 3; run it by hand to see why"
        assert (result.records, store.pages.cursor("desk")) == (0, before)


def test_it_gets_its_own_variables_and_no_secrets_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LAB_SECRET", "s3cret")
    monkeypatch.setenv("RT_TOKEN", "of another")
    program = (
        "import json, os\n"
        "good = os.environ['KEY'] == 's3cret' and os.environ['MODE'] == 'all'\n"
        "alone = 'RT_TOKEN' not in os.environ and 'LAB_SECRET' not in os.environ\n"
        "print(json.dumps({'id': 1, 'at': 1700000000, 'state': f'{good} {alone}'}))\n"
    )
    made = source(program, format="ndjson", environment={"KEY": "${LAB_SECRET}", "MODE": "all"})
    (ticket,) = [each for page in made.pages(None) for each in page.records]
    assert isinstance(ticket, Ticket) and ticket.status == "True True"
    monkeypatch.delenv("LAB_SECRET")
    with pytest.raises(UserFacingError, match="LAB_SECRET is not set"):
        read(made)


def test_no_shell_reads_the_arguments() -> None:
    program = "import json, sys; print(json.dumps({'id': sys.argv[1], 'at': 1700000000}))"
    fields = {"id": "id", "opened_at": "at"}
    found, _ = read(source(program, "$(id); `id` *", format="ndjson", fields=fields))
    assert found == ["$(id); `id` *"]


def test_a_program_that_is_not_there_is_named() -> None:
    options = {"type": "command", "command": ["no-such-tap"], "fields": FIELDS}
    made = make_source("desk", SOURCES["command"].model_validate(options), ())
    with pytest.raises(SourceError, match="no-such-tap cannot be started: No such file") as caught:
        read(made)
    assert caught.value.permanent


def test_too_much_output_ends_it() -> None:
    endless = "import sys\nwhile True: sys.stdout.write('x' * 100_000)"
    with pytest.raises(SourceError, match="more than 1 MB"):
        read(source(endless, output_limit=1))


FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
with open(sys.argv[1] + ".new", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(60)
"""


def gone(file: Path) -> bool:
    """Whether the processes are no more whose numbers stand in a file."""
    for number in map(int, file.read_text().split()):
        for _ in range(200):
            state = Path(f"/proc/{number}/stat")
            try:
                if state.read_text().rpartition(")")[2].split()[0] == "Z":
                    break  # an orphan that nobody has collected yet
            except OSError:
                break
            time.sleep(0.02)
        else:
            return False
    return True


def test_it_and_its_children_are_ended_when_it_takes_too_long(tmp_path: Path) -> None:
    file = tmp_path / "numbers"
    with pytest.raises(SourceError, match="did not end within 2 s"):
        read(source(FAMILY, str(file), timeout="2s"))
    assert gone(file)


def test_it_and_its_children_are_ended_when_the_service_stops(tmp_path: Path) -> None:
    """The service asks after each page, and empty ones come while the program runs."""
    file = tmp_path / "numbers"
    with Store.open(f"sqlite:///{tmp_path}/store.db") as store:
        result = drain(source(FAMILY, str(file)), store, clock=lambda: AT + 900, stop=file.exists)
    assert result.stopped and result.error is None
    assert gone(file)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="only Linux tells")
def test_a_child_with_a_session_of_its_own_is_ended_too(tmp_path: Path) -> None:
    """One that a program left behind as a daemon does, though the program itself ended well."""
    daemon = (
        "import os, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
        " start_new_session=True, stdout=subprocess.DEVNULL)\n"
        "open(sys.argv[1], 'w').write(str(child.pid))\n"
    )
    file = tmp_path / "numbers"
    found, _ = read(source(daemon + writes(record(1)), str(file)))
    assert found == ["1"]
    assert gone(file)


def test_a_proxy_is_handed_on_but_no_password_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://kpi:s3cret@proxy.example:3128")
    program = (
        "import json, os\n"
        "told = f\"{os.environ.get('HTTP_PROXY')} {os.environ.get('HTTPS_PROXY')}\"\n"
        "print(json.dumps({'id': 1, 'at': 1700000000, 'state': told}))\n"
    )
    made = source(program, format="ndjson")
    (ticket,) = [each for page in made.pages(None) for each in page.records]
    assert isinstance(ticket, Ticket) and ticket.status == "http://proxy.example:3128 None"
    ((place, why),) = made.look().doubts
    assert place == ("environment",) and why.startswith("HTTPS_PROXY of this program holds")
    assert "s3cret" not in why
    given = source(program, format="ndjson", environment={"HTTPS_PROXY": "${HTTPS_PROXY}"})
    assert not given.look().doubts


# -- looking at it, and mistakes ------------------------------------------------------------------


def test_check_says_what_was_found() -> None:
    program = writes(record(1), record(2, at=None), {"type": "STATE", "value": 1})
    said = source(program, fields={**FIELDS, "team": "group"}).check()
    assert said == (
        "2 tickets, a state; 1 cannot be used: ticket 2: opened_at is empty; nothing is found by "
        "fields.team: correct or remove what is wrong"
    )


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"command": "tap --config x"}, "valid list"),
        ({"command": []}, "at least 1 item"),
        ({"format": "ndjson", "stream": "x"}, "stream is for format: singer"),
        ({"format": "ndjson", "state": "file"}, "only format: singer has a state"),
        ({"environment": {"A": "${not a name}"}}, "write a secret as"),
    ],
)
def test_a_mistake_is_named(keys: dict[str, Any], said: str) -> None:
    options = {"type": "command", "command": ["tap"], "fields": FIELDS, **keys}
    with pytest.raises(ValidationError, match=said):
        SOURCES["command"].model_validate(options)


def test_the_folder_of_the_configuration_counts_for_the_program(tmp_path: Path) -> None:
    file = tmp_path / "tap"
    file.write_text(f"#!{sys.executable}\nprint('[]')\n")
    file.chmod(0o755)
    options = {"type": "command", "command": ["./tap"], "format": "ndjson", "fields": FIELDS}
    context = {"folder": str(tmp_path)}
    made = make_source("desk", SOURCES["command"].model_validate(options, context=context), ())
    assert read(made)[0] == []
