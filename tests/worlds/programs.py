"""Programs of the system that tests need: their tests are left out where these are absent."""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import pytest

PACKAGES = {
    "amtool": "prometheus-alertmanager",
    "chromium": "chromium",
    "docker-compose": "docker-compose",
    "faketime": "faketime",
    "git": "git",
    "java": "default-jre-headless",
    "mariadbd": "mariadb-server-core",
    "openssl": "openssl",
    "pdfinfo": "poppler-utils",
    "pdftotext": "poppler-utils",
    "podman": "podman",
    "prometheus": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "promtool": "prometheus",
    "runc": "runc",
    "setpriv": "util-linux",
    "soffice": "libreoffice-writer-nogui",
    "ssh-keygen": "openssh-client",
    "systemd-analyze": "systemd",
}
"""Which package of Debian brings which program."""

_BROUGHT_BY = re.compile(r"\((apt-get install [^)]+|make checkers|make containers|make systems)\)")


def absent(what: str, brought_by: str) -> NoReturn:
    """Leaves the test out; fails it where REQUIRE_INTEGRATION=1 says that all must be there.

    ``brought_by``: the command that brings it, as in ``make checkers``.
    """
    reason = f"{what} is not installed ({brought_by})"
    if os.environ.get("REQUIRE_INTEGRATION") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def program(*names: str) -> str:
    """The path of a program by one of its names; the first tells which package brings it."""
    for name in names:
        if found := shutil.which(name):
            return found
    absent(names[0], f"apt-get install {PACKAGES[names[0]]}")


def left_out(reasons: Iterable[str]) -> str | None:
    """One line: how many tests were left out for want of a program, and what brings all of them.

    ``reasons``: why tests were skipped, for whatever reason. None: none for want of a program.
    """
    brought_by = Counter(match[1] for reason in reasons if (match := _BROUGHT_BY.search(reason)))
    if not brought_by:
        return None
    install = "apt-get install "
    packages = {
        package
        for command in brought_by
        if command.startswith(install)
        for package in command.removeprefix(install).split()
    }
    commands = [install + " ".join(sorted(packages))] if packages else []
    commands += sorted(command for command in brought_by if not command.startswith(install))
    return f"left out: {brought_by.total()} tests; what they need comes by: {', '.join(commands)}"
