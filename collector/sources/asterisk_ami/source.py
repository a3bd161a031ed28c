"""The queues of an Asterisk at this moment: who waits and who could answer. No call is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from collector.io.ami import AmiConnection
from collector.io.errors import SourceError
from collector.model.page import Cursor, Page, RejectedRow
from collector.model.queues import QueueNow
from collector.sources.asterisk_ami.options import AsteriskAmiOptions
from collector.sources.asterisk_ami.queues import queues_of
from collector.sources.kit.contract import Look, SourceOptions


class AsteriskAmi:
    """One telephone system. See :class:`~collector.sources.kit.contract.Source`."""

    Options: ClassVar[type[SourceOptions]] = AsteriskAmiOptions

    def __init__(
        self, name: str, options: AsteriskAmiOptions, organizations: Sequence[str]
    ) -> None:
        self.name = name
        self.as_of: int | None = None  # an answer is always current
        self._options = options

    def pages(self, cursor: Cursor | None, since: int | None = None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`: one page, without records."""
        _, queues = self._ask()
        yield Page(records=(), cursor={}, queues=queues, progress=1.0)

    def look(self) -> Look:
        return Look()

    def check(self) -> str:
        version, queues = self._ask()
        waiting = sum(each.waiting or 0 for each in queues)
        return f"manager interface {version}, {len(queues)} queues, {waiting} callers waiting"

    def _ask(self) -> tuple[str, list[QueueNow]]:
        """The version of the interface, and the queues. Raises SourceError."""
        o = self._options
        with AmiConnection(
            o.host, o.port, tls=o.tls, ca_file=o.ca_file, seconds=o.timeout
        ) as connection:
            connection.login(o.user, o.secret)
            events = connection.events("QueueStatus", "QueueStatusComplete")
            try:
                return connection.version, queues_of(events, o.map.get("queue", {}))
            except RejectedRow as error:
                raise SourceError(f"an answer is not as it should be: {error}") from None
