"""Folders named after periods: ``2020-07``, ``2020-01..2020-07``, ``2020-t2``, ``2020``."""

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
    """A folder and the period that it is named after."""

    path: Path
    period: Period


def entries(folder: Path) -> list[Path]:
    """The contents of a folder sorted by name, without hidden files and those of editors.

    Empty if there is no such folder. Raises FaultyFile when it cannot be read.
    """
    try:
        paths = sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        fault = Fault(f"cannot be read: {error.strerror}; it must be a folder", file=str(folder))
        raise FaultyFile(folder, [fault]) from None
    return [
        each
        for each in paths
        if not each.name.startswith((".", "~")) and each.name.lower() not in IGNORED
    ]


def period_folders(root: Path, fiscal: FiscalYear) -> tuple[list[PeriodFolder], list[Path]]:
    """The folders under ``root`` that are named after a period, and everything else there.

    Raises FaultyFile when ``root`` cannot be read.
    """
    of_periods, others = [], []
    for path in entries(root):
        try:
            if not path.is_dir():
                raise ValueError
            of_periods.append(PeriodFolder(path, written_period(path.name, fiscal)))
        except ValueError:
            others.append(path)
    return of_periods, others


def folder_of(folders: list[PeriodFolder], period: Period) -> PeriodFolder | None:
    """The folder for the dates of a period, or None. Raises FaultyFile when several match."""
    dates = period.first, period.after
    matching = [each for each in folders if (each.period.first, each.period.after) == dates]
    if len(matching) > 1:
        names = " and ".join(each.path.name for each in matching)
        problem = f"{names} are for the same dates; merge them into one folder"
        fault = Fault(problem, file=str(matching[0].path))
        raise FaultyFile(matching[0].path, [fault])
    return matching[0] if matching else None


def last_month(period: Period) -> Period:
    """The calendar month in which a period ends."""
    index = month_index(period.last)
    first, after = month_start(index), month_start(index + 1)
    return Period(f"{first:%Y-%m}", first, after, after)


def periods_to_search(period: Period) -> Iterator[Period]:
    """The periods whose commentary applies: the period itself, then the month in which it ends."""
    yield period
    month = last_month(period)
    if (month.first, month.after) != (period.first, period.after):
        yield month
