"""All that commands print for people is in the language asked for, and in no other."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from itertools import chain
from pathlib import Path

import pytest
from rich.console import Console

import collector.cli.tables
import collector.text
from collector.cli.tables.backtest import print_backtest
from collector.cli.tables.layout import console
from collector.measuring.figures.backtest import BacktestRow
from collector.measuring.figures.forecast import Forecast
from collector.model.bilingual import LANGUAGES, Language, Text
from collector.model.periods import month_index
from tests.cli.languages.cases import golden, printed

each_language = pytest.mark.parametrize("language", LANGUAGES)

NAMES = frozenset({"midsommarafton", "midsommardagen"})
"""Names of holidays are those of their country."""


def pairs(value: object) -> Iterator[tuple[str, str]]:
    """The texts in Swedish and English that a value of the vocabulary holds."""
    if isinstance(value, Text):
        yield value.sv, value.en
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from pairs(getattr(value, field.name))
    elif isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, str) for v in value):
        yield value
    elif isinstance(value, dict) and set(value) == set(LANGUAGES):
        texts = [value[each] for each in ("sv", "en")]
        yield tuple(t if isinstance(t, str) else " ".join(map(str, t)) for t in texts)
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(pairs, value.values()))


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]{3,}", re.sub(r"{\w*}", "", text).casefold()))


def vocabulary() -> dict[Language, set[str]]:
    """The words that only one of the languages has."""
    found: dict[Language, set[str]] = {"sv": set(), "en": set()}
    for package in (collector.text, collector.cli.tables):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for value in vars(importlib.import_module(module.name)).values():
                for sv, en in pairs(value):
                    found["sv"] |= words(sv)
                    found["en"] |= words(en)
    return {"sv": found["sv"] - found["en"] - NAMES, "en": found["en"] - found["sv"]}


def without_names(text: str) -> str:
    """What is printed without what was typed, and without ids, keys and data."""
    lines = [line for line in text.splitlines() if not line.startswith(("$ ", "  --set "))]
    return re.sub(r"calendar office|kalender office|\b\w+_\w+\b|Mail|Probe", "", "\n".join(lines))


OTHER: dict[Language, Language] = {"sv": "en", "en": "sv"}


@each_language
def test_what_is_printed_is_as_it_is_written_down(
    language: Language, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To be read as a whole: languages/sv.txt and en.txt."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SERVICEDESK_KPI_CONFIG", raising=False)
    assert "".join(printed(tmp_path, language)) == golden(language).read_text(encoding="utf-8")


@each_language
def test_no_word_of_the_other_language_is_printed(language: Language) -> None:
    shown = without_names(golden(language).read_text(encoding="utf-8"))
    foreign = vocabulary()[OTHER[language]]
    assert len(foreign) > 300
    wrong = {
        word: next(line for line in shown.splitlines() if word in words(line))
        for word in words(shown) & foreign
    }
    assert not wrong


def test_numbers_are_written_as_the_language_has_them() -> None:
    assert not re.search(r"\d\.\d+ ?%|\d%|\d,\d\d\d ", golden("sv").read_text(encoding="utf-8"))
    assert not re.search(r"\d,\d+ ?%|\d %", golden("en").read_text(encoding="utf-8"))


@each_language
def test_the_back_test_is_printed_in_the_language_too(
    language: Language, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        BacktestRow(
            "i1",
            month_index(date(2020, 1, 1)),
            month,
            Forecast(0.8, 0.05, (0.8,), 100.0, 12, mean=False),
            naive,
            0.81,
        )
        for month, naive in ((1, 0.5), (2, 0.811))
    ]
    out: Console = console()
    print_backtest(rows, language, out)
    text = capsys.readouterr().out
    assert not words(text) & vocabulary()[OTHER[language]]
    assert {"sv": "Prognoser för andelar", "en": "Forecasts of shares"}[language] in text
