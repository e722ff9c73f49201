from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.fakes.runs import EVERY_RUN
from validator.model.events import Record

Make = Callable[[], list[Record]]


@pytest.fixture(params=list(EVERY_RUN.values()), ids=list(EVERY_RUN))
def every_run(request: pytest.FixtureRequest) -> Sequence[Record]:
    """Each of the sample runs in turn."""
    make: Make = request.param
    return make()
