"""Explanations for the terminal: a figure, and the arithmetic of the records behind it."""

from __future__ import annotations

from rich.console import Console

from collector.cli.tables.cells import state_cell, target_cell, value_cell
from collector.cli.tables.markup import escaped
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


def print_explanation(each: Explanation, when: LocalTimes, out: Console) -> None:
    """Print one record: the verdict on the first line, the arithmetic below it."""
    name = escaped(f"{each.source}/{each.id}")
    facts = escaped(", ".join(f"{key} {value}" for key, value in each.facts.items()))
    where = escaped(f" · {each.organization}" if each.organization else "")
    why = f" ({each.reason.replace('_', ' ')})" if each.reason else ""
    out.print(
        f"[bold]{each.verdict:<8}[/]{why} {name}{where} · {facts}", soft_wrap=True, markup=True
    )
    if each.url:
        out.print(f"    {escaped(each.url)}", soft_wrap=True)
    if each.valid_from is not None:
        out.print(f"    measured by the version valid from {each.valid_from}")
    if each.start is not None:
        for line in arithmetic(each, when):
            out.print(f"    {line}", markup=False)
    if each.own is not None:
        out.print(f"    {_own_line(each.own, when)}", markup=False, soft_wrap=True)


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
