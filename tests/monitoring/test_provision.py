"""The command ``provision``: what it prints, writes and answers; files; and its metrics."""

from __future__ import annotations

import json
import sys

import pytest
import yaml
from prometheus_client.exposition import generate_latest

from collector.config.loading.load import load_settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.monitoring.grafana import boards as board_files
from collector.monitoring.grafana import compare
from collector.monitoring.grafana import desired as wanted
from collector.monitoring.grafana.boards import boards
from collector.monitoring.health import HealthMonitor
from collector.monitoring.metrics.collector import Counters
from collector.store import Store
from tests.worlds.commands import run_here, run_process
from tests.worlds.desk import CONFIGURATION, write_desk
from tests.worlds.grafana_stub import V11, V12, Stub, grafana
from tests.worlds.metrics import metrics_registry
from tests.worlds.processes import complaints_of_promtool
from tests.worlds.provisioning import ENVIRONMENT, OPTIONS, SECRETS, Rules, settings_for, use_boards


@pytest.fixture(autouse=True)
def rules(monkeypatch, tmp_path):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(compare, "_COST", 16)
    use_boards(monkeypatch, tmp_path / "boards")
    stand_in = Rules()
    monkeypatch.setattr(wanted, "alert_rules", stand_in)
    return stand_in


def configured(folder, url, deploy="grafana", **options):
    """A configuration file with a Grafana."""
    more = {"grafana": {"url": url, **OPTIONS, **options}, "alerts": {"deploy": deploy}}
    more["alerts"]["page"], more["alerts"]["due_soon"] = ["urgent"], {}
    return write_desk(folder, CONFIGURATION + yaml.safe_dump(more))


FIRST = """Grafana 12.1.0 at {}
  create  contact point On call
  create  contact point Chat
  create  mute timing nights/weekends
  create  folder servicedesk-kpi
  create  data source servicedesk-prometheus
  create  board servicedesk-goals-en
  create  board servicedesk-goals-sv
  create  board servicedesk-today-en
  create  board servicedesk-today-sv
  create  rule servicedesk-overdue
  create  rule servicedesk-due-soon
  create  rule servicedesk-stale
"""


def test_it_tells_what_differs_writes_it_and_then_has_nothing_to_do(tmp_path):
    stub = Stub()
    with grafana(stub) as url:
        file = configured(tmp_path, url)
        looked = run_here("provision", "--check", "--config", file)
        assert looked.code == 2
        assert looked.out == FIRST.format(url) + "12 objects differ\n"
        assert stub.writes == []
        first = run_here("provision", "--config", file)
        assert (first.code, first.err) == (0, "")
        assert first.out == FIRST.format(url) + "12 objects written\n"
        again = run_here("provision", "--config", file)
        assert again.code == 0
        assert again.out == (
            f"Grafana 12.1.0 at {url}\neverything is up to date; nothing was written\n"
        )
        stub.boards["servicedesk-today-sv"]["dashboard"]["panels"][0]["title"] = "Mine"
        del stub.rules["servicedesk-stale"]
        stub.points[1]["settings"] |= {"url": "a", "username": "b"}
        writes = len(stub.writes)
        drifted = run_here("provision", "--check", "--config", file)
        assert drifted.code == 2
        assert drifted.out.splitlines()[1:] == [
            "  change  contact point On call: settings.url, settings.username",
            "  change  board servicedesk-today-sv: panels[0].title",
            "  create  rule servicedesk-stale",
            "3 objects differ",
        ]
        assert len(stub.writes) == writes
        assert run_here("provision", "--config", file).code == 0
        del stub.rules["servicedesk-stale"]
        one = run_here("provision", "--check", "--config", file)
        assert one.out.splitlines()[-1] == "1 object differs"
        assert run_here("provision", "--config", file).code == 0
        settled = run_here("provision", "--check", "--config", file)
    assert (settled.code, settled.out.splitlines()[-1]) == (0, "everything is up to date")


def test_what_goes_is_told(tmp_path, rules):
    with grafana(Stub(version=V11)) as url:
        assert run_here("provision", "--config", configured(tmp_path, url)).code == 0
        rules.groups = {}
        file = configured(tmp_path, url, languages=["sv"])
        done = run_here("provision", "--config", file)
    assert done.code == 0
    assert done.out.splitlines() == [
        f"Grafana 11.4.0 at {url}",
        "  remove  rule servicedesk-stale",
        "  remove  rule servicedesk-due-soon",
        "  remove  rule servicedesk-overdue",
        "  remove  board servicedesk-today-en",
        "  remove  board servicedesk-goals-en",
        "5 objects written",
    ]


def test_old_releases_are_told_of(tmp_path):
    with grafana(Stub(version=V11)) as url:
        done = run_here("provision", "--config", configured(tmp_path, url))
    assert done.out.splitlines()[1] == (
        "note: this release of Grafana has no keep_firing_for and missingSeriesEvalsToResolve "
        "in rules"
    )


def test_what_belongs_to_others_is_told_and_the_rest_is_done(tmp_path):
    stub = Stub()
    stub.timings["nights/weekends"] = {"name": "nights/weekends", "time_intervals": []}
    text = "there is one of that name, and it is not ours: give ours another name"
    with grafana(stub) as url:
        file = configured(tmp_path, url)
        looked = run_here("provision", "--check", "--config", file)
        assert looked.code == 2
        assert f"  cannot  mute timing nights/weekends: {text}\n" in looked.out
        done = run_here("provision", "--config", file)
    assert done.code == 1
    assert done.err == f"error: mute timing nights/weekends: {text}\n"
    assert "servicedesk-overdue" in stub.rules


def test_a_data_source_that_does_not_work_is_told_and_nothing_is_written(tmp_path):
    stub = Stub()
    with grafana(stub) as url:
        file = configured(tmp_path, url)
        assert run_here("provision", "--config", file).code == 0
        stub.ill["http://prometheus:9090"] = "no such host"
        file = configured(tmp_path, url, mute_timings={})
        held = stub.held()
        done = run_here("provision", "--config", file)
        looked = run_here("provision", "--check", "--anyway", "--config", file)
        assert stub.held() == held
    text = (
        "Grafana cannot query http://prometheus:9090: no such host; start that Prometheus, or "
        "correct grafana.datasource.url\n"
    )
    assert (done.code, looked.code) == (1, 2)
    assert done.err == f"error: data source servicedesk-prometheus: {text}"
    assert done.out.splitlines()[-1] == (
        "note: nothing was written: without its data source no board shows and no alert fires"
    )
    assert f"  cannot  data source servicedesk-prometheus: {text}2 objects differ\n" in looked.out


def test_a_prometheus_that_has_not_scraped_us_yet_needs_to_be_insisted_on(tmp_path):
    stub = Stub(empty={"http://prometheus:9090"})
    with grafana(stub) as url:
        file = configured(tmp_path, url)
        done = run_here("provision", "--config", file)
        assert (done.code, stub.boards, stub.rules) == (1, {}, {})
        assert "with --anyway boards and rules are written nevertheless" in done.err
        insisted = run_here("provision", "--anyway", "--config", file)
    assert (insisted.code, insisted.err) == (0, "")
    assert (
        "note: data source servicedesk-prometheus: http://prometheus:9090 has had" in insisted.out
    )
    assert len(stub.boards) == 4


@pytest.mark.parametrize("option", ["--out", "--rules"])
def test_files_are_written_without_asking_grafana(tmp_path, option):
    file = configured(tmp_path, "http://127.0.0.1:1/")
    done = run_here("provision", "--anyway", option, str(tmp_path / "x"), "--config", file)
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "error: --anyway is for Grafana itself: files are written without asking it\n"
    )


@pytest.mark.parametrize("arguments", [[], ["--check"]], ids=["write", "check"])
def test_a_grafana_that_is_not_there(tmp_path, arguments):
    file = configured(tmp_path, "http://127.0.0.1:1/", timeout="1s")
    done = run_here("provision", *arguments, "--config", file)
    assert (done.code, done.out) == (1, "")
    assert done.err == "error: http://127.0.0.1:1/ cannot be reached: Connection refused\n"


def test_a_token_that_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("GRAFANA_TOKEN", "hush-wrong")
    with grafana(Stub()) as url:
        done = run_here("provision", "--config", configured(tmp_path, url))
    assert done.code == 1
    assert "401, Invalid API key; is the token that of a service account" in done.err
    assert "hush" not in done.err


def test_a_token_that_is_not_there(tmp_path, monkeypatch):
    monkeypatch.delenv("GRAFANA_TOKEN")
    done = run_here("provision", "--config", configured(tmp_path, "http://127.0.0.1:1/"))
    assert done.code == 2
    assert done.err == "error: the environment variable GRAFANA_TOKEN is not set\n"


def test_no_grafana_in_the_configuration(tmp_path):
    file = write_desk(tmp_path)
    for arguments in ([], ["--check"], ["--out", str(tmp_path / "out")]):
        done = run_here("provision", *arguments, "--config", file)
        assert done.code == 2
        assert done.err.startswith(
            f"error: there is no Grafana in {file}; add one, as in\ngrafana:"
        )


def test_without_the_package_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "grafana_client.api", None)
    file = configured(tmp_path, "http://127.0.0.1:1/")
    done = run_here("provision", "--config", file)
    assert done.code == 2
    assert "pip install 'servicedesk-kpi[grafana]'" in done.err
    assert run_here("provision", "--out", tmp_path / "out", "--config", file).code == 0


def test_to_ask_and_to_write_files_are_two_things(tmp_path):
    file = configured(tmp_path, "http://127.0.0.1:1/")
    done = run_here("provision", "--check", "--out", tmp_path, "--config", file)
    assert done.code == 2
    assert done.err == "error: --check and --out cannot be combined\n"


def test_a_process_that_logs_all_it_can_tells_no_secret(tmp_path):
    """Against prometheus rules: a process has no stand-in for those of Grafana."""
    with grafana(Stub()) as url:
        file = configured(tmp_path, url, deploy="prometheus", receivers={})
        done = run_process(
            ["--verbose", "provision", "--config", str(file)], cwd=tmp_path, env=ENVIRONMENT
        )
    assert done.code == 0, done.err
    assert "Grafana 12.1.0" in done.out
    assert not [secret for secret in SECRETS if secret in done.out + done.err]


# -- files -----------------------------------------------------------------------------------------


def read(folder):
    """Every file below, by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_as_files(tmp_path):
    file = configured(tmp_path, "http://127.0.0.1:1/")
    done = run_here("provision", "--out", tmp_path / "out", "--config", file)
    assert (done.code, done.err) == (0, "")
    made = read(tmp_path / "out")
    assert set(made) == {
        "grafana/alerting/servicedesk-kpi.yaml",
        "grafana/dashboards/servicedesk-kpi.yaml",
        "grafana/datasources/servicedesk-kpi.yaml",
        "prometheus/servicedesk.rules.yml",
        *(
            f"grafana/dashboards/servicedesk-kpi/servicedesk-{name}-{language}.json"
            for name in ("today", "goals")
            for language in ("sv", "en")
        ),
    }
    assert done.out.splitlines()[-1] == f"{len(made)} files written"
    board = json.loads(made["grafana/dashboards/servicedesk-kpi/servicedesk-today-sv.json"])
    assert board in boards(load_settings(file))
    alerting = yaml.safe_load(made["grafana/alerting/servicedesk-kpi.yaml"])
    assert set(alerting) == {"apiVersion", "contactPoints", "muteTimes", "groups"}
    group = alerting["groups"][0]
    assert (group["name"], group["folder"], group["interval"]) == (
        "servicedesk-tickets",
        "Servicedesk KPI",
        "60s",
    )
    rule = group["rules"][0]
    assert rule["uid"] == "servicedesk-overdue"
    assert rule["keepFiringFor"] == "10m"
    assert rule["missing_series_evals_to_resolve"] == 10
    assert rule["notification_settings"] == {"receiver": "On call"}
    assert rule["annotations"]["summary"] == "{{ $labels.priority }} is {{ $values.A.Value }}"
    assert not {"orgID", "folderUID", "ruleGroup", "keep_firing_for"} & set(rule)
    assert alerting["muteTimes"][0]["time_intervals"][0]["weekdays"] == [
        "sunday",
        "monday:saturday",
    ]
    provider = yaml.safe_load(made["grafana/dashboards/servicedesk-kpi.yaml"])["providers"][0]
    assert (provider["folder"], provider["folderUid"]) == ("Servicedesk KPI", "servicedesk-kpi")
    source = yaml.safe_load(made["grafana/datasources/servicedesk-kpi.yaml"])["datasources"][0]
    assert (source["uid"], source["url"]) == ("servicedesk-prometheus", "http://prometheus:9090")


def test_files_name_secrets_and_never_hold_them(tmp_path, monkeypatch):
    (tmp_path / "chat").write_text(SECRETS[2])
    points = json.loads(json.dumps(OPTIONS["contact_points"]))
    points[0]["settings"]["username"] = "us$er"
    points[1]["settings"]["url"] = "file:chat"
    for name in ENVIRONMENT:
        monkeypatch.delenv(name)  # they are not even needed
    file = configured(tmp_path, "http://127.0.0.1:1/", contact_points=points)
    assert run_here("provision", "--out", tmp_path / "out", "--config", file).code == 0
    made = read(tmp_path / "out")
    receivers = [
        point["receivers"][0]["settings"]
        for point in yaml.safe_load(made["grafana/alerting/servicedesk-kpi.yaml"])["contactPoints"]
    ]
    assert receivers[0]["password"] == "${WEBHOOK_PASSWORD}"
    assert receivers[0]["username"] == "us$$er"  # Grafana replaces what follows a single one
    assert receivers[1]["url"] == f"$__file{{{tmp_path / 'chat'}}}"
    assert not [secret for secret in SECRETS for text in made.values() if secret in text]


def test_rules_go_to_one_engine_alone(tmp_path):
    file = configured(tmp_path, "http://127.0.0.1:1/", deploy="prometheus")
    assert run_here("provision", "--out", tmp_path / "out", "--config", file).code == 0
    made = read(tmp_path / "out")
    assert yaml.safe_load(made["prometheus/servicedesk.rules.yml"])["groups"]
    assert "groups" not in yaml.safe_load(made["grafana/alerting/servicedesk-kpi.yaml"])
    file = configured(tmp_path, "http://127.0.0.1:1/", deploy="grafana")
    assert run_here("provision", "--out", tmp_path / "out", "--config", file).code == 0
    made = read(tmp_path / "out")
    assert yaml.safe_load(made["prometheus/servicedesk.rules.yml"]) == {"groups": []}
    assert yaml.safe_load(made["grafana/alerting/servicedesk-kpi.yaml"])["groups"]


def test_the_rules_for_prometheus_alone(tmp_path, monkeypatch):
    """As the stack writes them: no Grafana is needed, and the address comes from outside."""
    monkeypatch.setenv("SERVICEDESK_KPI_SET", "server.url=https://kpi.example.org/desk/")
    target = tmp_path / "deep" / "desk.rules.yml"
    file = write_desk(tmp_path)
    done = run_here("provision", "--rules", target, "--config", file)
    assert (done.code, done.out, done.err) == (0, f"{target} written\n", "")
    groups = yaml.safe_load(target.read_text())["groups"]
    links = {r["annotations"].get("explain_url") for g in groups for r in g["rules"]}
    links.discard(None)  # of what says that the collector is gone
    assert links
    assert all(link.startswith("https://kpi.example.org/desk/") for link in links)
    again = run_here("provision", "--rules", target, "--config", file)
    assert again.out == f"{target} is up to date\n"
    both = run_here("provision", "--rules", target, "--check", "--config", file)
    assert both.code == 2
    assert both.err == "error: --rules cannot be combined with --check or --out\n"
    managed = configured(tmp_path, "http://127.0.0.1:1/", deploy="grafana")
    done = run_here("provision", "--rules", target, "--config", managed)
    assert done.code == 0
    assert "contains no rules, because Grafana evaluates them" in done.out
    assert yaml.safe_load(target.read_text()) == {"groups": []}


def test_rules_that_cannot_be_written(tmp_path):
    (tmp_path / "taken").write_text("")
    done = run_here(
        "provision", "--rules", tmp_path / "taken/x.yml", "--config", write_desk(tmp_path)
    )
    assert done.code == 2
    assert "cannot be written: " in done.err


def test_files_are_written_where_they_differ_and_old_boards_go(tmp_path):
    out = tmp_path / "out"
    file = configured(tmp_path, "http://127.0.0.1:1/")
    run_here("provision", "--out", out, "--config", file)
    again = run_here("provision", "--out", out, "--config", file)
    assert again.out == "all files are up to date\n"
    folder = out / "grafana/dashboards/servicedesk-kpi"
    (folder / "theirs.json").write_text('{"uid": "theirs", "title": "Theirs"}')
    (folder / "broken.json").write_text("{")
    changed = configured(tmp_path, "http://127.0.0.1:1/", languages=["sv"])
    done = run_here("provision", "--out", out, "--config", changed)
    assert done.out.splitlines()[-1] == "2 files written"
    assert sorted(path.name for path in folder.iterdir()) == [
        "broken.json",
        "servicedesk-goals-sv.json",
        "servicedesk-today-sv.json",
        "theirs.json",
    ]


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "out").write_text("a file")
    file = configured(tmp_path, "http://127.0.0.1:1/")
    done = run_here("provision", "--out", tmp_path / "out", "--config", file)
    assert done.code == 2
    assert "cannot be written: " in done.err


# -- boards ----------------------------------------------------------------------------------------


def test_boards_of_the_configured_languages(tmp_path):
    uids = [each["uid"] for each in boards(settings_for("http://x/", languages=["en", "en"]))]
    assert uids == ["servicedesk-goals-en", "servicedesk-today-en"]


def test_an_installation_without_boards_removes_none(tmp_path, monkeypatch):
    stub = Stub()
    with grafana(stub) as url:
        file = configured(tmp_path, url)
        assert run_here("provision", "--config", file).code == 0
        monkeypatch.setattr(board_files, "PLACES", (tmp_path / "nowhere",))
        done = run_here("provision", "--config", file)
    assert done.code == 0
    assert "note: this installation contains no boards" in done.out
    assert len(stub.boards) == 4


# -- what the collector tells ----------------------------------------------------------------------


def told(file):
    """The metrics of provisioning, and all of them as text."""
    settings = load_settings(file)
    with Store.open(settings.store) as store:
        live = Live(Measuring(settings, store))
        live.refresh(1_600_000_000)
        health = HealthMonitor().refresh(live.measuring, 1_600_000_000)
    told_of = metrics_registry(settings, lambda: live.snapshot, Counters(), lambda: health)
    text = generate_latest(told_of).decode()
    lines = [line.split() for line in text.splitlines() if not line.startswith("#")]
    return {
        name.removeprefix("servicedesk_grafana_"): float(value)
        for name, value in (line for line in lines if len(line) == 2)
        if name.startswith("servicedesk_grafana_")
    }, text


def test_drift_the_last_sync_and_failures_are_metrics(tmp_path):
    stub = Stub(version=V12)
    with grafana(stub) as url:
        file = configured(tmp_path, url)
        assert told(file)[0] == {}
        run_here("provision", "--check", "--config", file)
        assert told(file)[0] == {"drift_objects": 12, "sync_failures_total": 0}
        run_here("provision", "--config", file)
        after, text = told(file)
        assert (after["drift_objects"], after["sync_failures_total"]) == (0, 0)
        assert after["last_sync_timestamp_seconds"] > 1.7e9
        assert complaints_of_promtool(text).count("grafana") == 0
        del stub.rules["servicedesk-stale"]
        stub.timings["nights/weekends"]["provenance"] = "file"
        run_here("provision", "--config", file)
        assert told(file)[0] == {**after, "drift_objects": 1, "sync_failures_total": 1}
    run_here("provision", "--config", file)  # nobody answers: what is not known stays
    assert told(file)[0] == {**after, "drift_objects": 1, "sync_failures_total": 2}


def test_another_grafana_is_another_state(store):
    store.provisions.record("http://one/", 10, 0)
    store.provisions.record("http://one/", 20, 2, "no")
    assert store.provisions.state("http://two/") is None
    state = store.provisions.state("http://one/")
    assert (state.last_run, state.last_sync, state.drift) == (20, 10, 2)
    assert (state.failures, state.last_error) == (1, "no")
    store.provisions.record("http://one/", 30, None, "gone")
    state = store.provisions.state("http://one/")
    assert (state.last_sync, state.drift, state.failures, state.last_error) == (10, 2, 2, "gone")
    store.provisions.record("http://one/", 40, 0)
    state = store.provisions.state("http://one/")
    assert (state.last_sync, state.drift, state.failures, state.last_error) == (40, 0, 2, "gone")


def test_marks_are_kept_by_grafana(store):
    from collector.store import ObjectMarks

    one = {("board", "a"): ObjectMarks("s", "f"), ("rule", "b"): ObjectMarks()}
    store.provisions.remember("http://one/", dict(one))
    assert store.provisions.objects("http://one/") == one
    assert store.provisions.objects("http://two/") == {}
    store.provisions.remember(
        "http://one/", {("board", "a"): None, ("rule", "b"): ObjectMarks("t")}
    )
    assert store.provisions.objects("http://one/") == {("rule", "b"): ObjectMarks("t")}
