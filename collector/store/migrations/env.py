"""Alembic's entry point; runs in the connection and transaction that ``store.migrate`` opened."""

from alembic import context

import collector.store.indexes  # noqa: F401 - they belong to the metadata
from collector.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
