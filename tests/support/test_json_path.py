"""Paths into JSON: what they find, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.support.json_path import JsonPath, JsonPathError, scalar

DOCUMENT = {"build": {"revision": "abc", "commit-id": 7}, "services": [{"v": 1}, {"v": 2.5}], "a.b": True, "none": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.build.revision", "abc"),
        ("build.revision", "abc"),
        ("$.build.commit-id", 7),
        ("$['build'][\"revision\"]", "abc"),
        ("services[0].v", 1),
        ("$.services[-1].v", 2.5),
        ("$['a.b']", True),
        ("$", DOCUMENT),
        ("", DOCUMENT),
    ],
)
def test_a_path_finds_what_stands_there(path, value):
    assert JsonPath.parse(path).find(DOCUMENT) == value


@pytest.mark.parametrize(
    "path", ["$.nothing", "$.build.revision.more", "services[2].v", "services.v", "build[0]", "none"]
)
def test_where_nothing_stands_nothing_is_found(path):
    assert JsonPath.parse(path).find(DOCUMENT) is None


@pytest.mark.parametrize("path", ["$..v", "$.", "a..b", "[*]", "$.a[", "$['a]", "a b", "$a", "[0]b", ".1", "$.a" * 33])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(JsonPathError):
        JsonPath.parse(path)


@given(st.text(alphabet="$.[]'\"ab0-*", max_size=12), st.recursive(st.integers(), st.lists))
def test_any_text_is_a_path_or_refused_and_any_document_is_searched(text, document):
    try:
        path = JsonPath.parse(text)
    except JsonPathError:
        return
    path.find(document)


def test_a_scalar_is_shown_as_json_shows_it():
    values: list[object] = ["a", 1, True, None, [], {}]
    assert [scalar(value) for value in values] == ["a", "1", "true", None, None, None]
