"""The patterns that say which files of a workspace are flows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.flows.globs import GlobError, Globs


@pytest.mark.parametrize(
    ("patterns", "matching", "other"),
    [
        ([], ["a.yaml", ".b.yaml"], ["x/a.yaml"]),
        (["*"], ["a.yaml"], ["x/a.yaml"]),
        (["**"], ["a.yaml", "x/a.yaml", "x/y/a.yaml"], []),
        (["x/*"], ["x/a.yaml"], ["a.yaml", "x/y/a.yaml"]),
        (["x/**"], ["x/a.yaml", "x/y/a.yaml"], ["a.yaml", "xx/a.yaml"]),
        (["**/*.yml"], ["a.yml", "x/y/a.yml"], ["a.yaml"]),
        (["./login?.yaml"], ["login1.yaml"], ["login.yaml", "login12.yaml"]),
        (["[ab].yaml"], ["a.yaml", "b.yaml"], ["c.yaml"]),
        (["[!ab].yaml"], ["c.yaml"], ["a.yaml", "/.yaml"]),
        (["{login,check*}.yaml"], ["login.yaml", "checkout.yaml"], ["cart.yaml"]),
        (["*", "!wip-*"], ["a.yaml"], ["wip-a.yaml"]),
        (["!wip-*"], ["a.yaml"], ["wip-a.yaml", "x/a.yaml"]),
        ([r"\*.yaml"], ["*.yaml"], ["a.yaml"]),
        (["a+b(1).yaml"], ["a+b(1).yaml"], ["aab1.yaml"]),
    ],
)
def test_patterns_choose_files(patterns: list[str], matching: list[str], other: list[str]) -> None:
    globs = Globs(patterns)

    assert [path for path in [*matching, *other] if globs.match(path)] == matching


@pytest.mark.parametrize("pattern", ["", "{a", "a}", "{a,{b}}", "[z-a].yaml", "x" * 501])
def test_a_pattern_that_cannot_be_read_is_refused(pattern: str) -> None:
    with pytest.raises(GlobError):
        Globs([pattern])


@pytest.mark.parametrize(
    ("patterns", "deep"), [(["*"], False), (["*.yaml", "!x/*"], False), (["x/*"], True), (["**"], True)]
)
def test_folders_are_entered_only_when_something_in_them_can_match(patterns: list[str], *, deep: bool) -> None:
    assert Globs(patterns).deep is deep


@given(st.text(alphabet="ab*?[]!{},\\/.-^", min_size=1, max_size=30), st.text(alphabet="ab/.*", max_size=30))
def test_any_pattern_is_either_refused_or_answers(pattern: str, path: str) -> None:
    try:
        globs = Globs([pattern])
    except GlobError:
        return
    assert globs.match(path) in (True, False)


@given(st.text(alphabet="abc.-_ ", min_size=1, max_size=20))
def test_a_name_without_signs_matches_itself_alone(name: str) -> None:
    assert Globs([name]).match(name.removeprefix("./"))
    assert not Globs([name]).match(name + "x")
