"""Which pipeline runs us, by the variables that it documents. Pure: the variables are handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

Variables = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """One run of a pipeline."""

    system: str
    """As its makers write it."""
    run: str
    """Names this run of it; the same for every step and for whoever asks later. Empty when it does not say."""
    revision: str
    """The commit that it runs for; empty when it does not say."""
    revision_from: str
    """The variable that named the commit."""
    address: str
    """Of this run, for a browser; empty when it does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _System:
    name: str
    sign: str
    """Set by this system and by no other."""
    revision: str
    run: Callable[[Variables], str]
    address: Callable[[Variables], str]


def current_pipeline(variables: Variables) -> Pipeline | None:
    """The pipeline that set these variables; None where no known one did."""
    system = next((system for system in _SYSTEMS if variables.get(system.sign)), None)
    if system is None:
        return None
    revision = variables.get(system.revision, "")
    if revision == "HEAD":  # Buildkite, for a build that names no commit
        revision = ""
    return Pipeline(
        system=system.name,
        run=system.run(variables),
        revision=revision,
        revision_from=system.revision if revision else "",
        address=system.address(variables),
    )


def _named(prefix: str, *names: str) -> Callable[[Variables], str]:
    def run(variables: Variables) -> str:
        parts = [variables[name] for name in names if variables.get(name)]
        return "-".join([prefix, *parts]) if parts else ""

    return run


def _value(name: str) -> Callable[[Variables], str]:
    return lambda variables: variables.get(name, "")


def _github_address(variables: Variables) -> str:
    server, repository, run = (
        variables.get(name, "") for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    )
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


_SYSTEMS: Final = (
    # https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    _System(
        name="GitHub Actions",
        sign="GITHUB_ACTIONS",
        revision="GITHUB_SHA",
        run=_named("github", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"),
        address=_github_address,
    ),
    # https://docs.gitlab.com/ci/variables/predefined_variables/
    _System(
        name="GitLab CI",
        sign="GITLAB_CI",
        revision="CI_COMMIT_SHA",
        run=_named("gitlab", "CI_PIPELINE_ID"),
        address=_value("CI_PIPELINE_URL"),
    ),
    # https://buildkite.com/docs/pipelines/configure/environment-variables
    _System(
        name="Buildkite",
        sign="BUILDKITE",
        revision="BUILDKITE_COMMIT",
        run=_named("buildkite", "BUILDKITE_BUILD_ID"),
        address=_value("BUILDKITE_BUILD_URL"),
    ),
    # https://circleci.com/docs/reference/variables/
    _System(
        name="CircleCI",
        sign="CIRCLECI",
        revision="CIRCLE_SHA1",
        run=_named("circleci", "CIRCLE_WORKFLOW_ID"),
        address=_value("CIRCLE_BUILD_URL"),
    ),
    # https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables; GIT_COMMIT by its git plugin
    _System(
        name="Jenkins",
        sign="JENKINS_URL",
        revision="GIT_COMMIT",
        run=_value("BUILD_TAG"),
        address=_value("BUILD_URL"),
    ),
)
