"""The demo's board in English: the shipped one, with names and goals that fit any country."""

from __future__ import annotations

from typing import Any

FIELD = "Company"
"""The custom field of the simulated ticket system that names a ticket's organization."""

ORGANIZATIONS = {"Askersund": "North", "Hallsberg": "East", "Laxå": "South", "Lekeberg": "West"}
"""The shipped board's organizations, and their names here."""

_GOALS = {
    "easy_living": "Make work easy for everybody we serve",
    "sustainable_growth": "Grow and develop in a sustainable way",
    "climate": "Reduce our impact on the climate",
    "cooperation": "More cooperation between the organizations",
}
_TITLES = {
    "environment_diploma": "Environmental diploma",
    "budget": "The budget is kept",
}
_IN_VALUES = {
    " tkr": " kEUR",
    ",ja": ",yes",
    "Förvaltningschef": "Head of IT",
    "Främst en långtidssjukskrivning": "Mainly one long case",
    "Licenskostnader kommer senare under året": "Licences are paid later in the year",
}


def make_english(board: dict[str, Any]) -> None:
    """Change the data of the shipped configuration in place. Both languages stay in use, since
    Grafana shows the demo in both."""
    board["languages"] = ["en", "sv"]
    board["organizations"] = [ORGANIZATIONS[name] for name in board["organizations"]]
    board["sources"]["desk"]["fields"]["organization"] = f"CF.{FIELD}"
    for name, title in _GOALS.items():
        board["goals"][name]["title"] = title
    for name, title in _TITLES.items():
        board["indicators"][name]["title"] = title
    board["indicators"]["budget"] |= {"unit": "kEUR", "target": ">= 0 kEUR"}


def english_values(text: str) -> str:
    """Return the shipped values file with units, names and comments in English."""
    for swedish, english in _IN_VALUES.items():
        text = text.replace(swedish, english)
    return text
