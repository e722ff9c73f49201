"""Errors that teach: what happened, where, what to do next; and whether trying again can help.

ValidatorError
├── PermanentError        trying again is useless
│   ├── UsageError        the command line or a configuration is wrong; nothing was run
│   └── StageError        a stage could not do its work; carries the cause that the gate will see
└── RetryableError        trying again, after `after` seconds, may help
"""

from __future__ import annotations

from validator.model.causes import Cause


class ValidatorError(Exception):
    """The base of every error that this program raises on purpose."""

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        """What happened, one sentence without a full stop."""
        self.where = where
        """The file, address or device it happened at; empty when `what` says it."""
        self.remedy = remedy
        """What to do next; empty only where nothing can be done."""

    @property
    def text(self) -> str:
        """Place and fact on one line."""
        return f"{self.where}: {self.what}" if self.where else self.what

    def diagnostics(self) -> str:
        """The whole story for a person: place and fact on the first line, the way out on the second."""
        return f"{self.text}\n  -> {self.remedy}" if self.remedy else self.text


class PermanentError(ValidatorError):
    """Trying the same again is useless."""


class RetryableError(ValidatorError):
    """Trying again may help, not before `after` seconds have passed."""

    def __init__(self, what: str, *, after: float = 0.0, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.after = after


class UsageError(PermanentError):
    """The command line or the configuration is wrong; nothing was run."""


class StageError(PermanentError):
    """A stage could not do its work, for a cause that the gate knows."""

    def __init__(self, cause: Cause, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what, where=where, remedy=remedy)
        self.cause = cause
