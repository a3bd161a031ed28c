"""A second count of every figure: record by record, by plain loops over the written rules.

It reads the same configuration as the service, as the dictionary that the YAML is, and shares no
code with it. Time is ``datetime`` and ``zoneinfo``, business time a walk over opening hours.
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
YEARS = range(2019, 2027)
FOREVER = 2**62
MARKS = {"merged", "deleted", "spam"}
ANSWERS = {
    "reply": "first_response_at",
    "note": "first_note_at",
    "status": "first_status_at",
    "assigned": "first_assigned_at",
}
FILTERED = ["kind", "priority", "team", "organization", "category", "status"]
SAID_BY = {
    "reply": "first_response",
    "note": "first_note",
    "status": "first_status",
    "assigned": "first_assigned",
}
RULES = {
    "counted_by": "opened",
    "priority": "at_open",
    "response_pauses": False,
    "resolution_pauses": True,
    "closed_pauses": False,
    "resolution": "last",
    "answers": ["reply"],
    "phone_solved_within": "1800s",
    "before_opening": "by_source",
    "withdrawn": "unanswered",
    "refused": "apart",
}


def seconds_of(text):
    """``90s`` → 90."""
    return int(text.removesuffix("s"))


# Business time


class Opening:
    """The opening hours of a calendar, as the instants at which its windows open and close."""

    def __init__(self, settings):
        self.zone = ZoneInfo(settings["timezone"])
        hours = {}
        for days, windows in settings["hours"].items():
            first, _, last = days.partition("-")
            for day in DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]:
                hours[day] = windows
        holidays = settings.get("holidays", {})
        short = holidays.get("half_days", {})
        closed = set(holidays.get("add", ())) - set(holidays.get("remove", ()))
        self.of_day, self.windows = {}, []
        day = date(YEARS[0], 1, 1)
        while day.year in YEARS:
            texts = short.get(day, hours.get(DAYS[day.weekday()], []))
            found = [] if day in closed else sorted(self._window(day, text) for text in texts)
            self.of_day[day] = [(opens, closes) for opens, closes in found if opens < closes]
            self.windows += self.of_day[day]
            day += timedelta(days=1)
        self.closings = [closes for _, closes in self.windows]

    def _window(self, day, text):
        return tuple(self._instant(day, clock) for clock in text.split("-"))

    def _instant(self, day, clock):
        if clock.startswith("24"):
            day, clock = day + timedelta(days=1), "00:00"
        return int(datetime.combine(day, time.fromisoformat(clock), self.zone).timestamp())

    def parts(self, start, until, pauses=()):
        """What is open between two instants, without the pauses."""
        at, n = start, bisect_right(self.closings, start)
        while True:
            opens, closes = self.windows[n]
            at, end, n = max(at, opens), min(closes, until), n + 1
            if at >= until:
                return
            for pause, resume in pauses:
                if pause < end and resume > at:
                    if pause > at:
                        yield at, pause
                    at = max(at, resume)
            if at < end:
                yield at, end
                at = end

    def worked(self, start, end, pauses=()):
        """Business seconds from ``start`` to ``end``, which comes no earlier."""
        return sum(high - low for low, high in self.parts(start, end, pauses))

    def reached(self, start, seconds, pauses=()):
        """The first instant at which so many business seconds are over."""
        if not seconds:
            return start
        for low, high in self.parts(start, FOREVER, pauses):
            if seconds <= high - low:
                return low + seconds
            seconds -= high - low
        return FOREVER

    def closing(self, start, days):
        """When the n-th business day after the day of ``start`` closes."""
        day = datetime.fromtimestamp(start, self.zone).date()
        while days:
            day += timedelta(days=1)
            days -= bool(self.of_day[day])
        return max(closes for _, closes in self.of_day[day])


# What a ticket is known as


class Story:
    """A ticket's texts and what its history tells; with ``known_at`` as they were then."""

    def __init__(self, one, known_at=None):
        self.one = one
        until = FOREVER if known_at is None else known_at
        told = sorted(one.changes, key=lambda change: change.at)
        self.told = {
            field: [(change.at, change.value) for change in told if change.field == field]
            for field in ("status", "priority", "team", "kind")
        }
        known = {field: [x for x in what if x[0] <= until] for field, what in self.told.items()}
        self.source, self.organization = one.source, one.organization
        self.category, self.mark = one.category, one.mark
        self.unrecorded = set(map(str, one.unrecorded))
        for field, what in known.items():
            setattr(self, field, what[-1][1] if what else getattr(one, field))
        if any(at > until and value == one.mark for at, value in self.told["status"]):
            self.mark = None
        elif self.mark:
            self.status = one.status  # it became so at an unknown time
        done = {"resolved", "closed"}
        self.resolved_at = self._since(done | MARKS, one.resolved_at, until)
        self.closed_at = self._since({"closed"}, one.closed_at, until)
        self.priorities, self.known_at = known["priority"], known_at
        self.teams = {value for _, value in known["team"]} or {self.team} - {None}
        self.holds = self._spans({"on_hold"})
        gaps = self._spans(done | MARKS) if one.reopened else []
        self.gaps = [(start, end) for start, end in gaps if end < FOREVER]

    def _since(self, statuses, at, until):
        """The instant told last, or if that was not known yet since when it was so for a time."""
        if at is None or at > until:
            for start, end in self._spans(statuses):
                if start <= until < end < FOREVER:
                    return start
        return at

    def own_met(self, event, now):
        """What the source says of the clock to an event, once that about which it says so is known.

        That is its own first response, or ours where it names none; without any, the resolution.
        """
        one, about = self.one, self.one.resolved_at
        if event == "first_response":
            answers = [one.own_first_response_at, one.first_response_at]
            about = next((at for at in answers if at is not None), about)
        said = {
            "first_response": one.own_response_met,
            "resolved": one.own_resolution_met,
        }.get(event)
        return None if about is not None and about > now else said

    def _spans(self, statuses):
        found, since = [], None
        for at, status in self.told["status"]:
            if status in statuses:
                since = at if since is None else since
            elif since is not None:
                found.append((since, at))
                since = None
        return found if since is None else [*found, (since, FOREVER)]

    def priority_by(self, policy, answered, order):
        """The priority that counts: at opening, when ``answered`` or now, or the strictest."""
        if not self.priorities:
            return self.priority
        if policy == "at_open":
            return self.priorities[0][1]
        if policy == "at_response":
            before = [value for at, value in self.priorities if answered is None or at <= answered]
            return before[-1] if before else self.priorities[0][1]
        known = [value for _, value in self.priorities]
        return min(known, key=lambda value: order.index(value) if value in order else len(order))


# The count


class Oracle:
    """Counts records by a configuration: one Counter per indicator, date and organization."""

    def __init__(self, configuration, bounds, openings=None):
        self.settings, self.bounds = configuration, bounds
        self.zone = ZoneInfo(configuration["timezone"])
        self.order = configuration.get("priorities", ["urgent", "high", "normal", "low"])
        self.openings = {} if openings is None else openings
        self.ways = {name: self._ways(name) for name in configuration["indicators"]}
        self.seen = Counter()

    def _ways(self, name):
        """How an indicator is measured, from which date on and until which."""
        whole, general = self.settings["indicators"][name], self.settings.get("rules", {})
        versions = [*whole.get("versions", ()), *general.get("versions", ())]
        for calendar in self.settings["calendars"].values():
            versions += calendar.get("versions", ())
        turns = sorted({date.min, *(version["valid_from"] for version in versions)})
        ways = []
        for first, after in zip(turns, [*turns[1:], date.max], strict=True):
            keys, own = dict(whole), dict(whole.get("rules", {}))
            for version in whole.get("versions", ()):
                if version["valid_from"] <= first:
                    keys |= version
                    own |= version.get("rules", {})
            rules = RULES | {key: general[key] for key in RULES if key in general}
            for version in general.get("versions", ()):
                if version["valid_from"] <= first:
                    rules |= version
            way = SimpleNamespace(**(rules | own | keys), first=first, after=after)
            way.phone = seconds_of(way.phone_solved_within)
            way.chosen = list(getattr(way, "records", {}).items())
            if "calendar" in keys:
                way.opening = self._opening(keys["calendar"], first)
            ways.append(way)
        return ways

    def _opening(self, name, day):
        settings = dict(self.settings["calendars"][name])
        for version in settings.pop("versions", ()):
            if version["valid_from"] <= day:
                settings |= version
        settings.pop("valid_from", None)
        key = repr(sorted(settings.items(), key=str))
        if key not in self.openings:
            self.openings[key] = Opening(settings)
        return self.openings[key]

    def date_of(self, instant):
        """The date on which an instant counts."""
        return datetime.fromtimestamp(instant, self.zone).date()

    def count(self, tickets, calls, first, after, now, known_at=None):
        """Everything that counts from ``first`` up to, not including, ``after``."""
        found, listed = defaultdict(Counter), self.settings["organizations"]
        for records, of, measure in (
            ([Story(each, known_at) for each in tickets], self.of_tickets, self.ticket),
            (calls, self.of_calls, self.call),
        ):
            names = [name for name in self.ways if of(self.settings["indicators"][name])]
            for one in records:
                opened = one.one.opened_at if of == self.of_tickets else one.entered_at
                if opened > now:
                    continue
                day_opened = self.date_of(opened)
                for name in names:
                    for n, way in enumerate(self.ways[name]):
                        day = day_opened
                        if of == self.of_tickets and way.counted_by != "opened":
                            at = self.instant(one, way, now)
                            day = None if at is None else self.date_of(at)
                        if day is None or not max(way.first, first) <= day < min(way.after, after):
                            continue
                        what = measure(one, way, now)
                        if what:
                            place = one.organization if one.organization in listed else None
                            found[name, day, place].update(what)
                            self.seen[name, n] += 1
        return found

    @staticmethod
    def of_calls(settings):
        """Whether an indicator is made of calls."""
        return settings["kind"] == "service_level" or settings.get("of") == "calls"

    @classmethod
    def of_tickets(cls, settings):
        """Whether an indicator is made of tickets."""
        return not cls.of_calls(settings)

    # What happened when, as far as known now

    def response(self, story, way, now):
        """The opening, where solved on the phone before anybody wrote; else the first answer."""
        one = story.one
        instants = [getattr(one, ANSWERS[answer]) for answer in way.answers]
        known = [at for at in instants if at is not None and at <= now]
        solved, written = one.first_resolved_at, one.first_response_at
        if one.solved_by_registrar and way.phone and solved is not None and solved <= now:
            unwritten = written is None or written > solved
            if unwritten and solved - one.opened_at <= way.phone:
                return one.opened_at
        if known and way.before_opening == "zero":  # registered after the talk
            return max(min(known), one.opened_at)
        return min(known, default=None)

    def resolution(self, story, way, now):
        """The first resolution or the last, and of a ticket since reopened that of then."""
        at = story.one.first_resolved_at if way.resolution == "first" else story.resolved_at
        if at is not None and at <= now:
            return at
        if way.resolution == "last":
            for start, end in story.gaps:
                if start <= now < end:
                    return start
        return None

    def closing(self, story, way, now):
        """When it was closed."""
        at = story.closed_at
        return at if at is not None and at <= now else None

    def instant(self, story, way, now):
        """The instant that decides where a ticket counts."""
        return getattr(self, {"responded": "response", "resolved": "resolution"}[way.counted_by])(
            story, way, now
        )

    # Tickets

    def chosen(self, story, way, fields, *, as_recorded=False):
        """Whether every field has one of its values; ``as_recorded``: of those recorded."""
        for field, values in fields:
            if field in {"only_teams", "own_response", "own_resolution"}:
                continue  # see whether()
            if as_recorded and field in story.unrecorded:
                continue
            if field == "priority":
                answered = self.response(story, way, FOREVER if story.known_at is None else way.now)
                value = story.priority_by(way.priority, answered, self.order)
            else:
                value = getattr(story, field)
            if value not in (values if isinstance(values, list) else [values]):
                return False
        return True

    def ticket(self, story, way, now):
        """What a ticket adds to an indicator; None where it is not one of its records."""
        way.now = now
        if not self.chosen(story, way, way.chosen, as_recorded=True):
            return None
        if story.mark in MARKS:
            return self.excluded(story.mark)
        for name, fields in reversed(self.settings.get("exclude", {}).items()):
            if self.chosen(story, way, fields.items()):
                return self.excluded(name)
        for fact in self.needed(story, way):
            return self.excluded(f"unrecorded_{fact}")
        if way.kind == "count":
            return self.good(0)
        if way.kind == "share_where":
            return self.whether(story, way, now)
        return self.clock(story, way, now)

    def needed(self, story, way):
        """What the indicator must know of a ticket, and its source does not record."""
        missing, where = story.unrecorded, getattr(way, "where", {})
        answers = {SAID_BY[answer] for answer in way.answers}
        unanswered = ["first_response"] if answers <= missing else []
        filtered = dict(way.chosen)
        yield from (field for field in FILTERED if field in filtered and field in missing)
        if way.counted_by == "responded":
            yield from unanswered
        if way.counted_by == "resolved" and "resolution" in missing:
            yield "resolution"
        yield from (field for field in FILTERED if field in where and field in missing)
        if "only_teams" in where:
            yield from ["team"] if "team" in missing else []
        own_alone = where.keys() <= {"own_response", "own_resolution"}
        if way.kind == "share_where" and not own_alone and {"resolution", "closing"} <= missing:
            yield "resolution"
        if hasattr(way, "to"):
            events = {getattr(way, "from", "opened"), way.to}
            yield from unanswered if "first_response" in events else []
            for event, fact in (("resolved", "resolution"), ("closed", "closing")):
                if event in events and fact in missing:
                    yield fact

    def whether(self, story, way, now):
        """Whether something is true of a ticket once it is done; a foreign team never leaves.
        What the source says is true once it says so."""
        events = {"own_response": "first_response", "own_resolution": "resolved"}
        own = {key: story.own_met(events[key], now) for key in way.where if key in events}
        judged = None not in own.values()
        done = self.resolution(story, way, now) is not None
        done |= self.closing(story, way, now) is not None
        if own and len(own) == len(way.where):
            done |= judged
        held = story.teams
        foreign = not held <= set(way.where.get("only_teams", held))
        if "only_teams" in way.where and not held:
            return self.excluded("no_team")
        if done and not judged:
            return self.excluded("no_own_verdict")
        if foreign and judged:
            return self.missed()
        if not done:
            return {"pending": 1}
        true = all(said == (way.where[key] == "met") for key, said in own.items())
        return (
            self.good(0) if true and self.chosen(story, way, way.where.items()) else self.missed()
        )

    def clock(self, story, way, now):
        """The time from one event to another, held against a limit if there is one."""
        begin, until = getattr(way, "from", "opened"), way.to
        ends = {"first_response": self.response, "resolved": self.resolution}
        start = story.one.opened_at if begin == "opened" else self.response(story, way, now)
        end = ends.get(until, self.closing)(story, way, now)
        own = story.one.own_first_response_at
        compared = {}
        if until == "first_response" and own is not None and own <= now:
            compared = {"compared": 1, "differ": int(end is None or abs(end - own) > 60)}
        if until == "resolved" and end is None and self.closing(story, way, now) is not None:
            return self.excluded("no_resolved_at")
        if start is None:
            return {"pending": 1} if end is None else self.excluded("unanswered")
        if end is not None and end < start:
            return self.excluded("ends_before_start")
        if until == "first_response":
            pauses = story.holds if way.response_pauses else []
        else:
            pauses = story.holds if way.resolution_pauses else []
            over = [(start, end) for start, end in story.gaps if end <= now]
            pauses = sorted([*pauses, *over]) if way.closed_pauses else pauses
        at = now if end is None else end
        late = way.kind == "share_within" and self.late(way, start, at, pauses)
        if end is None:
            found = self.missed() if late else {"pending": 1}
        else:
            spent = way.opening.worked(start, end, pauses)
            found = self.missed() if late else self.good(spent)
            found[self.bucket(spent)] = 1
        theirs = story.own_met(until, now)
        decided = end is not None or (late and compared)
        if way.kind == "share_within" and decided and theirs is not None:
            found |= {"checked": 1, "ours": int(not late), "theirs": int(theirs)}
            found["disagree"] = int(theirs == late)
            self.seen["checked while open", ""] += end is None
        return found | compared

    def late(self, way, start, at, pauses):
        """Whether the limit is over at an instant. Within n business days: at closing time."""
        days, _, unit = way.within.partition(" ")
        if unit:
            allowed = way.opening.worked(start, way.opening.closing(start, int(days)))
        else:
            allowed = seconds_of(way.within)
        due = way.opening.reached(start, allowed, pauses)
        self.seen["on the limit", unit] += at == due
        self.seen["a second late", unit] += at == due + 1
        if unit:
            return at > due
        return at > due and any(True for _ in way.opening.parts(due, at, pauses))

    # Calls

    def call(self, one, way, now):
        """What a call adds to an indicator; None where it is not one of its records."""
        outcome, wait = str(one.outcome), one.wait_seconds
        ended = one.answered_at or one.left_at if wait is None else one.entered_at + wait
        if ended is not None and ended > now:
            outcome = "open"  # it was still waiting
        for field, values in way.chosen:
            value = outcome if field == "outcome" else getattr(one, field)
            if value not in (values if isinstance(values, list) else [values]):
                return None
        asked = dict(way.chosen).get("outcome") or []
        if outcome == "refused" and way.refused == "apart" and "refused" not in asked:
            return self.excluded("refused")
        if way.kind == "count":
            return self.good(0)
        formula, limit = way.formula, seconds_of(way.within)
        short = seconds_of(getattr(way, "short_abandon", "0s"))
        if outcome == "unknown":
            return self.excluded("unknown")
        if outcome == "open":
            if formula == "answered_of_answered" or now - one.entered_at <= limit:
                return {"pending": 1}
            return self.missed()
        if outcome == "withdrawn" and way.withdrawn == "callback":
            outcome = "callback"
        if outcome in {"key_exit", "callback"}:
            return self.excluded(outcome)
        if outcome == "answered":
            if wait is None:
                return self.excluded("unknown_wait")
            return (self.good(wait) if wait <= limit else self.missed()) | {self.bucket(wait): 1}
        return self.lost(way, outcome, wait, limit, short)

    def lost(self, way, outcome, wait, limit, short):
        """A caller whom nobody answered; not to know the wait matters only where it decides."""
        formula, hung_up = way.formula, outcome == "abandoned"
        deciding = formula == "abandons_met"
        deciding |= hung_up and (short > 0 or formula == "without_early_abandons")
        if outcome == "refused":
            unanswered_apart = formula == "answered_of_answered"
            return self.excluded("unanswered") if unanswered_apart else self.missed()
        if wait is None and deciding:
            return self.excluded("unknown_wait")
        if short and hung_up and wait <= short:
            if formula == "short_abandons_met":
                return self.good(wait)
            return self.excluded("short_abandon")
        if formula == "answered_of_answered":
            return self.excluded("unanswered")
        if formula == "without_early_abandons" and hung_up and wait <= limit:
            return self.excluded("early_abandon")
        if formula == "abandons_met" and wait <= limit:
            return self.good(wait)
        return self.missed()

    # What is added

    @staticmethod
    def excluded(reason):
        return {("excluded", reason): 1}

    @staticmethod
    def missed():
        return {"eligible": 1}

    @staticmethod
    def good(seconds):
        return {"good": 1, "eligible": 1, "seconds": seconds, "squares": seconds**2}

    def bucket(self, seconds):
        """Durations above one bound and not over the next share a bucket."""
        return "bucket", bisect_left(self.bounds, seconds)
