"""Tickets and calls with a life, and what their source would have told of them at any instant."""

from collector.model.records import MARKS, OUT_OF_WORK, Call, CallOutcome, Change, Ticket

FOREVER = 2**62
STATUSES = ["open", "open", "on_hold", "waiting", "resolved", "resolved", "closed"]
RARE = ["merged", "deleted"]


class Life:
    """A ticket's whole history, with several reopenings, in steps that often end at ``nows``."""

    STEPS = [0, 1, 60, 900, 1800, 7200, 86400]
    SPREAD = 5 * 3600

    def __init__(self, chance, number, first, nows):
        self.chance, self.nows = chance, nows
        self.opened_at = opened = first + chance.randrange(nows[-1] - first)
        self.texts = {
            "source": "desk",
            "id": str(number),
            "organization": chance.choice(["Askersund", "Laxå", None]),
            "category": chance.choice(["Net", "Test", None, None]),
        }
        self.changes = [Change(opened, "status", "new"), *self._walk("status", 9)]
        for field, values in (
            ("priority", ["urgent", "high", "normal"]),
            ("team", ["Servicedesk", "Servicedesk", "Network"]),
            ("kind", ["incident", "request"]),
        ):
            if chance.random() < 0.9:
                self.changes.append(Change(opened, field, chance.choice(values)))
                self.changes += self._walk(field, chance.choice([0, 0, 1, 3]), values)
        names = ("first_response_at", "first_note_at", "first_status_at", "first_assigned_at")
        self.instants = {name: self._some(0.6) for name in (*names, "own_first_response_at")}
        self.by_registrar = chance.random() < 0.4
        self.met = [chance.choice([None, True, False]) for _ in range(2)]
        self.due = self._some(0.5)

    def _some(self, share):
        return self._next(self.opened_at) if self.chance.random() < share else None

    def _next(self, at):
        """Some time later; or with one of the instants of asking, or a second beside it."""
        chance = self.chance
        asked = chance.choice(self.nows) + chance.choice([-1, 0, 1])
        if chance.random() < 0.2 and asked >= at:
            return asked
        return at + chance.choice(self.STEPS) + chance.randrange(self.SPREAD)

    def _walk(self, field, steps, values=None):
        at, was = self.opened_at, None
        for _ in range(steps):
            value = self.chance.choice(values or STATUSES * 4 + RARE)
            at = self._next(at)
            if value != was:
                yield Change(at, field, value)
            was = value

    def told(self, until=FOREVER):
        """The record at an instant; None before its opening.

        A verdict of the source is that of today, told once that about which it says so has come:
        what it said before is told no longer.
        """
        if self.opened_at > until:
            return None
        changes = [change for change in self.changes if change.at <= until]
        last = {change.field: change.value for change in changes}
        runs = list(self._runs(changes))
        ended = [start for start, status, before in runs if status and not before]
        done = bool(runs[-1][1])
        known = {k: at for k, at in self.instants.items() if at is not None and at <= until}
        reply, first = known.get("first_response_at"), ended[0] if ended else None
        unwritten = first is not None and (reply is None or reply > first)
        closed = [change.at for change in changes if change.field == "status"][-1]
        return Ticket(
            **self.texts,
            **known,
            opened_at=self.opened_at,
            first_resolved_at=first,
            resolved_at=ended[-1] if done else None,
            closed_at=closed if last["status"] == "closed" else None,
            reopened=sum(before and not status for _, status, before in runs),
            solved_by_registrar=unwritten and self.by_registrar,
            **{name: last.get(name) for name in ("kind", "priority", "team", "status")},
            mark=last["status"] if last["status"] in MARKS else None,
            own_response_due_at=self.due,
            own_response_met=self._met(0, until),
            own_resolution_met=self._met(1, until),
            changes=tuple(changes),
        )

    @staticmethod
    def _runs(changes):
        """(instant, out of work from then on, out of work before) of each change of status."""
        before = False
        for change in changes:
            if change.field == "status":
                yield change.at, change.value in OUT_OF_WORK, before
                before = change.value in OUT_OF_WORK

    def _met(self, which, until):
        if until == FOREVER:
            return self.met[which]
        whole = self.told()
        about = [whole.own_first_response_at, whole.first_response_at][2 * which :]
        about = [at for at in (*about, whole.resolved_at) if at is not None]
        return None if about and about[0] > until else self.met[which]


class CallLife:
    """A call, which waits until it is answered, lost or led elsewhere."""

    def __init__(self, chance, number, first, nows):
        self.id = str(number)
        self.entered_at = chance.choice([first, *nows]) + chance.randrange(-40, 40)
        self.wait = chance.choice([0, 4, 5, 6, 19, 20, 21, 60, chance.randrange(90)])
        self.outcome = chance.choice([o for o in CallOutcome if o not in {"open", "unknown"}])
        self.organization = chance.choice(["Askersund", "Laxå", None])

    def told(self, until=FOREVER):
        """The record at an instant; None before it came."""
        if self.entered_at > until:
            return None
        ended = self.entered_at + self.wait <= until
        return Call(
            source="phone",
            id=self.id,
            queue="it",
            entered_at=self.entered_at,
            outcome=self.outcome if ended else CallOutcome.OPEN,
            wait_seconds=self.wait if ended else None,
            organization=self.organization,
        )
