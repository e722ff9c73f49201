"""PostgreSQL keeps tenants apart itself: a role without rights to change events, and a policy on every table."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Connection

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TRUTH = ("event", "blob")
PROJECTIONS = (
    "progress",
    "environment",
    "run",
    "run_cause",
    "attempt",
    "flow_outcome",
    "flow_timing",
    "decision",
    "decision_act",
    "account_use",
    "alert_outbox",
)
COLUMN = {"tenant": "name"} | dict.fromkeys((*TRUTH, *PROJECTIONS), "tenant")
"""Table -> the column that holds the tenant."""

MAKE_ROLE = """DO $$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'validator_app') THEN CREATE ROLE validator_app NOLOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$"""
JOIN_ROLE = """DO $$ BEGIN
  IF NOT pg_has_role(current_user, 'validator_app', 'MEMBER') THEN
    EXECUTE format('GRANT validator_app TO %I', current_user);
  END IF;
END $$"""


def upgrade() -> None:
    """Make the role (the cluster's databases share it), its rights and the policies. SQLite has no such thing."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    bind.exec_driver_sql(MAKE_ROLE)
    bind.exec_driver_sql(JOIN_ROLE.replace("%", "%%"))
    bind.exec_driver_sql(f"GRANT USAGE ON SCHEMA {_schema(bind)} TO validator_app")
    bind.exec_driver_sql("GRANT SELECT ON alembic_version TO validator_app")
    bind.exec_driver_sql("GRANT SELECT, INSERT, UPDATE ON tenant TO validator_app")
    for table in TRUTH:
        bind.exec_driver_sql(f"GRANT SELECT, INSERT ON {table} TO validator_app")
    for table in PROJECTIONS:
        bind.exec_driver_sql(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO validator_app")
    for table, column in COLUMN.items():
        mine = f"{column} = current_setting('validator.tenant', true)"
        bind.exec_driver_sql(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        bind.exec_driver_sql(f"CREATE POLICY {table}_of_tenant ON {table} USING ({mine}) WITH CHECK ({mine})")


def downgrade() -> None:
    """Take policies and rights away; the role stays, because other databases of the cluster may use it."""
    bind = op.get_bind()
    if bind.dialect.name != "postgresql":
        return
    for table in COLUMN:
        bind.exec_driver_sql(f"DROP POLICY {table}_of_tenant ON {table}")
        bind.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        bind.exec_driver_sql(f"REVOKE ALL ON {table} FROM validator_app")
    bind.exec_driver_sql("REVOKE ALL ON alembic_version FROM validator_app")
    bind.exec_driver_sql(f"REVOKE USAGE ON SCHEMA {_schema(bind)} FROM validator_app")


def _schema(bind: Connection) -> str:
    return str(bind.exec_driver_sql("SELECT quote_ident(current_schema())").scalar())
