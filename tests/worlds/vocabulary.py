"""The words of one language that the program writes, and that the other does not have.

They are read from the sources, so that a text that is written tomorrow is looked for, too: texts
and mappings by language anywhere, the pairs of the tables of words, and the texts of the boards.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import yaml

from tests.worlds.paths import ROOT

_WORD = re.compile(r"[^\W\d_]{3,}")
_FILLED = re.compile(r"\{[^{}]*\}")
_NAMES = frozenset({"servicedesk", "kpi", "sigill"})


def words_of(text: str) -> set[str]:
    """The words of a text, in lower case; those of one or two letters say too little."""
    return {word.lower() for word in _WORD.findall(text)}


@cache
def only_in(language: str) -> frozenset[str]:
    """The words of a language's texts that the other's texts do not have."""
    other = "en" if language == "sv" else "sv"
    return frozenset(_of(language) - _of(other) - _NAMES)


def found_in(text: str, language: str) -> set[str]:
    """The words of a text that are of this language alone; in Swedish also whatever has å, ä, ö."""
    words = words_of(text)
    found = words & only_in(language)
    if language == "sv":
        found |= {word for word in words if set(word) & set("åäö")}
    return found


@cache
def _of(language: str) -> frozenset[str]:
    texts = [pair[language] for pair in _pairs()]
    if language == "en":
        texts += [file.read_text("utf-8") for file in (ROOT / "docs/runbooks").glob("*.md")]
    return frozenset(word for text in texts for word in words_of(_FILLED.sub(" ", text)))


@cache
def _pairs() -> tuple[dict[str, str], ...]:
    found: list[dict[str, str]] = []
    for file in sorted((ROOT / "collector").rglob("*.py")):
        tables = "words" in file.stem or "words" in file.parent.name
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            found += _written(node, tables=tables and "init" not in file.parts)
    return (*found, *_of_boards(yaml.safe_load((ROOT / "dashboards/texts.yaml").read_text())))


def _written(node: ast.AST, *, tables: bool) -> Iterator[dict[str, str]]:
    """What a node of a program says in both languages."""
    parts: dict[object, ast.expr] = {}
    if isinstance(node, ast.Call):
        parts = {each.arg: each.value for each in node.keywords}
    elif isinstance(node, ast.Dict):
        keys = (key.value if isinstance(key, ast.Constant) else None for key in node.keys)
        parts = dict(zip(keys, node.values, strict=True))
    elif tables and isinstance(node, ast.Tuple) and len(node.elts) == 2:
        parts = dict(zip(("sv", "en"), node.elts, strict=True))
    if {"sv", "en"} <= parts.keys():
        said = {each: " ".join(_strings(parts[each])) for each in ("sv", "en")}
        if all(said.values()):
            yield said


def _strings(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _of_boards(part: object) -> Iterator[dict[str, str]]:
    if isinstance(part, dict) and part.keys() == {"sv", "en"}:
        yield part
    elif isinstance(part, dict):
        for each in part.values():
            yield from _of_boards(each)
