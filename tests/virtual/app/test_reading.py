"""Descriptions that cannot run are refused at launch, and every problem names its place."""

from __future__ import annotations

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.app.phone import app, documented_app, files
from validator.virtual.app import AppSpecError, read_app


def problems(description: object, **config: str) -> list[str]:
    with pytest.raises(AppSpecError) as caught:
        read_app({"assets/virtual-app.json": json.dumps(description).encode(), **_config(config)})
    return [problem.removeprefix("assets/virtual-app.json: ") for problem in caught.value.problems]


def _config(config: dict[str, str]) -> dict[str, bytes]:
    return {"assets/app-config.json": json.dumps(config).encode()} if config else {}


def test_the_documented_app_can_be_read():
    read = read_app(files(documented_app(), API_URL="http://x", RELEASE="1"))
    assert read.description.name == "Mini Shop"
    assert read.config == {"API_URL": "http://x", "RELEASE": "1"}


@pytest.mark.parametrize(
    ("element", "problem"),
    [
        ({"type": "text", "tex": "a"}, "screens.home.elements.0.tex: unknown key; did you mean 'text'?"),
        ({"type": "txt"}, "screens.home.elements.0: there is no 'txt'; did you mean 'text'?"),
        (
            {"type": "text", "text": "{nam}"},
            "screens.home.elements.0.text: there is no name 'nam'; did you mean 'name'?",
        ),
        ({"type": "text", "text": "{name|uper}"}, "did you mean 'upper'?"),
        ({"type": "text", "text": "{config.URL}"}, "there is no value in assets/app-config.json 'URL'"),
        ({"type": "input", "bind": "nam"}, "screens.home.elements.0: there is no variable 'nam'; did you mean 'name'?"),
        ({"type": "text", "text": "{item.x}"}, "there is no name 'item'"),
        ({"type": "text", "text": "{response.status}"}, "there is no name 'response'"),
        ({"type": "button", "text": "x", "on_tap": [{"do": "go", "screen": "hom"}]}, "there is no screen 'hom'"),
        ({"type": "button", "text": "x", "on_tap": [{"do": "call", "routine": "r"}]}, "there is no routine 'r'"),
        (
            {"type": "button", "text": "x", "on_tap": [{"do": "sett"}]},
            "on_tap.0: there is no 'sett'; did you mean 'set'?",
        ),
        ({"type": "text", "text": "x", "weight": 0}, "screens.home.elements.0.weight"),
        ({"type": "text", "text": "x", "visible_when": "name ==="}, "screens.home.elements.0.visible_when"),
        (
            {"type": "group", "elements": [{"type": "list", "items": "[]", "row": {"type": "divider"}}]},
            "screens.home.elements.0",
        ),
        (
            {"type": "group", "elements": [{"type": "list", "items": [], "row": {"type": "divider"}}]},
            "a list cannot be inside a group",
        ),
        (
            {"type": "button", "text": "x", "on_tap": [{"do": "http", "url": "/", "on": {"4x": []}}]},
            "'4x' is not a branch",
        ),
        (
            {"type": "button", "text": "x", "on_tap": [{"do": "http", "url": "/", "json": {}}]},
            "method GET must not have a request body",
        ),
    ],
)
def test_a_mistake_in_an_element_is_named(element: dict[str, object], problem: str):
    found = problems(app([element], variables={"name": "x"}))
    assert any(problem in each for each in found), found


def test_all_problems_are_told_at_once():
    found = problems(app([{"type": "text"}, {"type": "image", "description": "{x"}], extra=1, first_screen="home"))
    assert {each.split(":")[0] for each in found} == {
        "screens.home.elements.0.text",
        "screens.home.elements.1.description",
        "extra",
    }


def test_a_built_in_name_cannot_be_a_variable():
    assert "has a meaning of its own" in problems(app([], variables={"config": 1}))[0]
    assert "has a meaning of its own" in problems(app([], variables={"and": 1}))[0]


def test_a_persistent_name_must_be_a_variable():
    assert problems(app([], persistent=["token"])) == ["persistent: there is no variable 'token'"]


def test_a_config_value_must_have_been_baked_in():
    found = problems(app([], http={"base_url": "{config.API_UR}"}), API_URL="http://x")
    assert found == [
        "http.base_url: there is no value in assets/app-config.json 'API_UR'; did you mean 'API_URL'?",
    ]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is not UTF-8 JSON"),
        (b"\xff\xfe", "is not UTF-8 JSON"),
        (b'{"a": 1, "a": 2}', "the key 'a' is there twice"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[]", "the document"),
        (b"7" * 5000, "is not UTF-8 JSON"),
    ],
)
def test_a_file_that_is_no_description_is_refused(content: bytes, problem: str):
    with pytest.raises(AppSpecError, match=problem):
        read_app({"assets/virtual-app.json": content})


def test_an_apk_without_a_description_is_refused():
    with pytest.raises(AppSpecError, match="the APK has no such file"):
        read_app({})


@pytest.mark.parametrize("config", [b"[]", b"4", b'{"a": {"b": 1}}', b"x"])
def test_a_config_that_is_not_flat_is_refused(config: bytes):
    with pytest.raises(AppSpecError, match=r"assets/app-config\.json"):
        read_app({**files(app([])), "assets/app-config.json": config})


def test_groups_nested_beyond_reason_are_refused():
    element: dict[str, object] = {"type": "divider"}
    for _ in range(30):
        element = {"type": "group", "elements": [element]}
    assert any("nested more than" in each for each in problems(app([element])))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_description_or_refused(content: bytes):
    with pytest.raises(AppSpecError):
        read_app({"assets/virtual-app.json": content})


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["{a}", "text", "list", "go"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "do", "text", "items", "row", "elements", "on_tap", "x"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)


@given(st.data())
def test_a_description_with_any_part_replaced_by_junk_is_read_or_refused(data: st.DataObject):
    description = copy.deepcopy(documented_app())
    here: Any = description
    while True:
        keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.integers(0, 3)):
            here = here[key]
        else:
            break
    here[key] = data.draw(junk)
    with contextlib.suppress(AppSpecError):
        read_app(files(description, API_URL="http://x", RELEASE="1"))
