"""What ``check`` says of the first tickets of a system that cannot be used. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collector.model.page import Rejected, RejectedRow
from collector.sources.kit.lifecycle import assemble
from collector.sources.kit.options import TicketOptions
from collector.sources.kit.raw import Fetched, RawTicket
from collector.sources.kit.values import rejected


def faults(found: Iterable[Fetched], options: TicketOptions) -> str:
    """Return the end of a line: how many tickets cannot be used, and why the first; or nothing."""
    wrong = list(_wrong(found, options))
    if not wrong:
        return ""
    return f"; {len(wrong)} cannot be used: {wrong[0].where}: {wrong[0].message}"


def _wrong(found: Iterable[Fetched], options: TicketOptions) -> Iterator[Rejected]:
    mapper = options.mapper()
    for each in found:
        if isinstance(each, Rejected):
            yield each
        elif isinstance(each, RawTicket):
            try:
                assemble("", each, mapper, options.unrecorded)
            except RejectedRow as error:
                yield rejected(each.id, error)
