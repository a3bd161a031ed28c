"""Gives the panels of a board the room that a configuration needs: columns as wide as its longest
name, tables as tall as their rows, and a wall that is filled by as many cards as there are.

The boards are built once, for every configuration; how much there is to show is known here.
"""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from typing import Any

from collector.config.indicator_base import AnyIndicator
from collector.config.settings import Settings
from collector.measuring.engine.open_work import queues_configured
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.table import kind_of
from collector.model.bilingual import Language
from collector.monitoring.grafana.layout import (
    COLUMNS,
    Panel,
    column_width,
    content_height,
    every_panel,
    lay_out,
    number_width,
    table_lines,
    text_width,
)
from collector.text.words.definitions import target_in_words
from collector.text.words.tables import word

Rows = Callable[[Settings], int]
Chosen = Callable[[Kind[Any]], bool]

NAMED_BY_OTHERS = 240
"""Pixels of a column of names that no configuration lists, such as queues of a telephone system."""

_MOST = 12
"""A table shows at most so many rows without scrolling."""

_WALL, _TOP = 27, 9
"""Lines of the grid on a wall display of 1080 pixels, and those of its upper row."""

_PRIORITIES = (2, 3)
"""The wall's panels with a line for each priority."""
_CARDS = 5

_LINE_HEIGHT, _BETWEEN = 1.2, 8
_LARGEST = 44
_NAME = 0.6
"""The size of a name beside that of its number."""
_LARGEST_NAME = 36
_N = "av 88888"
"""As wide in either language."""

_WIDEST = {2: 44, 3: 44, 4: 44, 6: 26}
"""Cards side by side, as Grafana divides its grid → the largest letters in which every state has
room there."""


def _indicators(chosen: Chosen) -> Rows:
    return lambda settings: sum(chosen(kind_of(i)) for i in settings.indicators.values())


def _any(_: Kind[Any]) -> bool:
    return True


def _is_share(kind: Kind[Any]) -> bool:
    return kind.is_share


def _is_mean(kind: Kind[Any]) -> bool:
    return kind.is_mean


def _is_value(kind: Kind[Any]) -> bool:
    return kind.family == "value"


def _is_ticket_share(kind: Kind[Any]) -> bool:
    return kind.is_share and "tickets" in kind.settings.RECORDS


def _is_call_share(kind: Kind[Any]) -> bool:
    return kind.is_share and "calls" in kind.settings.RECORDS


_SHARES = _indicators(_is_share)
_MEANS = _indicators(_is_mean)
_VALUES = _indicators(_is_value)
_COUNTS = _indicators(lambda kind: kind.is_count)  # values by hand mostly are of the whole desk
_TICKET_SHARES = _indicators(_is_ticket_share)
_CALL_SHARES = _indicators(_is_call_share)
_CLOCKS = _indicators(lambda kind: kind.is_timed and "tickets" in kind.settings.RECORDS)


def _by_organization(rows: Rows, most: int = _MOST) -> Rows:
    return lambda settings: min(rows(settings) * len(settings.organizations), most)


def _desk(settings: Settings) -> int:
    return len(settings.priorities) * max(len(settings.organizations), 1) + 1


ROWS: dict[tuple[str, int], Rows] = {
    ("response", 5): _TICKET_SHARES,
    ("response", 6): _MEANS,
    ("response", 7): _desk,
    ("response", 8): _CLOCKS,
    ("response", 9): _by_organization(_TICKET_SHARES, most=8),
    ("telephone", 3): _CALL_SHARES,
    ("telephone", 5): _CALL_SHARES,
    ("telephone", 9): lambda settings: len(queues_configured(settings)) or 3,
    ("goals", 3): _SHARES,
    ("goals", 4): _MEANS,
    ("goals", 5): _VALUES,
    ("organizations", 2): lambda settings: len(settings.organizations),
    ("organizations", 3): _by_organization(_SHARES),
    ("organizations", 5): _by_organization(_MEANS),
    ("organizations", 6): lambda settings: max(_by_organization(_COUNTS)(settings), 4),
    ("collector", 4): lambda settings: len(settings.sources),
    ("collector", 7): lambda settings: max(len(settings.sources) + 1, 4),
    ("collector", 9): _TICKET_SHARES,
}
"""Board and number of a table → how many rows a configuration gives it, as far as that is known."""


_NAMED: dict[tuple[str, int], Chosen] = {
    ("response", 5): _is_ticket_share,
    ("response", 6): _is_mean,
    ("response", 9): _is_ticket_share,
    ("telephone", 3): _is_call_share,
    ("telephone", 5): _is_call_share,
    ("goals", 3): _is_share,
    ("goals", 4): _is_mean,
    ("goals", 5): _is_value,
    ("organizations", 3): _is_share,
    ("organizations", 5): _is_mean,
    ("organizations", 6): _is_value,
    ("collector", 9): _is_share,
}
"""Tables → the kinds of indicators that alone are named in them; in others it may be any."""


def fit(board: Panel, settings: Settings) -> None:
    """Give the panels of one of our boards their room, and place them anew.

    Raises KeyError for a table that is not in :data:`ROWS`.
    """
    _, name, language = board["uid"].split("-")
    for panel in every_panel(board):
        if panel["type"] == "table":
            rows = ROWS[name, panel["id"]](settings)
            panel["gridPos"]["h"] = table_lines(min(rows, _MOST))
            of_kind = _NAMED.get((name, panel["id"]), _any)
            _widen(panel, _texts(settings, language, of_kind))
        elif name == "today":
            _fill_wall(panel, settings, language)
    lay_out(board["panels"])


def _texts(settings: Settings, language: Language, of_kind: Chosen) -> dict[str, list[str]]:
    """The column of a table → the texts that stand in it, if its indicators are of some kinds."""
    indicators = [i for i in settings.indicators.values() if of_kind(kind_of(i))]
    goals = {each.goal: settings.goals[each.goal] for each in indicators if each.goal}
    targets = [target_in_words(i.target, language) for i in indicators if i.target]
    return {
        f"title_{language}": [each.title[language] for each in indicators],
        f"goal_{language}": [each.title[language] for each in goals.values()],
        f"target_{language}": targets if of_kind is _is_share else [],
        "organization": [*settings.organizations, "other"],
        "priority": [*settings.priorities, "other"],
        "queue": sorted(queues_configured(settings)),
        "source": list(settings.sources),
    }


def _widen(panel: Panel, texts: dict[str, list[str]]) -> None:
    for override in panel["fieldConfig"]["overrides"]:
        field = override["matcher"]["options"]
        names = texts.get(field, ())
        properties = {each["id"]: each for each in override["properties"]}
        width = properties.get("custom.width") or properties.get("custom.minWidth")
        if names and width:
            needed = column_width(properties["displayName"]["value"], *names)
            width["value"] = max(needed, NAMED_BY_OTHERS if field == "queue" else 0)


def _fill_wall(panel: Panel, settings: Settings, language: Language) -> None:
    height = content_height(_TOP)
    if panel["id"] in _PRIORITIES:
        lines = len(settings.priorities) + 2  # other priorities, and tickets without one
        _resize(panel, ((height + _BETWEEN) / lines - _BETWEEN) / _LINE_HEIGHT)
    elif panel["id"] == _CARDS:
        shown = [each for each in settings.indicators.values() if kind_of(each).is_measured]
        across, lines = _cards(len(shown))
        panel["maxPerRow"], panel["gridPos"]["h"] = across, lines
        tile = (content_height(lines) - _BETWEEN) / 2 / _LINE_HEIGHT
        _resize(panel, min(tile / (1 + _NAME), _WIDEST[across]))
        sizes = panel["options"]["text"]
        written = [text for each in shown for text in _on_card(each, language)]
        widest = max((text_width(each, 1) for each in written), default=1)
        room = number_width(COLUMNS // across) / widest
        sizes["titleSize"] = floor(min(tile - sizes["valueSize"], room, _LARGEST_NAME))


def _on_card(indicator: AnyIndicator, language: Language) -> tuple[str, str]:
    """What stands in small letters on a card: the short title, and n with the target."""
    title = (indicator.short or indicator.title)[language]
    target = word("no_target", language)
    if indicator.target:
        target = target_in_words(indicator.target, language)
    return title, f"{_N} · {target}"


def _cards(number: int) -> tuple[int, int]:
    """How many cards stand side by side so that they fill the wall, and each one's lines."""
    rows = 2 if number <= 8 else 3
    across = next((n for n in _WIDEST if n * rows >= number), max(_WIDEST))
    return across, (_WALL - _TOP) // rows


def _resize(panel: Panel, pixels: float) -> None:
    size = min(floor(pixels), _LARGEST)
    panel["options"]["text"] = {"titleSize": floor(size * _NAME), "valueSize": size}
