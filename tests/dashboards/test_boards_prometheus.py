"""Every query of every panel against a real Prometheus that scraped the desk: what it gives is what
``measure`` computes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from math import ceil
from typing import Any, NamedTuple

import pytest

from collector.model.periods import EXPORTED
from collector.monitoring.grafana.layout import every_panel
from collector.service.serving import web_app
from collector.text.measures import target_text
from tests.worlds.boards_desk import NOW, desk, settings
from tests.worlds.boards_world import ABOUT, BY_ORGANIZATION, EMPTY, OTHERS, World, says
from tests.worlds.paths import BOARDS
from tests.worlds.real_prometheus import RealPrometheus, needed
from tests.worlds.serving import served

LANGUAGES = ("sv", "en")
pytestmark = pytest.mark.integration


@cache
def board(name: str, language: str = "sv") -> Any:
    return json.loads((BOARDS / language / f"{name}.json").read_text())


def _panels() -> Iterator[Any]:
    for file in sorted((BOARDS / "sv").glob("*.json")):
        for panel in every_panel(board(file.stem)):
            yield pytest.param(file.stem, panel["id"], id=f"{file.stem}-{panel['id']}")


class Running(NamedTuple):
    prometheus: RealPrometheus
    world: World


@pytest.fixture(scope="module")
def running(tmp_path_factory) -> Iterator[Running]:
    needed()
    folder = tmp_path_factory.mktemp("boards")
    with desk(f"sqlite:///{folder / 'store.db'}") as service:
        app = web_app(service)
        with (
            served(app) as address,
            # two that serve the same desk: nothing may be counted twice, no join be many to many
            served(app) as other,
            RealPrometheus(folder / "prometheus", {"desk": [address, other]}) as prometheus,
        ):
            yield Running(prometheus, World(service))


class Asked(NamedTuple):
    """A query with the values that a dashboard would put into it."""

    name: str
    expr: str
    is_range: bool


def variables(running: Running, name: str, language: str = "sv") -> dict[str, list[str]]:
    """The values of the variables of a board, as Grafana finds them."""
    found = {}
    for each in board(name, language)["templating"]["list"]:
        if each["type"] == "query":
            found[each["name"]] = [value for value, _ in options(running, each)]
    return found


def options(running: Running, variable: Any, period: str = "month") -> list[tuple[str, str]]:
    """Value and text of each option of a query variable."""
    query = variable["query"].replace("$period", period)
    if labels := re.fullmatch(r"label_values\((\w+), (\w+)\)", query):
        metric, label = labels.groups()
        return sorted({(s.labels[label],) * 2 for s in running.prometheus.query(metric)})
    asked = re.fullmatch(r"query_result\((.+)\)", query)
    assert asked, query
    pattern = re.compile(variable["regex"].strip("/").replace("(?<", "(?P<"))
    texts = {}
    for sample in running.prometheus.query(asked[1]):
        labels = {k: v for k, v in sample.labels.items() if k != "__name__"}
        shown = ",".join(f'{k}="{v}"' for k, v in labels.items())
        if found := pattern.search(f"{{{shown}}} 1 0"):
            value = found.groupdict().get("value", found[1])
            texts[value] = found.groupdict().get("text", value)
    return list(texts.items())


def asked(running: Running, name: str, number: int, period: str, language="sv") -> list[Asked]:
    """The queries of a panel, over all values of all variables."""
    (panel,) = (p for p in every_panel(board(name, language)) if p["id"] == number)
    values = variables(running, name, language)
    result = []
    for target in panel["targets"]:
        expr = target["expr"].replace("$period", period)
        expr = expr.replace("$__range", "60s").replace("$__interval", "1s")
        for variable, found in values.items():
            several = f'=~"${variable}"' in expr
            one = "|".join(map(re.escape, found)) if several else (found or [""])[0]
            expr = expr.replace(f"${variable}", one)
        assert not re.search(r"\$(?!1)", expr), expr
        result.append(Asked(target["refId"], expr, bool(target.get("range"))))
    return result


def whole(name: str) -> str:
    """The name of a query without the place of its colour: together its parts give all series."""
    return re.sub(r"_\d$", "", name)


def answer(running: Running, query: Asked, at: float) -> list[tuple[dict[str, str], float]]:
    """Labels and value of each series at an instant."""
    if not query.is_range:
        return [(dict(s.labels), s.value) for s in running.prometheus.query(query.expr, at)]
    series = running.prometheus.query_range(query.expr, at - 2, at, 1)
    return [(labels, values[at]) for labels, values in series if at in values]


def keyed(found: list[tuple[dict[str, str], float]], *by: str) -> dict[Any, float]:
    result = {tuple(labels.get(each) for each in by): value for labels, value in found}
    assert len(result) == len(found), found
    return result


def instant(running: Running) -> float:
    """A whole second by which both collectors have been scraped."""
    asked = "max(timestamp(servicedesk_measured_timestamp_seconds))"
    newest = running.prometheus.until("a scrape", lambda: running.prometheus.query(asked))
    return float(ceil(newest[0].value))


@pytest.mark.parametrize(("name", "number"), [*_panels()])
def test_what_a_panel_shows(running, name, number):
    at = instant(running)
    panel = name, number
    fixed = name == "goals"
    for period in ["year_to_date"] if fixed or panel not in ABOUT else EXPORTED:
        answers: dict[str, list[tuple[dict[str, str], float]]] = {}
        for query in asked(running, name, number, period):
            answers.setdefault(whole(query.name), []).extend(answer(running, query, at))
        for query_name, found in answers.items():
            where = *panel, query_name
            if where in EMPTY:
                assert found == []
            elif where in OTHERS:
                by = sorted({label for labels, _ in found for label in labels} - {"version"})
                order = [each for each in ("source", "reason", "priority") if each in by]
                order += [each for each in by if each not in order]
                expected = OTHERS[where](running.world, at)
                assert keyed(found, *order) == pytest.approx(expected), where
                assert expected, where
            elif query_name == "base" and panel in ABOUT:
                _rows(running, panel, period, found)
            elif query_name == "targets":
                _targets(running, panel, period, found)
            else:
                by = "indicator", *(["organization"] if panel in BY_ORGANIZATION else [])
                by = ("indicator",) if query_name == "target" else by
                told = keyed(found, *by)
                expected = says(running.world, panel, query_name, period)
                if name == "organizations" and number == 4:  # one of them is chosen
                    first = variables(running, name)["share"][0]
                    expected = {key: v for key, v in expected.items() if key[0] == first}
                assert told == pytest.approx(expected, rel=1e-12), (where, period)


def _rows(running: Running, panel: tuple[str, int], period: str, found: Any) -> None:
    """A table has a row for every indicator of its kinds, with its title."""
    parts = panel in BY_ORGANIZATION
    figures = running.world.of(ABOUT[panel], period, parts=parts)
    if panel == ("collector", 9):
        figures = [f for f in figures if f.checks.checked or f.checks.compared]
    expected = {(f.indicator, f.title.sv, f.organization) for f in figures}
    labels = [each for each, _ in found]
    told = {(each["indicator"], each["title_sv"], each.get("organization")) for each in labels}
    assert told == expected
    assert len(labels) == len(told)


def _targets(running: Running, panel: tuple[str, int], period: str, found: Any) -> None:
    """Each target is the words that every other surface has, with each organization's figure."""
    figures = running.world.of(ABOUT[panel], period, parts=panel in BY_ORGANIZATION)
    expected = {
        (f.indicator, f.organization, target_text(f.measure, "sv"))
        for f in figures
        if f.threshold is not None
    }
    told = {(each["indicator"], each.get("organization"), each["target_sv"]) for each, _ in found}
    assert told == expected
    assert len(found) == len(expected)


def test_figures_are_seen_in_every_state_and_unit(running):
    """What is compared above is not all alike: the desk has what boards must tell apart."""
    states = {f.state for figures in running.world.figures.values() for f in figures}
    assert states >= {"met", "at_risk", "missed", "no_data", "too_few", None}
    year = running.world.figures["year_to_date"]
    assert {f.unit for f in year if f.organization is None} >= {"ratio", "seconds", "tkr"}
    assert any(f.outlook and f.outlook.low is not None for f in year)
    assert any(each.overdue for each in running.world.open_work.tickets.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_its_title_what_the_figure_rests_on_and_its_target(running, language):
    of = "av" if language == "sv" else "of"
    labels = {
        query.name: {
            sample.labels["indicator"]: sample.labels
            for sample in running.prometheus.query(query.expr)
        }
        for query in asked(running, "today", 5, "month", language)
    }
    figures = {f.indicator: f for f in running.world.of({*ABOUT["today", 5]}, "month", parts=False)}
    titles = {name: i.title[language] for name, i in settings().indicators.items()}
    told = ("ratio", "seconds", "value", "nothing")
    named = [(n, own[f"short_{language}"]) for each in told for n, own in labels[each].items()]
    assert sorted(named) == sorted((name, titles[name]) for name in figures)
    for name in ("urgent", "handling"):
        own, figure = labels["state"][name], figures[name]
        assert own["n"] == f"{of} {figure.eligible} · "
        assert own[f"target_{language}"] == target_text(figure.measure, language)
    assert target_text(figures["urgent"].measure, "en") == "at least 90%"
    assert {name: own["n"] for name, own in labels["no_target"].items()} == {
        "orders": f"{of} {figures['orders'].eligible} · "
    }
    assert "orders" not in labels["state"]
    assert [*labels["nothing"]] == ["low"], "which is not measured"
    for name in ("low", "tickets"):
        assert "n" not in labels["state"][name], "nothing was counted, or the figure is n itself"


@pytest.mark.parametrize("language", LANGUAGES)
def test_variables_offer_titles_and_mean_ids(running, language):
    titles = {name: i.title[language] for name, i in settings().indicators.items()}
    for name in ("today", "response", "telephone", "goals", "organizations"):
        for each in board(name, language)["templating"]["list"]:
            if "indicator_info" in str(each.get("query")):
                offered = dict(options(running, each))
                assert offered
                assert offered == {key: titles[key] for key in offered}


def test_every_query_is_accounted_for():
    known = set()
    for name, number in (param.values for param in _panels()):
        (panel,) = (p for p in every_panel(board(name)) if p["id"] == number)
        for target in panel["targets"]:
            where = name, number, whole(target["refId"])
            known.add(where)
            assert (where in EMPTY) + (where in OTHERS) + ((name, number) in ABOUT) == 1, where
    assert {*EMPTY, *OTHERS} <= known
    assert NOW > 0
