"""The stack of docker-compose.yml, really started: a store, rules, a scrape and an alert told."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.containers.machine import CannotRun, Machine, probe
from tests.containers.stand_ins import BASE, DEBIAN, make_images, undigested
from tests.worlds.paths import ROOT
from tests.worlds.programs import absent, program

COMPOSE = (ROOT / "docker-compose.yml").read_text()
PODMANS = Path("/usr/lib/podman")
STARTED = ("postgres", "collector", "prometheus", "alertmanager")
RECEIVER = """
import http.server
class Told(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200); self.end_headers()
        print(body.decode(), flush=True)
http.server.HTTPServer(("", 8080), Told).serve_forever()
"""


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Where containers can run at all; elsewhere the test is left out with the reason."""
    if os.geteuid() != 0:
        pytest.skip("containers are started by root only")
    if not DEBIAN.exists():
        pytest.skip("no base for images: make containers")
    for name in ("podman", "runc", "docker-compose"):
        program(name)
    for helper in ("netavark", "aardvark-dns"):
        if not (PODMANS / helper).exists():
            absent(helper, "apt-get install netavark aardvark-dns")
    made = None
    try:
        made = Machine()
        probe(made)
    except CannotRun as refused:
        if made is not None:
            made.remove()
        pytest.skip(f"this machine runs no containers: {refused}")
    yield made
    made.remove()


@contextmanager
def health_asked(machine: Machine) -> Iterator[None]:
    """Runs the containers' health checks each second, as systemd's timers do elsewhere."""
    done = threading.Event()

    def ask() -> None:
        while not done.wait(1):
            for container in machine.run("podman", "ps", "--quiet").split():
                try:
                    machine.run("podman", "healthcheck", "run", container)
                except CannotRun:
                    continue  # not healthy yet: what waits for it reads the state

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield
    finally:
        done.set()
        asking.join()


@contextmanager
def explained(machine: Machine) -> Iterator[None]:
    """Adds to a failure what became of the containers, and the end of what each one said."""
    try:
        yield
    except (AssertionError, CannotRun) as failure:
        failure.add_note(machine.run("podman", "ps", "--all"))
        for name in machine.run("podman", "ps", "--all", "--format", "{{.Names}}").split():
            failure.add_note(f"{name}: {machine.run('podman', 'logs', '--tail', '10', name)}")
        raise


def _project(folder: Path) -> Path:
    """A copy of the files with what a desk adds: secrets, a log, and a receiver of alerts."""
    folder.mkdir()
    (folder / "docker-compose.yml").write_text(undigested(COMPOSE))
    shutil.copytree(ROOT / "config", folder / "config")
    secrets = folder / "secrets"
    secrets.mkdir(mode=0o700)
    for name in ("store_password", "grafana_password", "rt_token"):
        (secrets / name).write_text("Kista-73")
    (folder / "asterisk").mkdir()
    (folder / "asterisk/queue_log").write_text(
        "1592202600|1592202600.1|kundtjanst|NONE|ENTERQUEUE||0701234567|1\nno entry at all\n"
    )
    (folder / "receiver.py").write_text(RECEIVER)
    override = {
        "services": {
            "receiver": {
                "image": BASE,
                "profiles": ["desk"],
                "user": "65534:65534",
                "command": ["python3", "/receiver.py"],
                "volumes": ["./receiver.py:/receiver.py:ro"],
            }
        }
    }
    (folder / "receiver.yml").write_text(yaml.safe_dump(override))
    alertmanager = folder / "config/alertmanager/alertmanager.yml"
    told = yaml.safe_load(alertmanager.read_text())
    told["route"]["group_wait"] = "1s"
    for receiver in told["receivers"]:
        if receiver["name"] == "desk":
            receiver["webhook_configs"] = [{"url": "http://receiver:8080/"}]
    alertmanager.write_text(yaml.safe_dump(told))
    prometheus = folder / "config/prometheus/prometheus.yml"
    prometheus.write_text(
        prometheus.read_text().replace("scrape_interval: 30s", "scrape_interval: 2s")
    )
    return folder


def test_the_stack_starts_hardened_and_delivers_an_alert(machine: Machine) -> None:
    services = yaml.safe_load(undigested(COMPOSE))["services"]
    make_images(machine, {name: services[name]["image"] for name in STARTED})
    with explained(machine):
        _start(machine, _project(machine.folder / "kpi"))
        for name in STARTED:
            _is_hardened(machine, f"kpi_{name}_1")
        told = _alert(machine)
        assert told["labels"]["source"] == "phone"
        assert told["annotations"]["explain_url"].startswith("https://kpi.example.org/")
        assert _calls(machine) == 1, "the call is in PostgreSQL"


def _start(machine: Machine, folder: Path) -> None:
    compose = ("docker-compose", "--file", "docker-compose.yml", "--file", "receiver.yml")
    with health_asked(machine):
        machine.run(
            *compose, "--profile", "desk", "up", "--detach", "--no-build",
            "collector", "prometheus", "alertmanager", "receiver",
            cwd=folder, timeout=180, QUEUE_LOG=str(folder / "asterisk"),
            COLLECTOR_URL="https://kpi.example.org/",
        )  # fmt: skip


def _is_hardened(machine: Machine, name: str) -> None:
    state = machine.run("podman", "exec", name, "cat", "/proc/1/status")
    found = dict(line.split(":\t", 1) for line in state.splitlines() if ":\t" in line)
    assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 0, name
    assert found["NoNewPrivs"] == "1", name
    assert "0" not in found["Uid"].split(), name
    with pytest.raises(CannotRun, match="Read-only file system"):
        machine.run("podman", "exec", name, "touch", "/etc/written")


def _alert(machine: Machine) -> dict[str, dict[str, str]]:
    """The alert about the line that is no entry, as its receiver had it."""

    def told() -> list[dict[str, dict[str, str]]]:
        lines = machine.run("podman", "logs", "kpi_receiver_1").splitlines()
        bodies = [json.loads(line) for line in lines if line.startswith("{")]
        alerts = [alert for body in bodies for alert in body["alerts"]]
        return [a for a in alerts if a["labels"]["alertname"] == "ServicedeskSourceRejecting"]

    machine.wait(lambda: bool(told()), 180, "the alert about a line that is no entry")
    return told()[0]


def _calls(machine: Machine) -> int:
    rows = machine.run(
        "podman", "exec", "--env", "PGPASSWORD=Kista-73", "kpi_postgres_1",
        "psql", "--host=127.0.0.1", "--username=servicedesk", "--no-align", "--tuples-only",
        "--command=SELECT count(*) FROM calls",
    )  # fmt: skip
    return int(rows)
