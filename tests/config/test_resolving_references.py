"""Values are looked up when they are needed; what is absent is told where it is referred to."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.config.documents import Load, MakeResolvers
from validator.config.errors import ConfigError
from validator.config.references import Template
from validator.config.resolvers import Resolvers


def told(text: str, resolvers: Resolvers) -> str:
    with pytest.raises(ConfigError) as refused:
        Template.parse(text).resolve(resolvers)
    return refused.value.diagnostics().removeprefix("<configuration>: ")


def test_a_variable_gives_its_value(resolvers: MakeResolvers) -> None:
    assert Template.parse("v-${env:GIT_SHA}!").resolve(resolvers(GIT_SHA="abc")) == "v-abc!"


@pytest.mark.parametrize(("variables", "value"), [({}, "b"), ({"A": ""}, "b"), ({"A": "x"}, "x")])
def test_a_default_stands_for_an_unset_or_empty_variable(
    resolvers: MakeResolvers, variables: dict[str, str], value: str
) -> None:
    assert Template.parse("${env:A:-b}").resolve(resolvers(**variables)) == value


def test_a_value_is_not_read_for_references_again(resolvers: MakeResolvers) -> None:
    assert Template.parse("${env:A}").resolve(resolvers(A="${env:B} $${")) == "${env:B} $${"


def test_an_escaped_reference_stays_as_it_is(resolvers: MakeResolvers) -> None:
    assert Template.parse("make $${TARGET}").resolve(resolvers(TARGET="x")) == "make ${TARGET}"


def test_an_unset_variable_is_told_where_it_is_used(load: Load, resolvers: MakeResolvers) -> None:
    revision = load("deployment:\n  revision: at ${env:GIT_SHA}").value.deployment.revision
    assert revision is not None
    with pytest.raises(ConfigError) as refused:
        revision.resolve(resolvers(GIT_SHAH="x"))
    assert refused.value.diagnostics() == (
        "configs/x.yaml:2:16: deployment.revision: "
        "${env:GIT_SHA}: the variable GIT_SHA is not set (did you mean 'GIT_SHAH'?)\n"
        "  -> set GIT_SHA, or give a default: ${env:GIT_SHA:-…}"
    )


def test_an_empty_variable_is_told_apart_from_an_unset_one(resolvers: MakeResolvers) -> None:
    assert told("${env:A}", resolvers(A="")).startswith("${env:A}: the variable A is empty\n")


def test_all_absent_values_of_a_text_are_told(resolvers: MakeResolvers) -> None:
    with pytest.raises(ConfigError) as refused:
        Template.parse("${env:A}${env:B}").resolve(resolvers())
    assert len(refused.value.problems) == 2


def test_a_file_gives_its_text_without_the_line_end(project: Path, resolvers: MakeResolvers) -> None:
    (project / "VERSION").write_bytes("1.2-ü \r\n\n".encode())
    assert Template.parse("${file:VERSION}|").resolve(resolvers()) == "1.2-ü |"
    assert Template.parse(f"${{file:{project / 'VERSION'}}}").resolve(resolvers()) == "1.2-ü "


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (Path.exists, "the file {} does not exist"),
        (lambda path: path.mkdir(), "{} is not a regular file"),
        (os.mkfifo, "{} is not a regular file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "the file {} is not UTF-8 text"),
        (lambda path: path.write_bytes(b"a\0b"), "the file {} is no text"),
        (lambda path: path.write_bytes(b"\n"), "the file {} is empty"),
        (lambda path: path.write_bytes(b"x" * 70_000), "the file {} is larger than 64 KiB"),
        (lambda path: path.symlink_to(path), "the file x cannot be read: "),
    ],
    ids=["missing", "folder", "pipe", "binary", "nul", "empty", "large", "circle"],
)  # fmt: skip
def test_a_file_that_gives_no_text_is_told(
    project: Path, resolvers: MakeResolvers, make: Callable[[Path], object], reason: str
) -> None:
    make(project / "x")
    assert told("${file:x}", resolvers()).startswith("${file:x}: " + reason.format(project / "x"))


def test_an_output_is_known_after_the_deployment_was_observed(resolvers: MakeResolvers) -> None:
    before = resolvers()
    after = before.with_outputs({"api_url": "https://api.example.com"})
    assert told("${terraform:api_url}", before) == (
        "${terraform:api_url}: the outputs of the deployment are not known yet\n"
        "  -> use api_url only in keys that are read after the deployment was observed"
    )
    assert Template.parse("${terraform:api_url}/health").resolve(after) == "https://api.example.com/health"
    assert (before.knows_outputs, after.knows_outputs) == (False, True)


def test_an_output_that_is_not_there_lists_those_that_are(resolvers: MakeResolvers) -> None:
    assert told("${terraform:apiurl}", resolvers().with_outputs({"api_url": "x", "cdn": "y"})) == (
        "${terraform:apiurl}: the deployment has no output apiurl (did you mean 'api_url'?)\n"
        "  -> its outputs are: api_url, cdn"
    )


def test_an_output_that_is_null_has_no_value_and_its_name_is_known(resolvers: MakeResolvers) -> None:
    known = resolvers().with_outputs({"api_url": "https://api.example.com"}, nulls=["cdn_url"])
    assert told("${terraform:cdn_url}", known) == (
        "${terraform:cdn_url}: the output cdn_url of the deployment is null\n"
        "  -> give it a value in the infrastructure code and apply that, or do not refer to it"
    )


@pytest.mark.parametrize("value", ["api.example.com", "ftp://x", "https://", "https://a b", "https://x:99999"])
def test_an_address_is_checked_once_it_is_whole(load: Load, resolvers: MakeResolvers, value: str) -> None:
    url = load("readiness: [{url: '${env:API}'}]").value.asked[0].url
    with pytest.raises(ConfigError, match="is not an address"):
        url.resolve(resolvers(API=value))


@pytest.mark.parametrize("value", ["https://api.example.com", "http://127.0.0.1:8080/x?y=1", "http://[::1]:80"])
def test_a_whole_address_is_taken(load: Load, resolvers: MakeResolvers, value: str) -> None:
    assert load("readiness: [{url: '${env:API}'}]").value.asked[0].url.resolve(resolvers(API=value)) == value


def test_a_path_of_nothing_is_told(load: Load, resolvers: MakeResolvers) -> None:
    with pytest.raises(ConfigError, match="'' is not a path"):
        load("reports: ${env:REPORTS:-}").value.reports.resolve(resolvers())
