"""The tables of what was erased. As those of ``schema``, they change only by a migration."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Table, Text

from collector.store.schema import Number, metadata

erasures = Table(
    "erasures",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("kind", Text, nullable=False),  # tickets, calls
    Column("records", BigInteger, nullable=False),  # how many
)
"""What was erased, when, and how many records; not which ones."""

erasure_keys = Table(
    "erasure_keys",
    metadata,
    Column("n", Number, primary_key=True, autoincrement=False),  # 1
    Column("key", Text, nullable=False),  # 256 random bits, in hexadecimal
)
"""The key of the marks, made with the first erasure."""

erased_marks = Table(
    "erased_marks",
    metadata,
    Column("mark", Text, primary_key=True),  # HMAC-SHA-256, in hexadecimal; see store.erased
    sqlite_with_rowid=False,
)
"""What is never to be stored again. The rows have no order and lead to no record."""
