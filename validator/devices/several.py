"""Several devices, or sources of them, opened at the same time: those that can be had count."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

from validator.model.causes import Cause
from validator.model.errors import StageError

T = TypeVar("T")

LeftOut = Callable[[StageError], None]
"""Told of each device that cannot be had, while others can; from the thread that opens them."""

log = logging.getLogger(__name__)


def warned(error: StageError) -> None:
    """Tell it to whoever reads the log."""
    log.warning("goes on without a device: %s", error.diagnostics())


@contextmanager
def all_opened(managers: Sequence[AbstractContextManager[T]], left_out: LeftOut = warned) -> Iterator[list[T]]:
    """Enter them side by side, because booting takes minutes; leave them one by one, the last first.

    One that fails with StageError is left out, and `left_out` is told.

    Raises:
        StageError: `no_device` when not a single one could be entered, saying why for each.
    """
    with ExitStack() as stack:

        def enter(manager: AbstractContextManager[T]) -> T | StageError:
            try:
                value = manager.__enter__()
            except StageError as error:
                return error
            stack.push(manager)
            return value

        with ThreadPoolExecutor(max(1, len(managers)), thread_name_prefix="open device") as pool:
            results = list(pool.map(enter, managers))
        errors = [result for result in results if isinstance(result, StageError)]
        values = [result for result in results if not isinstance(result, StageError)]
        if not values:
            raise _no_device(errors)
        for error in errors:
            left_out(error)
        yield values


def _no_device(errors: Sequence[StageError]) -> StageError:
    if not errors:
        return StageError(
            Cause.NO_DEVICE, "no device is configured", remedy="name one under `devices:` in the configuration"
        )
    if len(errors) == 1:
        only = errors[0]
        return StageError(Cause.NO_DEVICE, only.what, where=only.where, remedy=only.remedy)
    told = "; ".join(f"{error.where}: {error.what}" if error.where else error.what for error in errors)
    remedies = dict.fromkeys(error.remedy for error in errors if error.remedy)
    return StageError(Cause.NO_DEVICE, f"no device could be used: {told}", remedy="; ".join(remedies))
