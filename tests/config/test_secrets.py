"""Secrets are shown nowhere, are registered with the redactor, and reach no command line."""

import pytest

from tests.config.documents import Complain, Load, MakeResolvers
from validator.config.document import Loaded
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError
from validator.config.sections.alerts import SlackTarget
from validator.config.templates import SecretTemplate
from validator.support.redact import MASK, Redactor

CANARY = "c4nary-s3cret-value"
SLACK = "alerts: [{{slack: {{channel: '#a', token: {token}}}}}]"


def token_of(loaded: Loaded[EnvironmentConfig]) -> SecretTemplate:
    (target,) = loaded.value.alerts
    assert isinstance(target, SlackTarget)
    return target.slack.token


def test_a_token_resolves_to_a_secret_that_the_redactor_knows(
    load: Load, resolvers: MakeResolvers, redactor: Redactor
) -> None:
    token = token_of(load(SLACK.format(token="'${env:BOT}'")))
    assert token.resolve(resolvers(BOT=CANARY)).reveal() == CANARY
    assert redactor.redact(f"sent {CANARY}") == f"sent {MASK}"


def test_a_token_written_into_the_file_is_shown_nowhere(
    load: Load, resolvers: MakeResolvers, redactor: Redactor
) -> None:
    loaded = load(SLACK.format(token=CANARY))
    assert CANARY not in repr(loaded.value)
    assert CANARY not in str(loaded.value)
    assert token_of(loaded).resolve(resolvers()).reveal() == CANARY
    assert redactor.redact(CANARY) == MASK


@pytest.mark.parametrize("token", ["12345678", "[12345678]", "{a: 12345678}", "2027-01-15"])
def test_a_wrong_token_is_not_repeated_in_the_message(complain: Complain, token: str) -> None:
    told = complain(SLACK.format(token=token))
    assert "alerts[0].slack.token" in told
    assert token.strip("[]{}a: ") not in told


@pytest.mark.parametrize(
    ("name", "reference"),
    [
        ("API_TOKEN", "${env:ANY}"),
        ("ANY", "${env:API_TOKEN}"),
        ("ANY", "${file:token.txt}"),
        ("ANY", "${terraform:password}"),
        ("DB_PASSWORD", CANARY),
    ],
)
def test_variables_are_secret_by_their_name_or_by_their_source(
    load: Load, resolvers: MakeResolvers, redactor: Redactor, name: str, reference: str
) -> None:
    known = resolvers(ANY=CANARY, API_TOKEN=CANARY).with_outputs({"password": CANARY}, sensitive={"password"})
    (known.root / "token.txt").write_text(CANARY)
    config = load(
        "deployment: {terraform: {directory: infra}}\n"
        f"flows: {{workspace: w, environment: {{{name}: '{reference}'}}}}"
    ).value
    assert config.flows.environment.resolve(known) == {name: CANARY}
    assert redactor.redact(CANARY) == MASK


def test_an_ordinary_variable_is_no_secret(load: Load, resolvers: MakeResolvers, redactor: Redactor) -> None:
    config = load("flows: {workspace: w, environment: {API_URL: '${env:URL}'}}").value
    assert config.flows.environment.resolve(resolvers(URL="https://api.example.com")) == {
        "API_URL": "https://api.example.com"
    }
    assert redactor.redact("https://api.example.com") == "https://api.example.com"


def test_a_secret_too_short_to_redact_is_named(load: Load, resolvers: MakeResolvers, redactor: Redactor) -> None:
    token_of(load(SLACK.format(token="'${env:SLACK_TOKEN}'"))).resolve(resolvers(SLACK_TOKEN="abc"))
    assert "SLACK_TOKEN" in redactor.ignored


@pytest.mark.parametrize("reference", ["${env:API_TOKEN}", "${file:/run/secrets/x}", "${file:deploy.pem}"])
def test_a_command_with_a_known_secret_is_refused_when_it_is_read(complain: Complain, reference: str) -> None:
    assert complain(f"build: {{command: 'make ${{env:GIT_SHA}} {reference}', artifact: a.apk}}") == (
        f"1:39: build.command: {reference}: a secret in a command line can be read by every user of the machine\n"
        "  -> put it under environment: and let the command read the variable"
    )


def test_a_command_that_turns_out_to_hold_a_secret_is_refused(load: Load, resolvers: MakeResolvers) -> None:
    build = load(
        "deployment: {terraform: {directory: infra}}\n"
        "flows: {workspace: w, between: {command: 'reset ${terraform:db}'}}"
    ).value.flows.between
    assert build is not None
    with pytest.raises(ConfigError, match="every user of the machine") as refused:
        build.command.resolve(resolvers().with_outputs({"db": CANARY}, sensitive={"db"}))
    assert CANARY not in refused.value.diagnostics()


def test_a_secret_address_that_is_none_is_not_repeated(load: Load, resolvers: MakeResolvers) -> None:
    url = load("readiness: [{url: '${env:HEALTH_TOKEN}'}]").value.asked[0].url
    with pytest.raises(ConfigError) as refused:
        url.resolve(resolvers(HEALTH_TOKEN=CANARY))
    assert CANARY not in refused.value.diagnostics()
