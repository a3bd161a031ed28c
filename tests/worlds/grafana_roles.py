"""What the basic roles of Grafana may do, as tried with a Grafana 12.3 and read in its source."""

from __future__ import annotations

from dataclasses import dataclass

_ROLES = ("Viewer", "Editor", "Admin")


@dataclass(frozen=True)
class Account:
    """Whose request it is."""

    name: str
    role: str

    def may(self, needed: str) -> bool:
        """Whether its role is at least the needed one."""
        return _ROLES.index(self.role) >= _ROLES.index(needed)


ANONYMOUS = Account("", "Viewer")
"""Whom Grafana does not know, where anonymous viewing is on."""


def needed_role(verb: str, parts: list[str]) -> str:
    """The least role for a request; ``parts``: its path after /api."""
    if verb == "GET" or parts == ["ds", "query"]:
        return "Viewer"
    return "Admin" if parts[0] == "datasources" else "Editor"
