"""Events with the guards that keep them append-only, and how far they are projected."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

METADATA = MetaData()
KEY = String().with_variant(PG_TEXT(collation="C"), "postgresql")


def _key(name: str) -> Column[str]:
    return Column(name, KEY, nullable=False, server_default="")


def _part(name: str) -> Column[str]:
    """A part of a primary key."""
    return Column(name, KEY, primary_key=True, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


Table(
    "tenant",
    METADATA,
    _part("name"),
    _key("created_at"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("head", KEY, nullable=False),
)

Table(
    "event",
    METADATA,
    _part("tenant"),
    Column("position", Integer, primary_key=True, nullable=False, autoincrement=False),
    Column("id", KEY, nullable=False),
    Column("run", KEY, nullable=False),
    Column("stream", KEY, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", KEY, nullable=False),
    Column("type", KEY, nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", Text),
    Column("blob", KEY),
    Column("prev", KEY, nullable=False),
    Column("hash", KEY, nullable=False),
    Index("event_id", "tenant", "id", unique=True),
    Index("event_run", "tenant", "run", "stream", "seq", unique=True),
)

Table("blob", METADATA, _part("tenant"), _part("digest"), Column("data", LargeBinary, nullable=False))

Table(
    "progress",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("stream"),
    _number("stored"),
    _number("projected"),
)

GUARDED = ("event", "blob")

_SQLITE_REFUSE = """CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} BEGIN
  SELECT RAISE(ABORT, '{table} is append-only: {verb} refused');
END"""

_SQLITE_LINK = """CREATE TRIGGER event_link BEFORE INSERT ON event BEGIN
  SELECT RAISE(ABORT, 'event is append-only: this place is taken')
  WHERE EXISTS (SELECT 1 FROM event WHERE rowid = NEW.rowid)
     OR EXISTS (SELECT 1 FROM event WHERE tenant = NEW.tenant AND id = NEW.id)
     OR EXISTS (SELECT 1 FROM event
                WHERE tenant = NEW.tenant AND run = NEW.run AND stream = NEW.stream AND seq = NEW.seq);
  SELECT RAISE(ABORT, 'event is a chain: not the next link')
  WHERE EXISTS (SELECT 1 FROM event WHERE tenant = NEW.tenant)
    AND NOT EXISTS (SELECT 1 FROM event
                    WHERE tenant = NEW.tenant AND position = NEW.position - 1 AND hash = NEW.prev
                      AND position = (SELECT max(position) FROM event WHERE tenant = NEW.tenant));
END"""

_SQLITE_BLOB = """CREATE TRIGGER blob_once BEFORE INSERT ON blob BEGIN
  SELECT RAISE(ABORT, 'blob is append-only: this place is taken')
  WHERE EXISTS (SELECT 1 FROM blob WHERE rowid = NEW.rowid)
     OR EXISTS (SELECT 1 FROM blob WHERE tenant = NEW.tenant AND digest = NEW.digest);
END"""

SQLITE_TRIGGERS = {
    **{
        f"{table}_no_{verb}": _SQLITE_REFUSE.format(table=table, verb=verb)
        for table in GUARDED
        for verb in ("update", "delete")
    },
    "event_link": _SQLITE_LINK,
    "blob_once": _SQLITE_BLOB,
}

POSTGRESQL_FUNCTIONS = {
    "validator_append_only": """CREATE FUNCTION validator_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, lower(TG_OP) USING ERRCODE = 'restrict_violation';
END $$""",
    "validator_link": """CREATE FUNCTION validator_link() RETURNS trigger LANGUAGE plpgsql
SET search_path = {schema}, pg_temp AS $$
DECLARE last record;
BEGIN
  SELECT position, hash INTO last FROM event
  WHERE tenant = NEW.tenant AND position >= NEW.position - 1 ORDER BY position DESC LIMIT 1;
  IF FOUND AND NEW.position = last.position + 1 AND NEW.prev = last.hash THEN
    RETURN NEW;
  END IF;
  IF FOUND OR EXISTS (SELECT 1 FROM event WHERE tenant = NEW.tenant) THEN
    RAISE EXCEPTION 'event is a chain: not the next link' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$""",
}

POSTGRESQL_TRIGGERS = {
    **{
        f"{table}_append_only": f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION validator_append_only()"
        for table in GUARDED
    },
    "event_link": "CREATE TRIGGER event_link BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION validator_link()",
}


def upgrade() -> None:
    """Make the tables, then their guards."""
    bind = op.get_bind()
    METADATA.create_all(bind, checkfirst=False)
    if bind.dialect.name == "postgresql":
        schema = bind.exec_driver_sql("SELECT quote_ident(current_schema())").scalar()
        for function in POSTGRESQL_FUNCTIONS.values():
            bind.exec_driver_sql(function.replace("{schema}", str(schema)).replace("%", "%%"))
    triggers = POSTGRESQL_TRIGGERS if bind.dialect.name == "postgresql" else SQLITE_TRIGGERS
    for trigger in triggers.values():
        bind.exec_driver_sql(trigger)


def downgrade() -> None:
    """Remove everything, events too: this is the way back to an empty database."""
    bind = op.get_bind()
    METADATA.drop_all(bind)
    if bind.dialect.name == "postgresql":
        for name in POSTGRESQL_FUNCTIONS:
            bind.exec_driver_sql(f"DROP FUNCTION {name}()")
