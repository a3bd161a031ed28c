"""Boards have the room that a configuration needs: columns, tables, and the wall."""

from __future__ import annotations

import copy
import json

import pytest

from collector.cli.demo.settings import demo_settings
from collector.monitoring.grafana.fitting import ROWS, fit
from collector.monitoring.grafana.layout import every_panel, table_lines
from tests.worlds.grafana_layout import size, text_width
from tests.worlds.measured import CALLS, FIRST_LINE, MEAN, RESPONSE, settings_of
from tests.worlds.paths import BOARDS

FILES = sorted(BOARDS.glob("*/*.json"))
ALL = pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.stem}-{f.parent.name}")

LONG = "Ärenden om läsplattor, mobiltelefoner och övrigt som har lösts inom 14 dagar"
EMPLOYEES = {"sv": "Nöjda medarbetare i alla kommunernas förvaltningar", "en": "Content employees"}
WIDE = 1888
"""Pixels between the edges of a display of 1920."""


def desk(number: int = 4, **more):
    """A configuration with so many shares, the last of which has a long title."""
    shares = {f"share_{n}": RESPONSE for n in range(1, number)}
    last = {**RESPONSE, "title": {"sv": LONG, "en": "Short"}, "goal": "employees"}
    goals = {"employees": {"level": "council", "title": EMPLOYEES}}
    return settings_of({**shares, "last": last}, **{"goals": goals, **more})


def fitted(name: str, settings, language: str = "sv"):
    board = json.loads((BOARDS / language / f"{name}.json").read_text())
    fit(board, settings)
    return board


def panel(board, number: int):
    (found,) = (each for each in every_panel(board) if each["id"] == number)
    return found


def width(board, number: int, field: str) -> int:
    """What a column has at least."""
    (own,) = (
        each["properties"]
        for each in panel(board, number)["fieldConfig"]["overrides"]
        if each["matcher"]["options"] == field
    )
    names = {"custom.width", "custom.minWidth"}
    (found,) = (each["value"] for each in own if each["id"] in names)
    return found


@ALL
def test_it_is_known_how_many_rows_a_table_has(file):
    tables = {each["id"] for each in every_panel(json.loads(file.read_text()))
              if each["type"] == "table"}  # fmt: skip
    assert {number for name, number in ROWS if name == file.stem} == tables


@ALL
def test_fitting_again_changes_nothing_and_remembers_nothing(file):
    board = json.loads(file.read_text())
    fit(board, desk())
    once = copy.deepcopy(board)
    fit(board, desk(15, priorities=["one"], organizations=[LONG]))
    fit(board, desk())
    assert board == once


@ALL
def test_panels_side_by_side_are_equally_tall(file):
    for settings in (desk(1), desk(3, organizations=["A"]), desk(15, organizations=["A", "B"])):
        board = fitted(file.stem, settings, file.parent.name)
        for panels in (board["panels"], *(each.get("panels", ()) for each in board["panels"])):
            heights: dict[int, set[int]] = {}
            for each in panels:
                heights.setdefault(each["gridPos"]["y"], set()).add(each["gridPos"]["h"])
            assert all(len(found) == 1 for found in heights.values()), heights


@ALL
def test_all_columns_of_a_table_are_seen_without_scrolling(file, tmp_path):
    """Of the desk whose configuration is shipped, with all that its tables may show."""
    board = fitted(file.stem, demo_settings(tmp_path, {}, 0, file.parent.name), file.parent.name)
    for each in every_panel(board):
        if each["type"] == "table":
            needed = [
                next((p["value"] for p in override["properties"]
                      if p["id"] in {"custom.width", "custom.minWidth"}), 0)
                for override in each["fieldConfig"]["overrides"]
            ]  # fmt: skip
            room, _ = size(each)
            assert sum(needed) <= room, each["id"]


@ALL
def test_what_is_fitted_stays_apart(file):
    board = fitted(file.stem, desk(15), file.parent.name)
    taken: set[tuple[int, int]] = set()
    for each in board["panels"]:
        place = each["gridPos"]
        own = {(place["x"] + x, place["y"] + y) for x in range(place["w"])
               for y in range(place["h"])}  # fmt: skip
        assert not own & taken
        assert place["x"] + place["w"] <= 24
        taken |= own
        for behind in each.get("panels", ()):
            assert behind["gridPos"]["y"] > place["y"]


def test_the_longest_name_has_room():
    for name, number in (("response", 5), ("goals", 3), ("organizations", 3)):
        board = fitted(name, desk())
        assert width(board, number, "title_sv") > text_width(LONG, 14) + 12
    assert width(fitted("goals", desk()), 3, "goal_sv") > text_width(EMPLOYEES["sv"], 14) + 12
    names = ["Sydnärkes utbildningsförbund och gemensamma överförmyndarnämnd", "Laxå"]
    board = fitted("organizations", desk(organizations=names))
    assert width(board, 2, "organization") > text_width(names[0], 14) + 12
    assert width(fitted("goals", desk(), "en"), 3, "title_en") < 200, "and a short one no more"


def test_a_table_is_as_tall_as_its_rows():
    heights = [panel(fitted("response", desk(n)), 5)["gridPos"]["h"] for n in range(1, 15)]
    assert heights == sorted(heights)
    assert heights[0] == table_lines(1)
    for rows, lines in enumerate(heights[:12], 1):
        room = lines * 38 - 8 - 32 - 16
        assert 36 * (rows + 1) <= room < 36 * (rows + 3)
    assert heights[11] == heights[13], "more of them are scrolled"
    nothing = settings_of({"mean": MEAN})
    assert panel(fitted("response", nothing), 5)["gridPos"]["h"] == table_lines(0)
    assert table_lines(0) == table_lines(1), "where it says that there is nothing"


@pytest.mark.parametrize("number", range(1, 19))
def test_the_wall_is_filled_by_as_many_cards_as_there_are(number):
    board = fitted("today", desk(number))
    cards = panel(board, 5)
    top = {each["gridPos"]["h"] for each in board["panels"] if each is not cards}
    lines = -(-number // cards["maxPerRow"])
    pixels = (max(top) + lines * cards["gridPos"]["h"]) * 38 + 16
    assert pixels <= 1080
    assert number < 3 or pixels > 1000
    sizes = cards["options"]["text"]
    tile = (cards["gridPos"]["h"] * 38 - 8 - 48 - 8) / 2
    assert 1.2 * (sizes["titleSize"] + sizes["valueSize"]) <= tile
    across = 24 // cards["maxPerRow"] * (WIDE + 8) / 24 - 8 - 16 - 24
    for state in ("✗ Når inte målet", "◷ Inaktuell", "– Ej mätt", "12.3 h arbetstid"):
        assert text_width(state, sizes["valueSize"]) <= across
    for name in (LONG, "av 88888 · minst 80 %"):
        assert text_width(name, sizes["titleSize"]) <= across


def test_short_titles_are_large_on_the_wall_and_a_long_one_is_not_cut():
    """Each card's title is as large as the longest one allows."""
    titles = "Samtal inom 20 s", "Besvarade samtal inom 20 sekunder", LONG
    found = []
    for title in titles:
        shares = {"one": {**RESPONSE, "short": {"sv": title, "en": "One"}}}
        sizes = panel(fitted("today", settings_of(shares)), 5)["options"]["text"]
        found.append(sizes["titleSize"])
        wide = 12 * (WIDE + 8) / 24 - 8 - 16 - 24
        assert text_width(title, sizes["titleSize"]) <= wide
    assert found == sorted(found, reverse=True)
    assert found[0] >= 32


@pytest.mark.parametrize("number", range(1, 7))
def test_every_priority_has_a_line_on_the_wall(number):
    board = fitted("today", desk(priorities=[f"p{n}" for n in range(number)]))
    for each in (panel(board, 2), panel(board, 3)):
        room = (each["gridPos"]["h"] * 38 - 8 - 48 + 8) / (number + 2) - 8
        assert 1.2 * each["options"]["text"]["valueSize"] <= room
        assert each["options"]["text"]["valueSize"] >= 22


def test_every_kind_of_indicator_has_a_place():
    settings = settings_of(
        {"share": RESPONSE, "first": FIRST_LINE, "mean": MEAN, "calls": CALLS}, organizations=["A"]
    )
    rows = {where: found(settings) for where, found in ROWS.items()}
    assert rows["response", 5] == 2
    assert rows["response", 6] == rows["telephone", 3] == 1
    assert rows["goals", 3] == rows["organizations", 3] == 3
    assert rows["goals", 5] == 0
