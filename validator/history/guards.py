"""What keeps events append-only inside the databases, and tenants apart inside PostgreSQL.

SQLite's delete triggers do not fire for the deletion that `INSERT OR REPLACE` makes, so the insert trigger itself
refuses whatever would replace a row: the same id, the same place in its run, the same position, the same rowid. It
also refuses a gap and a second successor of one event, so a fork of the chain cannot be written at all.

PostgreSQL fires statement triggers for UPDATE, DELETE, TRUNCATE and `ON CONFLICT DO UPDATE` even where no row is
touched. Row-level security shows and takes only rows of the tenant in the session setting `validator.tenant`.
"""

from __future__ import annotations

ROLE = "validator_app"
"""The PostgreSQL role that the program works as: it has no UPDATE, DELETE or TRUNCATE on events."""
SETTING = "validator.tenant"
"""The PostgreSQL setting that names the tenant of a transaction."""
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
"""Name -> the statement that makes it; `verify` compares them with what the file has."""

POSTGRESQL_FUNCTIONS = {
    # The path is fixed, because a temporary table named `event` would otherwise be asked instead of the real one.
    # The last event is looked for from its place on: without that bound a planner that has no statistics yet takes
    # another index and sorts the whole chain, for every event.
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
