"""Reads systems that list everything and nothing else, and passes on only what has changed.

Tickets are grouped into blocks by id. The cursor holds a digest of each block: a block whose digest
is the same has not changed. It also holds which ids it had, as bits, so that a ticket that is no
longer listed is asked for once more to find out what became of it. (Of ids that are no numbers it
is left to the sweep, and so are very many that are gone at once.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any
from zlib import crc32

from collector.io.errors import SourceError
from collector.model.page import Cursor, Page
from collector.sources.kit.batch import Batch
from collector.sources.kit.raw import ChangedTicket, RawTicket
from collector.sources.kit.reading import Reader
from collector.sources.kit.system import ListedSystem, is_plausible
from collector.sources.kit.visibility import refuse_nothing

_BLOCK = 100
"""How many ids, numbers in a row, make a block."""
_BLOCKS_OF_NAMES = 100
"""Into how many blocks ids fall that are no numbers."""


@dataclass(frozen=True, slots=True)
class _Block:
    """``digest``: of all that was found of its tickets; ``ids``: the bits of those it had."""

    digest: str
    ids: int

    def numbers(self, name: str) -> set[str]:
        """Return the ids of a block with this name."""
        first = int(name) * _BLOCK if name.isdigit() else 0
        return {str(first + bit) for bit in range(_BLOCK) if self.ids >> bit & 1}


class ListingWalk:
    """One drain of a ListedSystem. ``settings``: what else decides which records result."""

    def __init__(
        self, system: ListedSystem[Any], connection: Any, reader: Reader, settings: str
    ) -> None:
        self._system = system
        self._connection = connection
        self._reader = reader
        self._settings = settings
        self._ask_for_gone = True

    def pages(self, cursor: Cursor | None, since: int | None) -> Iterator[Page]:
        """See :class:`~collector.sources.kit.contract.Source`. ``since`` reads everything again."""
        known = _blocks_of({"blocks": {}} if cursor is None else cursor)
        listed = self._listed()
        if not listed:
            refuse_nothing(self._system)
        new = {name: self._block(name, lines) for name, lines in listed.items()}
        self._ask_for_gone = _believable(known, new)
        changed = [
            name
            for name in sorted(new.keys() | known.keys(), key=lambda name: (len(name), name))
            if since is not None or new.get(name) != known.get(name)
        ]
        for done, name in enumerate(changed, 1):
            *parts, last = self._parts(name, listed.get(name, ()), known.get(name), new.get(name))
            for part in parts:
                yield self._page(part, known, done / len(changed))
            known.pop(name, None)
            if name in new:
                known[name] = new[name]
            yield self._page(last, known, done / len(changed))
        yield self._page((), known, 1.0)

    def _listed(self) -> Mapping[str, Sequence[ChangedTicket]]:
        """Return all tickets by block, each once; those without an id, which are rejected, all."""
        blocks: defaultdict[str, dict[str, ChangedTicket]] = defaultdict(dict)
        for lines in self._system.all_tickets(self._connection, self._system.FEED_ROWS):
            for line in lines:
                block = blocks[_block_of(line.id)]
                block[line.id or f" {len(block)}"] = line
        return {name: [lines[n] for n in sorted(lines)] for name, lines in blocks.items()}

    def _block(self, name: str, lines: Sequence[ChangedTicket]) -> _Block:
        digest = blake2b(self._settings.encode(), digest_size=8)
        for line in lines:
            digest.update(_printed(line).encode())
        ids = 0
        if name.isdigit():
            for line in lines:
                ids |= 1 << int(line.id) % _BLOCK
        return _Block(digest.hexdigest(), ids)

    def _parts(
        self, name: str, lines: Sequence[ChangedTicket], old: _Block | None, new: _Block | None
    ) -> Sequence[Sequence[ChangedTicket]]:
        """Return a block's tickets, and those no longer listed, in parts that make a page each."""
        gone = old.numbers(name) - (new.numbers(name) if new else set()) if old else set()
        gone = gone if self._ask_for_gone else set()
        every = [*lines, *(ChangedTicket(number) for number in sorted(gone, key=int))]
        size = self._system.PAGE_TICKETS
        return [every[start : start + size] for start in range(0, len(every), size)] or [()]

    def _page(
        self, lines: Sequence[ChangedTicket], known: Mapping[str, _Block], share: float
    ) -> Page:
        batch = self._reader.batch(lines) if lines else Batch()
        cursor = {"blocks": {name: [each.digest, each.ids] for name, each in known.items()}}
        return batch.page(cursor, progress=share, clock_skew=self._reader.clock_skew)


def _believable(known: Mapping[str, _Block], new: Mapping[str, _Block]) -> bool:
    """Return whether so many tickets may be gone at once; if not, they are left to the sweep."""
    before = sum(block.ids.bit_count() for block in known.values())
    kept = sum((known[name].ids & new[name].ids).bit_count() for name in known.keys() & new.keys())
    return is_plausible(before - kept, before)


def _block_of(number: str) -> str:
    if number.isascii() and number.isdigit() and len(number) <= 15:
        return str(int(number) // _BLOCK)
    return f"#{crc32(number.encode()) % _BLOCKS_OF_NAMES}"


def _printed(line: ChangedTicket) -> str:
    """Return all of a line as text, the same in every process."""
    if not isinstance(line.found, RawTicket):
        return repr(line)
    unrecorded = sorted(line.found.unrecorded)
    return repr((replace(line, found=replace(line.found, unrecorded=frozenset())), unrecorded))


def _blocks_of(cursor: Cursor) -> dict[str, _Block]:
    try:
        return {
            str(name): _Block(str(digest), int(ids))
            for name, (digest, ids) in cursor["blocks"].items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        raise SourceError(
            "the stored cursor cannot be read; run poll --since to read again", permanent=True
        ) from None
