"""Projections of runs: attempts, outcomes, timings, decisions."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Float, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

METADATA = MetaData()
KEY = String().with_variant(PG_TEXT(collation="C"), "postgresql")
REAL = Float().with_variant(DOUBLE_PRECISION(), "postgresql")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _key(name: str) -> Column[str]:
    return Column(name, KEY, nullable=False, server_default="")


def _part(name: str) -> Column[str]:
    """A part of a primary key."""
    return Column(name, KEY, primary_key=True, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _seconds(name: str) -> Column[float]:
    return Column(name, REAL, nullable=False, server_default="0")


Table("environment", METADATA, _part("tenant"), _part("name"), _key("first_run_at"), _key("last_run_at"))

Table(
    "run",
    METADATA,
    _part("tenant"),
    _part("id"),
    _key("environment"),
    _key("purpose"),
    _key("started_at"),
    _key("last_at"),
    _key("finished_at"),
    _key("stop"),
    _seconds("seconds"),
    _key("deployment"),
    _key("revision"),
    _key("apk"),
    _key("package"),
    _key("app_version"),
    _number("expected"),
    _key("verdict"),
    _key("cause"),
    _key("stage"),
    _key("program"),
    _text("config_file"),
    _key("config_digest"),
    _key("policy"),
    _key("policy_digest"),
    Index("run_by_time", "tenant", "started_at", "id"),
    Index("run_by_environment", "tenant", "environment", "started_at", "id"),
    Index("run_by_verdict", "tenant", "verdict", "started_at", "id"),
    Index("run_by_subject", "tenant", "environment", "deployment", "started_at"),
    Index("run_counts", "tenant", "started_at", "environment", "verdict"),
)

Table(
    "run_cause",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("cause"),
    _key("started_at"),
    _key("environment"),
    _number("flows"),
    Index("run_cause_by_cause", "tenant", "cause", "started_at", "run"),
    Index("run_cause_counts", "tenant", "started_at", "cause", "environment", "flows"),
)

Table(
    "attempt",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("flow"),
    Column("number", Integer, primary_key=True, nullable=False, autoincrement=False),
    _key("environment"),
    _key("serial"),
    _key("purpose"),
    _text("folder"),
    _key("started_at"),
    _key("finished_at"),
    _seconds("seconds"),
    _key("outcome"),
    _key("cause"),
    _key("rule"),
    _text("step"),
    _text("why"),
    _text("message"),
    _text("quote"),
    _key("signature"),
    Index("attempt_by_cause", "tenant", "cause", "started_at", "run"),
    Index("attempt_by_flow", "tenant", "flow", "cause", "started_at", "run"),
    Index("attempt_by_signature", "tenant", "signature", "started_at", "run"),
)

Table(
    "flow_outcome",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("flow"),
    _key("environment"),
    _key("started_at"),
    _key("outcome"),
    Column("required", Boolean, nullable=False),
    _key("cause"),
    _number("attempts"),
    _text("step"),
    _text("why"),
    _text("quote"),
    Index("flow_outcome_by_flow", "tenant", "flow", "started_at", "run"),
    Index("flow_outcome_by_environment", "tenant", "environment", "flow", "started_at", "run"),
)

Table(
    "flow_timing",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("flow"),
    _key("environment"),
    _key("started_at"),
    _seconds("seconds"),
    Index("flow_timing_by_flow", "tenant", "environment", "flow", "started_at", "seconds"),
)

Table(
    "decision",
    METADATA,
    _part("tenant"),
    _part("run"),
    Column("seq", Integer, primary_key=True, nullable=False, autoincrement=False),
    _key("environment"),
    _key("purpose"),
    _key("deployment"),
    _key("revision"),
    _key("apk"),
    _key("verdict"),
    _number("exit_code"),
    _key("decided_at"),
    _key("expires_at"),
    _key("policy"),
    _key("policy_digest"),
    Index("decision_by_revision", "tenant", "environment", "revision", "decided_at", "run", "seq"),
    Index("decision_by_deployment", "tenant", "environment", "deployment", "decided_at", "run", "seq"),
    Index("decision_by_environment", "tenant", "environment", "decided_at", "run", "seq"),
)


def upgrade() -> None:
    """Make the tables; whoever migrates fills them from the events that are there."""
    METADATA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Remove the tables; the events that they were made of stay."""
    METADATA.drop_all(op.get_bind())
