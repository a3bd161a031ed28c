"""Synchronises a Grafana with the configuration: read, compare, write what differs, read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from collector.monitoring.grafana.client import Grafana, GrafanaError, Unreachable, parse_version
from collector.monitoring.grafana.compare import fingerprint, salted_hash
from collector.monitoring.grafana.current import CurrentState, read_current_state
from collector.monitoring.grafana.desired import DesiredState, for_release
from collector.monitoring.grafana.guard import SourceGuard
from collector.monitoring.grafana.ownership import Kind
from collector.monitoring.grafana.plan import (
    Change,
    Conflict,
    Marks,
    Plan,
    PlannedObject,
    make_plan,
)
from collector.monitoring.grafana.writer import Writer
from collector.store import ObjectKey, ObjectMarks, Store


@dataclass(slots=True)
class SyncResult:
    """The result of a run.

    ``drift``: the number of objects that still differ; ``written``: the number of objects written;
    ``failures`` and ``remarks`` are lines for people.
    """

    drift: int = 0
    written: int = 0
    failures: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


_IN_VAIN = "without its data source no board shows and no alert fires"


def _key(each: Change | PlannedObject) -> ObjectKey:
    return each.kind, each.key


class Sync:
    """One run against one Grafana. Nothing is written before :meth:`write`.

    ``dropped``: keys of rules that this release of Grafana does not support.
    """

    def __init__(
        self, grafana: Grafana, wanted: DesiredState, store: Store, *, anyway: bool = False
    ) -> None:
        """Read the current state. ``anyway``: rely on a data source without our metrics, too.

        Raises GrafanaError and StoreError.
        """
        self._grafana = grafana
        self._store = store
        self.version = grafana.version()
        grafana.identify()
        self._wanted, self.dropped = for_release(wanted, parse_version(self.version))
        self._marks: Marks = store.provisions.objects(grafana.url)
        self._found, self.plan = self._look()
        self._guard = SourceGuard(grafana, self._wanted, self._found, self.plan, anyway=anyway)
        self._object(self._guard.conflict_now())

    def _object(self, conflict: Conflict | None) -> None:
        if conflict is not None:
            self.plan.conflicts.append(conflict)

    def _look(self) -> tuple[CurrentState, Plan]:
        found = read_current_state(self._grafana, self._wanted)
        return found, make_plan(self._wanted, found, self._marks)

    @property
    def brings_boards(self) -> bool:
        """Whether there are boards to write."""
        return bool(self._wanted.boards)

    def name_of(self, kind: Kind, key: str) -> str:
        """An object's name for people: of contact points the name, of others the key."""
        if kind is Kind.CONTACT_POINT:
            there = {point.get("uid"): point for point in self._found.contact_points}
            point = self._wanted.contact_points.get(key) or there.get(key, {})
            return str(point.get("name", key))
        return key

    def check(self) -> SyncResult:
        """The number of differences; writes nothing."""
        remarks = [
            f"{each.kind} {self.name_of(each.kind, each.key)}: its secrets were not sent from here "
            "and cannot be compared"
            for each in self.plan.unsure
        ]
        return SyncResult(drift=self._differing(), remarks=[*self._guard.remarks, *remarks])

    def _differing(self) -> int:
        return len(self.plan.changes) + len(self.plan.conflicts)

    def changes(self) -> list[Change]:
        """The changes that :meth:`write` will make; secrets that cannot be compared are resent."""
        return self.plan.unsure + self.plan.changes

    def write(self, done: Callable[[Change], None] = lambda change: None) -> SyncResult:
        """Write what differs, and nothing else; ``done`` is called after each change.

        A change that Grafana refuses becomes a failure and the rest goes on, but then nothing is
        removed any more. Nothing at all is written if the data source does not work. Raises
        Unreachable and StoreError.
        """
        self._object(self._guard.conflict_of_new_address())
        outcome = SyncResult()
        outcome.failures += [self._failure(each, each.text) for each in self.plan.conflicts]
        if any(each.stops_all for each in self.plan.conflicts):
            outcome.drift = self._differing()
            outcome.remarks.append(f"nothing was written: {_IN_VAIN}")
            return outcome
        changes = self._guard.in_order(self.changes())
        written = self._carry_out(changes, outcome, done) if changes else set()
        outcome.written = len(written)
        outcome.remarks[:0] = self._guard.remarks
        self._guard.finish()
        before = self.plan
        if written:
            self._marks = self._store.provisions.objects(self._grafana.url)
            self._found, self.plan = self._look()
        self._settle(written, outcome)
        gone = {_key(c) for c in before.changes if c.action == "remove"} & written
        self._remember(written - gone, gone)
        return outcome

    def _carry_out(
        self, changes: list[Change], outcome: SyncResult, done: Callable[[Change], None]
    ) -> set[ObjectKey]:
        claims = [
            c for c in changes if c.action == "create"
        ]  # recorded first, so that an interrupted run knows
        self._claim(claims)
        written: set[ObjectKey] = set()
        writer = Writer(self._grafana, parse_version(self.version), self._wanted, self._found)
        kept = stopped = 0
        works = True
        for step in writer.steps(changes):
            first = step.changes[0]
            if not works:
                stopped += len(step.changes)
                continue
            if first.action == "remove" and outcome.failures:
                kept += 1
                continue
            try:
                step.act()
            except Unreachable:
                raise
            except GrafanaError as error:
                works = first.kind is not Kind.DATA_SOURCE
                outcome.failures.append(
                    f"{first.kind} {self.name_of(first.kind, first.key)}: {error}"
                )
                continue
            for change in step.changes:
                written.add(_key(change))
                self._note_secrets(change)
                done(change)
            if first.kind is Kind.DATA_SOURCE and first.action == "create":
                conflict = self._guard.conflict_of_new_source()
                works = conflict is None
                if conflict is not None:
                    outcome.failures.append(self._failure(conflict, conflict.text))
        if stopped:
            outcome.remarks.append(f"{stopped} objects were not written: {_IN_VAIN}")
        if kept:
            outcome.remarks.append(f"{kept} objects were not removed because of the failures")
        self._disclaim([c for c in claims if _key(c) not in written])
        return written

    def _failure(self, of: Change | Conflict, text: str) -> str:
        return f"{of.kind} {self.name_of(of.kind, of.key)}: {text}"

    def _note_secrets(self, change: Change) -> None:
        """Record sent secrets at once: a run that is interrupted later could not compare them."""
        body = self._wanted.contact_points.get(change.key)
        if change.kind is Kind.CONTACT_POINT and body is not None:
            mark = ObjectMarks(salted_hash(change.kind, body))
            self._store.provisions.remember(self._grafana.url, {_key(change): mark})

    def _claim(self, changes: list[Change]) -> None:
        if changes:
            claimed = dict.fromkeys(map(_key, changes), ObjectMarks())
            self._store.provisions.remember(self._grafana.url, claimed)

    def _disclaim(self, changes: list[Change]) -> None:
        if changes:
            nobody = dict.fromkeys(map(_key, changes))
            self._store.provisions.remember(self._grafana.url, nobody)

    def _settle(self, written: set[ObjectKey], outcome: SyncResult) -> None:
        """Count what still differs; what Grafana stores differently than sent is not drift."""
        for change in self.plan.changes:
            if _key(change) in written and change.action == "change":
                outcome.remarks.append(
                    f"{change.kind} {self.name_of(change.kind, change.key)}: Grafana stores parts "
                    f"of it differently than they were sent: {', '.join(change.paths[:3])}"
                )
            else:
                outcome.drift += 1
        outcome.drift += len(self.plan.conflicts)

    def _remember(self, written: set[ObjectKey], gone: set[ObjectKey]) -> None:
        """Record everything that is as desired, so that the next run can tell what changed."""
        differing = {_key(c) for c in [*self.plan.changes, *self.plan.unsure]}
        fresh: dict[ObjectKey, ObjectMarks | None] = dict.fromkeys(gone)
        if not self.plan.conflicts:  # otherwise some of our objects were not compared
            known = differing | {_key(each) for each in self.plan.objects}
            fresh |= dict.fromkeys(self._marks.keys() - known)
        for each in self.plan.objects:
            key = _key(each)
            as_desired = key in written or key not in differing
            if each.found is not None and each.ours and as_desired and not each.settled:
                print_of = fingerprint(each.kind, each.found)
                fresh[key] = ObjectMarks(salted_hash(each.kind, each.wanted), print_of)
        if fresh:
            self._store.provisions.remember(self._grafana.url, fresh)
