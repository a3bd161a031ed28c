"""Asterisk's queue log: from lines (or rows of its SQL table) to events.

Pure: no files, no clock. The formats are those of app_queue.c from 1.4 to 22.
Versions differ in how many data fields an event has, so a field is read by position only where
every version has it in that position. The field with the caller's number is never read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from collector.model.page import RejectedRow
from collector.model.records import CallOutcome
from collector.sources.kit.mapping import DEFAULT

ENDS: dict[str, tuple[CallOutcome, int | None]] = {
    # event: how the stay ended, and the position of the wait in its data
    "ABANDON": (CallOutcome.ABANDONED, 2),
    "EXITWITHTIMEOUT": (CallOutcome.TIMEOUT, 2),
    "EXITEMPTY": (CallOutcome.EMPTY, 2),
    "WITHDRAW": (CallOutcome.WITHDRAWN, 2),
    "EXITWITHKEY": (CallOutcome.KEY_EXIT, 3),
    # SYSCOMPAT (the channels were incompatible) has no data. Asterisk counts it as abandoned,
    # as it does EXITEMPTY: nobody could take the call
    "SYSCOMPAT": (CallOutcome.EMPTY, 2),
}
ADDED_ENDS: dict[str, tuple[CallOutcome, int | None]] = {
    # Not Asterisk's own: written by dialplans, forks and add-ons, often beside Asterisk's own end
    "EXITCODE": (CallOutcome.UNANSWERED, None),
    "EXITHANGUP": (CallOutcome.ABANDONED, None),
    "HANGUP": (CallOutcome.ABANDONED, None),
    "LEAVEEMPTY": (CallOutcome.EMPTY, None),
    "LEAVEUNAVAIL": (CallOutcome.EMPTY, None),
    "JOINEMPTY": (CallOutcome.EMPTY, None),
    "JOINUNAVAIL": (CallOutcome.EMPTY, None),
    "FULL": (CallOutcome.EMPTY, None),
    "CLOSED": (CallOutcome.EMPTY, None),
    "DIVERT_CA_RATIO": (CallOutcome.EMPTY, None),
    "DIVERT_HOLDTIME": (CallOutcome.EMPTY, None),
}
REFUSALS = frozenset(
    {
        *("FULL", "JOINEMPTY", "JOINUNAVAIL", "CLOSED", "DIVERT_CA_RATIO", "DIVERT_HOLDTIME"),
        str(CallOutcome.REFUSED).upper(),
    }
)
"""Events, values of QUEUESTATUS, and an outcome of ``map.event``, of callers who were not let into
a queue. Asterisk itself writes none of them."""
STATUSES = {
    # Values of the channel variable QUEUESTATUS, the first data of EXITCODE and EXITHANGUP
    "TIMEOUT": CallOutcome.TIMEOUT,
    "FULL": CallOutcome.EMPTY,
    "JOINEMPTY": CallOutcome.EMPTY,
    "JOINUNAVAIL": CallOutcome.EMPTY,
    "LEAVEEMPTY": CallOutcome.EMPTY,
    "LEAVEUNAVAIL": CallOutcome.EMPTY,
    "WITHDRAW": CallOutcome.WITHDRAWN,
}
FINISHES = frozenset(
    {"COMPLETEAGENT", "COMPLETECALLER", "TRANSFER", "BLINDTRANSFER", "ATTENDEDTRANSFER"}
)
IGNORE = "IGNORE"
"""What ``map.event`` calls an event that says nothing about the course of a call."""
# Known, but irrelevant to the course of a call. After AGENTDUMP the caller keeps waiting.
IRRELEVANT = frozenset(
    {
        *("ADDMEMBER", "REMOVEMEMBER", "PAUSE", "UNPAUSE", "PAUSEALL", "UNPAUSEALL"),
        *("PENALTY", "RINGINUSE", "OUTCALL", "CONFIGRELOAD", "RINGNOANSWER", "RINGCANCELED"),
        *("AGENTDUMP", "AGENTLOGIN", "AGENTLOGOFF", "AGENTCALLBACKLOGIN", "AGENTCALLBACKLOGOFF"),
        *("DID", "OUTDIAL", "OUTANSWER", "CALLSTATUS", IGNORE),  # FreePBX and importers
    }
)
ENTER, CONNECT, START = "ENTERQUEUE", "CONNECT", "QUEUESTART"
OWN_CALL_EVENTS = frozenset({CONNECT, *ENDS, *FINISHES})
"""Asterisk's own events of a caller who has entered a queue."""
KNOWN = frozenset({ENTER, START, *OWN_CALL_EVENTS, *ADDED_ENDS, *IRRELEVANT})
ENDED_AS = frozenset(CallOutcome) - {CallOutcome.ANSWERED, CallOutcome.OPEN, CallOutcome.UNKNOWN}
"""Outcomes that ``map.event`` may give to an event."""
NO_QUEUE = "NONE"
_EXITS = frozenset({"EXITCODE", "EXITHANGUP"})

EARLIEST, LATEST = 946_684_800, 4_294_967_295  # 2000 to 2106; outside, the clock was not set

_ODD = -1
_SECONDS = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the log, at ``at`` (epoch seconds).

    ``wait`` and ``talk`` are seconds from its data fields, None in formats that do not have them
    and where they are not whole seconds (``odd``). ``outcome``: how a stay ended, for events that
    end one unanswered. ``refused``: it may be of a caller who never got into the queue. ``queue``
    is NO_QUEUE where the line names none.
    """

    at: int
    callid: str
    queue: str
    name: str
    wait: int | None = None
    talk: int | None = None
    outcome: CallOutcome | None = None
    odd: bool = False
    refused: bool = False

    @property
    def is_unknown(self) -> bool:
        """Whether neither Asterisk nor the configuration has the event's name."""
        return self.outcome is None and self.name not in KNOWN


def parse_line(line: str, names: Mapping[str, str] | None = None) -> Event:
    """Parse one line without its line ending. Raises RejectedRow if it is not an event.

    ``names``: see :func:`parse_event`.
    """
    parts = line.split("|", 5)
    if len(parts) < 5:
        raise RejectedRow("malformed_line", "not time|callid|queue|agent|event")
    time, callid, queue, _agent, name = parts[:5]
    at = int(time) if time.isascii() and time.isdecimal() and len(time) < 12 else 0
    if not EARLIEST <= at <= LATEST:
        raise RejectedRow("bad_time", "the time is not epoch seconds since 2000")
    return parse_event(at, callid, queue, name, parts[5:], names)


def parse_event(
    at: int,
    callid: str,
    queue: str,
    name: str,
    data: Sequence[str | None] = (),
    names: Mapping[str, str] | None = None,
) -> Event:
    """Return the event of one row; ``data`` is data1 … data5, or the single column ``data``.

    The fields are joined and split again, since the SQL table packs everything beyond five into the
    last one, and trailing separators are dropped; so a file and a table give equal events.
    ``names``: ``map.event`` of the configuration, in upper case. Raises RejectedRow if call or
    event is empty, or the queue that a caller enters.
    """
    callid, queue, name = callid.strip(), queue.strip() or NO_QUEUE, name.strip().upper()
    outcome: CallOutcome | None = None
    refused = name in REFUSALS
    if names and (ours := names.get(name) or (name not in KNOWN and names.get(DEFAULT.upper()))):
        if ours.lower() in ENDED_AS:
            outcome = CallOutcome(ours.lower())
            refused = outcome is CallOutcome.REFUSED
        else:
            name = ours
            refused = name in REFUSALS
    if not name or not callid or (name == ENTER and queue == NO_QUEUE):
        raise RejectedRow("malformed_line", "call, queue or event is empty")
    fields = "|".join(field or "" for field in data).rstrip("|").split("|")
    wait_place, talk_place = None, None
    if outcome is not None:
        pass  # an event of someone's own: nobody knows what its fields are
    elif name == CONNECT:
        wait_place = 0
    elif name in ENDS:
        outcome, wait_place = ENDS[name]
    elif name in ADDED_ENDS:
        outcome, _ = ADDED_ENDS[name]
        status = fields[0].strip().upper()
        outcome = STATUSES.get(status, outcome)
        refused = refused or (name in _EXITS and status in REFUSALS)
    elif name in FINISHES:
        wait_place = _hold_place(name, fields)
        talk_place = wait_place + 1
    wait, talk = _seconds(fields, wait_place), _seconds(fields, talk_place)
    odd = _ODD in (wait, talk)
    if odd:
        wait, talk = (None if seconds == _ODD else seconds for seconds in (wait, talk))
    return Event(at, callid, queue, name, wait, talk, outcome, odd, refused)


def _hold_place(name: str, fields: Sequence[str]) -> int:
    if name.startswith("COMPLETE"):
        return 0
    if name == "ATTENDEDTRANSFER" and fields[0] == "LINK":
        return 3
    # extension, context (or BRIDGE|id, APP|application), hold, talk and, since 1.6, position.
    # There are more than five only if one of the first two contains a separator
    return max(2, len(fields) - 3) if len(fields) > 4 else 2


def _seconds(fields: Sequence[str], place: int | None) -> int | None:
    """The whole seconds in a field; _ODD if it holds something else (a negative number)."""
    if place is None or place >= len(fields) or not (text := fields[place].strip()):
        return None
    return int(text) if text.isascii() and _SECONDS.fullmatch(text) else _ODD
