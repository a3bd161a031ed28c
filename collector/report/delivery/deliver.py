"""Deliver a parcel to each target: at most once, whatever fails.

1. Claim the delivery in the ledger, in a transaction, before anything is sent.
2. Send. Temporary failures that certainly delivered nothing are retried, with pauses.
3. Record the result.

If the program is killed between 1 and 3, or a server disappears before it answers, the delivery
stays as begun: it may have arrived. It is reported but not repeated until somebody who has asked
the recipient says so (``again``). A folder can be inspected, so there the delivery is completed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, Protocol

from collector.config.delivery import FolderTarget, MailTarget, Target
from collector.config.witnesses import GitWitness
from collector.io.errors import UserFacingError
from collector.io.retry import Retry
from collector.report.delivery.folder import write_to_folder
from collector.report.delivery.git import push_to_git
from collector.report.delivery.mail import send_mail
from collector.report.delivery.parcel import DeliveryError, Parcel
from collector.report.delivery.webhook import post_notice
from collector.report.drafts import any_draft
from collector.store import Delivery, DeliveryKey, Stage, Store

FIRST_PAUSE = 2.0
"""Seconds before the second attempt; each further pause is four times as long."""

LONGEST_PAUSE = 60.0
"""Seconds."""

AnyTarget = Target | GitWitness


class Recipients(Protocol):
    """To whom something is sent, by name."""

    @property
    def targets(self) -> Mapping[str, AnyTarget]: ...


DeliveryStatus = Literal["sent", "already", "unclear", "failed"]


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """The result of a delivery to one target.

    ``status``: ``sent`` now, ``already`` sent before, ``unclear`` whether it arrived, or
    ``failed``. ``text``: one line for people. ``again_later``: the failure may be temporary.
    """

    target: str
    status: DeliveryStatus
    text: str
    again_later: bool = False


def deliver(
    parcel: Parcel,
    settings: Recipients,
    store: Store,
    *,
    clock: Callable[[], int],
    again: frozenset[str] = frozenset(),
    insist: bool = True,
    sleep: Callable[[float], object] = time.sleep,
    within: float | None = None,
) -> Iterator[DeliveryResult]:
    """Deliver a parcel to every target in turn and yield the result of each.

    ``clock`` gives the present in epoch seconds. ``again``: names of targets to send to whatever
    the ledger says; a finished document is also sent where a draft was. ``insist``: retry
    permanent failures, too. ``sleep`` pauses for some seconds;
    if it returns a true value, no further attempt is made. ``within``: try once only, and give a
    target that does not answer up after so many seconds, for whoever waits. Raises StoreError.
    """
    for name, target in settings.targets.items():
        key = DeliveryKey(parcel.seal, parcel.language, name)
        before = store.deliveries.find(key)
        if before is not None and before.permanent and not (insist or name in again):
            yield DeliveryResult(name, "failed", f"{name}: {before.error}")
            continue
        claimable: set[Stage] = {"failed"}
        if name in again:
            claimable |= {"sending", "sent"}
        elif isinstance(target, FolderTarget | GitWitness):
            claimable |= {"sending"}
        was_draft = before is not None and before.stage == "sent" and any_draft(before.files)
        standing = store.deliveries.claim(
            key,
            parcel.digests,
            clock(),
            frozenset(claimable),
            sent=before.files if before is not None and was_draft and not parcel.draft else None,
        )
        if standing is not None:
            yield _standing(name, parcel, standing)
        else:
            yield _sent(key, parcel, target, store, clock, sleep, within, name in again)


def _standing(name: str, parcel: Parcel, delivery: Delivery) -> DeliveryResult:
    """The result of a delivery that could not be claimed: it was sent or begun before."""
    when = datetime.fromtimestamp(delivery.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if delivery.stage == "sent":
        what = "a draft was" if any_draft(delivery.files) else "was"
        text = f"{name}: {what} sent {when} and is not sent again"
        if dict(delivery.files) != parcel.digests:
            text += "; the files have changed since: send them with --again if they should be read"
        return DeliveryResult(name, "already", text)
    why = f" ({delivery.error})" if delivery.error else ""
    text = (
        f"{name}: begun {when} and not known to have ended{why}; it may have arrived. Ask the "
        "recipient, and use --again to send it if it has not"
    )
    return DeliveryResult(name, "unclear", text)


def _sent(
    key: DeliveryKey,
    parcel: Parcel,
    target: AnyTarget,
    store: Store,
    clock: Callable[[], int],
    sleep: Callable[[float], object],
    within: float | None,
    again: bool,
) -> DeliveryResult:
    """Send a claimed delivery and record the result."""
    name = key.target
    retry = Retry(getattr(target, "tries", 1) if within is None else 1, _pause, sleep)
    try:
        retry.run(lambda: _attempt(parcel, name, target, clock(), within, again))
    except DeliveryError as error:
        reason = str(error)
        if error.unclear:
            before = retry.failures - 1
            store.deliveries.end(key, clock(), stage="sending", error=reason, failures=before)
            text = f"{name}: {reason}; it may have arrived: ask the recipient"
            return DeliveryResult(name, "unclear", text)
        store.deliveries.end(
            key,
            clock(),
            stage="failed",
            error=reason,
            permanent=error.permanent,
            failures=retry.failures,
        )
        return DeliveryResult(name, "failed", f"{name}: {reason}", not error.permanent)
    store.deliveries.end(key, clock(), stage="sent", failures=retry.failures)
    what = "a draft, which the finished document can follow" if parcel.draft else ""
    text = ": ".join(filter(None, [f"{name}: sent {len(parcel.files)} files", what]))
    return DeliveryResult(name, "sent", text)


def _pause(failures: int, error: UserFacingError) -> float | None:
    """Seconds before the next attempt; None if the delivery may have arrived."""
    if isinstance(error, DeliveryError) and error.unclear:
        return None
    return min(FIRST_PAUSE * 4.0 ** (failures - 1), LONGEST_PAUSE)


def _attempt(
    parcel: Parcel, name: str, target: AnyTarget, at: int, within: float | None, again: bool
) -> None:
    if isinstance(target, FolderTarget):
        write_to_folder(parcel, target, again)
    elif isinstance(target, GitWitness):
        push_to_git(parcel, name, target, at, within)
    elif isinstance(target, MailTarget):
        send_mail(parcel, name, target, at, within)
    else:
        post_notice(parcel, name, target, within)
