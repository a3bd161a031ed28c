"""The stack's files: what docker-compose.yml promises, without a container being started."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from collector.config.loading.load import load_settings
from collector.monitoring.alerts.prometheus import inhibitions
from tests.worlds.commands import run_here
from tests.worlds.paths import ROOT
from tests.worlds.programs import PACKAGES, program

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
ONCE = {"provisioner", "provisioner-demo", "rules", "rules-demo"}
OURS = {"collector", "demo", *ONCE}
DIGEST = "@sha256:[0-9a-f]{64}"


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_pinned_and_hardened(name):
    service = SERVICES[name]
    pinned = "" if name in OURS else DIGEST
    assert re.fullmatch(rf"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?{pinned}", service["image"])
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    if name not in OURS:
        user, _ = service["user"].split(":")
        assert int(user) > 0
    assert "privileged" not in service
    for volume in service.get("volumes", ()):
        source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
        named = source in COMPOSE["volumes"]
        assert named or volume.endswith(":ro"), f"{volume} is written and has no name"


def test_our_images_run_as_nobody_in_particular():
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001:10001"]
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    froms = [line.split() for line in lines if line.startswith("FROM ")]
    foreign = {image for _, image, _, name in froms} - {name for _, _, _, name in froms}
    (image,) = foreign
    assert re.fullmatch(rf"python:3\.12\.\d+-slim-bookworm{DIGEST}", image)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", "\n".join(lines), re.MULTILINE)
    for source in " ".join(copied).split():
        assert (ROOT / source).exists(), source
    allowed = set((ROOT / ".dockerignore").read_text().split())
    for source in " ".join(copied).split():
        assert f"!{source.rstrip('/')}" in allowed, source


def test_our_images_hold_what_signs_and_tells():
    base = DOCKERFILE[DOCKERFILE.index(" AS base") : DOCKERFILE.index(" AS provisioner")]
    (line,) = re.findall(r"apt-get .*install .*", base)
    assert {PACKAGES["ssh-keygen"], PACKAGES["git"]} <= set(line.split())


def test_only_grafana_is_open_beyond_this_machine():
    for name, service in SERVICES.items():
        for port in service.get("ports", ()):
            if name not in {"grafana", "grafana-demo"}:
                assert port.startswith("127.0.0.1:"), f"{name} opens {port}"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - ONCE))
def test_what_goes_on_running_says_how_it_is(name):
    own = SERVICES[name].get("healthcheck")
    assert own or name in OURS  # theirs stands in the image


def test_secrets_are_files():
    assert {tuple(each) for each in COMPOSE["secrets"].values()} == {("file",)}
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|TOKEN|SECRET", key) or key.endswith("_FILE"), (
                f"{name}: {key}"
            )
            for line in str(value).splitlines():
                told = re.search(r"(?i)(password|token|secret)\w*=(.*)", line)
                assert not told or told[2].startswith("file:/run/secrets/"), f"{name}: {line}"
        named = set(service.get("secrets", ()))
        assert named <= set(COMPOSE["secrets"])
        used = set(re.findall(r"/run/secrets/(\w+)", str(service)))
        assert used <= named
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()
    assert {Path(each["file"]).parent for each in COMPOSE["secrets"].values()} == {Path("secrets")}


def test_what_is_done_once_is_not_tried_for_ever():
    assert {SERVICES[name]["restart"] for name in ONCE} == {"on-failure:5"}


def test_the_demo_leaves_nothing_behind_for_the_desk():
    """Simulated history would pass for the desk's own, and hold its alerts back."""
    kept = {
        profile: {
            volume.split(":")[0]
            for service in SERVICES.values()
            for volume in service.get("volumes", ())
            if profile in service["profiles"] and not volume.startswith((".", "$"))
        }
        for profile in ("desk", "demo")
    }
    assert kept["demo"] == {"rules-demo", "metrics-demo", "alerts-demo", "boards-demo"}
    assert not kept["desk"] & kept["demo"]
    both = [name for name, each in SERVICES.items() if len(each["profiles"]) != 1]
    assert both == [], "a service of both profiles would be one"


def test_the_store_is_asked_where_it_listens_in_the_end():
    """While it is set up it listens on a socket alone, and would be called ready."""
    assert "--host=127.0.0.1" in SERVICES["postgres"]["healthcheck"]["test"]


def _set_by_environment(service):
    lines = SERVICES[service]["environment"]["SERVICEDESK_KPI_SET"].splitlines()
    return re.sub(r"\$\{\w+:?-([^}]*)\}", r"\1", "\n".join(lines))


@pytest.mark.parametrize(
    ("writer", "reader"), [("rules", "prometheus"), ("rules-demo", "prometheus-demo")]
)
def test_rules_are_those_of_the_configuration_that_runs(writer, reader, tmp_path, monkeypatch):
    """What the service does, done here: its command, its environment, and what is read of it."""
    waits = SERVICES[reader]["depends_on"]
    assert waits == {writer: {"condition": "service_completed_successfully"}}
    collector = "collector" if writer == "rules" else "demo"
    assert SERVICES[writer]["profiles"] == SERVICES[reader]["profiles"]
    assert SERVICES[writer]["image"] == SERVICES[collector]["image"]
    mounts = ["./config:/etc/servicedesk:ro"]
    for name in (writer, collector, f"provisioner{writer.removeprefix('rules')}"):
        theirs = [v for v in SERVICES[name].get("volumes", ()) if v.startswith("./config:")]
        assert theirs == (mounts if writer == "rules" else []), name
    *command, target = SERVICES[writer]["command"]
    (volume,) = [v for v in SERVICES[writer]["volumes"] if v.startswith(f"{writer}:")]
    folder = volume.split(":")[1]
    assert f"{volume}:ro" in SERVICES[reader]["volumes"]
    assert f"install -d -o 10001 -g 10001 {folder}" in (ROOT / "Dockerfile").read_text()
    read = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())["rule_files"]
    assert target in read
    assert target.startswith(f"{folder}/")
    own = tmp_path / "own.yaml"
    shipped = (
        (ROOT / "config/servicedesk.yaml")
        .read_text()
        .replace("values.csv", str(ROOT / "config/values.csv"))
    )
    own.write_text(shipped.replace("\n  desk:\n", "\n  helpdesk:\n"))
    said = _set_by_environment(writer)
    assert "server.url=http://localhost:9109/" in said
    monkeypatch.setenv(
        "SERVICEDESK_KPI_SET", said.replace("http://localhost:9109/", "https://k.example.org/")
    )
    done = run_here(*command, tmp_path / "rules.yml", "--config", own)
    assert (done.code, done.err) == (0, "")
    text = (tmp_path / "rules.yml").read_text()
    assert 'source=~"helpdesk' in text
    assert "https://k.example.org/runbook/" in text
    assert "localhost" not in text


def test_the_collector_reads_its_token_from_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("SERVICEDESK_KPI_SET", _set_by_environment("collector"))
    settings = load_settings(ROOT / "config/servicedesk.yaml")
    assert settings.sources["desk"].token.reference == "file:/run/secrets/rt_token"
    assert SERVICES["collector"]["environment"].keys() == {"SERVICEDESK_KPI_SET"}


# -- Alertmanager ----------------------------------------------------------------------------------

ALERTMANAGER = ROOT / "config/alertmanager/alertmanager.yml"


def test_documents_have_a_place_that_can_be_written():
    """Of the user of the image, and the one that the settings of the container name."""
    collector = SERVICES["collector"]
    (volume,) = [each for each in collector["volumes"] if "REPORTS" in each]
    folder = volume.rpartition(":")[2]
    assert volume == f"${{REPORTS:-reports}}:{folder}", "a named volume unless told otherwise"
    settings = collector["environment"]["SERVICEDESK_KPI_SET"].splitlines()
    assert f"report.folder={folder}" in settings
    made = re.search(r"^RUN install -d -o 10001 -g 10001 (.*)$", DOCKERFILE, re.MULTILINE)
    assert made and folder in made[1].split()
    assert folder in (ROOT / "docs/deploy.md").read_text()


def test_alertmanager_holds_back_what_the_shipped_rules_want():
    board = load_settings(ROOT / "config/servicedesk.yaml")
    assert yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"] == inhibitions(board)


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=ServicedeskResponseOverdue", "severity=page"), "on-call"),
        (("alertname=ServicedeskResponseOverdue", "severity=warn"), "desk"),
        (("alertname=ServicedeskYearAtRisk", "severity=info"), "nobody"),
        (("alertname=Watchdog", "severity=none"), "watchdog"),
        (("alertname=DiskFull", "severity=page"), "desk"),
    ],
)
def test_alertmanager_tells_by_severity(labels, receiver):
    done = _tool("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
    assert (done.returncode, done.stdout.strip()) == (0, receiver), done.stderr


def test_alertmanager_wakes_at_once_and_again():
    tree = yaml.safe_load(ALERTMANAGER.read_text())["route"]
    page = next(each for each in tree["routes"] if each["receiver"] == "on-call")
    assert (page["group_wait"], page["repeat_interval"]) == ("0s", "1h")
    assert _tool("amtool", "check-config", ALERTMANAGER).returncode == 0


def test_the_watchdog_fires(tmp_path):
    file = ROOT / "config/prometheus/watchdog.rules.yml"
    listed = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())["rule_files"]
    assert file.name in listed
    done = _tool("promtool", "check", "rules", file)
    assert (done.returncode, "1 rules found" in done.stdout) == (0, True), done.stderr


def _tool(name, *arguments):
    return subprocess.run(
        [program(name), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("profile", ["desk", "demo"])
def test_a_profile_is_whole(profile):
    members = {name for name, each in SERVICES.items() if profile in each["profiles"]}
    aliases = {a for n in members for v in _networks(SERVICES[n]) for a in v.get("aliases", ())}
    assert {"prometheus", "alertmanager", "grafana"} < members | aliases
    for name in members:
        assert set(SERVICES[name].get("depends_on", ())) <= members
    scraped = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())
    (target,) = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
    host = target.split(":")[0]
    assert host in members | aliases


def _networks(service):
    found = service.get("networks", {})
    return found.values() if isinstance(found, dict) else []


def test_the_tool_itself_takes_it(tmp_path: Path):
    (tmp_path / "docker-compose.yml").write_text((ROOT / "docker-compose.yml").read_text())
    done = subprocess.run(
        [program("docker-compose"), "config"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)
