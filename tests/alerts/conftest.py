from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.fakes.builders import APK, DEPLOYMENT, RUN
from tests.fakes.runs import BLOCKED
from tests.fakes.slack import SlackServer, slack_server
from tests.fakes.targets import Target, running
from validator.alerts.message import AlertMessage, Link, RunFacts, compose


@pytest.fixture(scope="session")
def one_slack() -> Iterator[SlackServer]:
    with slack_server() as server:
        yield server


@pytest.fixture
def slack(one_slack: SlackServer) -> SlackServer:
    one_slack.reset()
    return one_slack


@pytest.fixture(scope="session")
def facts() -> RunFacts:
    return RunFacts(
        run=RUN,
        tenant="default",
        environment="production",
        deployment=DEPLOYMENT,
        apk=APK,
        links=(Link(label="Report", target="https://ci.example.com/runs/7?tab=a&b=2"),),
    )


@pytest.fixture(scope="session")
def message(facts: RunFacts) -> AlertMessage:
    return compose(BLOCKED, facts)


@pytest.fixture
def start() -> Iterator[Callable[[Target], Target]]:
    with ExitStack() as stack:

        def starter(target: Target) -> Target:
            stack.enter_context(running(target))
            return target

        yield starter
