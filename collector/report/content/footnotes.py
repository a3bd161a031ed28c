"""Numbered notes below a table, for what many of its cells would say at length. Pure."""

from __future__ import annotations

from dataclasses import replace

from collector.report.blocks import Cell
from collector.text.characters import NBSP
from collector.text.words import capital

_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


class Footnotes:
    """Notes below the table, numbered in the order of their marks; equal notes are one."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def marked(self, cell: Cell, note: str) -> Cell:
        """The cell with the mark of a note behind its text."""
        number = self._numbers.setdefault(note, len(self._numbers) + 1)
        return replace(cell, text=cell.text + str(number).translate(_RAISED))

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(
            f"{str(number).translate(_RAISED)}{NBSP}{capital(note)}."
            for note, number in self._numbers.items()
        )
