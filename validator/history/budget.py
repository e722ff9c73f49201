"""New anonymous accounts: how many an environment may still make in a span of time, over all runs and processes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from validator.history.acts import AccountsUsed
from validator.history.database import Database
from validator.history.log import EventLog
from validator.history.tables import ACCOUNT_USE
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

    def spend(self, run: str, use: AccountsUsed, *, limit: int, span: timedelta) -> int:
        """Take accounts; how many are left. Two processes cannot take the same ones.

        Args:
            run: The run that needs them.
            use: How many, where.
            limit: How many there are in any `span`.
            span: The span that the limit holds for.

        Raises:
            BudgetSpentError: There are not that many; none was taken.
            StoreUnreachableError: The database is away or busy; none was taken.
        """
        left = 0

        def check(connection: Connection) -> None:
            nonlocal left
            now = self._clock.now()
            used = self._used(connection, use.environment, use.address, now - span)
            left = limit - used - use.accounts
            if left < 0:
                raise BudgetSpentError(
                    f"accounts used ({used}) + needed ({use.accounts}) > limit ({limit})",
                    after=self._free_again(connection, use, now, span),
                    where=use.environment,
                    remedy="wait, run fewer flows, or raise `traffic.accounts` if the backend allows it",
                )

        self._log.act(run, use, check=check)
        return left

    def _used(self, connection: Connection, environment: str, address: str, since: datetime) -> int:
        query = select(func.coalesce(func.sum(ACCOUNT_USE.c.accounts), 0)).where(
            ACCOUNT_USE.c.tenant == self._log.tenant,
            ACCOUNT_USE.c.environment == environment,
            ACCOUNT_USE.c.address == address,
            ACCOUNT_USE.c.at > iso(since),
        )
        return int(connection.execute(query).scalar() or 0)

    def _free_again(self, connection: Connection, use: AccountsUsed, now: datetime, span: timedelta) -> float:
        """Seconds until the oldest use leaves the span."""
        query = select(func.min(ACCOUNT_USE.c.at)).where(
            ACCOUNT_USE.c.tenant == self._log.tenant,
            ACCOUNT_USE.c.environment == use.environment,
            ACCOUNT_USE.c.address == use.address,
            ACCOUNT_USE.c.at > iso(now - span),
        )
        oldest = connection.execute(query).scalar()
        return max((datetime.fromisoformat(oldest) + span - now).total_seconds(), 0.0) if oldest else 0.0
