"""Delivers a parcel to each target: at most once, whatever breaks.

1. Claim the delivery in the ledger, in a transaction, before anything is sent.
2. Send. Failures that certainly delivered nothing, and may pass, are tried again, with pauses.
3. Write down how it ended.

A program that is killed between 1 and 3, or a server that is gone before it answers, leaves the
delivery as begun: it may have arrived. It is not sent again by itself, but told, until somebody
who has asked the recipient says so (``again``). A folder can be looked into: there it is finished.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from collector.config.delivery import DeliverySettings, FolderTarget, MailTarget, Target
from collector.io.errors import UserFacingError
from collector.io.retry import Retry
from collector.report.delivery.folder import to_folder
from collector.report.delivery.mail import to_mailboxes
from collector.report.delivery.parcel import DeliveryError, Parcel
from collector.report.delivery.webhook import to_webhook
from collector.store import Delivery, DeliveryKey, Stage, Store

FIRST_PAUSE = 2.0
"""Seconds before the second attempt; before each further one four times as long."""

LONGEST_PAUSE = 60.0

Became = Literal["sent", "already", "unclear", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a delivery: ``sent`` now, ``already`` before, ``unclear`` or ``failed``.

    ``text``: a line for people. ``again_later``: it failed in a way that may pass.
    """

    target: str
    became: Became
    text: str
    again_later: bool = False


def deliver(
    parcel: Parcel,
    settings: DeliverySettings,
    store: Store,
    *,
    clock: Callable[[], int],
    again: frozenset[str] = frozenset(),
    insist: bool = True,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Outcome]:
    """Delivers a parcel to every target, one after the other; what became of each.

    ``again``: targets to which it is sent whatever the ledger says. ``insist``: also where it
    failed in a way that does not pass by itself. ``sleep`` pauses; if it returns something true,
    no further attempt is made. Raises StoreError.
    """
    for name, target in settings.targets.items():
        key = DeliveryKey(parcel.seal, parcel.language, name)
        before = store.deliveries.find(key)
        if before is not None and before.permanent and not (insist or name in again):
            yield Outcome(name, "failed", f"{name}: {before.error}")
            continue
        over: set[Stage] = {"failed"}
        if name in again:
            over |= {"sending", "sent"}
        elif isinstance(target, FolderTarget):
            over |= {"sending"}
        standing = store.deliveries.claim(key, parcel.digests, clock(), frozenset(over))
        if standing is not None:
            yield _standing(name, parcel, standing)
        else:
            yield _sent(key, parcel, target, store, clock, sleep, name in again)


def _standing(name: str, parcel: Parcel, delivery: Delivery) -> Outcome:
    """What to say of a delivery that is not ours to send."""
    when = datetime.fromtimestamp(delivery.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if delivery.stage == "sent":
        text = f"{name}: was sent {when}, and is not sent again"
        if dict(delivery.files) != parcel.digests:
            text += "; the files are others now: send them with --again if they shall be read"
        return Outcome(name, "already", text)
    why = f" ({delivery.error})" if delivery.error else ""
    text = (
        f"{name}: begun {when} and not known to have ended{why}; it may have arrived. Ask the "
        "recipient, and send with --again if it has not"
    )
    return Outcome(name, "unclear", text)


def _sent(
    key: DeliveryKey,
    parcel: Parcel,
    target: Target,
    store: Store,
    clock: Callable[[], int],
    sleep: Callable[[float], object],
    again: bool,
) -> Outcome:
    """Sends what was claimed, and writes down how it ended."""
    name = key.target
    retry = Retry(getattr(target, "tries", 1), _pause, sleep)
    try:
        retry.run(lambda: _attempt(parcel, name, target, clock(), again))
    except DeliveryError as error:
        said = str(error)
        if error.unclear:
            before = retry.failures - 1
            store.deliveries.end(key, clock(), stage="sending", error=said, failures=before)
            text = f"{name}: {said}; it may have arrived, ask the recipient"
            return Outcome(name, "unclear", text)
        store.deliveries.end(
            key,
            clock(),
            stage="failed",
            error=said,
            permanent=error.permanent,
            failures=retry.failures,
        )
        return Outcome(name, "failed", f"{name}: {said}", not error.permanent)
    store.deliveries.end(key, clock(), stage="sent", failures=retry.failures)
    return Outcome(name, "sent", f"{name}: sent {len(parcel.files)} files")


def _pause(failures: int, error: UserFacingError) -> float | None:
    """Seconds before the next attempt; what may have arrived is not sent again."""
    if isinstance(error, DeliveryError) and error.unclear:
        return None
    return min(FIRST_PAUSE * 4.0 ** (failures - 1), LONGEST_PAUSE)


def _attempt(parcel: Parcel, name: str, target: Target, at: int, again: bool) -> None:
    if isinstance(target, FolderTarget):
        to_folder(parcel, target, again)
    elif isinstance(target, MailTarget):
        to_mailboxes(parcel, name, target, at)
    else:
        to_webhook(parcel, name, target)
