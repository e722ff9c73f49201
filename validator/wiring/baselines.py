"""The record of runs -> what flows usually take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validator.history.errors import StoreUnreachableError
from validator.history.store import History
from validator.model.timing import Baseline


def baselines(history: History, environment: str) -> Callable[[Sequence[str]], tuple[Baseline, ...]]:
    """What flows usually take in an environment, as its past runs tell. A store that is away knows nothing."""

    def usual(flows: Sequence[str]) -> tuple[Baseline, ...]:
        try:
            stats = history.flows.stats(environment, flows) if flows else ()
        except StoreUnreachableError:
            return ()
        return tuple(
            Baseline(flow=each.flow, p50=each.p50, runs=each.passed + each.flaky) for each in stats if each.p50
        )

    return usual
