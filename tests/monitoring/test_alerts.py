"""The rules as written for Prometheus and for Grafana: the same, complete, and without traps."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml

from collector.cli.demo.settings import demo_settings
from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.monitoring.alerts import grafana
from collector.monitoring.alerts.model import Group, Rule, annotations_of
from collector.monitoring.alerts.prometheus import inhibitions, rule_file, rule_text
from collector.monitoring.alerts.rules import alert_groups, rules_digest
from collector.monitoring.alerts.source_rules import COLLECTOR_ABSENT, SOURCE_STALE
from collector.monitoring.health import HealthMonitor
from collector.monitoring.metrics.collector import Counters
from collector.store import Store
from tests.worlds.go_templates import ExpandError, expand
from tests.worlds.measured import (
    CALLS,
    FIRST_LINE,
    MEAN,
    RESOLUTION,
    RESPONSE,
    at,
    polled,
    settings_of,
)
from tests.worlds.metrics import metrics_registry
from tests.worlds.openapi import complaints_of_request, specifications
from tests.worlds.paths import ROOT
from tests.worlds.programs import program
from tests.worlds.promtool import board, promtool

GRAFANA = {
    "url": "https://grafana.example.org",
    "token": "${GRAFANA_TOKEN}",
    "contact_points": [{"name": name, "type": "email"} for name in ("on call", "chat")],
    "receivers": {"page": "on call", "warn": "chat"},
}
ODD = {
    "organizations": ['Väst "ö"'],
    "priorities": ["P1 {{ akut }}", 'P"2\\', "P3: " + "lång " * 20],
    "alerts": {"page": ["P1 {{ akut }}"], "due_soon": {'P"2\\': "30min"}},
}


DELIVERY = {"targets": {"archive": {"type": "folder", "path": "archive"}}}


def _variants() -> dict[str, Settings]:
    """Configurations whose rules differ in what they must cope with."""
    some = {"answer": RESPONSE, "solve": RESOLUTION, "mean": MEAN, "line": FIRST_LINE}
    lower = {**FIRST_LINE, "target": "<= 5%"}
    tickets = {"desk": {"type": "csv_tickets", "path": "tickets.csv"}}
    return {
        "board": board(),
        "grafana": settings_of(some, grafana=GRAFANA, delivery=DELIVERY),
        "odd names": settings_of({**some, "answered": CALLS}, **ODD),
        "a ceiling": settings_of({"lower": lower, "many": {"kind": "count", "target": ">= 100"}}),
        "backups": settings_of(some, alerts={"backup_older_than": "2d"}),
        "tickets alone": settings_of(some, sources=tickets),
        "no source": settings_of(some, sources={}),
        "no calendar": settings_of({"line": FIRST_LINE, "answered": CALLS}, calendars={}),
        "by hand": settings_of({"mood": {"kind": "manual", "target": "> baseline 71"}}),
    }


VARIANTS = _variants()
EACH = pytest.mark.parametrize("settings", VARIANTS.values(), ids=list(VARIANTS))


def _rules(settings: Settings) -> list[tuple[Group, Rule]]:
    return [(group, rule) for group in alert_groups(settings) for rule in group.rules]


@EACH
def test_promtool_accepts_them(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "rules.yml"
    file.write_text(rule_text(settings))
    done = promtool("check", "rules", "--lint=all", "--lint-fatal", file)
    assert done.returncode == 0, done.stderr
    assert f"SUCCESS: {len(_rules(settings))} rules found" in done.stdout
    assert yaml.safe_load(file.read_text()) == rule_file(settings)


def test_the_committed_file_is_that_of_the_shipped_configuration() -> None:
    file = ROOT / "config/prometheus/servicedesk.rules.yml"
    assert file.read_text() == rule_text(board()), "write it anew: make alerts"


@EACH
def test_the_hours_that_a_rule_names_are_those_of_its_expression(settings: Settings) -> None:
    for _, rule in _rules(settings):
        asked = re.findall(r'calendar=~"([^"]*)"', rule.expr)
        assert {"|".join(sorted(rule.calendars))} == (set(asked) or {""}), rule.title


@EACH
def test_both_engines_get_the_same(settings: Settings) -> None:
    prometheus = rule_file(settings)["groups"]
    managed = grafana.rule_groups(settings, "folder", "source")
    assert [g["name"] for g in prometheus] == [g["title"] for g in managed]
    for ours, theirs in zip(prometheus, managed, strict=True):
        assert ours["interval"] == f"{theirs['interval'] // 60}m" or theirs["interval"] == 30
        for one, other in zip(ours["rules"], theirs["rules"], strict=True):
            query, threshold = other["data"]
            assert query["model"]["expr"] == one["expr"]
            assert one.get("for", "0s") == other["for"]
            assert one.get("keep_firing_for", "0s") == other["keep_firing_for"]
            assert other["labels"] == {**one["labels"], **grafana.MARKER}
            assert other["title"].split()[0] == one["alert"]
            assert threshold["model"]["expression"] == query["refId"]
            assert other["condition"] == threshold["refId"]
            for name, text in one["annotations"].items():
                shown = other["annotations"][name]
                for data in (None, 4000.0):
                    seen = {} if data is None else {"A": data}
                    assert expand(shown, values=seen) == expand(text, value=data, missing="–")


@EACH
def test_grafana_expands_every_annotation_of_a_query_without_result(settings: Settings) -> None:
    for body in grafana.rule_groups(settings, "folder", "source"):
        for rule in body["rules"]:
            for text in rule["annotations"].values():
                assert "nil" not in expand(text)


def test_a_value_without_a_guard_is_an_error_in_grafanas_log() -> None:
    bare = "waits {{ $values.A.Value | humanizeDuration }}"
    with pytest.raises(ExpandError, match="can't convert <nil> to float"):
        expand(bare)
    assert expand(bare, values={"A": 0.0}) == "waits humanizeDuration of 0"
    guarded = grafana.guarded("waits {{ $value | humanizeDuration }} in {{ $labels.queue }}")
    assert expand(guarded) == "waits – in [no value]"
    shown = expand(guarded, values={"A": 61.0}, labels={"queue": "q"})
    assert shown == "waits humanizeDuration of 61 in q"


@EACH
def test_what_every_rule_has(settings: Settings) -> None:
    for group, rule in _rules(settings):
        assert re.fullmatch(r"Servicedesk[A-Za-z]+", rule.name)
        assert rule.severity in {"page", "warn", "info"}
        assert (ROOT / f"docs/runbooks/{rule.runbook}.md").is_file(), rule.runbook
        for text in (rule.summary, rule.description):
            assert text.sv and text.en and text.sv != text.en
        if rule.name in {SOURCE_STALE, COLLECTOR_ABSENT}:
            assert rule.keep_firing_for_seconds == 0, "it would hold back what is true again"
        else:
            assert rule.keep_firing_for_seconds >= 2 * group.interval, "against flapping"
        # what was rejected stays so, and the caller's minute is in the wait that is compared
        told_at_once = rule.name.endswith(("Rejecting", "CallerWaits"))
        assert rule.for_seconds >= 2 * group.interval or told_at_once
        if "absent(" in rule.expr:
            assert rule.for_seconds >= 4 * group.interval
    titles = [rule.title for _, rule in _rules(settings)]
    assert len(titles) == len(set(titles))


@EACH
def test_templates_name_only_labels_that_the_expression_gives(settings: Settings) -> None:
    for _, rule in _rules(settings):
        texts = [rule.summary.sv, rule.summary.en, rule.description.sv, rule.explain]
        used = set(re.findall(r"\$labels\.(\w+)", " ".join([*texts, rule.description.en])))
        outermost = re.search(r"(?:max|min|sum) (?:by \((\w*)\) )?\(", rule.expr)
        assert outermost, rule.expr
        assert used <= {outermost[1] or ""}, rule.title


@EACH
def test_expressions_without_traps(settings: Settings) -> None:
    for _, rule in _rules(settings):
        assert not re.search(r"\b(rate|irate|increase|topk|avg|hour|minute|day_of_week)\b",
                             rule.expr)  # fmt: skip
        assert "day_of_month" not in rule.expr
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', rule.expr)
        within = re.findall(r"(by \([\w, ]+\)|\w+) ?\(servicedesk_", bare)
        assert len(within) == bare.count("servicedesk_"), "a series that is not reduced to labels"
        reducing = ("by (", "max", "min", "max_over_time", "last_over_time", "absent")
        assert all(each.startswith(reducing) for each in within)
        for label in re.findall(r"by \(([^)]*)\)", bare):
            assert "instance" not in label
            assert "job" not in label


def test_what_wakes_somebody_is_gated_by_hours_and_freshness() -> None:
    pages = [rule for _, rule in _rules(board()) if rule.severity == "page"]
    assert {rule.name for rule in pages} == {
        "ServicedeskResponseOverdue",
        "ServicedeskSourceStale",
        "ServicedeskCollectorAbsent",
    }
    for rule in pages:
        # when nothing is told any more: by what was told last
        gate = (
            "calendar_next_change" if rule.name == "ServicedeskCollectorAbsent" else "calendar_open"
        )
        assert f"servicedesk_{gate}" in rule.expr
    without_calendars = _rules(VARIANTS["no calendar"])
    assert {rule.severity for _, rule in without_calendars} == {"warn", "info"}


def test_what_rests_on_sources_says_so_and_waits_for_them() -> None:
    own = ("ServicedeskSource", "ServicedeskCollector", "ServicedeskRules", "ServicedeskSnapshot",
           "ServicedeskClock", "ServicedeskNotReady", "ServicedeskBackup")  # fmt: skip
    for _, rule in _rules(board()):
        rests = not rule.name.startswith(own)
        assert ("sources" in rule.labels) is rests
        assert ("source_last_success" in rule.expr and "count(" in rule.expr) is rests


def test_a_digest_tells_rules_of_other_configurations(tmp_path: Path) -> None:
    own = rules_digest(board())
    assert rules_digest(board()) == own
    assert own in rule_text(board())
    assert len({rules_digest(settings) for settings in VARIANTS.values()}) == len(VARIANTS)
    keys = {"desk": {"token": "file:t"}, "phone": {"path": "log"}}
    assert rules_digest(demo_settings(tmp_path, keys, 1_600_000_000)) == own, (
        "the demo runs by them"
    )


def test_runbooks_may_lie_elsewhere() -> None:
    settings = settings_of(
        {"answer": RESPONSE}, alerts={"runbooks": "https://wiki.example.org/kpi"}
    )
    rule = rule_file(settings)["groups"][0]["rules"][0]
    assert rule["annotations"]["runbook_url"] == "https://wiki.example.org/kpi/response-overdue"


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ({}, None),
        ({"host": "::1"}, None),
        ({"host": "localhost"}, None),
        ({"host": "0.0.0.0"}, None),
        ({"host": "::"}, None),
        ({"host": "kpi.example.org", "port": 0}, None),
        ({"host": "10.0.0.7"}, "http://10.0.0.7:9109/"),
        ({"host": "kpi.example.org", "port": 80}, "http://kpi.example.org:80/"),
        ({"host": "0.0.0.0", "url": "https://k.example.org/a"}, "https://k.example.org/a/"),
    ],
)
def test_a_link_that_cannot_open_is_left_out(server: dict[str, Any], address: str | None) -> None:
    """What listens on this machine only, or on all addresses it has, nobody else can be led to."""
    settings = settings_of({"answer": RESPONSE, "answered": CALLS}, server=server)
    for _, rule in _rules(settings):
        links = {key: text for key, text in annotations_of(rule, settings).items() if "url" in key}
        if address is None or rule.name == COLLECTOR_ABSENT:
            assert links == {}, rule.title
        else:
            assert links["explain_url"].startswith(address)
            assert links["runbook_url"] == f"{address}runbook/{rule.runbook}"


def test_what_wakes_somebody_when_the_collector_is_gone_says_what_to_do() -> None:
    """It has no link to the collector, which is what is down."""
    found = [rule for _, rule in _rules(board()) if rule.name == COLLECTOR_ABSENT]
    assert len(found) == 2
    for text in (t for rule in found for t in (rule.description.en, rule.description.sv)):
        steps = "docker compose ps", "docker compose logs", "/healthz", "collector-absent.md"
        places = [text.index(step) for step in steps]
        assert places == sorted(places)


def test_every_page_is_that_of_a_rule() -> None:
    used = {rule.runbook for settings in VARIANTS.values() for _, rule in _rules(settings)}
    assert used == {page.stem for page in (ROOT / "docs/runbooks").glob("*.md")}


@EACH
def test_uids(settings: Settings) -> None:
    bodies = grafana.rule_groups(settings, "folder", "source")
    uids = [rule["uid"] for group in bodies for rule in group["rules"]]
    assert len(set(uids)) == len(uids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", uid) for uid in uids)


def test_uids_are_the_same_for_ever() -> None:
    bodies = grafana.rule_groups(board(), "folder", "source")
    uids = {rule["title"]: rule["uid"] for group in bodies for rule in group["rules"]}
    assert uids["ServicedeskResponseOverdue urgent"] == "servicedesk-response-overdue-urgent"
    assert uids["ServicedeskCollectorAbsent page"] == "servicedesk-collector-absent-page"


def test_no_data_and_errors_are_always_said() -> None:
    bodies = grafana.rule_groups(board(), "folder", "source")
    rules = [rule for group in bodies for rule in group["rules"]]
    assert {rule["noDataState"] for rule in rules} == {"OK"}, "no series: all is well"
    alerting = {rule["title"] for rule in rules if rule["execErrState"] != "OK"}
    assert alerting == {"ServicedeskCollectorAbsent warn"}, "without hours nobody is woken"
    assert all(group["interval"] % 10 == 0 for group in bodies), "Grafana's base interval"
    for rule in rules:
        assert rule["missingSeriesEvalsToResolve"] >= 2


def test_severities_choose_who_is_notified() -> None:
    bodies = grafana.rule_groups(VARIANTS["grafana"], "folder", "source")
    for rule in (rule for group in bodies for rule in group["rules"]):
        receiver = rule.get("notification_settings", {}).get("receiver")
        assert receiver == {"page": "on call", "warn": "chat"}.get(rule["labels"]["severity"])
    left = grafana.rule_groups(board(), "folder", "source")
    assert not any("notification_settings" in rule for group in left for rule in group["rules"])


@EACH
def test_grafana_takes_the_bodies(settings: Settings) -> None:
    specifications()
    for body in grafana.rule_groups(settings, "folder", "source"):
        path = f"/v1/provisioning/folder/folder/rule-groups/{quote(body['title'], safe='')}"
        assert complaints_of_request("PUT", path, "", body) == []
    wrong: dict[str, Any] = {
        "title": 1,
        "rules": [{"uid": "x" * 41, "noDataState": "Never", "keepFiringFor": "5m"}],
    }
    path = "/v1/provisioning/folder/folder/rule-groups/one"
    complaints = "\n".join(complaints_of_request("PUT", path, "", wrong))
    for expected in ("title", "uid", "noDataState", "keepFiringFor", "condition"):
        assert expected in complaints


@EACH
def test_alertmanager_takes_the_inhibitions(settings: Settings, tmp_path: Path) -> None:
    amtool = program("amtool")
    rules = inhibitions(settings)
    file = tmp_path / "alertmanager.yml"
    whole = {"route": {"receiver": "a"}, "receivers": [{"name": "a"}], "inhibit_rules": rules}
    file.write_text(yaml.safe_dump(whole))
    done = subprocess.run(
        [amtool, "check-config", file], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(rules)} inhibit rules" in done.stdout
    assert len(rules) == 2 + len(settings.sources)


def test_the_documented_inhibitions_are_ours() -> None:
    block = re.search(r"```yaml\n(route:.*?)```", (ROOT / "docs/alerts.md").read_text(), re.DOTALL)
    assert block
    assert yaml.safe_load(block[1])["inhibit_rules"] == inhibitions(VARIANTS["tickets alone"])


def test_every_metric_that_rules_name_is_exported(sqlite_url: str) -> None:
    settings = VARIANTS["grafana"]
    with Store.open(sqlite_url) as store:
        for name in settings.sources:
            polled(store, name, at("2020-07-15 12:00"))
        live = Live(Measuring(settings, store))
        live.refresh(at("2020-07-15 12:00"))
        health = HealthMonitor().refresh(live.measuring, at("2020-07-15 12:00"))
        told = metrics_registry(settings, lambda: live.snapshot, Counters(), lambda: health)
        exported = {family.name for family in told.collect()}
    for variant in VARIANTS.values():
        for _, rule in _rules(variant):
            named = set(re.findall(r"\bservicedesk_\w+", rule.expr))
            assert {name.removesuffix("_total") for name in named} <= exported


def _held_back(settings: Settings, source: dict[str, str], target: dict[str, str]) -> bool:
    """Whether an alert holds back another one, as Alertmanager decides it."""
    return any(
        all(_matches(each, source) for each in rule["source_matchers"])
        and all(_matches(each, target) for each in rule["target_matchers"])
        and all(source.get(name) == target.get(name) for name in rule.get("equal", ()))
        for rule in inhibitions(settings)
    )


def _matches(matcher: str, labels: dict[str, str]) -> bool:
    found = re.fullmatch(r'(\w+) (=|!=|=~|!~) "(.*)"', matcher)
    assert found, matcher
    name, operator, text = found.groups()
    value = labels.get(name, "")
    same = re.fullmatch(text, value) is not None if "~" in operator else value == text
    return same is not operator.startswith("!")


def test_what_is_held_back() -> None:
    settings = settings_of({"answer": RESPONSE, "answered": CALLS})
    stale = {"alertname": "ServicedeskSourceStale", "source": "desk", "severity": "page"}
    gone = {"alertname": "ServicedeskCollectorAbsent", "severity": "page"}
    overdue = {"alertname": "ServicedeskResponseOverdue", "sources": "desk", "severity": "page"}
    caller = {"alertname": "ServicedeskCallerWaits", "sources": "phone", "severity": "warn"}
    two = {**overdue, "sources": "branch,desk"}
    other = {**overdue, "sources": "helpdesk,desk2"}
    assert _held_back(settings, stale, overdue)
    assert _held_back(settings, stale, two)
    assert not _held_back(settings, stale, other), "other sources with like names"
    assert not _held_back(settings, stale, caller)
    assert not _held_back(settings, stale, stale)
    assert not _held_back(settings, stale, gone)
    assert _held_back(settings, gone, stale)
    assert _held_back(settings, gone, caller)
    assert _held_back(settings, gone, {**gone, "severity": "warn"}), "the page is enough"
    assert not _held_back(settings, {**gone, "severity": "warn"}, gone)
    assert _held_back(settings, stale, {**stale, "severity": "warn"})
    assert not _held_back(settings, stale, {**stale, "severity": "warn", "source": "phone"})
    assert not _held_back(settings, gone, {"alertname": "DiskFull"}), "only what is ours"
