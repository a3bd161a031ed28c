"""What is seen of the boards by day, at night, before the first call, with a dead source and with a
dead collector: order, words, colours, and what has room."""

from __future__ import annotations

import re
from math import ceil

import pytest

from collector.model.codes import STATES, WORST_FIRST
from collector.monitoring.grafana.layout import every_panel
from collector.text.vocabulary import state_text
from tests.dashboards.conftest import SCENES
from tests.worlds.boards_desk import NOW, SERVICE, settings
from tests.worlds.grafana_layout import (
    clipped,
    contrast,
    cut_cells,
    placed,
    size,
    text_width,
    visible_rows,
)
from tests.worlds.grafana_view import View, board

pytestmark = pytest.mark.integration

ANSWERS = {
    "response": (2, 5, 9),
    "telephone": (4, 2, 9),
    "goals": (2, 3),
    "organizations": (2, 3),
    "collector": (2, 4),
}
"""Board → the panels that answer its question."""

BOARDS = ("today", "response", "telephone", "goals", "organizations", "collector")
VERMILLION, MUTED = "#C24E00", "#1F2937"


# Silence


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("name", BOARDS)
def test_a_dead_collector_is_said_once_and_loud(seen, name, language):
    view = seen.view(name, "gone", language)
    (tile,) = view.tiles(1)
    said = {"sv": "✗ Inga data från kollektorn sedan", "en": "✗ No data from the collector since"}
    assert (tile.name, tile.text) == (said[language], "2020-07-16 09:00")
    assert tile.colour == VERMILLION
    assert clipped(view.panel(1), [tile]) == []
    for panel in every_panel(view.board):
        if panel["type"] == "stat" and panel["id"] != 1 and not panel.get("repeat"):
            assert {each.colour for each in view.tiles(panel["id"])} <= {MUTED}, panel["id"]


def test_with_a_dead_collector_the_cards_keep_their_names(seen):
    by_day, gone = (seen.view("today", scene).options["indicator"] for scene in ("day", "gone"))
    assert gone == by_day | {}
    assert gone
    for indicator, title in gone.items():
        (tile,) = seen.view("today", "gone").tiles(5, indicator=indicator)
        assert (tile.name, tile.text, tile.colour) == (title, "–", MUTED)


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_a_card_names_its_indicator_where_it_is_read_from_afar(seen, scene, language):
    """In the letters of its n and target, and the panel's small title says the period instead."""
    view = seen.view("today", scene, language)
    titles = {name: i.title[language] for name, i in settings().indicators.items()}
    for indicator, title in view.options["indicator"].items():
        named, *others = view.tiles(5, indicator=indicator)
        assert named.name == title == titles[indicator]
        assert title not in {each.name for each in others}
    assert view.panel(5)["options"]["text"]["titleSize"] >= 22
    period = placed(view.board, view.options, period=view.period_text())
    assert {each.title for each in period if each.chosen} == {view.period_text()}
    assert view.period_text() in {"I dag", "Today"}


def test_before_any_data_ever_the_panel_says_so(seen):
    view = View(seen.prometheus, "today", "sv", NOW - 10 * 86_400, "today")
    assert view.tiles(1) == [("", "✗ Inga data från kollektorn", VERMILLION, {})]


def test_before_the_first_call_the_telephone_says_0(seen):
    for view in (seen.view(name, "morning") for name in ("today", "telephone")):
        waiting, longest = view.tiles(4)
        assert (waiting.text, longest.text) == ("0", "ingen")
    assert {tile.text for tile in seen.view("telephone", "morning").tiles(2)} == {"0"}


def test_a_dead_source_makes_what_it_tells_stale_and_nothing_else(seen):
    view = seen.view("today", "silent")
    assert view.tiles(1)[0].text == state_text("stale", "sv")
    assert {tile.colour for tile in view.tiles(4)} == {"#F0B8E8"}
    assert "#F0B8E8" not in {tile.colour for tile in view.tiles(2)}


@pytest.mark.parametrize("scene", SCENES)
def test_what_is_not_measured_is_no_louder_than_what_is(seen, scene):
    """The sizes of texts are fixed, and its colour recedes."""
    for name in BOARDS:
        for panel in every_panel(seen.view(name, scene).board):
            if panel["type"] == "stat":
                assert set(panel["options"]["text"]) == {"titleSize", "valueSize"}
    for tile in seen.view("today", scene).tiles(5, indicator="low"):
        assert tile.colour in {MUTED, "#374151"}


# Order


def test_priorities_are_in_the_order_of_the_configuration(seen):
    for scene in ("day", "night", "morning", "silent"):
        for number in (2, 3):
            names = [tile.name.split(": ")[-1] for tile in seen.view("today", scene).tiles(number)]
            assert [n for n in names if n != "–"] == ["urgent", "normal", "low"], (scene, number)
    rows = seen.view("response", "day").table(7)
    assert rows.column("Prioritet")[:5] == ["urgent"] * 2 + ["normal"] * 2 + ["low"]
    assert rows.column("Organisation")[:4] == ["Askersund", "Laxå"] * 2
    assert rows.column("Prioritet")[-1] == "–"


def test_organizations_are_in_the_order_of_the_configuration(seen):
    view = seen.view("organizations", "day", period="month")
    assert [*view.options["organization"]] == ["Askersund", "Laxå"]
    assert view.table(2).column("Organisation")[:2] == ["Askersund", "Laxå"]


def test_sources_that_are_stale_come_first(seen):
    by_day, silent = (seen.view("collector", scene).table(4) for scene in ("day", "silent"))
    assert by_day.column("Källa") == ["desk", "phone", "other"], "as configured"
    assert silent.column("Källa") == ["phone", "desk", "other"]


STATE_RANK = {state_text(s, "sv"): WORST_FIRST.index(s) for s in STATES} | {"–": 5}


@pytest.mark.parametrize(
    ("name", "number"),
    [("response", 5), ("response", 6), ("response", 9), ("telephone", 3), ("goals", 3),
     ("goals", 4), ("goals", 5), ("organizations", 3)],
)  # fmt: skip
def test_failing_indicators_come_first(seen, name, number):
    for scene in ("day", "silent"):
        view = seen.view(name, scene, period="month")
        table = view.table(number)
        states = table.column("Läge")
        goals = table.column("Mål") if "Mål" in table.headings else [""] * len(states)
        for goal in set(goals):
            of_goal = [state for state, own in zip(states, goals, strict=True) if own == goal]
            assert of_goal == sorted(of_goal, key=STATE_RANK.__getitem__)
        assert states


def test_cards_begin_with_what_fails(seen):
    view = seen.view("today", "day", period="month")
    found = []
    for indicator in view.options["indicator"]:
        *_, state = view.tiles(5, indicator=indicator)
        found.append(STATE_RANK[state.text])
    assert found == sorted(found)
    assert found[0] < found[-1]


# What is seen


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_on_a_panel_of_numbers_is_cut(seen, scene, language):
    cut = {}
    for name in BOARDS:
        view = seen.view(name, scene, language, "month")
        for panel in every_panel(view.board):
            if panel["type"] != "stat":
                continue
            each = view.options["indicator"] if panel.get("repeat") else [None]
            for one in each:
                tiles = view.tiles(panel["id"], **({"indicator": one} if one else {}))
                if found := clipped(panel, tiles):
                    cut[name, panel["id"], one] = found
    assert cut == {}


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scene", ["day", "silent"])
def test_no_text_of_a_table_is_cut_and_its_rows_are_seen(seen, scene, language):
    cut, hidden = {}, {}
    for name in BOARDS:
        view = seen.view(name, scene, language, "month")
        for panel in every_panel(view.board):
            if panel["type"] == "table":
                table, (width, height) = view.table(panel["id"]), size(panel)
                if found := cut_cells(table, width):
                    cut[name, panel["id"]] = found
                rows = visible_rows(panel, table, height)
                if rows < min(len(table.rows), 8):
                    hidden[name, panel["id"]] = rows, len(table.rows)
    assert cut == {}
    assert hidden == {}


def test_what_is_yes_or_no_is_a_word_also_as_a_forecast(seen):
    table = seen.view("goals", "day").table(5)
    for heading in ("Nuvärde", "Prognos"):
        assert not [text for text in table.column(heading) if "e+" in text or len(text) > 9]


def test_a_table_by_goal_names_the_goals(seen):
    table = seen.view("goals", "day").table(3)
    assert table.headings[-1] == "Mål"
    goals = table.column("Mål")
    assert goals == [SERVICE["sv"]] * 2 + [""] * (len(goals) - 2)
    assert len(goals) > 3


def test_misses_are_left_or_too_many(seen):
    table = seen.view("response", "day", period="month").table(5)
    said = table.column("Missar kvar")
    assert all(re.fullmatch(r"\d+|✗ \d+ för många|–", each) for each in said), said
    assert any("för många" in each for each in said)
    assert any(each.isdigit() for each in said)


@pytest.mark.parametrize("name", ANSWERS)
def test_the_answer_is_on_the_first_screen(seen, name):
    """Of a laptop: 768 px without what Grafana and the browser have above the board."""
    view = seen.view(name, "day")
    panels = placed(view.board, view.options)
    first = [each.panel["id"] for each in panels if each.box.y < 768 - 170]
    assert first[0] == 1
    assert set(ANSWERS[name]) <= set(first)


def test_a_zero_is_muted(seen):
    for scene in ("day", "night"):
        zeros = [t for t in seen.view("today", scene).tiles(2) if t.text == "✓ 0"]
        assert {tile.colour for tile in zeros} <= {MUTED}
    assert zeros


def test_every_text_can_be_read_on_its_colour():
    look = pytest.importorskip("dashboards.look", exc_type=ModuleNotFoundError)
    for colour in (*look.FILLS.values(), look.CARD):
        assert contrast(colour) >= 4.5, colour


def test_the_wall_fills_a_screen_without_scrolling():
    """27 rows of the grid are 1034 pixels; the cards of nine indicators take three lines."""
    panels = board("today", "sv")["panels"]
    top = {p["gridPos"]["h"] for p in panels if not p.get("repeat")}
    (cards,) = (p for p in panels if p.get("repeat"))
    (height,) = top
    lines = ceil(9 / cards["maxPerRow"])
    assert 1000 < (height + lines * cards["gridPos"]["h"]) * 38 + 16 <= 1080


def test_a_text_is_wider_the_larger_it_is():
    assert text_width("mmmm", 20) > text_width("iiii", 20)
    assert text_width("mmmm", 40) == 2 * text_width("mmmm", 20)
