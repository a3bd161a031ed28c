"""The boards as files: up to date, valid, alike in both languages, and never misleading."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.model.codes import STATES
from collector.text.vocabulary import state_text
from tests.worlds import dashboard_rules as rules
from tests.worlds.dashboard_rules import panels
from tests.worlds.paths import BOARDS, CONFIG, shared

SCHEMA = "data/grafana_openapi/jsonschema/dashboard.jsonschema.json"
NAMES = ("today", "response", "telephone", "goals", "organizations", "collector")
FILES = sorted(BOARDS.glob("*/*.json"))
ALL = pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.stem}-{f.parent.name}")


def read(file: Path) -> Any:
    return json.loads(file.read_text())


def values(part: Any, key: str) -> Iterator[Any]:
    """Everything that stands under a key, at any depth."""
    if isinstance(part, dict):
        for name, each in part.items():
            if name == key:
                yield each
            yield from values(each, key)
    elif isinstance(part, list):
        for each in part:
            yield from values(each, key)


def properties(panel: Any) -> Iterator[tuple[str, str, Any]]:
    """What is set for single fields: which field, what, value."""
    for override in panel["fieldConfig"]["overrides"]:
        for each in override["properties"]:
            yield override["matcher"]["options"], each["id"], each.get("value")


def test_the_files_are_what_the_definition_says():
    written = pytest.importorskip("dashboards.__main__", exc_type=ModuleNotFoundError).written()
    assert sorted(written) == FILES
    stale = [str(path) for path, text in written.items() if path.read_text() != text]
    assert not stale, f"{stale}: run make dashboards"


def test_there_are_six_boards_in_two_languages():
    assert [f"{f.parent.name}/{f.stem}" for f in FILES] == sorted(
        f"{language}/{name}" for language in ("sv", "en") for name in NAMES
    )


@ALL
def test_valid_by_the_schema(file):
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = _any(read(shared(SCHEMA)))
    errors = jsonschema.validators.validator_for(schema)(schema).iter_errors(read(file))
    assert [f"{e.json_path}: {e.message[:200]}" for e in errors] == []


def _any(part: Any) -> Any:
    """The schema says "an object" where it means any value: of an override, a matcher's options."""
    if isinstance(part, dict):
        if part.get("type") == "object" and part.get("additionalProperties") == {}:
            return {}
        return {key: _any(each) for key, each in part.items()}
    return [_any(each) for each in part] if isinstance(part, list) else part


@ALL
@pytest.mark.parametrize("rule", rules.RULES)
def test_rules_of_the_linter(file, rule):
    assert rules.broken(read(file), rule) == []


@pytest.mark.parametrize("rule", rules.EXCLUDED)
def test_what_is_excluded_from_a_rule_is_there(rule):
    pattern, reason = rules.EXCLUDED[rule]
    assert reason
    found = [each for file in FILES for each in rules.RULES[rule](read(file))]
    assert any(re.fullmatch(pattern, each) for each in found)


@ALL
def test_frame(file):
    board, language = read(file), file.parent.name
    assert board["uid"] == f"servicedesk-{file.stem}-{language}"
    assert len(board["uid"]) <= 40
    assert board["tags"] == ["servicedesk-kpi", language]
    assert board["title"]
    assert board["description"]
    collector = rules.variables(board)["collector"]
    assert (collector["type"], collector["hide"]) == ("constant", 2)
    assert collector["query"] == collector["current"]["value"]
    to_all, to_other = board["links"]
    assert (to_all["type"], to_all["tags"]) == ("dashboards", board["tags"])
    other = {"sv": "en", "en": "sv"}[language]
    assert to_other["url"] == f"/d/servicedesk-{file.stem}-{other}"


@ALL
def test_ids_stay_and_nothing_overlaps(file):
    board = read(file)
    every = [*board["panels"], *(each for row in board["panels"] for each in row.get("panels", ()))]
    ids = [panel["id"] for panel in every]
    assert len({*ids}) == len(ids)
    assert all(ids)
    for opened in (board["panels"], *(row.get("panels", ()) for row in board["panels"])):
        _apart(opened)


def _apart(panels: Any) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken
        taken |= cells


@ALL
def test_what_is_open_links_to_the_open_tickets(file):
    """Not to the list of addresses; where a number is of one priority, to the tickets of that."""
    for panel in panels(read(file)):
        exprs = " ".join(target["expr"] for target in panel["targets"])
        if not re.search("servicedesk_tickets?_(open|overdue|next|unanswered)", exprs):
            continue
        assert [link["url"] for link in panel["links"]] == [
            f"${{collector:raw}}open?lang={file.parent.name}"
        ]
        own = set(values(panel["fieldConfig"], "url"))
        if file.stem == "today":
            assert own == {
                "${collector:raw}open?priority=${__field.labels.priority:percentencode}"
                f"&lang={file.parent.name}"
            }


@ALL
def test_what_is_about_sources_and_calls_links_to_their_pages(file):
    pages = {r"servicedesk_source_(rejected|clock|data)": "sources", r"servicedesk_calls_": "calls"}
    for panel in panels(read(file)):
        exprs = " ".join(target["expr"] for target in panel["targets"])
        for pattern, page in pages.items():
            if re.search(pattern, exprs) and panel.get("links"):
                assert [link["url"] for link in panel["links"]] == [
                    f"${{collector:raw}}{page}?lang={file.parent.name}"
                ], panel["title"]


@ALL
def test_every_panel_links_to_the_figure_itself(file):
    language = file.parent.name
    for panel in panels(read(file)):
        own = list(values(panel["fieldConfig"], "url"))
        urls = own + [link["url"] for link in panel.get("links", [])]
        assert urls, panel["id"]
        assert all(url.startswith("${collector:raw}") for url in urls)
        assert all(f"lang={language}" in url for url in urls if "?" in url)
        assert all("period=" in url or "open?priority=${" in url for url in own)
        about_one = any(
            "indicator=" in t["expr"] or "indicator_" in t["expr"] for t in panel["targets"]
        )
        if about_one and panel["id"] != 2:  # the numbers of states are those of many
            assert own, panel["id"]
            assert all("indicator/${" in url for url in own)
        if any("servicedesk_organization_" in t["expr"] for t in panel["targets"]):
            assert all("organization=${" in url for url in own)


@ALL
def test_every_share_shows_what_it_rests_on(file):
    for panel in panels(read(file)):
        names = {target["refId"] for target in panel["targets"]}
        exprs = [target["expr"] for target in panel["targets"]]
        if any(re.search(r"(indicator|organization)_ratio", expr) for expr in exprs):
            beside = "n" in names
            written = all(
                "{{n}}" in target.get("legendFormat", "")
                for target in panel["targets"]
                if target["refId"] in {"state", "no_target"}
            )
            card = panel["type"] == "stat" and {"ratio", "state"} <= names and written
            assert beside or card, panel["id"]
        if "disagree" in names:
            assert {"checked", "compared", "differ"} <= names


@ALL
def test_no_unit_but_its_own(file):
    """A percentage is never shown of seconds, nor business time in days."""
    for panel in panels(read(file)):
        units = {field: value for field, name, value in properties(panel) if name == "unit"}
        for target in panel["targets"]:
            name, expr = target["refId"], target["expr"]
            shown = units.get(
                name, units.get(f"Value #{name}", panel["fieldConfig"]["defaults"]["unit"])
            )
            words = {"n", "state", "nothing", "no_target", "base", "by_hand", "left", "pending"}
            if name in words or panel["id"] == 1:
                continue
            if re.search(r"_ratio\b", expr):
                assert shown == "percentunit", (panel["id"], name)
            elif re.search(r"(indicator|organization)_\w*seconds\b", expr):
                waits = file.stem == "telephone"
                assert shown == "s" if waits else shown.startswith("suffix:"), (panel["id"], name)
                assert waits or "/ 3600" in expr
            elif re.search(r"(indicator|organization)_\w*value\b", expr):
                assert shown in {"none", "locale"}, (panel["id"], name)


@ALL
def test_numbers_are_the_last_ones(file):
    """The SDK leaves out by what numbers are reduced; Grafana then shows none."""
    for panel in panels(read(file)):
        if panel["type"] == "stat":
            assert panel["options"]["reduceOptions"]["calcs"] == ["lastNotNull"]


@ALL
def test_what_is_absent_is_said_to_be(file):
    language = file.parent.name
    unmeasured = state_text("no_data", language)
    for panel in panels(read(file)):
        shown = panel["fieldConfig"]["defaults"]["noValue"]
        if panel["id"] == 1:
            assert shown.startswith("✗"), "without data of any source the collector is gone"
        elif panel["type"] == "table":
            assert shown == {"sv": "Inget att visa", "en": "Nothing to show"}[language]
        else:
            assert shown == unmeasured
        own = {field: value for field, name, value in properties(panel) if name == "noValue"}
        if panel["type"] == "table":
            assert own.get("Value #now", unmeasured) == unmeasured
            assert all("0" not in value for value in own.values())


@ALL
def test_states_are_words_and_symbols_on_colours(file):
    language, found = file.parent.name, 0
    for panel in panels(read(file)):
        for field, name, value in properties(panel):
            if name != "mappings" or field not in {"state", "Value #state"} or len(value) != 1:
                continue
            options = value[0]["options"]
            if len(options) == len(STATES):
                found += 1
                words = [options[str(n)]["text"] for n in range(1, len(STATES) + 1)]
                assert words == [state_text(state, language) for state in STATES]
                assert len({each["color"] for each in options.values()}) == len(STATES)
    assert found or file.stem == "collector"


@ALL
def test_targets_are_measured_and_never_written_down(file):
    """No limit stands in a board: neither as a threshold nor in a query."""
    board = read(file)
    for panel in panels(board):
        # left out they would be Grafana's own: green, and red from 80 on
        neutral = [{"color": "transparent", "value": None}]
        assert [each["steps"] for each in values(panel, "thresholds")] == [neutral]
        # a cell that no mapping names has no colour
        by_itself = panel["fieldConfig"]["defaults"]["color"]["mode"]
        assert by_itself == ("thresholds" if panel["type"] == "table" else "fixed")
        for target in panel["targets"]:
            assert not re.search(r"[<>]=?\s*0?\.\d", target["expr"])
            assert "avg(" not in target["expr"]
            assert not re.search(r"\b(rate|irate|increase)\(", target["expr"])


@ALL
def test_nothing_is_known_of_one_configuration(file):
    """Indicators, organizations and queues are found, not named."""
    text = file.read_text()
    shipped = yaml.safe_load(CONFIG.read_text())
    names = {*shipped["indicators"], *shipped["organizations"], "it-support"}
    assert not {name for name in names if re.search(rf'"{re.escape(name)}\\?"', text)}


# Two languages


def _plain(part: Any, key: str = "") -> Any:
    """A board without its texts."""
    by_words = {"displayName", "noValue", "custom.axisLabel", "custom.fillBelowTo"}
    by_words |= {"custom.width", "custom.minWidth"}
    texts = {"title", "description", "text", "label", "noValue", "legendFormat", "url", "uid"}
    if isinstance(part, dict):
        if part.get("id") in by_words:
            return part["id"]
        return {name: _plain(each, name) for name, each in part.items()}
    if isinstance(part, list):
        return [_plain(each, key) for each in part]
    if not isinstance(part, str):
        return part
    if key in texts:
        part = re.sub(r"(title|short|target)_(sv|en)", "title", part)
        return re.findall(r"\$?\{+[^}]+\}+", part)
    part = re.sub(r"(title|short|unit|target|goal|left)_(sv|en)", "title", part)
    return re.sub(r'"✗ \$1 [^"]*"|"\w+ \$1 · "|suffix:.*', "words", part)


@pytest.mark.parametrize("name", NAMES)
def test_languages_differ_in_words_only(name):
    swedish, english = (read(BOARDS / language / f"{name}.json") for language in ("sv", "en"))
    for board in (swedish, english):
        board["tags"] = board["links"] = None
        for variable in board["templating"]["list"]:
            if variable["type"] == "custom":
                names = re.findall(r": (\w+)", variable["query"])
                variable["query"] = names
        for each in values(board, "sortBy"):
            for field in each:
                field["displayName"] = None
    assert swedish != english
    assert _renamed(_plain(swedish)) == _renamed(_plain(english))


def _renamed(part: Any) -> Any:
    """Keys, too, may name the title's label."""
    if isinstance(part, dict):
        pattern = r"(title|short|unit|target|goal|left)_(sv|en)"
        return {re.sub(pattern, "title", k): _renamed(v) for k, v in part.items()}
    return [_renamed(each) for each in part] if isinstance(part, list) else part


def test_every_text_is_used_and_in_both_languages():
    table = yaml.safe_load((BOARDS / "texts.yaml").read_text())
    for group, entries in table.items():
        for key, entry in entries.items():
            both = [entry] if group in {"words", "headings"} else [entry["title"], entry["about"]]
            for text in both:
                assert set(text) == {"sv", "en"}, (group, key)
                assert all(isinstance(each, str) and each.strip() for each in text.values())
    shown = {
        language: "".join(f.read_text() for f in FILES if f.parent.name == language)
        for language in ("sv", "en")
    }
    for group, entries in table.items():
        for key, entry in entries.items():
            text = entry if group in {"words", "headings"} else entry["title"]
            for language, each in text.items():
                assert json.dumps(each, ensure_ascii=False)[1:-1] in shown[language], (group, key)


@pytest.mark.parametrize("title", ["Svar i tid", 'Andel "snabba" svar', "a, b = {c}", ""])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_title_may_hold_quotes(title, language):
    """Grafana writes the labels of a series into a text without escaping them."""
    labels = {"indicator": "one", "kind": "share_within"}
    for name in ("short", "title"):
        labels |= {f"{name}_en": title, f"{name}_sv": title}
    shown = ",".join(f'{name}="{text}"' for name, text in {**labels, "unit_en": ""}.items())
    seen = 0
    for file in sorted((BOARDS / language).glob("*.json")):
        for variable in json.loads(file.read_text())["templating"]["list"]:
            if "indicator_info" not in str(variable.get("query")):
                continue
            pattern = variable["regex"].strip("/").replace("(?<", "(?P<")
            found = re.search(pattern, f"servicedesk_indicator_info{{{shown}}} 1 0")
            assert found
            assert (found["value"], found["text"]) == ("one", title)
            seen += 1
    assert seen
