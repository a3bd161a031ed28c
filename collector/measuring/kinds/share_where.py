"""share_where: the share of tickets that meet a condition when they are resolved."""

from __future__ import annotations

import numpy as np

from collector.config.indicators import ShareWhere
from collector.measuring.kinds.base import Share, counted_by
from collector.measuring.verdicts.selection import Selection, matches
from collector.measuring.verdicts.tickets import give_reason, measure_tickets, verdicts_of
from collector.measuring.verdicts.timeline import Verdict, Verdicts, Yardstick
from collector.model.bilingual import Text
from collector.model.columns import ABSENT, CallTable, TicketProfile, TicketTable


class ShareWhereKind(Share[ShareWhere]):
    """Decided when the ticket is resolved; a team outside ``only_teams`` makes it missed at
    once."""

    settings = ShareWhere
    words = Text(sv="andel som uppfyller ett villkor", en="share that meets a condition")

    def measure(self, yardstick: Yardstick, table: TicketTable | CallTable, now: int) -> Verdicts:
        assert isinstance(table, TicketTable)
        return measure_tickets(yardstick, table, now, self._judge)

    def _judge(self, yardstick: Yardstick, chosen: Selection) -> Verdicts:
        where, profiles = self.own(yardstick).where, chosen.table.profiles
        allowed = where.only_teams
        inside = [allowed is None or set(p.teams) <= set(allowed) for p in profiles]
        true = [ok and matches(where, p, yardstick) for ok, p in zip(inside, profiles, strict=True)]
        done = (chosen.resolved_at != ABSENT) | (chosen.closed_at != ABSENT)
        verdict = np.full(len(chosen.row), Verdict.PENDING, dtype=np.int8)
        holds_true = chosen.of_profiles(true)
        verdict[done & holds_true] = Verdict.MET
        verdict[done & ~holds_true] = Verdict.MISSED
        verdict[~chosen.of_profiles(inside)] = Verdict.MISSED
        verdicts = verdicts_of(chosen, verdict)
        if allowed is not None:
            has_no_team = chosen.of_profiles([not p.teams for p in profiles])
            give_reason(yardstick, verdicts, has_no_team, "no_team")
        return verdicts

    def facts(self, profile: TicketProfile) -> dict[str, str]:
        return {"teams": ", ".join(profile.teams) or "-", "status": profile.status or "-"}

    def formula(self, yardstick: Yardstick) -> str:
        return f"true at resolution / all resolved; {counted_by(yardstick)}"
