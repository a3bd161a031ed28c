"""Mistakes of a first hour: what is done to a small desk that works, and the command that is run.

``python -m tests.cli.mistakes.cases`` writes their messages anew into messages.txt, to be read.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from tests.worlds.commands import Outcome, run_here

MESSAGES = Path(__file__).with_name("messages.txt")

CONFIGURATION = """timezone: Europe/London
priorities: [P1, P2]
calendars:
  office:
    timezone: Europe/London
    hours: {mon-fri: ["08:00-17:00"]}
sources:
  desk:
    type: csv_tickets
    path: tickets.csv
    timezone: Europe/London
    columns: {id: Number, opened_at: Created, first_response_at: Answered, priority: Priority}
indicators:
  answered:
    title: Tickets answered within 2 h
    kind: share_within
    records: {priority: P1}
    from: opened
    to: first_response
    within: 2h
    calendar: office
    target: ">= 90%"
"""
TICKETS = """Number,Created,Answered,Priority
1,2026-03-02 08:00,2026-03-02 09:00,P1
2,2026-03-02 08:00,2026-03-02 12:00,P2
"""
CHECK = ("check",)
OFFLINE = ("check", "--offline")
MEASURE = ("measure", "--period", "2026-03")


@dataclass(frozen=True)
class Mistake:
    """``change``: old → new text in the configuration; ``files``: other files, None: removed."""

    title: str
    change: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = CHECK
    files: dict[str, str | None] = field(default_factory=dict)
    code: int = 2


def _title(new: str) -> dict[str, str]:
    return {"title: Tickets answered within 2 h": new}


MISTAKES = (
    # YAML
    Mistake("a colon in a title", _title("title: P1: answered within 2 h")),
    Mistake("a title that begins with %", _title("title: %answered")),
    Mistake("a tab", {"    kind: share_within": "\tkind: share_within"}),
    Mistake("one space too many", {"    kind: share_within": "     kind: share_within"}),
    Mistake("a quotation mark that is not closed", {'target: ">= 90%"': 'target: ">= 90%'}),
    Mistake("a bracket that is not closed", {"[P1, P2]": "[P1, P2"}),
    Mistake("a key twice", {"    from: opened": "    from: opened\n    from: opened"}),
    # Keys
    Mistake("a key that is misspelt", {"    within: 2h": "    witin: 2h"}),
    Mistake("a key that is left out", {"    within: 2h\n": ""}),
    Mistake("a kind that does not exist", {"kind: share_within": "kind: share"}),
    Mistake("a source that does not exist", {"type: csv_tickets": "type: jira"}),
    Mistake("capitals in an id", {"  answered:\n": "  Answered:\n"}),
    Mistake("no indicators", {CONFIGURATION[CONFIGURATION.index("indicators:") :]: ""}),
    # Values
    Mistake("a duration without a unit", {"within: 2h": "within: 2"}),
    Mistake("a duration in words", {"within: 2h": "within: two hours"}),
    Mistake("a target without quotes and comparison", {'target: ">= 90%"': "target: 90"}),
    Mistake("a target without per cent", {'target: ">= 90%"': 'target: ">= 90"'}),
    Mistake("hours without quotes and brackets", {'["08:00-17:00"]': "08:00-17:00"}),
    Mistake("hours backwards", {'["08:00-17:00"]': '["17:00-08:00"]'}),
    Mistake("a weekday in another language", {"mon-fri": "mån-fre"}),
    Mistake(
        "a time zone by its short name", {"timezone: Europe/London\npri": "timezone: BST\npri"}
    ),
    Mistake(
        "a country by its name",
        {'["08:00-17:00"]}': '["08:00-17:00"]}\n    holidays: {country: England}'},
    ),
    Mistake("a calendar that does not exist", {"    calendar: office": "    calendar: offices"}),
    Mistake("a priority that is not listed", {"{priority: P1}": "{priority: P9}"}, code=0),
    Mistake(
        "a format of times without a year", {"    columns": '    time_format: "%d/%m"\n    columns'}
    ),
    Mistake("a delimiter of two signs", {"    columns": '    delimiter: ";;"\n    columns'}),
    # Secrets
    Mistake(
        "a token in plain text",
        {
            "    type: csv_tickets\n    path: tickets.csv\n    timezone: Europe/London\n"
            + CONFIGURATION[
                CONFIGURATION.index("    columns") : CONFIGURATION.index("indicators")
            ]: "    type: request_tracker\n    url: https://rt.example.org\n    token: 1-2-abc\n"
        },
    ),
    Mistake(
        "a secret inside an address",
        {"calendars:\n": "store: postgresql://kpi:${PASSWORD}@localhost/kpi\ncalendars:\n"},
        OFFLINE,
        code=0,
    ),
    Mistake(
        "a secret that is not set",
        {
            "calendars:\n": "store: postgresql://kpi@127.0.0.1:1/kpi\n"
            "store_password: ${KPI_NOT_SET}\ncalendars:\n"
        },
        OFFLINE,
        code=0,
    ),
    # Files
    Mistake("no configuration", command=("check", "--config", "servicdesk.yaml")),
    Mistake("an export that is not there", files={"tickets.csv": None}),
    Mistake("an export that is not there, offline", {}, OFFLINE, {"tickets.csv": None}, 0),
    Mistake(
        "a column with another name", files={"tickets.csv": TICKETS.replace("Created", "Opened")}
    ),
    Mistake("another delimiter", files={"tickets.csv": TICKETS.replace(",", ";")}),
    Mistake(
        "times in another format",
        files={"tickets.csv": re.sub(r"2026-03-02 (\d)", r"02/03/2026 \1", TICKETS)},
    ),
    Mistake("an archive that is no workbook", files={"tickets.csv": "PK\x03\x04workbook"}),
    Mistake("an empty export", files={"tickets.csv": ""}),
    Mistake(
        "a quotation mark that takes rows in",
        files={"tickets.csv": TICKETS.replace("1,2026", '1,"2026', 1)},
    ),
    Mistake(
        "a store in a folder that is not there",
        {"calendars:\n": "store: sqlite:///no/x.db\ncalendars:\n"},
    ),
    # Commands
    Mistake("a command that does not exist", command=("mesure",)),
    Mistake("an option that does not exist", command=("measure", "--periode", "2026-03")),
    Mistake("a period in words", command=("measure", "--period", "March")),
    Mistake(
        "an indicator that does not exist", command=("explain", "answer", "--period", "2026-03")
    ),
    Mistake("a source that is not configured", command=("poll", "phone")),
    Mistake("an erasure in a source that is not configured", command=("erase", "phone", "1")),
    Mistake("an erasure of nothing", command=("erase", "desk")),
    Mistake("a date that is none", command=("poll", "--since", "yesterday")),
    Mistake("a split that does not exist", command=(*MEASURE, "--by", "person")),
    Mistake("what-if without a value", command=("what-if", "--period", "2026", "--set", "within")),
    Mistake("init over a configuration", command=("init", "csv_tickets", "tickets.csv")),
)


def run(mistake: Mistake, folder: Path) -> Outcome:
    """Make a mistake in a folder of its own, which is the present one, and run the command."""
    text = CONFIGURATION
    for old, new in mistake.change.items():
        assert text.count(old) == 1, f"{mistake.title}: {old!r}"
        text = text.replace(old, new)
    for name, content in {
        "servicedesk.yaml": text,
        "tickets.csv": TICKETS,
        **mistake.files,
    }.items():
        if content is not None:
            (folder / name).write_text(content)
    return run_here(*mistake.command)


def shown(mistake: Mistake, outcome: Outcome, folder: Path) -> str:
    """What a person sees of it, without what differs from machine to machine."""
    said = (outcome.err + outcome.out).replace(f"{folder}/", "")
    return f"# {mistake.title}\n$ servicedesk-kpi {' '.join(mistake.command)}\n{said}\n"


def written() -> str:
    """All messages, as messages.txt holds them."""
    parts = []
    for mistake in MISTAKES:
        with tempfile.TemporaryDirectory() as name, contextlib.chdir(name):
            parts.append(shown(mistake, run(mistake, Path(name).resolve()), Path(name).resolve()))
    return "".join(parts)


if __name__ == "__main__":
    os.environ.pop("SERVICEDESK_KPI_CONFIG", None)
    MESSAGES.write_text(written(), encoding="utf-8")
