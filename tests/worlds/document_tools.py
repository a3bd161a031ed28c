"""The programs that read documents: poppler, LibreOffice, and the checkers of accessibility and of
the API."""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from html import unescape
from itertools import islice, takewhile
from pathlib import Path

import pytest

from tests.worlds.paths import ROOT
from tests.worlds.programs import absent, program

CHECKERS = ROOT / "checkers" / ".venv" / "bin"


def checker(name: str) -> str:
    """The path of a checker; ``SERVICEDESK_CHECKERS`` names another folder of them."""
    path = Path(os.environ.get("SERVICEDESK_CHECKERS", CHECKERS)) / name
    if not path.exists():
        absent(name, "make checkers")
    return str(path)


@dataclass(frozen=True)
class Verdict:
    """What veraPDF says of a file by one standard: how many rules hold, and those that do not."""

    passed: int
    failed: tuple[str, ...]


def verapdf(*files: Path) -> dict[str, dict[str, Verdict]]:
    """What veraPDF finds by each standard that a file says it follows; by file name and standard.

    All files are read by one process, since starting it costs more than reading one.
    """
    jar = Path(os.environ.get("SERVICEDESK_CHECKERS", CHECKERS)).parents[1] / "verapdf.jar"
    if not jar.exists():
        if jar.with_suffix(".unreachable").exists():
            pytest.skip("veraPDF could not be fetched: Maven reaches no repository here")
        absent("verapdf", "make checkers")
    command = (program("java"), *_BRIEFLY, "-cp", jar)
    said = run(*command, "org.verapdf.apps.GreenfieldCliWrapper", "--format", "json", *files)
    assert said.stdout, said.stderr
    found = {}
    for job in json.loads(said.stdout)["report"]["jobs"]:
        assert "taskException" not in job, job
        found[Path(job["itemDetails"]["name"]).name] = {
            each["profileName"].removesuffix(" validation profile"): Verdict(
                each["details"]["passedRules"],
                tuple(
                    f"{rule['clause']}-{rule['testNumber']}: {rule['description']}"
                    for rule in each["details"]["ruleSummaries"]
                ),
            )
            for each in job["validationResult"]
        }
    return found


def run(*command: str | Path, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """What a program said; ``folder``: where it runs."""
    return subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",  # poppler writes some texts of a structure in another encoding
        check=False,
    )


@dataclass(frozen=True)
class Word:
    """A word on a page, its edges in points from the upper left corner."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float

    def covers(self, other: Word) -> bool:
        """Whether both are drawn on the same place, by more than a hair."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.bottom, other.bottom) - max(self.top, other.top)
        small = min(self.bottom - self.top, other.bottom - other.top)
        return self.page == other.page and wide > 1 and high > 0.6 * small


def words(file: Path) -> tuple[list[Word], list[tuple[float, float]]]:
    """The words of a PDF, and the width and height of its pages."""
    said = run(program("pdftotext"), "-bbox", file, "-")
    assert said.returncode == 0, said.stderr
    found, sizes = [], []
    for line in said.stdout.splitlines():
        if page := re.search(r'<page width="([\d.]+)" height="([\d.]+)"', line):
            sizes.append((float(page[1]), float(page[2])))
        if word := re.search(r'xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*)<', line):
            left, top, right, bottom = (float(word[i]) for i in range(1, 5))
            found.append(Word(unescape(word[5]), len(sizes), left, top, right, bottom))
    return found, sizes


_BRIEFLY = "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"
"""Options of Java for what is over in seconds: optimizing it would cost more than it spares."""

LYING_MARGIN = 13 / 25.4 * 72


def overflowing(file: Path, margin: float) -> list[str]:
    """Words that leave the page's margins, and pairs of words that lie over each other.

    Lying pages have smaller margins.
    """
    found, sizes = words(file)
    margins = [min(margin, LYING_MARGIN) if wide > high else margin for wide, high in sizes]
    out = [
        f"page {word.page}: {word.text!r} leaves the page"
        for word in found
        if word.left < margins[word.page - 1] - 1
        or word.right > sizes[word.page - 1][0] - margins[word.page - 1] + 1
        or word.bottom > sizes[word.page - 1][1] - 20
    ]
    found.sort(key=lambda word: (word.page, word.top))
    for n, word in enumerate(found):
        # what begins below a word, or on another page, is not on it, nor is anything after that
        beside = takewhile(
            lambda other, word=word: other.page == word.page and other.top < word.bottom,
            islice(found, n + 1, None),
        )
        out += [
            f"page {word.page}: {word.text!r} over {other.text!r}"
            for other in beside
            if word.covers(other)
        ]
    return out


def plain_text(file: Path, *how: str) -> str:
    """The text of a PDF."""
    return run(program("pdftotext"), *how, file, "-").stdout
