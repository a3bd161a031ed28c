"""The stack's files: what docker-compose.yml promises, without a container being started."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from commands import ROOT

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
OURS = {"collector", "demo", "provisioner", "provisioner-demo"}


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_pinned_and_hardened(name):
    service = SERVICES[name]
    assert re.fullmatch(r"[\w./-]+:v?\d+\.\d+(\.\d+)?(-\w+)?", service["image"])
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
    froms = [line.split()[1] for line in lines if line.startswith("FROM ")]
    assert {each for each in froms if ":" in each} == {"python:3.12-slim-bookworm"}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", "\n".join(lines), re.MULTILINE)
    for source in " ".join(copied).split():
        assert (ROOT / source).exists(), source
    allowed = set((ROOT / ".dockerignore").read_text().split())
    for source in " ".join(copied).split():
        assert f"!{source.rstrip('/')}" in allowed, source


def test_only_grafana_is_open_beyond_this_machine():
    for name, service in SERVICES.items():
        for port in service.get("ports", ()):
            if name != "grafana":
                assert port.startswith("127.0.0.1:"), f"{name} opens {port}"


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"provisioner", "provisioner-demo"}))
def test_what_goes_on_running_says_how_it_is(name):
    own = SERVICES[name].get("healthcheck")
    assert own or name in OURS  # theirs stands in the image


def test_secrets_are_files():
    assert {tuple(each) for each in COMPOSE["secrets"].values()} == {("file",)}
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD|TOKEN|SECRET", key) or (
                key.endswith(("_FILE", "__FILE")) or value == f"${{{key}:-}}"
            ), f"{name}: {key}"
        named = set(service.get("secrets", ()))
        assert named <= set(COMPOSE["secrets"])
        used = set(re.findall(r"/run/secrets/(\w+)", str(service)))
        assert used <= named


@pytest.mark.parametrize("profile", ["desk", "demo"])
def test_a_profile_is_whole(profile):
    members = {name for name, each in SERVICES.items() if profile in each["profiles"]}
    assert {"prometheus", "alertmanager", "grafana"} < members
    for name in members:
        assert set(SERVICES[name].get("depends_on", ())) <= members
    scraped = yaml.safe_load((ROOT / "config/prometheus/prometheus.yml").read_text())
    (target,) = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
    host = target.split(":")[0]
    aliases = {a for n in members for v in _networks(SERVICES[n]) for a in v.get("aliases", ())}
    assert host in members | aliases
    assert scraped["rule_files"] == ["servicedesk.rules.yml"]


def _networks(service):
    found = service.get("networks", {})
    return found.values() if isinstance(found, dict) else []


def test_the_tool_itself_takes_it(tmp_path: Path):
    tool = shutil.which("docker-compose")
    if tool is None:
        if os.environ.get("REQUIRE_INTEGRATION") == "1":
            pytest.fail("docker-compose is not installed (Debian: docker-compose)")
        pytest.skip("docker-compose is not installed")
    (tmp_path / "docker-compose.yml").write_text((ROOT / "docker-compose.yml").read_text())
    done = subprocess.run(
        [tool, "config"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == set(SERVICES)
