"""`build:` of a configuration becomes a recipe and an expectation, and no token goes where others can read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.config.documents import with_lines
from validator.builds.command import CommandBuild
from validator.builds.github_release import API, GitHubReleaseBuild
from validator.builds.url import UrlBuild
from validator.config.document import parse_document
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError
from validator.config.resolvers import Resolvers
from validator.config.source_text import decode_source
from validator.model.errors import UsageError
from validator.pipeline.parts import Recipe
from validator.support.redact import Redactor
from validator.wiring.builds import recipe

DIGEST = "ab" * 32
TOKEN = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
VARIABLES = {"GITHUB_TOKEN": TOKEN, "TAG": "v4.12.0"}


@dataclass(frozen=True)
class Made:
    recipe: Recipe
    redactor: Redactor


def made(root: Path, build: str, outputs: dict[str, str] | None = None) -> Made:
    text = with_lines(f"build: {build}")
    config, _ = parse_document(decode_source("x.yaml", text.encode()), EnvironmentConfig)
    redactor = Redactor()
    resolvers = Resolvers.before_deployment(root, VARIABLES, redactor).with_outputs(outputs or {})
    return Made(recipe(config, resolvers), redactor)


def test_a_release_is_named_by_repository_tag_and_pattern(tmp_path: Path) -> None:
    found = made(
        tmp_path,
        '{github_release: {repository: acme/shop, tag: "${env:TAG}", asset: "*-release.apk", '
        'token: "${env:GITHUB_TOKEN}"}, timeout: 3m}',
    )

    source = found.recipe.source
    assert isinstance(source, GitHubReleaseBuild)
    assert (source.repository, source.tag, source.asset) == ("acme/shop", "v4.12.0", "*-release.apk")
    assert (source.api_url, source.seconds) == (API, 180.0)
    assert source.cache.folder == tmp_path / ".validator" / "cache"
    assert source.token.reveal() == TOKEN
    assert TOKEN not in repr(source)
    assert found.redactor.redact(f"sent {TOKEN}") == "sent ***"
    assert source.source == "*-release.apk of v4.12.0 of acme/shop"


def test_without_a_tag_it_is_the_latest_release_and_without_a_token_none_is_sent(tmp_path: Path) -> None:
    source = made(tmp_path, "{github_release: {repository: acme/shop, asset: app.apk}}").recipe.source

    assert isinstance(source, GitHubReleaseBuild)
    assert (source.tag, source.token.reveal()) == ("", "")
    assert source.source == "app.apk of the latest release of acme/shop"


@pytest.mark.parametrize("digest", [DIGEST, f"sha256:{DIGEST}", DIGEST.upper(), "${terraform:digest}"])
def test_a_url_has_a_digest_in_any_usual_form(tmp_path: Path, digest: str) -> None:
    build = f'{{url: "https://store.example.com/app.apk?signature=x", sha256: "{digest}"}}'

    source = made(tmp_path, build, {"digest": DIGEST}).recipe.source

    assert isinstance(source, UrlBuild)
    assert source.sha256 == DIGEST
    assert source.source == "https://store.example.com/app.apk"


@pytest.mark.parametrize(
    ("build", "what"),
    [
        ("{url: 'https://a.org/x.apk'}", "sha256"),
        ("{url: 'https://a.org/x.apk', sha256: abc}", "no SHA-256 digest"),
        ("{github_release: {repository: 'https://github.com/acme/shop', asset: a}}", "no GitHub repository"),
        ("{github_release: {repository: acme/shop}}", "asset"),
        ("{github_release: {repository: acme/shop, asset: a}, file: b.apk}", "exclude one another"),
    ],
)
def test_a_recipe_that_cannot_be_is_a_mistake_in_the_file(tmp_path: Path, build: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        made(tmp_path, build)


def test_a_digest_that_only_the_deployment_gave_is_checked_then(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'abc' is no SHA-256 digest"):
        made(tmp_path, '{url: "https://a.org/x.apk", sha256: "${terraform:digest}"}', {"digest": "abc"})


@pytest.mark.parametrize(
    "build",
    [
        f'{{url: "http://a.example.com/a.apk", sha256: "{DIGEST}", token: "${{env:GITHUB_TOKEN}}"}}',
        '{github_release: {repository: a/b, asset: c, api_url: "http://a.org", token: "${env:GITHUB_TOKEN}"}}',
    ],
)
def test_a_token_is_never_sent_without_tls(tmp_path: Path, build: str) -> None:
    with pytest.raises(UsageError, match="a token would be sent without TLS"):
        made(tmp_path, build)


def test_all_expectations_reach_the_check(tmp_path: Path) -> None:
    build = (
        '{file: a.apk, expect: {contains: ["${terraform:api}"], revision: "${terraform:revision}", '
        'newer_than: "41", cleartext: false, user_authorities: true, test_only: true}}'
    )

    expected = made(tmp_path, build, {"api": "https://api.example.com", "revision": "8f3c2d1"}).recipe.expectation

    assert (expected.contains, expected.revision) == (("https://api.example.com",), "8f3c2d1")
    assert (expected.newer_than, expected.cleartext, expected.user_authorities) == ("41", False, True)
    assert expected.test_only
    assert expected.package == "com.example.shop"


EMPTIED = {
    "empty": "",
    "slash": "/",
    "blank": "  ",
    "null_text": "null",
    "none_text": "None",
    "api": "https://api.example.com",
}


@pytest.mark.parametrize(
    ("expect", "key", "why"),
    [
        ('contains: ["${terraform:empty}"]', "contains[0]", "is '', which says nothing"),
        ('contains: ["${terraform:slash}"]', "contains[0]", "is '/', which says nothing"),
        ('contains: ["https://a.org", "${terraform:blank}"]', "contains[1]", "says nothing"),
        ('contains: ["${terraform:null_text}"]', "contains[0]", "is 'null', which says nothing"),
        ('contains: ["${terraform:none_text}"]', "contains[0]", "is 'None', which says nothing"),
        ('contains: ["https://${terraform:empty}"]', "contains[0]", "names no host"),
        ('contains: ["https://${terraform:none_text}/v1"]', "contains[0]", "names no host"),
        ('contains: ["${terraform:api}/${terraform:empty}"]', "contains[0]", "lacks the value of ${terraform:empty}"),
        ('never_contains: ["${terraform:empty}"]', "never_contains[0]", "says nothing"),
        ('never_contains: ["${terraform:null_text}"]', "never_contains[0]", "says nothing"),
        ('signer: "${terraform:empty}"', "signer", "is no SHA-256 digest of a certificate"),
        ('signer: "sha256:${terraform:api}"', "signer", "is no SHA-256 digest of a certificate"),
        ('revision: "${terraform:empty}"', "revision", "says nothing"),
        ('revision: "${terraform:null_text}"', "revision", "says nothing"),
        ('newer_than: "${terraform:blank}"', "newer_than", "says nothing"),
        ('package: "${env:NOTHING:-}"', "package", "is no application id"),
    ],
)
def test_an_expectation_that_has_become_empty_is_a_mistake_at_its_place(
    tmp_path: Path, expect: str, key: str, why: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        made(tmp_path, f"{{file: a.apk, expect: {{{expect}}}}}", EMPTIED)

    (problem,) = refused.value.problems
    assert problem.path == f"build.expect.{key}"
    assert why in problem.message
    assert problem.line > 0
    assert problem.column > 0
    assert problem.remedy


def test_all_expectations_that_have_become_empty_are_told_at_once(tmp_path: Path) -> None:
    expect = 'contains: ["${terraform:empty}"], signer: "${terraform:empty}", revision: "${terraform:gone}"'

    with pytest.raises(ConfigError) as refused:
        made(tmp_path, f"{{file: a.apk, expect: {{{expect}}}}}", EMPTIED)

    assert {problem.path.removeprefix("build.expect.") for problem in refused.value.problems} == {
        "contains[0]",
        "signer",
        "revision",
    }


@pytest.mark.parametrize("text", ["/", "//", "https://", "HTTP:"])
def test_a_text_that_is_in_any_apk_is_a_mistake_when_the_file_is_read(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="is in any APK") as refused:
        made(tmp_path, f'{{file: a.apk, expect: {{contains: ["{text}"]}}}}')

    assert refused.value.problems[0].path == "build.expect.contains[0]"


def test_a_secret_that_has_become_no_digest_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        made(tmp_path, '{file: a.apk, expect: {signer: "${env:GITHUB_TOKEN}"}}')

    assert TOKEN not in str(refused.value)
    assert "${env:GITHUB_TOKEN} is no SHA-256 digest" in str(refused.value)


def test_a_signer_that_the_deployment_gives_may_have_any_usual_form(tmp_path: Path) -> None:
    given = ":".join(DIGEST[at : at + 2] for at in range(0, 64, 2)).upper()
    found = made(tmp_path, '{file: a.apk, expect: {signer: "${terraform:signer}"}}', {"signer": given})

    assert found.recipe.expectation.signer == given


def test_an_apk_of_any_age_is_taken_only_where_its_content_is_told(tmp_path: Path) -> None:
    line = 'command: "true", artifact: a.apk'

    with pytest.raises(ConfigError, match="`fresh: false` takes an APK of any age"):
        made(tmp_path, f"{{{line}, fresh: false}}")
    for expect in ('contains: ["https://a.org"]', "revision: 8f3c2d1"):
        source = made(tmp_path, f"{{{line}, fresh: false, expect: {{{expect}}}}}").recipe.source
        assert isinstance(source, CommandBuild)
        assert not source.fresh
    usual = made(tmp_path, f"{{{line}}}").recipe.source
    assert isinstance(usual, CommandBuild)
    assert usual.fresh
