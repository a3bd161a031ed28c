"""Our route in the organization's tree of notification policies. Pure.

Grafana's API only writes the tree as a whole. So our route is merged into the current tree, and
nothing else in it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from collector.monitoring.grafana.ownership import MANAGED_BY, MARK, is_our_route

Tree = Mapping[str, Any]
Route = dict[str, Any]


def route_by_severity(receivers: Mapping[Any, str]) -> Route:
    """A route for our alerts: severity → contact point. Other severities use the tree's default."""
    return {
        "object_matchers": [[MANAGED_BY, "=", MARK]],
        "routes": [
            {"receiver": receiver, "object_matchers": [["severity", "=", severity]]}
            for severity, receiver in receivers.items()
        ],
    }


def our_route(tree: Tree) -> Route | None:
    """Our route in a tree; None without one."""
    return next((dict(route) for route in tree.get("routes") or [] if is_our_route(route)), None)


def with_route(tree: Tree, route: Route | None) -> dict[str, Any]:
    """The tree with our route replaced, or removed if ``route`` is None.

    A new route comes first, since the first match counts.
    """
    routes = list(tree.get("routes") or [])
    places = [place for place, each in enumerate(routes) if is_our_route(each)]
    place = places[0] if places else 0
    others_before = [each for each in routes[:place] if not is_our_route(each)]
    others_after = [each for each in routes[place:] if not is_our_route(each)]
    own = [] if route is None else [route]
    return {**tree, "routes": others_before + own + others_after}


def why_not_writable(tree: Tree, *, recorded: bool) -> str | None:
    """Why the tree cannot be written, or None.

    A tree that users edit in Grafana has no provenance, and stays editable. A tree that was written
    over the API, without a route that we recorded (``recorded``), belongs to another program, which
    would silently undo our route.
    """
    provenance = tree.get("provenance") or ""
    if provenance == "" or (provenance == "api" and recorded):
        return None
    keeper = {"api": "another program", "file": "files"}.get(provenance, repr(provenance))
    return (
        f"the notification policies are managed by {keeper}: add a route for "
        f"{MANAGED_BY}={MARK} there, and set grafana.policies to leave"
    )
