"""Drafts from CSV files of tickets or calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime

from collector.cli.init.draft import Draft
from collector.cli.init.export import Export, newest_file, read_export
from collector.cli.init.times import DateOrder, Guess, guess_format, in_order, order_of
from collector.cli.init.words import (
    CALLS,
    TICKETS,
    outcome_of,
    status_of,
    strictest_first,
    unit_in,
)
from collector.cli.options import WrongInput
from collector.model.records import CallOutcome, Status
from collector.sources.csv.durations import Unit, read_duration
from collector.sources.csv.empties import never, no_text, no_time
from collector.sources.csv.formats import read_time
from collector.sources.csv.options import CallColumns, TicketColumns
from collector.text.counts import counted

AskOrder = Callable[[str, str], DateOrder]
"""Asks for the order of day and month in a column, given its name and a value."""

MOST_ORGANIZATIONS = 12
MOST_PRIORITIES = 12
_SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_TELL = ("outcome", "answered_at", "talk_seconds")


def draft_of_tickets(pattern: str, chosen: Mapping[str, str], ask: AskOrder) -> Draft:
    """Return a draft for an export of tickets.

    ``chosen``: our field → its column, as the user says. Raises WrongInput if the export cannot be
    understood, SourceError if it cannot be read.
    """
    export = _export(pattern, TICKETS, frozenset({"id", "opened_at"}), chosen)
    draft = Draft("desk", export.path.name, {"type": "csv_tickets", "path": pattern})
    columns = _common(draft, export, ask)
    if "priority" in columns:
        draft.priorities = _priorities(draft, columns, export)
    if "organization" in columns:
        draft.organizations = _organizations(draft, columns, export)
    if "status" in columns:
        _map(draft, "status", _distinct(export, "status"), status_of, Status, str(Status.OPEN))
    draft.options["columns"] = _written(columns, TicketColumns(), export.header)
    ends = ("first_response_at", "resolved_at", "closed_at")
    draft.facts = frozenset(name.removesuffix("_at") for name in ends if name in columns)
    if not draft.facts:
        draft.guesses.append(
            "no column with a first response, a resolution or a closing: only the number of "
            "tickets can be measured; name one with --column resolved_at=NAME"
        )
    return draft


def draft_of_calls(pattern: str, chosen: Mapping[str, str], ask: AskOrder) -> Draft:
    """Return a draft for an export of calls; see :func:`draft_of_tickets`."""
    export = _export(pattern, CALLS, frozenset({"id", "queue", "entered_at"}), chosen)
    if not set(_TELL) & export.columns.keys():
        listed = ", ".join(map(repr, export.header))
        raise WrongInput(
            f"{export.path}: no column tells how a call ended; name one with --column outcome=NAME "
            f"or --column answered_at=NAME; the columns are: {listed}"
        )
    draft = Draft("phone", export.path.name, {"type": "csv_calls", "path": pattern}, calls=True)
    columns = _common(draft, export, ask)
    units: dict[str, Unit] = {}
    for field in [name for name in columns if name.endswith("_seconds")]:
        if (unit := _unit(draft, field, columns[field], export.values[field])) is None:
            del columns[field]
        elif unit != "s":
            units[field] = unit
    if units:
        draft.options["units"] = units
    if "organization" in columns:
        draft.organizations = _organizations(draft, columns, export)
    if "outcome" in columns:
        words = _distinct(export, "outcome")
        _map(draft, "outcome", words, outcome_of, CallOutcome, str(CallOutcome.UNANSWERED))
    draft.options["columns"] = _written(columns, CallColumns(), export.header)
    draft.queues = dict(Counter(each for each in export.values["queue"] if each).most_common())
    return draft


def _export(
    pattern: str, fields: Mapping[str, str], needed: frozenset[str], chosen: Mapping[str, str]
) -> Export:
    if unknown := sorted(chosen.keys() - fields.keys()):
        raise WrongInput(f"--column {unknown[0]}: is no field; the fields are: {', '.join(fields)}")
    return read_export(newest_file(pattern), fields, needed, chosen)


def _common(draft: Draft, export: Export, ask: AskOrder) -> dict[str, str]:
    """Set what tickets and calls share; return our field → column, without what is unusable."""
    columns = dict(export.columns)
    if export.delimiter != ",":
        draft.options["delimiter"] = export.delimiter
    sign = _SIGNS.get(export.delimiter, repr(export.delimiter))
    form = "of a workbook's first sheet" if export.workbook else f"columns separated by {sign}"
    draft.guesses.append(f"{counted(export.rows, 'row')}, {form}")
    forms = _formats(draft, export, columns, ask)
    start = "entered_at" if draft.calls else "opened_at"
    if forms[start] != "iso":
        draft.options["time_format"] = forms[start]
    if others := {field: form for field, form in forms.items() if form != forms[start]}:
        draft.options["time_formats"] = others
    draft.options["timezone"] = ""
    for field, column in columns.items():
        form = f", times as {forms[field]}" if field in forms else ""
        draft.guesses.append(f"{field}: the column {column!r}{form}")
    unused = [name for name in export.header if name and name not in columns.values()]
    if unused:
        draft.guesses.append(f"not used: {', '.join(map(repr, unused))}")
    draft.newest = _newest(export.values[start], forms[start])
    return columns


def _formats(
    draft: Draft, export: Export, columns: dict[str, str], ask: AskOrder
) -> dict[str, str]:
    """Return the format of every column of times; those that hold none are taken from columns."""
    guesses: dict[str, Guess] = {}
    for field in [name for name in columns if name.endswith("_at")]:
        guess = guess_format(export.values[field])
        if guess is not None:
            guesses[field] = guess
            continue
        column = columns.pop(field)
        shown = next((each for each in export.values[field] if each and not no_time(each)), "")
        problem = f"{column!r} holds no times in one known format, as in {shown!r}"
        if field in {"opened_at", "entered_at"}:
            raise WrongInput(
                f"{export.path}: {problem}; name another column with --column {field}=NAME, or "
                "export the times as 2026-07-31 13:45"
            )
        draft.guesses.append(f"{field}: {problem}: left out")
    orders = {order_of(each.form) for each in guesses.values() if each.other is None} - {None}
    forms = {}
    for field, guess in guesses.items():
        form = guess.form
        if guess.other is not None:
            order = next(iter(orders)) if len(orders) == 1 else None
            order = order or ask(columns[field], guess.example)
            form, orders = in_order(guess, order), {order}
        forms[field] = form
        if guess.unread:
            draft.guesses.append(f"{columns[field]!r}: {guess.unread} times cannot be read")
    return forms


def _newest(values: Sequence[str], form: str) -> date | None:
    days = []
    for value in values:
        with suppress(ValueError, OverflowError, OSError):
            found = read_time(value, form)
            day = found.date() if isinstance(found, datetime) else found
            if not never(day):
                days.append(day)
    return max(days, default=None)


def _distinct(export: Export, field: str) -> list[str]:
    """The values of a column that mean something, the most frequent first."""
    told = Counter(each for each in export.values[field] if each and not no_text(each))
    return [value for value, _ in told.most_common()]


def _priorities(draft: Draft, columns: dict[str, str], export: Export) -> list[str]:
    found = _distinct(export, "priority")
    if not 0 < len(found) <= MOST_PRIORITIES:
        column = columns.pop("priority")
        draft.guesses.append(f"priority: {column!r} holds {len(found)} different values: left out")
        return []
    ordered, how = strictest_first(found)
    draft.guesses.append(f"priorities, strictest first: {', '.join(ordered)} ({how})")
    return ordered


def _organizations(draft: Draft, columns: dict[str, str], export: Export) -> list[str]:
    found = sorted(_distinct(export, "organization"))
    if not 1 < len(found) <= MOST_ORGANIZATIONS:
        column = columns.pop("organization")
        draft.guesses.append(
            f"organization: {column!r} holds {len(found)} different values: left out"
        )
        return []
    draft.guesses.append(f"organizations: {', '.join(found)}")
    return found


def _map(
    draft: Draft,
    field: str,
    values: Sequence[str],
    meaning: Callable[[str], str | None],
    ours: type[Status] | type[CallOutcome],
    otherwise: str,
) -> None:
    """Map the values of a column to our words; ``otherwise``: what unknown ones become."""
    table: dict[str, str] = {}
    for value in values:
        if value.lower() in set(ours):
            continue
        if (word := meaning(value)) is None:
            draft.guesses.append(f"{field} {value!r}: not known, taken for {otherwise}: correct it")
            draft.remarks[f"map.{field}.{value}"] = "not known: a guess"
        else:
            draft.guesses.append(f"{field} {value!r}: {word}")
        table[value] = word or otherwise
    if table:
        draft.options.setdefault("map", {})[field] = table


def _unit(draft: Draft, field: str, column: str, values: Sequence[str]) -> Unit | None:
    """Return the unit of a column of durations; None if it holds none."""
    told = [each for each in values if each and not no_time(each)]
    clocks: tuple[Unit, ...] = ("m:s",) if any(_short_clock(each) for each in told) else ()
    named: Unit = unit_in(column) or "s"
    for unit in (named, *clocks):
        if all(_reads(each, unit) for each in told[:1000]):
            why = "as its name says" if unit_in(column) == unit else "guessed"
            if unit == "m:s":
                why = f"{told[0]!r} is taken for minutes and seconds: guessed"
            draft.guesses.append(f"{field} {column!r}: in {unit} ({why})")
            return unit
    draft.guesses.append(f"{field}: {column!r} holds no durations, as in {told[0]!r}: left out")
    return None


def _short_clock(value: str) -> bool:
    return value.count(":") == 1


def _reads(value: str, unit: Unit) -> bool:
    try:
        read_duration(value, unit)
    except ValueError:
        return False
    return True


def _written(
    columns: Mapping[str, str], defaults: TicketColumns | CallColumns, header: Sequence[str]
) -> dict[str, str | None]:
    """The key ``columns``: null for what lies under our name but was not taken."""
    own: dict[str, str | None] = defaults.model_dump()
    dropped = {f: None for f, name in own.items() if f not in columns and name in header}
    return {**columns, **dropped}
