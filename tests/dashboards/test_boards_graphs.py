"""What is seen of the graphs: the share before its n, scales around value and target, whole numbers
on axes of counts, a colour for each queue and source, and axes that can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from collector.monitoring.grafana.layout import every_panel
from tests.dashboards.conftest import SCENES, Seen
from tests.worlds.grafana_graph import (
    LEGEND_ROW,
    LEGEND_SHARE,
    TIME_AXIS,
    TOP,
    Graph,
    graph,
    states,
)
from tests.worlds.grafana_layout import AXIS_SIZE, content, placed, text_width
from tests.worlds.grafana_scales import reach
from tests.worlds.grafana_view import View

pytestmark = pytest.mark.integration

SHARES = (("response", 11), ("telephone", 10), ("goals", 6), ("organizations", 4))
COUNTS = (("telephone", 6), ("telephone", 7), ("telephone", 8), ("collector", 8))
PERIODS = {"telephone": "today", "goals": "year_to_date"}
BLUE = "#0072B2"


def view(seen: Seen, name: str, scene: str = "day", language: str = "sv") -> View:
    return seen.view(name, scene, language, PERIODS.get(name, "month"))


def drawn(view: View, number: int) -> Iterator[Graph]:
    """A graph for each value that the panel is repeated for, those that have lines."""
    for each in placed(view.board, view.options, opened=True):
        if each.panel["id"] == number:
            found = graph(view, number, content(each.box), **each.chosen)
            if found.lines:
                yield found


def every_graph(seen: Seen, scene: str, language: str = "sv") -> Iterator[tuple[Any, Graph]]:
    for name in ("response", "telephone", "goals", "organizations", "collector"):
        board = view(seen, name, scene, language)
        for panel in every_panel(board.board):
            if panel["type"] == "timeseries":
                for found in drawn(board, panel["id"]):
                    yield (name, panel["id"]), found


def has(found: Graph, ref: str) -> bool:
    return any(line.ref == ref for line in found.lines)


@pytest.mark.parametrize(("name", "number"), SHARES)
def test_a_share_is_what_is_seen_and_its_n_a_strip(seen, name, number):
    some = 0
    for found in drawn(view(seen, name), number):
        if not has(found, "now"):
            continue
        some += 1
        assert found.lines[-1].ref == "now"
        assert found.lines[-1].colour == BLUE
        widths = {line.ref: line.config.get("custom.lineWidth") for line in found.lines}
        assert all(widths["now"] > w for ref, w in widths.items() if ref != "now")
        n = found.line("n")
        highest = max(v for _, v in n.points if v is not None)
        assert 0.1 < n.scale.share(highest) < 0.2
        assert n.config["custom.drawStyle"] == "bars"
        assert n.config["custom.barWidthFactor"] == 1
        assert not n.scale.shown
        assert "n" not in {text for _, text in found.times}
    assert some


@pytest.mark.parametrize(("name", "number"), SHARES[:3])
def test_a_share_and_its_target_are_both_within_a_fitted_scale(seen, name, number):
    some = 0
    for found in drawn(view(seen, name), number):
        if not (has(found, "now") and has(found, "target")):
            continue
        some += 1
        (axis,) = found.axes
        known = [v for ref in ("now", "target") for _, v in found.line(ref).points if v is not None]
        if has(found, "forecast"):
            known += [v for line in found.lines for _, v in line.points
                      if line.ref.startswith("forecast") and v is not None]  # fmt: skip
        low, high = axis.share(min(known)), axis.share(max(known))
        assert 0 <= low < high <= 1
        assert high - low > 0.3 or max(known) - min(known) < 0.1
        assert axis.low >= 0
        assert all(float(text.rstrip("%")) <= 100 for _, text in axis.ticks)
    assert some


def test_a_share_that_stands_still_does_not_end_at_twice_its_value():
    config = {"unit": "percentunit"}
    assert reach(config, [0.9]) == (0, pytest.approx(1.8))
    assert reach(config, [0.85, 0.9, 0.95]) == pytest.approx((0.84, 0.96))


@pytest.mark.parametrize(
    ("low", "high", "softly", "found"),
    [(0.7, 0.9, None, (0.68, 0.92)), (0, 0, None, (0, 100)), (0, 0, 5, (0, 5)), (0, 3, 5, (0, 5)),
     (0, 40, 5, (0, 44)), (2, 7, None, (1.5, 7.5)), (-3, 5, None, (-3.8, 5.8)),
     (100, 900, None, (20, 980)), (-1, -1, None, (-2, 0))],
)  # fmt: skip
def test_scales_reach_as_far_as_those_of_uplot(low, high, softly, found):
    """What uPlot 1.6.32 answered for the same."""
    soft = {} if softly is None else {"custom.axisSoftMin": 0, "custom.axisSoftMax": softly}
    assert reach({"unit": "none", **soft}, [low, high]) == pytest.approx(found)


def test_organizations_have_the_same_scale(seen):
    axes = {axis for found in drawn(view(seen, "organizations"), 4) for axis in found.axes}
    assert {(axis.low, axis.high) for axis in axes} == {(0, 1)}


@pytest.mark.parametrize("scene", ["day", "night", "silent"])
@pytest.mark.parametrize(("name", "number"), COUNTS)
def test_counts_have_whole_numbers_from_0_on(seen, scene, name, number):
    for found in drawn(view(seen, name, scene), number):
        (axis,) = found.axes
        assert axis.low == 0
        texts = [text for _, text in axis.ticks]
        assert all(re.fullmatch(r"\d+", text) for text in texts)
        assert len(set(texts)) == len(texts)


def test_hours_are_bars_as_wide_as_an_hour_that_stand_on_each_other(seen):
    (found,) = drawn(view(seen, "telephone"), 6)
    assert found.step == 3600
    bars = [line for line in found.lines if line.config.get("custom.drawStyle") == "bars"]
    assert {line.ref for line in bars} == {"answered", "lost"}
    for line in bars:
        assert line.config["custom.barWidthFactor"] == 1
        assert line.config["custom.barAlignment"] == -1, "the hour before the instant"
    answered, lost = bars
    assert dict(lost.below) == {at: v or 0 for at, v in answered.points}


def test_a_forecast_is_a_band_around_it_with_the_target_over_a_month(seen):
    some = 0
    for found in drawn(view(seen, "goals"), 6):
        assert found.end - found.start == 30 * 86_400
        assert len({text for _, text in found.times}) == len(found.times) > 4
        assert all(re.fullmatch(r"\d\d-\d\d", text) for _, text in found.times)
        if not has(found, "forecast_high"):
            continue
        some += 1
        low, high = found.line("forecast_low"), found.line("forecast_high")
        assert high.config["custom.fillBelowTo"] == low.name
        assert high.config["custom.fillOpacity"] > 0
        assert has(found, "forecast")
        assert found.line("target").config["custom.lineStyle"]["fill"] == "dash"
        assert low.scale == high.scale == found.line("target").scale
    assert some


def colours(view: View, number: int, label: str, ref: str = "") -> dict[str, str]:
    (found,) = drawn(view, number)
    lines = [line for line in found.lines if line.ref.startswith(ref)]
    assert len({line.name for line in lines}) == len(lines)
    return {line.labels[label]: line.colour for line in lines}


def test_each_queue_has_its_colour_in_every_graph(seen):
    for scene in ("day", "night"):
        board = view(seen, "telephone", scene)
        offered, lost = (colours(board, number, "queue") for number in (7, 8))
        assert offered == lost
        assert len(set(offered.values())) == len(offered) >= 2


def test_each_source_has_its_colour_by_its_place_in_the_configuration(seen):
    board = view(seen, "collector")
    ages = colours(board, 5, "source", "age")
    assert [*ages] == ["desk", "phone", "other"]
    assert len(set(ages.values())) == 3
    assert colours(board, 5, "source", "limit") == ages
    assert colours(board, 6, "source").items() <= ages.items()


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("scene", SCENES)
def test_axes_and_legends_can_be_read(seen, scene, language):
    """No label runs into the next one, and the legend names what is seen and nothing else, without
    scrolling."""
    graphs = 0
    for where, found in every_graph(seen, scene, language):
        graphs += 1
        per_second = found.size[0] / (found.end - found.start)
        for (one, text), (other, next_text) in pairwise(found.times):
            half = (text_width(text, AXIS_SIZE) + text_width(next_text, AXIS_SIZE)) / 2
            assert (other - one) * per_second > half, (where, text, next_text)
        assert found.times, where
        for axis in found.axes:
            assert len(axis.ticks) >= 2, where
            apart = [abs(a - b) / (axis.high - axis.low) for (a, _), (b, _) in pairwise(axis.ticks)]
            assert min(apart) * found.size[1] >= AXIS_SIZE, where
        names = [line.name for line in found.named]
        assert all(names), where
        assert not any(line.ref.endswith("_reach") for line in found.named), where
        assert len(set(names)) == len(names), (where, names)
        panel = found.size[1] + TIME_AXIS + TOP + LEGEND_ROW * len(found.legend)
        assert LEGEND_ROW * len(found.legend) <= LEGEND_SHARE * panel, (where, names)
        assert found.size[1] >= 3 * LEGEND_ROW, where
    assert graphs


def test_the_states_of_indicators_are_named_in_full(seen):
    board = view(seen, "response")
    (place,) = (each for each in placed(board.board, board.options, opened=True)
                if each.panel["type"] == "state-timeline")  # fmt: skip
    frame, rows = states(board, place.panel["id"], content(place.box))
    assert frame.size[0] > frame.left, "the drawing is wider than the names"
    assert frame.size[1] / len(rows) > AXIS_SIZE
    assert all(spans for _, spans in rows)
