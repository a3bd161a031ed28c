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


def test_the_stack_starts_hardened_and_delivers_an_alert(machine):
    services = yaml.safe_load(undigested(COMPOSE))["services"]
    make_images(machine, {name: services[name]["image"] for name in STARTED})
    folder = _project(machine.folder / "kpi")
    compose = ("docker-compose", "--file", "docker-compose.yml", "--file", "receiver.yml")

    with health_asked(machine):
        machine.run(
            *compose, "--profile", "desk", "up", "--detach", "--no-build",
            "collector", "prometheus", "alertmanager", "receiver",
            cwd=folder, timeout=180, QUEUE_LOG=str(folder / "asterisk"),
            COLLECTOR_URL="https://kpi.example.org/",
        )  # fmt: skip

    for name in STARTED:
        state = machine.run("podman", "exec", f"kpi_{name}_1", "cat", "/proc/1/status")
        found = dict(line.split(":\t", 1) for line in state.splitlines() if ":\t" in line)
        assert int(found["CapEff"], 16) == int(found["CapBnd"], 16) == 0, name
        assert found["NoNewPrivs"] == "1", name
        assert "0" not in found["Uid"].split(), name
        with pytest.raises(CannotRun, match="Read-only file system"):
            machine.run("podman", "exec", f"kpi_{name}_1", "touch", "/etc/written")

    def alert() -> list[dict[str, object]]:
        lines = machine.run("podman", "logs", "kpi_receiver_1").splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{")]
        return [
            a for each in told for a in each["alerts"] if "Rejecting" in a["labels"]["alertname"]
        ]

    machine.wait(lambda: bool(alert()), 120, "the alert about a line that is no entry")
    told = alert()[0]
    assert told["labels"]["source"] == "phone"
    assert told["annotations"]["explain_url"].startswith("https://kpi.example.org/")
    rows = machine.run(
        "podman", "exec", "--env", "PGPASSWORD=Kista-73", "kpi_postgres_1",
        "psql", "--host=127.0.0.1",
        "--username=servicedesk", "--no-align", "--tuples-only",
        "--command=SELECT count(*) FROM calls",
    )  # fmt: skip
    assert rows.strip() == "1", "the call is in PostgreSQL"
