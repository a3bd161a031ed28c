"""The unit of systemd: what config/servicedesk-kpi.service and its instructions promise."""

import re
import subprocess

import pytest

from tests.worlds.commands import run_here
from tests.worlds.desk import write_desk
from tests.worlds.paths import ROOT
from tests.worlds.programs import program

UNIT = ROOT / "config/servicedesk-kpi.service"
DOCS = ROOT / "docs/operations.md"


@pytest.fixture(scope="module")
def said():
    """The settings of the unit; a later line of the same name replaces an earlier one."""
    return dict(re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE))


def test_systemd_takes_it(tmp_path, said):
    """With a program that is there: systemd asks for it."""
    text = UNIT.read_text().replace(said["ExecStart"].split()[0], "/bin/true")
    (tmp_path / UNIT.name).write_text(text)
    done = _systemd_analyze("verify", "--man=no", tmp_path / UNIT.name)
    assert [line for line in done.splitlines() if UNIT.name in line] == []


def test_its_exposure_is_the_one_in_the_docs():
    done = _systemd_analyze("security", "--offline=true", "--no-pager", UNIT)
    (found,) = re.findall(r"Overall exposure level for \S+: ([\d.]+)", done)
    assert f"exposure level {found}" in DOCS.read_text()


def test_a_refused_configuration_is_not_tried_again(tmp_path, said):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("timezone: Mars/Olympus\n")
    refused = run_here("run", "--config", wrong)
    assert refused.code == int(said["RestartPreventExitStatus"]) == 2
    assert said["Restart"] == "always"


def test_a_database_that_is_not_there_yet_is_tried_again(tmp_path):
    """As after a power cut, when the other machine takes longer to start."""
    config = write_desk(tmp_path)
    config.write_text(config.read_text() + "store: postgresql://kpi@127.0.0.1:1/kpi\n")
    tried = run_here("run", "--config", config)
    assert (tried.code, "Connection refused" in tried.err) == (1, True)
    config.write_text(config.read_text().replace("postgresql:", "mysql:"))
    assert run_here("run", "--config", config).code == 2


def test_it_reloads_by_the_signal_that_the_service_follows(said):
    assert said["ExecReload"] == "/bin/kill -HUP $MAINPID"
    assert said["ExecStart"].endswith("/servicedesk-kpi run")


def test_the_instructions_name_its_places(said):
    docs = DOCS.read_text()
    config = said["Environment"].partition("=")[2]
    for place in (said["ExecStart"].split()[0], config, said["WorkingDirectory"],
                  said["EnvironmentFile"].lstrip("-"), f"config/{UNIT.name}"):  # fmt: skip
        assert place in docs, place
    assert said["WorkingDirectory"] == f"/var/lib/{said['StateDirectory']}"


def _systemd_analyze(*arguments):
    done = subprocess.run(
        [program("systemd-analyze"), *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr
