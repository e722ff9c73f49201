"""The pipeline that runs us, by the variables that each system documents."""

import pytest

from validator.deploys.pipelines import current_pipeline
from validator.deploys.port import Label, Outputs, deployment, label

SHA = "4f2a9c1b7d" * 4
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_SHA": SHA,
    "GITHUB_RUN_ID": "123",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "example/shop",
}
GITLAB = {"GITLAB_CI": "true", "CI_COMMIT_SHA": SHA, "CI_PIPELINE_ID": "77", "CI_PIPELINE_URL": "https://gitlab/p/77"}
JENKINS = {
    "JENKINS_URL": "https://ci/",
    "GIT_COMMIT": SHA,
    "BUILD_TAG": "jenkins-shop-9",
    "BUILD_URL": "https://ci/shop/9/",
}
BUILDKITE = {
    "BUILDKITE": "true",
    "BUILDKITE_COMMIT": SHA,
    "BUILDKITE_BUILD_ID": "b1",
    "BUILDKITE_BUILD_URL": "https://bk/9",
}
CIRCLE = {"CIRCLECI": "true", "CIRCLE_SHA1": SHA, "CIRCLE_WORKFLOW_ID": "w1", "CIRCLE_BUILD_URL": "https://circle/9"}


@pytest.mark.parametrize(
    ("variables", "run", "address", "named"),
    [
        (GITHUB, "github-123-2", "https://github.com/example/shop/actions/runs/123", "GITHUB_SHA"),
        (GITLAB, "gitlab-77", "https://gitlab/p/77", "CI_COMMIT_SHA"),
        (JENKINS, "jenkins-shop-9", "https://ci/shop/9/", "GIT_COMMIT"),
        (BUILDKITE, "buildkite-b1", "https://bk/9", "BUILDKITE_COMMIT"),
        (CIRCLE, "circleci-w1", "https://circle/9", "CIRCLE_SHA1"),
    ],
)
def test_each_system_names_its_run_and_its_commit(variables, run, address, named):
    found = current_pipeline(variables)
    assert found is not None
    assert (found.run, found.address, found.revision, found.revision_from) == (run, address, SHA, named)


def test_at_home_there_is_no_pipeline():
    assert current_pipeline({"CI": "true", "HOME": "/home/a", "CI_COMMIT_SHA": SHA}) is None


@pytest.mark.parametrize("sign", ["GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "BUILDKITE", "CIRCLECI"])
def test_a_pipeline_that_says_nothing_else_is_still_one(sign):
    found = current_pipeline({sign: "true"})
    assert found is not None
    assert (found.run, found.revision, found.revision_from, found.address) == ("", "", "", "")


def test_a_build_without_a_commit_has_no_revision():
    found = current_pipeline({**BUILDKITE, "BUILDKITE_COMMIT": "HEAD"})
    assert found is not None
    assert (found.revision, found.revision_from) == ("", "")


def test_the_configuration_wins_and_the_pipeline_fills_what_it_leaves_open():
    pipeline = current_pipeline(GITHUB)
    assert label(Label(), pipeline).identifier == "github-123-2"
    named = label(Label(identifier="d7", revision="abc", revision_from="deployment.revision"), pipeline)
    assert (named.identifier, named.revision, named.revision_from) == ("d7", "abc", "deployment.revision")
    assert named.pipeline == "https://github.com/example/shop/actions/runs/123"
    assert label(Label(identifier="d7"), None) == Label(identifier="d7")


def test_without_any_name_lineage_and_serial_are_one():
    outputs = Outputs(outputs=(), values={}, source="s", lineage="0d0c8f66-1111-2222", serial=12)
    assert deployment(outputs, environment="production", label=Label()).id == "production-0d0c8f66-12"
