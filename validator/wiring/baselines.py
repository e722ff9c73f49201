"""The record of runs -> what flows usually take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from validator.history.errors import StoreUnreachableError
from validator.history.store import History
from validator.model.timing import Baseline, Usual


def baselines(history: History, environment: str) -> Callable[[Sequence[str]], Usual]:
    """What flows usually take in an environment, as its past runs tell. A store that is away says so."""

    def usual(flows: Sequence[str]) -> Usual:
        try:
            stats = history.flows.stats(environment, flows) if flows else ()
        except StoreUnreachableError as error:
            return Usual(unknown=error.what)
        known = (
            Baseline(flow=each.flow, p50=each.p50, runs=each.passed + each.flaky, p90=each.p90)
            for each in stats
            if each.p50
        )
        return Usual(baselines=tuple(known))

    return usual
