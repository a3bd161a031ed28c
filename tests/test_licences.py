"""The licences of what an installation brings along, against a list of those that we accept."""

import re
from importlib.metadata import PackageNotFoundError, metadata

import pytest

from tests.worlds.paths import ROOT

ALLOWED = {
    "0BSD", "Apache Software License", "Apache-2.0", "BSD License", "BSD-2-Clause", "BSD-3-Clause",
    "CC0-1.0", "ISC License (ISCL)", "LGPL-3.0-only", "MIT", "MIT License", "MPL-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)", "PSF-2.0", "Zlib",
}  # fmt: skip
"""LGPL and MPL: used as they are published, as separate packages."""
UNDECLARED = {"verlib2": "BSD-2-Clause"}
"""Read in the licence files of packages whose metadata name none."""

_PINNED = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)


def installed():
    files = ("runtime", "grafana", "mysql")
    texts = [(ROOT / "requirements" / f"{name}.txt").read_text() for name in files]
    return sorted({name for text in texts for name in _PINNED.findall(text)})


def declared(name):
    """The licences that a package's metadata name: an expression, else classifiers, else a text."""
    found = metadata(name)
    if expression := found.get("License-Expression"):
        return re.split(r" (?:AND|OR) ", expression)
    classifiers = [each for each in found.get_all("Classifier", []) if each.startswith("License ")]
    return [each.rpartition(" :: ")[2] for each in classifiers] or [found.get("License")]


@pytest.mark.parametrize("name", installed())
def test_every_package_has_a_licence_that_we_accept(name):
    if name in UNDECLARED:
        assert declared(name) == [None], "it declares one now: take it off the list"
        return
    try:
        licences = declared(name)
    except PackageNotFoundError:
        pytest.skip(f"{name} belongs to another platform")
    assert set(licences) <= ALLOWED
