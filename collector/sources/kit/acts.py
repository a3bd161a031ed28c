"""What people did to a ticket, from the changes of its status and its owner. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from collector.sources.kit.raw import Action, RawChange

OWNER = "owner"
"""The field of a RawChange from one owner's id to another's."""


def acts_of(
    changes: Sequence[RawChange],
    opened_at: int,
    registrar: str,
    owner: str | None,
    silent: Container[str],
    nobody: Container[str | None],
) -> Iterator[Action]:
    """Yield changes of status, and when the ticket got an owner, of these changes in their order.

    ``opened_at``: epoch seconds. ``owner``: whose it is now, which is whose it was at the opening
    by ``registrar`` if it never changed hands. ``silent``: who is neither staff nor a person.
    ``nobody``: what stands for no owner.
    """
    moves = [each for each in changes if each.field == OWNER]
    if (moves[0].old if moves else owner) not in nobody:
        yield Action(opened_at, "assignment", registrar not in silent)
    for change in changes:
        if change.field == "status":
            yield Action(change.at, "status", change.by not in silent)
        elif change.field == OWNER and change.new not in nobody:
            yield Action(max(change.at, opened_at), "assignment", change.by not in silent)
