"""share_where: the share of tickets that meet a condition when they are resolved."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from collector.config.definitions import silent_sources
from collector.config.indicators import ShareWhere
from collector.config.rules import TicketPredicate
from collector.measuring.kinds.base import Share, counted_by
from collector.measuring.kinds.saying import Said, counting, phrase, setting
from collector.measuring.verdicts.crosscheck import OWN_VERDICT
from collector.measuring.verdicts.needs import Need, filter_needs, need
from collector.measuring.verdicts.selection import Bool, Selection, matches
from collector.measuring.verdicts.tickets import give_reason, measure_tickets, verdicts_of
from collector.measuring.verdicts.timeline import Verdict, Verdicts, Yardstick
from collector.model.bilingual import Language, Text
from collector.model.columns import ABSENT, CallTable, Fact, TicketProfile, TicketTable
from collector.model.records import Unrecorded
from collector.text.words.records import field_name, value_of_field

_OWN = {"own_response": "first_response", "own_resolution": "resolved"}
"""The keys of a condition that ask for the source's own verdict, and the event it is about."""


class ShareWhereKind(Share[ShareWhere]):
    """Decided when the ticket is resolved, or as soon as the source has judged it if nothing else
    is asked; a team outside ``only_teams`` makes it missed at once. The present team decides where
    a source does not record earlier ones."""

    settings = ShareWhere
    words = Text(sv="andel som uppfyller ett villkor", en="share that meets a condition")

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        assert isinstance(table, TicketTable)
        looked_at = [Fact.OWN_RESPONSE] if self.own(yardstick).where.own_response else []
        return measure_tickets(yardstick, table, now, self._judge, self.needs(yardstick), looked_at)

    def needs(self, yardstick: Yardstick) -> Iterator[Need]:
        """See :meth:`Kind.needs`: also what its condition looks at, and when that is decided."""
        yield from super().needs(yardstick)
        where = self.own(yardstick).where
        yield from filter_needs(where)
        if where.only_teams is not None:
            yield need(Unrecorded.TEAM)
            yield need(Unrecorded.TEAMS)._replace(essential=False)
        if not _asks_source_alone(where):
            yield need(Unrecorded.RESOLUTION, Unrecorded.CLOSING)

    def _judge(self, yardstick: Yardstick, chosen: Selection) -> Verdicts:
        where, profiles = self.own(yardstick).where, chosen.table.profiles
        allowed = where.only_teams
        inside = [allowed is None or set(p.teams) <= set(allowed) for p in profiles]
        true = [ok and matches(where, p, yardstick) for ok, p in zip(inside, profiles, strict=True)]
        judged, own_true = _own_verdicts(where, chosen)
        decided = (chosen.resolved_at != ABSENT) | (chosen.closed_at != ABSENT)
        if _asks_source_alone(where):
            decided |= judged
        holds_true = chosen.of_profiles(true) & own_true
        verdict = np.full(len(chosen.row), Verdict.PENDING, dtype=np.int8)
        verdict[decided & holds_true] = Verdict.MET
        verdict[decided & ~holds_true] = Verdict.MISSED
        verdict[judged & ~chosen.of_profiles(inside)] = Verdict.MISSED
        verdicts = verdicts_of(chosen, verdict)
        give_reason(yardstick, verdicts, decided & ~judged, "no_own_verdict")
        if allowed is not None:
            has_no_team = chosen.of_profiles([not p.teams for p in profiles])
            give_reason(yardstick, verdicts, has_no_team, "no_team")
        return verdicts

    def facts(self, profile: TicketProfile) -> dict[str, str]:
        return {"teams": ", ".join(profile.teams) or "-", "status": profile.status or "-"}

    def formula(self, yardstick: Yardstick) -> str:
        where, by = self.own(yardstick).where, ""
        if where.only_teams and (silent := yardstick.silent_on(Unrecorded.TEAMS)):
            of = f" in {' and '.join(silent)}" if yardstick.told(Unrecorded.TEAMS) else ""
            by = f" by the present team{of}"
        if _asks_source_alone(where):
            what = "true by the source's own verdict / all that it judged"
        elif _asked_of_source(where):
            what = f"true{by} at resolution / all resolved that the source judged"
        else:
            what = f"true{by} at resolution / all resolved"
        return f"{what}; {counted_by(yardstick)}"

    def in_words(self, said: Said, language: Language) -> str:
        asked = {path: path.removeprefix("where.") for path in said if path.startswith("where.")}
        own = [field for field in asked.values() if field in _OWN]
        key = "of_resolved" if not own else "of_resolved_judged"
        key = "of_judged" if own and len(own) == len(asked) else key
        conditions = [_condition(said, path, field, language) for path, field in asked.items()]
        condition = phrase("and", language).join(conditions)
        what = phrase(key, language, condition=condition)
        return "; ".join((what, *counting(said, language)))


def _condition(said: Said, path: str, field: str, language: Language) -> str:
    value = setting(said, path, language)
    if field == "only_teams":
        silent, all_silent = silent_sources(said, Unrecorded.TEAMS)
        key = "present_team" if all_silent else "only_teams_but_in" if silent else path
        return phrase(key, language, value=value, sources=", ".join(silent))
    if field in _OWN:
        return phrase(path, language, value=value)
    values = said[path]
    shown = [
        value_of_field(field, e, language)
        for e in ([values] if isinstance(values, str) else values)
    ]
    name = field_name(field, language)
    return phrase("where", language, field=name, value=", ".join(shown))


def _asked_of_source(where: TicketPredicate) -> dict[str, bool]:
    """The events on which the condition asks for the source's verdict, and whether it must be that
    its limit was met."""
    asked = {event: getattr(where, key) for key, event in _OWN.items()}
    return {event: said == "met" for event, said in asked.items() if said is not None}


def _asks_source_alone(where: TicketPredicate) -> bool:
    return where.model_dump(exclude_none=True).keys() <= _OWN.keys()


def _own_verdicts(where: TicketPredicate, chosen: Selection) -> tuple[Bool, Bool]:
    """Which tickets the source has judged, and of which it says what is asked; all of both where
    the condition does not ask."""
    judged = np.ones(len(chosen.row), dtype=np.bool_)
    true = judged.copy()
    for event, met in _asked_of_source(where).items():
        said = chosen.table.own_verdict(OWN_VERDICT[event], chosen.now)[chosen.row]
        judged &= said != ABSENT
        true &= said == int(met)
    return judged, true
