"""Two observations of one environment: what changed, and what was never as expected."""

from dataclasses import replace

import pytest

from validator.deploys.changes import changes, require_expected
from validator.model.causes import Cause
from validator.model.deployment import Deployment, LiveAnswer, Output
from validator.model.errors import StageError

API = Output(name="api_url", value="https://api.example.com")
TOKEN = Output(name="token", value="", sensitive=True)
LIVE = LiveAnswer(url="https://api.example.com/version", said="4f2a9c1", expected="4f2a9c1b", detail="HTTP 200 in 2 ms")
BEFORE = Deployment(
    id="d1",
    revision="4f2a9c1b",
    environment="production",
    source="terraform.tfstate",
    outputs=(API, TOKEN),
    digest="sha256:1",
    revision_from="GITHUB_SHA",
    lineage="0d0c",
    serial=7,
    live=(LIVE,),
)


def test_nothing_changed_when_only_times_and_bodies_differ():
    again = replace(LIVE, seconds=3.0, attempts=2, digest="sha256:other", detail="HTTP 200 in 9 ms")
    assert changes(BEFORE, replace(BEFORE, live=(again,))) == ()


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (replace(BEFORE, serial=8), "was at serial 7 and is now at 8"),
        (replace(BEFORE, lineage="ffff", serial=1), "lineage of its own"),
        (
            replace(BEFORE, digest="sha256:2", outputs=(replace(API, value="https://b"), TOKEN)),
            "api_url was https://api.example.com and is now https://b",
        ),
        (replace(BEFORE, digest="sha256:2", outputs=(TOKEN,)), "api_url is gone"),
        (replace(BEFORE, digest="sha256:2"), "a sensitive output has another value now"),
        (replace(BEFORE, live=(replace(LIVE, said="8c1d7e0"),)), "said 4f2a9c1 and now says 8c1d7e0"),
        (
            replace(BEFORE, live=(replace(LIVE, said="", detail="connection refused"),)),
            "does not answer now: connection refused",
        ),
        (replace(BEFORE, live=()), "is not asked any more"),
    ],
)
def test_each_change_is_told_once_and_shows_no_secret(after, words):
    (told,) = changes(BEFORE, after)
    assert words in told


def test_what_is_live_as_expected_is_accepted():
    require_expected(BEFORE)
    require_expected(replace(BEFORE, live=(replace(LIVE, said="anything", expected=""),)))


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (replace(LIVE, said="8c1d7e0", expected="4f2a9c1b"), "8c1d7e0 is live, not 4f2a9c1b (from GITHUB_SHA)"),
        (replace(LIVE, said="1.3", expected="1.4"), "1.3 is live, not 1.4"),
        (replace(LIVE, said="", detail="HTTP 503 in 1 ms"), "does not say what is live: HTTP 503 in 1 ms"),
    ],
)
def test_what_is_live_and_not_expected_ends_the_stage_with_both(answer, words):
    with pytest.raises(StageError, match=r"https://api\.example\.com/version") as refused:
        require_expected(replace(BEFORE, live=(LIVE, answer)))
    assert refused.value.cause is Cause.DEPLOYMENT_MISMATCH
    assert words in refused.value.text
    assert "deployment.revision" in refused.value.remedy
