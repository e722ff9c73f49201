"""Projections of acts: what people decided, accounts used, alerts to send."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Boolean, Column, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.dialects.postgresql import TEXT as PG_TEXT

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

METADATA = MetaData()
KEY = String().with_variant(PG_TEXT(collation="C"), "postgresql")


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _key(name: str) -> Column[str]:
    return Column(name, KEY, nullable=False, server_default="")


def _part(name: str) -> Column[str]:
    """A part of a primary key."""
    return Column(name, KEY, primary_key=True, nullable=False)


def _number(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


Table(
    "decision_act",
    METADATA,
    _part("tenant"),
    _part("id"),
    _key("run"),
    _number("seq"),
    _key("kind"),
    _key("at"),
    _key("by"),
    _text("reason"),
    _key("environment"),
    _key("deployment"),
    _key("revision"),
    _key("expires_at"),
    _key("replaces"),
    Index("decision_act_by_run", "tenant", "run", "seq"),
    Index("decision_act_by_deployment", "tenant", "environment", "deployment", "at"),
)

Table(
    "account_use",
    METADATA,
    _part("tenant"),
    _part("id"),
    _key("run"),
    _key("environment"),
    _key("address"),
    _key("at"),
    _number("accounts"),
    Index("account_use_by_time", "tenant", "environment", "address", "at", "accounts"),
)

Table(
    "alert_outbox",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("dedup"),
    _part("channel"),
    _key("state"),
    Column("required", Boolean, nullable=False),
    _key("queued_at"),
    _key("not_before"),
    _number("tries"),
    _text("reason"),
    _text("receipt"),
    _text("body"),
    Index("alert_outbox_due", "tenant", "state", "not_before"),
)


def upgrade() -> None:
    """Make the tables; whoever migrates fills them from the events that are there."""
    METADATA.create_all(op.get_bind(), checkfirst=False)


def downgrade() -> None:
    """Remove the tables; the events that they were made of stay."""
    METADATA.drop_all(op.get_bind())
