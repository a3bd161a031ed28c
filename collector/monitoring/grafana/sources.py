"""Whether a data source answers and holds our metrics: Grafana itself is asked.

Boards and rules that query one which does not show nothing and never fire, and a rule that fired is
resolved while its cause persists. So they are only written once their data source is known to work.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collector.monitoring.grafana.client import Grafana, Refused, TimedOut
from collector.monitoring.grafana.ownership import TRIAL
from collector.monitoring.names import PREFIX

Body = Mapping[str, Any]

ANY_METRIC = f"count(last_over_time({PREFIX}build_info[1d]))"
"""Has a result if the collector was scraped within a day, even if it is down at the moment."""

_CREDENTIALS = re.compile(r"//[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why boards and rules must not rely on a data source. ``passable``: the user may insist."""

    text: str
    passable: bool = False


def find_trouble(grafana: Grafana, source: Body, *, ours: bool) -> Trouble | None:
    """Ask Grafana for the health of a data source, and the source for our metrics.

    ``ours``: its address is the configured one. Raises Unreachable if Grafana itself is.
    """
    uid, where = str(source["uid"]), _shown(str(source.get("url") or "its address"))
    correct = (
        "correct grafana.datasource.url"
        if ours
        else "correct it in Grafana, or name another in grafana.datasource.uid"
    )
    try:
        _require_health(grafana, uid)
        frames = grafana.query(uid, ANY_METRIC)
    except (Refused, TimedOut) as error:
        # what Grafana said about the source; all that is known if it said nothing
        told = isinstance(error, Refused) and error.status != 403 and error.said
        why = _shown(str(told or error)).rstrip(".")
        return Trouble(f"Grafana cannot query {where}: {why}; start that Prometheus, or {correct}")
    if any(column for frame in frames for column in (frame.get("data") or {}).get("values") or ()):
        return None
    text = (
        f"{where} has had no metrics of this service for a day: let it scrape the collector, or "
        f"{correct}; with --anyway boards and rules are written nevertheless"
    )
    return Trouble(text, passable=True)


def _require_health(grafana: Grafana, uid: str) -> None:
    """Raises Refused if Grafana finds a data source ill, which it answers with 400."""
    health = grafana.get("datasources", "uid", uid, "health")
    status = str(health.get("status") or "OK")
    if status.upper() != "OK":
        said = str(health.get("message") or status)
        raise Refused(f"the health of {uid}: {said}", 400, said)


def _shown(text: str) -> str:
    """A text without the credentials of its addresses."""
    return _CREDENTIALS.sub("//***@", text)


def is_moved(source: Body, wanted: Body) -> bool:
    """Whether a data source has another address than it shall have."""
    return str(source.get("url") or "").rstrip("/") != str(wanted["url"])


def trial_of(wanted: Body, source: Body) -> dict[str, Any]:
    """The body of a second data source, by which a new address is tried before it is used."""
    settings = {**(source.get("jsonData") or {}), **wanted["jsonData"]}
    name = f"{wanted['name']} (a new address, being tried)"
    return {**wanted, "uid": TRIAL, "name": name, "jsonData": settings}


def has_secrets(source: Body) -> bool:
    """Whether a data source has secrets of its own, which Grafana shows to nobody."""
    return any((source.get("secureJsonFields") or {}).values())
