"""Connections to PostgreSQL that end: whatever the server, or the network before it, does, nobody waits for ever.

A server that refuses is noticed at once, a network that swallows packets by TCP (`tcp_user_timeout`, keepalives). A
server that is stopped, or a middlebox that goes on acknowledging, is noticed by neither, and libpq knows no deadline
for an answer: so each wait for one is bounded here, in the client. The server in turn ends the session of a client
that vanished or was stopped in the middle of a transaction, because it would hold its tenant's lock.
"""

from __future__ import annotations

import time
from typing import TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, event

from validator.history.address import Address
from validator.history.errors import AddressError
from validator.history.guards import ROLE, SETTING

CONNECT_SECONDS = 5
PING_SECONDS = 5.0
"""How long a server may take to say that it is alive."""
MARGIN_SECONDS = 10.0
"""How long a server may take for a statement beyond the time that it may wait for its turn."""
IDLE_SECONDS = 20
"""How long the server waits for a client in the middle of a transaction before it takes it for dead."""

RV = TypeVar("RV")


class BoundedConnection(psycopg.Connection[tuple[object, ...]]):
    """A connection that is closed when the server does not answer in time."""

    answer_within: float | None = PING_SECONDS
    """Seconds; None: as long as it takes."""

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for what the generator waits for.

        Raises:
            psycopg.OperationalError: The server did not answer in time; the connection is closed.
        """
        limits = [limit for limit in (self.answer_within, timeout) if limit is not None]
        return super().wait(self._bounded(gen, min(limits)) if limits else gen, interval)

    def _bounded(self, gen: PQGen[RV], seconds: float) -> PQGen[RV]:
        """The same generator, ended when nothing was ready for so long."""
        until = time.monotonic() + seconds
        try:
            state = next(gen)
            while True:
                ready = yield state
                if ready:
                    until = time.monotonic() + seconds
                elif time.monotonic() > until:
                    self.pgconn.finish()
                    raise psycopg.OperationalError(f"no answer within {seconds:.0f} s")
                state = gen.send(ready)
        except StopIteration as end:
            value: RV = end.value
            return value


def postgresql_engine(address: Address, busy: float) -> Engine:
    """An engine whose transactions work for the tenant, and within the limits, that their execution options name.

    Args:
        address: The database.
        busy: Seconds that a writer waits for its turn.

    Raises:
        AddressError: libpq cannot read it.
    """
    try:
        conninfo_to_dict(address.dsn)
    except (psycopg.Error, UnicodeDecodeError):  # its text may quote a password
        remedy = "write postgresql://user@host/database, and what is special in a password as %40"
        raise AddressError("PostgreSQL does not understand this address", where=address.shown, remedy=remedy) from None

    def connect() -> BoundedConnection:
        return _connect(address, busy)

    engine = create_engine("postgresql+psycopg://", creator=connect, pool_pre_ping=True)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        wait = options.get("busy") or busy
        if options.get("tenant") is not None:
            settings = {
                "role": ROLE,
                SETTING: options["tenant"],
                "lock_timeout": f"{wait * 1000:.0f}ms",
                "idle_in_transaction_session_timeout": "0" if options.get("long") else f"{IDLE_SECONDS}s",
            }
            calls = ", ".join(f"set_config('{name}', %s, true)" for name in settings)
            connection.exec_driver_sql(f"SELECT {calls}", tuple(settings.values()))
        _limit(connection.connection.driver_connection, None if options.get("long") else wait + MARGIN_SECONDS)

    @event.listens_for(engine, "checkin")
    def checkin(driver: object, _record: object) -> None:
        _limit(driver, PING_SECONDS)

    return engine


def _limit(driver: object, seconds: float | None) -> None:
    if isinstance(driver, BoundedConnection):
        driver.answer_within = seconds


def _connect(address: Address, busy: float) -> BoundedConnection:
    settings = {
        "timezone": "UTC",
        "lock_timeout": f"{busy * 1000:.0f}ms",
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "15000",
    }
    return BoundedConnection.connect(
        address.dsn,
        connect_timeout=CONNECT_SECONDS,
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=15_000,
        application_name="validator",
        options=" ".join(f"-c {name}={value}" for name, value in settings.items()),
    )
