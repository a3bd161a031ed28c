"""Reading what rows hold, when it may not be what this program wrote."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import LargeBinary, Row, Table, Text

from collector.store.errors import DamagedRow


@contextmanager
def decoding(table: str, key: object) -> Iterator[None]:
    """Raises DamagedRow if what is decoded inside cannot be."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError):
        raise DamagedRow(table, key) from None


def checked(table: Table, key: object, row: Row[Any]) -> dict[str, Any]:
    """The values of a whole row by column. Raises DamagedRow if one is not of its column's type:
    SQLite stores any value in any column."""
    values = {column.name: row._mapping[column.name] for column in table.columns}
    for column in table.columns:
        value = values[column.name]
        kind = {Text: str, LargeBinary: bytes}.get(type(column.type), int)
        if not (value is None and column.nullable) and not isinstance(value, kind):
            raise DamagedRow(table.name, key)
    return values


def from_json(table: Table, key: object, text: str, kind: type) -> Any:
    """What a column holds as JSON of that kind. Raises DamagedRow."""
    with decoding(table.name, key):
        found = json.loads(text)
    if not isinstance(found, kind):
        raise DamagedRow(table.name, key)
    return found
