"""Explanations for the terminal: a figure, and the arithmetic of the records behind it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from rich.cells import cell_len
from rich.console import Console

from collector.cli.tables.cells import state_cell, target_cell, value_cell
from collector.cli.tables.markup import escaped, printable
from collector.measuring.engine.arithmetic import arithmetic
from collector.measuring.engine.explain import Explanation, OwnCalculation
from collector.measuring.figures.figure import Figure
from collector.text.dates import LocalTimes
from collector.text.numbers import number


def print_figure(figure: Figure, out: Console) -> None:
    """Print the figure being explained: its value, its counts, its formula."""
    n = number(figure.eligible, "en")
    share = f"{number(figure.good, 'en')} of {n}" if figure.unit == "ratio" else n
    excluded = ", ".join(f"{why} {number(of, 'en')}" for why, of in figure.excluded.items())
    target = "no target" if figure.target is None else f"target {target_cell(figure, 'en')}"
    parts = [value_cell(figure, "en"), share, target, state_cell(figure.state, "en")]
    if not figure.is_measured:
        del parts[1]
    out.print(f"[bold]{escaped(figure.title.en)}[/] ({figure.indicator}), {figure.period.name}")
    out.print("  " + " · ".join(part for part in parts if part))
    if figure.is_measured:
        pending = number(figure.pending, "en")
        out.print(f"  pending {pending} · excluded {excluded or 'none'}", markup=False)
    out.print(f"  {figure.formula}\n", markup=False)


def print_records(found: Iterable[Explanation], when: LocalTimes, out: Console) -> None:
    """Print records as they come: the verdict on the first line, the arithmetic below it.

    They are plain lines but for the verdict, so rich is asked only for what it alone can do: to
    render that word, and to break lines wider than the terminal.
    """

    @cache
    def verdict(word: str) -> str:
        with out.capture() as rendered:
            out.print(f"[bold]{word:<8}[/]", end="")
        return rendered.get()

    width = out.width
    for each in found:
        lines = [f"{verdict(each.verdict)}{_about(each)}"]
        if each.url:
            lines.append(f"    {printable(each.url)}")
        if each.valid_from is not None:
            lines.append(f"    measured by the version valid from {each.valid_from}")
        for step in () if each.start is None else arithmetic(each, when):
            for line in f"    {step}".split("\n"):
                wide = (len if line.isascii() else cell_len)(line) > width
                lines += _broken(line, out) if wide else [line]
        if each.own is not None:
            lines.append(f"    {_own_line(each.own, when)}")
        out.file.write("\n".join((*lines, "")))


def _broken(line: str, out: Console) -> list[str]:
    with out.capture() as broken:
        out.print(line, markup=False)
    return broken.get().splitlines()


def _about(each: Explanation) -> str:
    """What follows the verdict: the reason, the record and its facts."""
    why = f" ({each.reason.replace('_', ' ')})" if each.reason else ""
    where = f" · {each.organization}" if each.organization else ""
    facts = ", ".join(f"{key} {value}" for key, value in each.facts.items())
    return printable(f"{why} {each.source}/{each.id}{where} · {facts}")


def _own_line(own: OwnCalculation, when: LocalTimes) -> str:
    """The source's own calculation, and where ours disagrees."""
    parts = []
    if own.first_response_at is not None:
        parts.append(f"first response {when(own.first_response_at)}")
    if own.due_at is not None:
        parts.append(f"due {when(own.due_at)}")
    if own.met is not None:
        parts.append("met" if own.met else "missed")
    differs = f"; disagrees on the {' and the '.join(own.disagrees)}" if own.disagrees else ""
    return f"source  {', '.join(parts)}{differs}"
