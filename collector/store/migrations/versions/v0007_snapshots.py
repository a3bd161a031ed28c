"""Adds snapshots: written once, each row's seal covering the one before it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

REFUSED = "a snapshot is never changed"
# INSERT OR REPLACE takes a row away without asking the trigger on DELETE
_REPLACED = (
    "CREATE TRIGGER snapshots_no_replace BEFORE INSERT ON snapshots WHEN EXISTS (SELECT 1 FROM "  # noqa: S608
    "snapshots WHERE number = NEW.number OR seal = NEW.seal OR previous = NEW.previous OR "
    "(kind = 'freeze' AND NEW.kind = 'freeze' AND first = NEW.first AND last = NEW.last)) "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
)
_SQLITE = (
    "CREATE TRIGGER snapshots_{name} BEFORE {event} ON snapshots "
    f"BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END"
)
_EVENTS = ("UPDATE", "DELETE")
_POSTGRESQL = (
    "CREATE FUNCTION snapshots_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$",
    "CREATE TRIGGER snapshots_stay BEFORE UPDATE OR DELETE ON snapshots "
    "FOR EACH ROW EXECUTE FUNCTION snapshots_refuse()",
    "CREATE TRIGGER snapshots_all_stay BEFORE TRUNCATE ON snapshots "
    "FOR EACH STATEMENT EXECUTE FUNCTION snapshots_refuse()",
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "snapshots",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("first", sa.Text, nullable=False),
        sa.Column("last", sa.Text, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("records", sa.LargeBinary, nullable=False),
        sa.Column("records_sha256", sa.Text, nullable=False),
        sa.Column("frozen_at", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.Text, nullable=False, unique=True),
        sa.Column("seal", sa.Text, nullable=False, unique=True),
    )
    frozen = sa.column("kind") == sa.literal_column("'freeze'")
    op.create_index(
        "snapshots_frozen_once",
        "snapshots",
        ["first", "last"],
        unique=True,
        sqlite_where=frozen,
        postgresql_where=frozen,
    )
    refusals = (
        [
            *(_SQLITE.format(name=f"no_{each.lower()}", event=each) for each in _EVENTS),
            _REPLACED,
        ]
        if sqlite
        else _POSTGRESQL
    )
    for statement in refusals:
        op.execute(statement)
