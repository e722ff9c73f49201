"""Before anything runs, every reference is tried, so that what is unset is told at once."""

import pytest

from tests.config.documents import Load, MakeResolvers
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError
from validator.config.preflight import check_references, templates_in

REFERRING = """\
deployment:
  revision: ${env:GIT_SHA}
  terraform: {directory: "${env:INFRA}"}
readiness: [{url: "${terraform:api_url}/health"}]
flows:
  workspace: w
  include_tags: ["${env:TAG}"]
  environment: {A: "${env:A}", B: "${file:b.txt}", C: "${terraform:c}"}
  between: {command: "clean ${env:ORDER}"}
alerts: [{slack: {channel: "${env:CHANNEL}", token: "${env:SLACK_TOKEN}", api_url: "${env:PROXY}"}}]
"""

COMPLETE = {
    "GIT_SHA": "abc",
    "INFRA": "infra",
    "TAG": "t",
    "A": "a",
    "ORDER": "x",
    "CHANNEL": "#c",
    "SLACK_TOKEN": "xoxb-0123456789",
    "PROXY": "https://proxy.example.com",
}


@pytest.fixture
def config(load: Load) -> EnvironmentConfig:
    return load(REFERRING).value


def absent(error: ConfigError) -> list[str]:
    return [problem.path for problem in error.problems]


def test_everything_unset_is_told_at_once_in_the_order_of_the_file(
    config: EnvironmentConfig, resolvers: MakeResolvers
) -> None:
    with pytest.raises(ConfigError) as refused:
        check_references(config, resolvers())
    assert absent(refused.value) == [
        "deployment.revision",
        "deployment.terraform.directory",
        "flows.include_tags[0]",
        "flows.environment.A",
        "flows.environment.B",
        "flows.between.command",
        "alerts[0].slack.channel",
        "alerts[0].slack.token",
        "alerts[0].slack.api_url",
    ]


def test_what_a_run_does_not_need_is_not_asked_for(config: EnvironmentConfig, resolvers: MakeResolvers) -> None:
    with pytest.raises(ConfigError) as refused:
        check_references(config, resolvers(), without={"alerts", "deployment.revision", "flows.environment"})
    assert absent(refused.value) == ["deployment.terraform.directory", "flows.include_tags[0]", "flows.between.command"]


def test_outputs_are_asked_for_once_the_deployment_was_observed(
    config: EnvironmentConfig, resolvers: MakeResolvers
) -> None:
    known = resolvers(**COMPLETE)
    (known.root / "b.txt").write_text("b")
    check_references(config, known)
    with pytest.raises(ConfigError) as refused:
        check_references(config, known.with_outputs({"c": "x"}))
    assert absent(refused.value) == ["readiness[0].url"]
    check_references(config, known.with_outputs({"api_url": "https://api.example.com", "c": ""}))


def test_a_value_of_the_wrong_kind_is_told_like_an_absent_one(
    config: EnvironmentConfig, resolvers: MakeResolvers
) -> None:
    known = resolvers(**COMPLETE | {"PROXY": "proxy"})
    (known.root / "b.txt").write_text("b")
    with pytest.raises(ConfigError, match="'proxy' is not an address"):
        check_references(config, known)


def test_every_text_of_a_configuration_is_looked_at(config: EnvironmentConfig) -> None:
    referred = {str(reference) for template in templates_in(config) for reference in template.references}
    assert len(referred) == 11
