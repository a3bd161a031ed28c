"""Explanations for the terminal: a figure, and the arithmetic of the records behind it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from collector.cli.tables.cells import excluded_text, state_cell, target_cell, value_cell
from collector.cli.tables.markup import escaped, printable
from collector.measuring.engine.arithmetic import arithmetic
from collector.measuring.engine.explain import Explanation, OwnCalculation
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.text.dates import LocalTimes
from collector.text.numbers import number
from collector.text.words import words_in
from collector.text.words.definitions import exclusion_reason
from collector.text.words.records import ARITHMETIC, VERDICT_WORDS, fact_in_words
from collector.text.words.tables import word


def print_figure(figure: Figure, rule: str, language: Language, out: Console) -> None:
    """Print the figure being explained: its value, its counts, and the rule in words."""
    n = number(figure.eligible, language)
    if figure.unit == "ratio":
        n = f"{number(figure.good, language)} {words_in(language)('of_n', n=n)}"
    target = word("no_target", language)
    if figure.target is not None:
        target = word("target_of", language, target_cell(figure, language))
    parts = [value_cell(figure, language), n, target, state_cell(figure.state, language)]
    if not figure.is_measured:
        del parts[1]
    name = f"[bold]{escaped(figure.title[language])}[/] ({figure.indicator})"
    out.print(f"{name}, {figure.period.name}")
    out.print("  " + " · ".join(part for part in parts if part))
    if figure.is_measured:
        pending = word("is_pending", language, number(figure.pending, language))
        excluded = excluded_text(figure.excluded, language) or word("nobody", language)
        excluded = word("is_excluded", language, excluded)
        out.print(f"  {pending} · {excluded}", markup=False)
    out.print(Padding(Text(rule), (0, 0, 1, 2)))


def print_records(
    found: Iterable[Explanation], when: LocalTimes, language: Language, out: Console
) -> None:
    """Print records as they come: the verdict on the first line, the arithmetic below it.

    They are plain lines but for the verdict, so rich is asked only for what it alone can do: to
    render that word, and to break lines wider than the terminal.
    """
    column = max(len(each[language]) for each in VERDICT_WORDS.values())

    @cache
    def verdict(code: str) -> str:
        with out.capture() as rendered:
            out.print(f"[bold]{VERDICT_WORDS[code][language]:<{column}}[/]", end="")
        return rendered.get()

    width = out.width
    for each in found:
        lines = [f"{verdict(each.verdict)}{_about(each, language)}"]
        if each.url:
            lines.append(f"    {printable(each.url)}")
        if each.valid_from is not None:
            version = ARITHMETIC["version"][language].format(since=each.valid_from)
            lines.append(f"    {version}")
        if each.clock.start is not None:
            steps = "    " + "\n    ".join(arithmetic(each, when, language))
            length = len if _is_latin(steps) else cell_len
            parts = steps.split("\n")
            if max(map(length, parts)) <= width:
                lines.append(steps)
            else:
                for line in parts:
                    lines += _broken(line, out) if length(line) > width else [line]
        if each.own is not None:
            lines.append(f"    {_own_line(each.own, when, language)}")
        out.file.write("\n".join((*lines, "")))


def _is_latin(text: str) -> bool:
    """Whether each of its characters is as wide as one letter; faster than to measure them."""
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _broken(line: str, out: Console) -> list[str]:
    with out.capture() as broken:
        out.print(line, markup=False)
    return broken.get().splitlines()


def _about(each: Explanation, language: Language) -> str:
    """What follows the verdict: the reason, the record and its facts."""
    why = f" ({exclusion_reason(each.reason, language, 1)})" if each.reason else ""
    where = f" · {each.organization}" if each.organization else ""
    facts = _in_words(tuple(each.facts.items()), language)
    return printable(f"{why} {each.source}/{each.id}{where} · {facts}")


@lru_cache(maxsize=1024)
def _in_words(facts: tuple[tuple[str, str], ...], language: Language) -> str:
    return ", ".join(fact_in_words(key, value, language) for key, value in facts)


def _own_line(own: OwnCalculation, when: LocalTimes, language: Language) -> str:
    """The source's own calculation, and where ours disagrees."""

    def said(key: str, **filled: object) -> str:
        return ARITHMETIC[key][language].format(**filled)

    parts = []
    if own.first_response_at is not None:
        parts.append(said("own_response", at=when(own.first_response_at)))
    if own.due_at is not None:
        parts.append(said("own_due", at=when(own.due_at)))
    if own.met is not None:
        parts.append(said("own_met" if own.met else "own_missed"))
    what = said("and").join(said(each) for each in own.disagrees)
    differs = said("differs", what=what) if own.disagrees else ""
    return f"{said('source')}{', '.join(parts)}{differs}"
