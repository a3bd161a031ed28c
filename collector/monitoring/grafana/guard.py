"""Keeps boards and rules from being written to a data source that does not work."""

from __future__ import annotations

from collector.monitoring.grafana.client import Grafana, Refused
from collector.monitoring.grafana.current import CurrentState
from collector.monitoring.grafana.desired import DesiredState
from collector.monitoring.grafana.ownership import TRIAL, Kind, is_our_data_source
from collector.monitoring.grafana.plan import Change, Conflict, Plan
from collector.monitoring.grafana.sources import (
    Body,
    Trouble,
    find_trouble,
    has_secrets,
    is_moved,
    trial_of,
)

_FIRST = {Kind.CONTACT_POINT, Kind.MUTE_TIMING, Kind.FOLDER, Kind.DATA_SOURCE}


class SourceGuard:
    """Asks the data source of one run, at the moment at which it can be asked.

    One that stays as it is: at once. One whose address changes: through a second data source that
    is removed again, before anything is written. One that is new: as soon as it is there, before
    anything that was there is changed. ``anyway``: a source without our metrics will do, which
    becomes one of ``remarks``.
    """

    def __init__(
        self,
        grafana: Grafana,
        wanted: DesiredState,
        found: CurrentState,
        plan: Plan,
        *,
        anyway: bool,
    ) -> None:
        self._grafana = grafana
        self._wanted = wanted
        self._there = found.data_source
        self._change = plan.source_change
        self._anyway = anyway
        self._tried = False
        self.remarks: list[str] = []

    def conflict_now(self) -> Conflict | None:
        """What is wrong with a data source whose address stays. Writes nothing."""
        if self._there is None or self._is_moved():
            return None
        ours = self._wanted.data_source is not None and is_our_data_source(self._there)
        return self._conflict(find_trouble(self._grafana, self._there, ours=ours))

    def conflict_of_new_address(self) -> Conflict | None:
        """What is wrong with the new address of a data source. Leaves a data source for trial, for
        :meth:`finish`, unless something is."""
        if self._there is None or not self._is_moved():
            return None
        try:
            conflict = self._conflict(self._try_address(self._there))
        except Refused as refused:
            text = f"its new address cannot be tried: {refused}"
            conflict = self._conflict(Trouble(text))
        if conflict is not None:
            self.finish()
        return conflict

    def conflict_of_new_source(self) -> Conflict | None:
        """What is wrong with a data source that was just created."""
        assert self._wanted.data_source is not None
        return self._conflict(find_trouble(self._grafana, self._wanted.data_source, ours=True))

    def in_order(self, changes: list[Change]) -> list[Change]:
        """The changes in their order, but a new data source and what is new before it come before
        everything that changes what is there."""
        if self._change is None or self._change.action != "create":
            return changes
        new = [c for c in changes if c.action == "create" and c.kind in _FIRST]
        return new + [c for c in changes if c not in new]

    def finish(self) -> None:
        """Remove the data source for trial."""
        if self._tried:
            self._grafana.delete("datasources", "uid", TRIAL)
            self._tried = False

    def _is_moved(self) -> bool:
        wanted = self._wanted.data_source
        return (
            self._change is not None
            and wanted is not None
            and self._there is not None
            and is_moved(self._there, wanted)
        )

    def _try_address(self, there: Body) -> Trouble | None:
        assert self._wanted.data_source is not None
        trial = trial_of(self._wanted.data_source, there)
        left = self._grafana.find("datasources", "uid", TRIAL)  # by a run that was interrupted
        if left is None:
            self._grafana.post("datasources", body=trial)
        elif not is_our_data_source(left):
            return Trouble(f"the uid {TRIAL} is needed to try it, and taken: remove that one")
        elif is_moved(left, trial):
            self._grafana.put("datasources", "uid", TRIAL, body=trial)
        self._tried = True
        trouble = find_trouble(self._grafana, trial, ours=True)
        if trouble is None or not has_secrets(there):
            return trouble
        text = (
            f"{trouble.text}. It was tried without the secrets that Grafana keeps for it: if it "
            "needs them, change its address in Grafana by hand"
        )
        return Trouble(text, trouble.passable)

    def _conflict(self, trouble: Trouble | None) -> Conflict | None:
        """The conflict; None as well where the user insists."""
        if trouble is None:
            return None
        uid = self._wanted.data_source_uid
        if trouble.passable and self._anyway:
            self.remarks.append(f"{Kind.DATA_SOURCE} {uid}: {trouble.text}")
            return None
        return Conflict(Kind.DATA_SOURCE, uid, trouble.text, stops_all=True)
