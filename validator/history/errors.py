"""What can go wrong with the record of runs, each with its way out."""

from __future__ import annotations

from validator.model.errors import PermanentError, RetryableError, UsageError


class HistoryError(PermanentError):
    """The record of runs cannot be used as it is."""


class AddressError(UsageError):
    """The address of the store cannot be understood."""


class TenantError(PermanentError):
    """Something that belongs to one tenant was brought before another."""


class CursorError(UsageError):
    """A page was asked for with a cursor of another list."""


class ConflictError(HistoryError):
    """What was to be stored contradicts what is stored."""


class NewerPayloadError(HistoryError):
    """An event was written by a newer program than this one."""


class StoreOutdatedError(HistoryError):
    """The store was made by an older program and has to be migrated first."""


class StoreTooNewError(HistoryError):
    """The store was made by a newer program than this one."""


class DamagedStoreError(HistoryError):
    """The database itself says that its file or its tables are broken."""


class StoreUnreachableError(RetryableError):
    """The store cannot be reached, or another process holds it; later it may be free."""
