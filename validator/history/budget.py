"""New anonymous accounts: how many an environment may still make in a span of time, over all runs and processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from validator.history.acts import AccountsUsed
from validator.history.database import Database
from validator.history.log import EventLog
from validator.history.tables import ACCOUNT_USE
from validator.model.budget import AccountLimit
from validator.model.errors import RetryableError
from validator.support.clock import Clock, iso


class BudgetSpentError(RetryableError):
    """The accounts of this span are used up; after `after` seconds some are free again."""


class Budget:
    """The account budget of one tenant."""

    def __init__(self, database: Database, log: EventLog, clock: Clock) -> None:
        self._database = database
        self._log = log
        self._clock = clock

    def used(self, environment: str, address: str, span: timedelta) -> int:
        """Accounts that were taken in the last `span`."""
        with self._database.reading(self._log.tenant) as connection:
            return self._used(connection, environment, address, self._clock.now() - span)

    def ages(self, environment: str, address: str, span: timedelta) -> tuple[timedelta, ...]:
        """How long ago each account was taken that was taken in the last `span`; the oldest first."""
        now = self._clock.now()
        with self._database.reading(self._log.tenant) as connection:
            return tuple(now - at for at in self._taken(connection, environment, address, now - span))

    def spend(self, run: str, use: AccountsUsed, *, limits: Sequence[AccountLimit]) -> int:
        """Take accounts; how many are left. Two processes cannot take the same ones.

        Args:
            run: The run that needs them.
            use: How many, where.
            limits: How many there are in any span of time; each of them holds.

        Raises:
            BudgetSpentError: There are not that many; none was taken.
            StoreUnreachableError: The database is away or busy; none was taken.
        """
        left = 0

        def check(connection: Connection) -> None:
            nonlocal left
            left = min(self._left(connection, use, limit) for limit in limits)

        self._log.act(run, use, check=check if limits else None)
        return left

    def _left(self, connection: Connection, use: AccountsUsed, limit: AccountLimit) -> int:
        now, span = self._clock.now(), timedelta(seconds=limit.within)
        taken = self._taken(connection, use.environment, use.address, now - span)
        left = limit.most - len(taken) - use.accounts
        if left < 0:
            # As many as are too many have to leave the span, the oldest first.
            free = (taken[-left - 1] + span - now).total_seconds() if use.accounts <= limit.most else math.inf
            raise BudgetSpentError(
                f"accounts used ({len(taken)}) + needed ({use.accounts}) > limit ({limit.most})",
                after=max(free, 0.0),
                where=use.environment,
                remedy="wait, run fewer flows, or raise `traffic.accounts` if the backend allows it",
            )
        return left

    def _used(self, connection: Connection, environment: str, address: str, since: datetime) -> int:
        return len(self._taken(connection, environment, address, since))

    def _taken(self, connection: Connection, environment: str, address: str, since: datetime) -> list[datetime]:
        """When each account was taken, ascending."""
        query = (
            select(ACCOUNT_USE.c.at, ACCOUNT_USE.c.accounts)
            .where(
                ACCOUNT_USE.c.tenant == self._log.tenant,
                ACCOUNT_USE.c.environment == environment,
                ACCOUNT_USE.c.address == address,
                ACCOUNT_USE.c.at > iso(since),
            )
            .order_by(ACCOUNT_USE.c.at)
        )
        return [datetime.fromisoformat(row.at) for row in connection.execute(query) for _ in range(row.accounts)]
