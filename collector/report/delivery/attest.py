"""Sign what was frozen, and give each new seal to the witnesses; logged like every delivery."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.config.settings import Settings
from collector.config.snapshot import SIGNATURE, SshSigning, witness_name
from collector.report.delivery.deliver import AnyTarget, DeliveryResult, deliver
from collector.report.delivery.parcel import Parcel
from collector.snapshot.signing import SigningError, is_signed, sign, signed_text, text_file
from collector.store import DeliveryKey, SnapshotHead, Store


@dataclass(frozen=True, slots=True)
class _Witnesses:
    targets: dict[str, AnyTarget]


def attest(
    settings: Settings,
    store: Store,
    fresh: Sequence[SnapshotHead],
    *,
    clock: Callable[[], int],
    sleep: Callable[[float], object] = time.sleep,
    insist: bool = True,
    again: frozenset[str] = frozenset(),
    within: float | None = None,
) -> Iterator[DeliveryResult]:
    """Sign ``fresh`` snapshots, then tell the witnesses each head they have not been told.

    Only what the caller has just frozen or verified may be ``fresh``: what somebody else wrote into
    the database must never get a signature by itself. A witness is told the newest head, and any
    whose telling failed. Yields a result for whatever was attempted. ``clock``, ``sleep``,
    ``insist``, ``within`` and ``again`` (as :func:`witness_name` names them) are as in
    :func:`deliver`. Raises StoreError.
    """
    signing = settings.snapshot.sign
    for head in fresh:
        if signing is not None and not is_signed(head, signing):
            yield _signed(settings, store, head, signing, clock)
    heads = store.snapshots.heads()
    for witness in settings.snapshot.witness:
        targets = _Witnesses({witness_name(witness): witness})
        for head in heads:
            if head in fresh or _waits(settings, store, head, witness_name(witness), heads[-1]):
                parcel = _parcel(settings, head)
                results = deliver(
                    parcel, targets, store,
                    clock=clock, again=again, insist=insist, sleep=sleep, within=within,
                )  # fmt: skip
                yield from (each for each in results if each.status != "already")


def _key(settings: Settings, head: SnapshotHead, name: str) -> DeliveryKey:
    return DeliveryKey(head.seal, settings.language, name)


def _waits(
    settings: Settings, store: Store, head: SnapshotHead, name: str, newest: SnapshotHead
) -> bool:
    before = store.deliveries.find(_key(settings, head, name))
    if before is None:
        return head == newest
    return before.stage == "failed" and not before.permanent


def _signed(
    settings: Settings,
    store: Store,
    head: SnapshotHead,
    signing: SshSigning,
    clock: Callable[[], int],
) -> DeliveryResult:
    key = _key(settings, head, SIGNATURE)
    store.deliveries.claim(key, {}, clock(), frozenset({"sending", "sent", "failed"}))
    try:
        sign(head, signing)
    except SigningError as error:
        store.deliveries.end(key, clock(), stage="failed", error=str(error), failures=1)
        text = f"snapshot {head.number} is frozen but not signed: {error}"
        return DeliveryResult(SIGNATURE, "failed", text, again_later=True)
    store.deliveries.end(key, clock(), stage="sent")
    return DeliveryResult(SIGNATURE, "sent", f"snapshot {head.number} signed by {signing.signer}")


def _parcel(settings: Settings, head: SnapshotHead) -> Parcel:
    """The signed text and, if there is one, its signature."""
    files = [(text_file(head), signed_text(head))]
    signing = settings.snapshot.sign
    if signing is not None and is_signed(head, signing):
        name = f"{text_file(head)}.sig"
        files.append((name, (Path(signing.folder) / name).read_bytes()))
    period = f"{head.first}..{head.last}"
    return Parcel(head.seal, period, settings.language, tuple(files), purpose="seal")
