"""A desk on which every command has something to say, and what is printed of it in a language.

``python -m tests.cli.languages.cases`` writes sv.txt and en.txt anew.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from collector.model.bilingual import LANGUAGES, Language
from tests.worlds.commands import run_here

HERE = Path(__file__).parent
CONFIGURATION = """
timezone: Europe/Stockholm
organizations: [Askersund, Laxå]
calendars:
  office:
    timezone: Europe/Stockholm
    hours: {mon-thu: ["08:00-17:00"], fri: ["08:00-16:00"]}
    holidays:
      country: SE
      add: [2020-06-05]
      half_days: {2020-06-18: ["08:00-12:00"]}
sources:
  s1: {type: csv_tickets, path: tickets.csv, timezone: Europe/Stockholm}
  s2: {type: csv_calls, path: calls.csv, timezone: Europe/Stockholm}
rules: {min_n: 1}
exclude: {x1: {category: Probe}}
indicators:
  i1:
    title: {sv: Akuta inom en halvtimme, en: Urgent ones within half an hour}
    kind: share_within
    records: {priority: urgent}
    to: first_response
    within: 30min
    calendar: office
    target: ">= 90%"
    versions: [{valid_from: 2020-06-20, within: 20min, rules: {min_n: 2}}]
  i2:
    title: {sv: Ärendetid, en: Handling time}
    kind: mean_duration
    to: resolved
    calendar: office
    unit: business_days
    target: "<= 10 business_days"
    rules: {counted_by: resolved}
  i3:
    title: {sv: Inom två dagar, en: Within two days}
    kind: share_within
    records: {kind: order}
    to: resolved
    within: 2 business_days
    calendar: office
    target: ">= 80%"
  i4:
    title: {sv: Klara i första linjen, en: Done by the first line}
    kind: share_where
    where: {only_teams: [T1], category: Mail}
    target: ">= 45%"
  i5:
    title: {sv: Servicenivå, en: Service level}
    kind: service_level
    within: 20s
    short_abandon: 5s
    target: ">= 70%"
  i6:
    title: {sv: Inkomna, en: Came in}
    kind: count
  i7:
    title: {sv: Enkät, en: Survey}
    kind: manual
    unit: "%"
    target: "> baseline 71.13"
    values: [{date: 2020-05-31, value: 59.5, set_by: N. N.}]
"""
_FIELDS = (
    "id,kind,priority,organization,opened_at,first_response_at,resolved_at,closed_at,status,url,"
    "team,category\n"
)
TICKETS = _FIELDS + (
    "1,incident,urgent,Askersund,2020-06-17 16:50,2020-06-18 08:15,2020-06-22 10:00,,resolved,,"
    "T1,Mail\n"
    "2,incident,urgent,Laxå,2020-06-15 09:00,2020-06-15 09:30,2020-06-17 10:00,,resolved,,T2,\n"
    "3,order,low,Laxå,2020-06-17 09:00,2020-06-17 09:05,2020-06-25 16:59,,resolved,,T1,Mail\n"
    "4,order,normal,Askersund,2020-06-24 09:00,,,,on_hold,,,Probe\n"
    "5,incident,urgent,Askersund,2020-06-26 15:45,,,,new,,T1,\n"
    "6,request,high,,2020-06-24 12:00,2020-06-24 11:00,,,spam,,,\n"
)
CALLS = """id,queue,organization,entered_at,outcome,wait_seconds
a,q1,Askersund,2020-06-15 09:00:00,answered,20
b,q1,Laxå,2020-06-15 09:10:00,answered,21
c,q2,Laxå,2020-06-16 09:10:00,abandoned,3
d,q2,,2020-06-17 11:10:00,timeout,60
e,q1,Laxå,2020-06-17 11:20:00,callback,
"""

_JUNE = ("--period", "2020-06", "--now", "2020-06-30T12:00")
BEFORE = (
    ("measure", *_JUNE),
    ("measure", *_JUNE, "--by", "organization", "--brief"),
    ("measure", *_JUNE, "--by", "priority", "--brief"),
    ("measure", *_JUNE, "--by", "hour", "--brief", "--indicator", "i6"),
    ("measure", *_JUNE, "--by", "queue", "--brief", "--indicator", "i5", "--indicator", "i6"),
    ("measure", *_JUNE, "--compare", "--distribution", "--brief"),
    *(("explain", f"i{n}", *_JUNE) for n in range(1, 8)),
    ("forecast", *_JUNE[2:]),
    ("forecast", *_JUNE[2:], "--backtest"),
    ("what-if", *_JUNE, "--set", "indicators.i5.within=25s"),
    ("snapshot", "show", "2020-06"),
)
"""The commands on the desk as it is."""
AFTER = (
    ("snapshot", "compare", "2020-06", "--restate"),
    ("explain", "i3", *_JUNE, "--limit", "1"),
    ("explain", "i7", "--period", "2020-06"),
)
"""Those on the desk after its past was edited."""
_THEN = re.compile(r"\w{3} 20(?:2[6-9]|[3-9]\d)-\d\d-\d\d \d\d:\d\d:\d\d")


def printed(folder: Path, language: Language) -> Iterator[str]:
    """Yield each command with what it prints, in an empty folder, which is the working directory.

    When it was read and frozen, and seals, are left out.
    """
    file = folder / "servicedesk.yaml"
    file.write_text(CONFIGURATION, encoding="utf-8")
    (folder / "tickets.csv").write_text(TICKETS, encoding="utf-8")
    (folder / "calls.csv").write_text(CALLS, encoding="utf-8")
    _done("poll")
    _done("snapshot", "freeze", "2020-06", "--incomplete")
    for command in BEFORE:
        yield _said(command, language)
    past = CONFIGURATION.replace('fri: ["08:00-16:00"]', 'fri: ["08:00-15:00"]')
    past = past.replace("within: 2 business_days", "within: 3 business_days")
    past = past.replace("value: 59.5", "value: 60.5").replace("add: [2020-06-05]", "add: []")
    file.write_text(past, encoding="utf-8")
    for command in AFTER:
        yield _said(command, language)


def _done(*command: str) -> None:
    outcome = run_here(*command)
    assert outcome.code == 0, outcome.err


def _said(command: tuple[str, ...], language: Language) -> str:
    outcome = run_here(*command, "--language", language)
    assert outcome.code in (0, 1), outcome.err
    text = _THEN.sub("(...)", re.sub(r"[0-9a-f]{64}", "(...)", outcome.out))
    text = re.sub(r"20(?:2[6-9]|[3-9]\d)-\d\d-\d\dT[\d:+]+", "(...)", text)
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return f"$ servicedesk-kpi {' '.join(command)}\n{lines}\n\n"


def golden(language: Language) -> Path:
    """The file that holds what is printed in a language."""
    return HERE / f"{language}.txt"


if __name__ == "__main__":
    for each in LANGUAGES:
        with tempfile.TemporaryDirectory() as name:
            os.chdir(name)
            golden(each).write_text("".join(printed(Path(name), each)), encoding="utf-8")
