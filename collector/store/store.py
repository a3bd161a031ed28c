"""The store: everything that was polled, in SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
from sqlalchemy import Connection, Engine, select

from collector.io.secrets import Secret
from collector.model.columns import CallTable, TicketTable
from collector.model.page import Cursor, Page
from collector.model.records import Change, Ticket
from collector.store import engine as engines
from collector.store import ledger
from collector.store.deliveries import DeliveryLedger
from collector.store.errors import store_errors
from collector.store.histories import changes_of, changes_since, names_of
from collector.store.ledger import GivenValue, News, Recorded
from collector.store.migrate import migrate
from collector.store.polls import PollResult, PollState, poll_states_of, read_again, record_poll
from collector.store.profiles import ProfileNumbers
from collector.store.provisions import (
    ObjectKey,
    Provisioned,
    ProvisionState,
    provision_state_of,
    provisioned_in,
    record_provision,
    remember,
)
from collector.store.reading import (
    OPEN_CALLS,
    OPEN_TICKETS,
    Profiles,
    Rows,
    count_records,
    first_records,
    read_calls,
    read_span,
    read_tickets,
    resolved_between,
)
from collector.store.rows import Profile, to_ticket
from collector.store.schema import calls, counters, cursors, dirty, tickets
from collector.store.snapshots import (
    MakeSnapshot,
    SnapshotHead,
    SnapshotRow,
    add_snapshot,
    last_number,
    snapshot_heads,
    snapshot_row,
)
from collector.store.upsert import CLOCKS, save_page

Clock = Literal["opened", "responded", "resolved"]
Span = tuple[int, int]


class Store:
    """An open store. Safe to use from several threads and from several processes.

    Every method raises StoreError when the database cannot do its part; nothing is then changed.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._where = engines.where(engine.url)
        self._numbers: dict[Profile, int] = {}
        self._profiles = Profiles()

    @classmethod
    def open(cls, url: str, password: Secret | None = None) -> Store:
        """Opens the store at ``sqlite:///file`` or ``postgresql://user@host/database``.

        Creates its tables, or brings them up to date. Raises StoreError for what is no store, for
        one that a later release wrote, and where the password is not there.
        """
        parsed = engines.parse_url(url)
        if password is not None:
            parsed = engines.with_password(parsed, password)
        engines.check_file(parsed)
        engine = engines.connect(parsed)
        try:
            with store_errors(engines.where(parsed)):
                migrate(engine, engines.where(parsed))
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def close(self) -> None:
        """Gives all connections back."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- writing ------------------------------------------------------------------------------

    def save_page(self, source: str, page: Page, expected: Cursor | None) -> int:
        """Stores a page and moves the source's cursor from ``expected`` to the page's, or neither.

        A Ticket or Call replaces the record of the same source and id; of several in one page the
        last counts. Gone gives a known ticket its mark and status, and its history a change of
        status where the instant is known; else it is ignored. What is already as the record says
        is not touched. The UTC hours of what did change, before and after, are marked dirty under
        one new revision. Rejections are counted by reason.

        Returns the number of records that were new or different. Raises CursorMoved when the
        cursor is not ``expected`` (None: the source has none yet), and StoreError for a record
        that no row can hold (see :func:`collector.model.record_limits.unstorable`); nothing is
        then stored.
        """
        numbers = ProfileNumbers(self._numbers)
        with self._writing() as connection:
            changed = save_page(connection, numbers, source, page, expected)
        numbers.commit()
        return changed

    def record_poll(self, result: PollResult) -> None:
        """Adds a poll to the log, which keeps the last 1,000 a source."""
        with self._writing() as connection:
            record_poll(connection, result)

    # -- what the polling needs ---------------------------------------------------------------

    def cursor(self, source: str) -> dict[str, Any] | None:
        """Where the source continues; None before its first page."""
        query = select(cursors.c.position).where(cursors.c.source == source)
        with self._reading() as connection:
            position = connection.execute(query).scalar_one_or_none()
        return None if position is None else dict(json.loads(position))

    def poll_states(self) -> dict[str, PollState]:
        """Where each source stands, by its name."""
        with self._reading() as connection:
            return poll_states_of(connection)

    # -- what changed -------------------------------------------------------------------------

    def revision(self) -> int:
        """A number that grows with each page that changes a record."""
        query = select(counters.c.value).where(counters.c.name == "revision")
        with self._reading() as connection:
            return int(connection.execute(query).scalar_one())

    def dirty_since(self, revision: int) -> list[tuple[str, int]]:
        """(clock, UTC hour) of records changed after ``revision``; an hour is epoch // 3600.

        Clocks: opened, responded and resolved of tickets, entered of calls.
        """
        query = select(dirty.c.clock, dirty.c.hour).where(dirty.c.revision > revision)
        with self._reading() as connection:
            return [(row[0], row[1]) for row in connection.execute(query)]

    # -- what people decided ------------------------------------------------------------------

    def definitions(self) -> dict[str, Recorded]:
        """The definition in force of each indicator that was ever configured."""
        with self._reading() as connection:
            return ledger.definitions_in_force(connection)

    def in_use_since(self) -> int | None:
        """When a definition was first recorded (epoch seconds); None before that."""
        with self._reading() as connection:
            return ledger.first_recorded(connection)

    def restatements(self, indicator: str) -> list[Recorded]:
        """The definitions that changed an indicator's past, the oldest first."""
        with self._reading() as connection:
            return ledger.restatements(connection, indicator)

    def values_given(self, indicator: str | None = None) -> list[GivenValue]:
        """Every figure given by hand as it was ever seen; of one indicator where asked."""
        with self._reading() as connection:
            return ledger.values_given(connection, indicator)

    def record(
        self, decide: Callable[[Mapping[str, Recorded], Sequence[GivenValue]], News]
    ) -> News:
        """Records what ``decide`` makes of the definitions in force and the values given so far.

        Nobody else writes meanwhile; what ``decide`` raises is raised, and nothing is recorded.
        """
        with self._writing() as connection:
            news = decide(ledger.definitions_in_force(connection), ledger.values_given(connection))
            ledger.record_definitions(connection, news.definitions)
            ledger.record_values(connection, news.values)
            read_again(connection, news.read_again)
        return news

    # -- what was put into a Grafana ------------------------------------------------------------

    def provisioned(self, grafana: str) -> dict[ObjectKey, Provisioned]:
        """The objects of ours in the Grafana of that address."""
        with self._reading() as connection:
            return provisioned_in(connection, grafana)

    def remember_provisioned(
        self, grafana: str, marks: Mapping[ObjectKey, Provisioned | None]
    ) -> None:
        """Keeps the marks of objects in that Grafana, and forgets those of None."""
        with self._writing() as connection:
            remember(connection, grafana, marks)

    def provision_state(self, grafana: str) -> ProvisionState | None:
        """Where the Grafana of that address stands; None before its first run."""
        with self._reading() as connection:
            return provision_state_of(connection, grafana)

    def record_provision(
        self, grafana: str, at: int, drift: int | None, error: str | None = None
    ) -> None:
        """Records a run that ended ``at`` (epoch seconds).

        ``drift``: so many objects are otherwise than they shall be; None: it could not tell.
        """
        with self._writing() as connection:
            record_provision(connection, grafana, at, drift, error)

    # -- what was frozen ------------------------------------------------------------------------

    def snapshot_heads(self) -> list[SnapshotHead]:
        """Every snapshot without its content, in the order of the numbers."""
        return self.snapshot_chain()[0]

    def snapshot(self, number: int) -> SnapshotRow | None:
        """A snapshot as it is stored. Raises TypeError for text in the place of bytes."""
        with self._reading() as connection:
            return snapshot_row(connection, number)

    def snapshot_chain(self) -> tuple[list[SnapshotHead], int]:
        """The heads, and the number that was given last; 0 before the first."""
        with self._reading() as connection:
            return snapshot_heads(connection), last_number(connection)

    def add_snapshot(self, make: MakeSnapshot) -> SnapshotRow:
        """Adds what ``make`` makes of the snapshots there are, all of it or nothing.

        Nobody else writes meanwhile; what ``make`` raises is raised, and nothing is stored.
        """
        with self._writing() as connection:
            return add_snapshot(connection, make)

    @property
    def deliveries(self) -> DeliveryLedger:
        """What was delivered."""
        return DeliveryLedger(self._reading, self._writing)

    # -- records as columns -------------------------------------------------------------------

    def tickets(
        self, clock: Clock, *spans: Span, wide: bool = False, between: bool = False
    ) -> TicketTable:
        """Tickets opened, first answered or resolved in any of ``[start, end)`` (epoch seconds).

        They are as they were last delivered. Without more that is by the first response, and by
        the last resolution if that still stands. ``wide``: also those that by another rule count
        in a span, so answered those opened in it (solved on the phone), and resolved those
        resolved in it for the first time. ``between``: of resolved also those that may have been
        resolved in a span neither for the first nor for the last time. The spans do not overlap.
        """
        instants = CLOCKS[clock] if wide else CLOCKS[clock][:1]
        rows = [Rows(tickets.c[name], *span) for name in instants for span in spans]
        if between and clock == "resolved":
            rows += [resolved_between(*span) for span in spans]
        with self._reading() as connection:
            table = read_tickets(connection, self._profiles, *rows)
            if len(rows) > len(spans):
                table = table.take(np.sort(np.unique(table.key, return_index=True)[1]))
            return table

    def open_tickets(self) -> TicketTable:
        """Tickets neither resolved nor closed, without a mark."""
        with self._reading() as connection:
            return read_tickets(connection, self._profiles, OPEN_TICKETS)

    def calls(self, *spans: Span) -> CallTable:
        """Calls that entered a queue in any of ``[start, end)`` (epoch seconds); no overlaps."""
        rows = [Rows(calls.c.entered_at, start, end) for start, end in spans]
        with self._reading() as connection:
            return read_calls(connection, self._profiles, *rows)

    def open_calls(self) -> CallTable:
        """Calls still waiting."""
        with self._reading() as connection:
            return read_calls(connection, self._profiles, OPEN_CALLS)

    def span(self) -> tuple[int, int] | None:
        """The first opening or call, and the last opening, first response, resolution or call
        (epoch seconds); None without any record."""
        with self._reading() as connection:
            return read_span(connection)

    def record_counts(self, start: int, end: int) -> dict[str, int]:
        """How many records each source brought that were opened, or called, in ``[start, end)``
        (epoch seconds); sources without any are left out."""
        with self._reading() as connection:
            return count_records(connection, start, end)

    def records_since(self) -> dict[str, int]:
        """The first opening or call (epoch seconds) of each source that has any."""
        with self._reading() as connection:
            return first_records(connection)

    # -- single records -----------------------------------------------------------------------

    def ticket(self, source: str, id: str) -> Ticket | None:  # noqa: A002 - the record's own word
        """The ticket as it was last delivered, with its changes."""
        query = select(tickets).where(tickets.c.source == source, tickets.c.id == id)
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
            return None if row is None else to_ticket(row, changes_of(connection, [row.n])[row.n])

    def ticket_names(self, keys: Iterable[int]) -> dict[int, tuple[str, str, str | None]]:
        """Source, id and URL of tickets by their key; unknown keys are left out."""
        with self._reading() as connection:
            return names_of(connection, tickets, keys, tickets.c.url)

    def call_names(self, keys: Iterable[int]) -> dict[int, tuple[str, str, str | None]]:
        """Source and id of calls by their key, and None in the place of a URL."""
        with self._reading() as connection:
            return names_of(connection, calls, keys, None)

    def changes(self, keys: Iterable[int]) -> dict[int, tuple[Change, ...]]:
        """The changes of tickets by their key, as delivered; empty for those without."""
        with self._reading() as connection:
            return changes_of(connection, keys)

    def changed_since(self, keys: Iterable[int], at: int) -> dict[int, tuple[Change, ...]]:
        """The whole history of those tickets of which something changed after ``at``."""
        with self._reading() as connection:
            return changes_since(connection, keys, at)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with store_errors(self._where), engines.reading(self._engine) as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with store_errors(self._where), engines.writing(self._engine) as connection:
            yield connection
