"""What people said about a run, and what was done for it: lines for `validator show`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from validator.history.acts import DecisionActed, RollbackRun
    from validator.history.entry import Entry


def what_was_said(run: str, address: str | None, tenant: str | None) -> list[str]:
    """One line for each answer, judgement and rollback, oldest first; none where nothing is stored of the run.

    Args:
        run: The run's id.
        address: The store; None for the usual one.
        tenant: Whose records; None for the usual one.
    """
    from validator.cli.history_open import is_there, opened_history
    from validator.model.errors import ValidatorError
    from validator.support.text import one_line

    try:
        if not is_there(address):
            return []
        with opened_history(address, tenant) as history:
            return [one_line(line, 400) for line in _lines(history.log.acts(run))]
    except ValidatorError as error:  # the run itself can be shown without the store
        return [one_line(f"What people said about it is not known: {error.text}", 400)]


def _lines(acts: list[Entry]) -> Iterator[str]:
    from validator.history.acts import DecisionActed, RollbackRun

    for entry in acts:
        match entry.event:
            case DecisionActed() as act:
                yield _said(entry.at, act)
            case RollbackRun() as done:
                yield _rolled_back(entry.at, done)
            case _:
                pass


def _said(at: str, act: DecisionActed) -> str:
    until = f", until {act.expires_at}" if act.expires_at else ""
    return f"{at}  {act.by} said {act.kind.value.replace('_', ' ')}{until}: {act.reason}"


def _rolled_back(at: str, done: RollbackRun) -> str:
    ended = done.ended.replace("_", " ")
    code = f" with {done.exit_code}" if done.exit_code is not None else ""
    return f"{at}  the rollback {ended}{code} after {done.seconds:.1f} s: {done.command}"
