"""Folders that are called as a period: ``2020-07``, ``2020-01..2020-07``, ``2020-t2``, ``2020``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.io.yaml import Fault, FaultyFile
from collector.model.periods import (
    FiscalYear,
    Period,
    month_index,
    month_start,
    written_period,
)

IGNORED = frozenset({"readme.md", "thumbs.db", "desktop.ini"})


@dataclass(frozen=True, slots=True)
class PeriodFolder:
    """A folder and the dates that its name means."""

    path: Path
    period: Period


def entries(folder: Path) -> list[Path]:
    """What lies in a folder, by name; hidden files and those of editors left out.

    Nothing where there is no such folder. Raises FaultyFile where it cannot be read.
    """
    try:
        found = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        fault = Fault(f"cannot be read: {error.strerror}; it must be a folder", file=str(folder))
        raise FaultyFile(folder, [fault]) from None
    return [
        each
        for each in found
        if not each.name.startswith((".", "~")) and each.name.lower() not in IGNORED
    ]


def period_folders(root: Path, fiscal: FiscalYear) -> tuple[list[PeriodFolder], list[Path]]:
    """The folders of periods under a root, and what lies there and is none."""
    found, others = [], []
    for path in entries(root):
        try:
            if not path.is_dir():
                raise ValueError
            found.append(PeriodFolder(path, written_period(path.name, fiscal)))
        except ValueError:
            others.append(path)
    return found, others


def folder_of(folders: list[PeriodFolder], period: Period) -> PeriodFolder | None:
    """The folder of the dates of a period. Raises FaultyFile where there are several."""
    dates = period.first, period.after
    found = [each for each in folders if (each.period.first, each.period.after) == dates]
    if len(found) > 1:
        names = " and ".join(each.path.name for each in found)
        fault = Fault(f"{names} mean the same dates; put all into one", file=str(found[0].path))
        raise FaultyFile(found[0].path, [fault])
    return found[0] if found else None


def last_month(period: Period) -> Period:
    """The month that a period ends in."""
    index = month_index(period.last)
    first, after = month_start(index), month_start(index + 1)
    return Period(f"{first:%Y-%m}", first, after, after)


def wanted_in_turn(period: Period) -> Iterator[Period]:
    """The periods whose commentary speaks of a figure up to the period's end: it, its month."""
    yield period
    month = last_month(period)
    if (month.first, month.after) != (period.first, period.after):
        yield month
