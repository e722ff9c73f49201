"""The tables, as today's program sees them. How a database gets them is `migrations/`'s matter.

`event` (and `blob`) is the truth; `tenant` holds the head of its chain; everything else is a projection of events.
Moments are text, UTC, ISO 8601 with milliseconds, so that they sort as time does and read alike on both databases.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Double, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

METADATA = MetaData()

KEY = String().with_variant(Text(collation="C"), "postgresql")
"""Text that is compared byte by byte on both databases: the order of a list must not depend on a locale."""
REAL = Float().with_variant(Double(), "postgresql")


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


TENANT = Table(
    "tenant",
    METADATA,
    _part("name"),
    _key("created_at"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("head", KEY, nullable=False),
)

EVENT = Table(
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
"""`payload` is canonical JSON; a long one is NULL here, and `blob` is the digest under which it is kept."""

BLOB = Table("blob", METADATA, _part("tenant"), _part("digest"), Column("data", LargeBinary, nullable=False))

PROGRESS = Table(
    "progress",
    METADATA,
    _part("tenant"),
    _part("run"),
    _part("stream"),
    _number("stored"),
    _number("projected"),
)
"""How many events of a stream are stored, and how many of them, from 0 without a gap, the projections contain."""

ENVIRONMENT = Table("environment", METADATA, _part("tenant"), _part("name"), _key("first_run_at"), _key("last_run_at"))

RUN = Table(
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

RUN_CAUSE = Table(
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
"""Each cause of a run once, however many flows it stopped."""

ATTEMPT = Table(
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

FLOW_OUTCOME = Table(
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
"""`started_at` is the run's."""

FLOW_TIMING = Table(
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
"""How long a passing attempt of the flow took: what a plan can count on."""

DECISION = Table(
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

DECISION_ACT = Table(
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

ACCOUNT_USE = Table(
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

ALERT_OUTBOX = Table(
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
    Index("alert_outbox_told", "tenant", "channel", "run"),
)

PROJECTIONS = (
    PROGRESS,
    ENVIRONMENT,
    RUN,
    RUN_CAUSE,
    ATTEMPT,
    FLOW_OUTCOME,
    FLOW_TIMING,
    DECISION,
    DECISION_ACT,
    ACCOUNT_USE,
    ALERT_OUTBOX,
)
"""What `rebuild` empties and fills again."""
