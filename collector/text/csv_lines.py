"""Records as lines of CSV, made as they are needed."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from operator import itemgetter
from typing import Any

_NESTED = frozenset({list, dict})


def csv_lines(records: Iterable[Mapping[str, Any]], columns: list[str]) -> Iterator[str]:
    """Yield a header and a line for each record; every cell is one value."""
    written = StringIO()
    writer = csv.writer(written, lineterminator="\n")
    cells = itemgetter(*columns)
    writer.writerow(columns)
    for record in records:
        yield _taken(written)
        row = cells(record)
        assert _NESTED.isdisjoint(map(type, row)), row
        writer.writerow([str(v).lower() if v is True or v is False else v for v in row])
    yield _taken(written)


def _taken(written: StringIO) -> str:
    text = written.getvalue()
    written.seek(0)
    written.truncate()
    return text
