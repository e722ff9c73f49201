"""Which jobs of a GitHub run have passed: only what GitHub itself says counts, and its silence counts for nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes.targets import BROKEN, CUT, HANGING, RATE_LIMITED, Asked, Fault, Target, running
from validator.deploys.github_jobs import GitHubRun, github_run, job_states
from validator.model.errors import PermanentError, RetryableError, UsageError
from validator.support.stop import Stop
from validator.wiring.stages import passed_stages

TOKEN = "ghs-not-a-real-token"


class Jobs(Target):
    """The jobs of one run, page by page."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs: list[dict[str, object]] = []
        self.claimed = 0
        """How many more it says there are than it shows."""

    def answer(self, asked: Asked) -> tuple[int, object]:
        page = int(asked.path.rpartition("page=")[2])
        shown = self.jobs[(page - 1) * 100 : page * 100]
        return 200, {"total_count": len(self.jobs) + self.claimed, "jobs": shown}


def job(name: str, conclusion: str | None = "success", status: str = "completed") -> dict[str, object]:
    return {"id": 1, "name": name, "status": status, "conclusion": conclusion}


@pytest.fixture
def hub() -> Iterator[Jobs]:
    hub = Jobs()
    with running(hub):
        yield hub


def variables(hub: Jobs) -> Mapping[str, str]:
    return {
        "GITHUB_API_URL": hub.url,
        "GITHUB_REPOSITORY": "acme/shop",
        "GITHUB_RUN_ID": "17",
        "GITHUB_TOKEN": TOKEN,
    }


def passed(hub: Jobs, *jobs: str) -> tuple[tuple[str, ...], list[str]]:
    said: list[str] = []
    return passed_stages(("lint",), jobs, variables(hub), Stop(), said.append), said


def test_a_job_counts_only_when_github_says_that_it_succeeded(hub: Jobs):
    hub.jobs = [
        job("build"),
        job("apply", None, "in_progress"),
        job("unit", "failure"),
        job("docs", "skipped"),
        job("matrix"),
        job("matrix", "cancelled"),
        job("odd", None),
    ]
    stages, said = passed(hub, "build", "apply", "unit", "docs", "matrix", "odd", "Build", "buil", "")
    assert stages == ("lint", "build")
    assert [line.rpartition("says ")[2] for line in said] == [
        "in progress",
        "failure",
        "skipped",
        "cancelled",
        "in progress",
        *["that there is no such job"] * 3,
    ]
    (asked,) = hub.taken
    assert asked.path.startswith("/repos/acme/shop/actions/runs/17/jobs?filter=latest")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"


def test_all_pages_are_read(hub: Jobs):
    hub.jobs = [job(f"job-{number}") for number in range(250)]
    assert passed(hub, "job-249") == (("lint", "job-249"), [])
    assert len(hub.taken) == 3


def test_jobs_that_github_does_not_show_are_not_taken_for_none(hub: Jobs):
    hub.jobs, hub.claimed = [job("build")], 1
    assert passed(hub, "build")[0] == ("lint",)


@pytest.mark.parametrize("fault", [BROKEN, CUT, RATE_LIMITED, Fault(status=403, headers={"Retry-After": "1"})])
def test_what_passes_is_waited_for(hub: Jobs, fault: Fault):
    hub.jobs = [job("build")]
    hub.script.append(fault)
    assert passed(hub, "build") == (("lint", "build"), [])


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=403, body=b'{"message":"Resource not accessible by integration"}'),
        Fault(status=404),
        Fault(status=302, headers={"Location": "https://elsewhere.example/"}),
        Fault(status=429, headers={"Retry-After": "600"}),
        Fault(status=200, body=b"<html>log in</html>"),
        Fault(status=200, body=b'{"total_count": 1, "jobs": [{"name": 3}]}'),
        Fault(status=200, body=b"[" * 100_000),
    ],
    ids=["not allowed", "no such run", "redirect", "limited for long", "html", "no job", "nested"],
)
def test_no_answer_is_no_pass_and_is_told_in_one_line_without_the_token(hub: Jobs, fault: Fault):
    hub.jobs = [job("build")]
    hub.script.append(fault)
    began = time.monotonic()
    stages, (line,) = passed(hub, "build")
    assert stages == ("lint",)
    assert line.startswith("no job counts as passed: ")
    assert "\n" not in line
    assert TOKEN not in line
    assert time.monotonic() - began < 5


def test_a_github_that_hangs_is_given_up_within_the_deadline(hub: Jobs):
    hub.script.append(HANGING)
    began = time.monotonic()
    with pytest.raises(RetryableError, match="cannot be asked"):
        job_states(github_run(variables(hub)), Stop(), deadline=0.5)
    assert time.monotonic() - began < 5


def test_nobody_is_asked_without_a_name(hub: Jobs):
    assert passed_stages(("lint", "lint"), (), {}, Stop(), print) == ("lint",)
    assert hub.asked == []


@pytest.mark.parametrize("name", ["GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_TOKEN"])
def test_outside_a_github_run_the_option_is_a_mistake(hub: Jobs, name: str):
    with pytest.raises(UsageError, match=name):
        github_run({**variables(hub), name: ""})


def test_the_token_is_not_sent_unencrypted(hub: Jobs):
    with pytest.raises(UsageError, match="unencrypted"):
        github_run({**variables(hub), "GITHUB_API_URL": "http://github.example.com/api/v3"})


def test_the_token_is_not_shown():
    assert TOKEN not in repr(GitHubRun(api="https://x", repository="a/b", run="1", token=TOKEN))


@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda one: (
            st.lists(one)
            | st.dictionaries(st.sampled_from(["jobs", "total_count", "name", "status", "conclusion"]), one)
        ),
    )
)
def test_whatever_answers_is_read_or_refused(value: object):
    from validator.deploys.github_jobs import _read  # noqa: PLC0415 - the reader of foreign bytes alone

    try:
        total, jobs = _read(json.dumps(value).encode())
    except PermanentError:
        return
    assert {type(total)} <= {int, bool}
    assert {type(text) for job in jobs for text in job} <= {str}
