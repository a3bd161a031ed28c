"""Conditions over long lists of keys."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Dialect, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class _Keys(TypeDecorator[list[int]]):
    """A list of integers as one parameter: an array, or JSON where the engine has none."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        form = ARRAY(BigInteger) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(form)

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class is_among(FunctionElement[bool]):  # noqa: N801 - reads as the condition that it is
    """Whether a column of integers has one of the given values.

    The values are one parameter. ``column.in_(values)`` makes one of each and writes the statement
    anew for every list, which took more time than the engine did. It has no SQL type: after a
    Boolean SQLAlchemy writes ``= 1`` for SQLite, which then looks through the whole table instead
    of its index.
    """

    inherit_cache = True

    def __init__(self, column: Column[Any], values: Iterable[int]) -> None:
        keys = [int(value) for value in values]  # the drivers do not accept numpy's integers
        super().__init__(column, bindparam(None, keys, _Keys(), unique=True))


@compiles(is_among, "sqlite")
def _in_sqlite(element: is_among, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608 - compiled parts


@compiles(is_among, "postgresql")
def _in_postgresql(element: is_among, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(each, **options) for each in element.clauses)
    return f"{column} = ANY ({keys})"
