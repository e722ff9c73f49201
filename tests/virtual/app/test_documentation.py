"""docs/virtual-app.md names everything that a description may contain."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.virtual.app.phone import DOCUMENT
from validator.virtual.app import actions
from validator.virtual.app.actions import Action
from validator.virtual.app.description import AppDescription, HttpDefaults, ScreenDescription
from validator.virtual.app.elements import Element
from validator.virtual.app.fields import BUILT_IN_NAMES, Model
from validator.virtual.app.filters import FILTERS

TEXT = DOCUMENT.read_text(encoding="utf-8")
ACTIONS = get_args(get_args(Action)[0])
ELEMENTS = get_args(get_args(Element)[0])


def tags(models: tuple[type[Model], ...], field: str) -> list[str]:
    return [str(tag) for model in models for tag in get_args(model.model_fields[field].annotation)]


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_every_filter_is_documented(name: str):
    assert f"`{name}`" in TEXT or f"`{name}:" in TEXT


@pytest.mark.parametrize("name", tags(ACTIONS, "do"))
def test_every_action_is_documented(name: str):
    assert f"| `{name}` |" in TEXT


@pytest.mark.parametrize("name", tags(ELEMENTS, "type"))
def test_every_element_is_documented(name: str):
    assert f"`{name}`" in TEXT


@pytest.mark.parametrize("name", sorted(BUILT_IN_NAMES))
def test_every_built_in_name_is_documented(name: str):
    assert f"`{name}" in TEXT


@pytest.mark.parametrize(
    "model", [*ACTIONS, *ELEMENTS, AppDescription, ScreenDescription, HttpDefaults, actions.DialogButton]
)
def test_every_key_is_documented(model: type[Model]):
    keys = {info.alias or name for name, info in model.model_fields.items()} - {"do", "type"}
    assert [key for key in keys if f"`{key}`" not in TEXT and f'"{key}"' not in TEXT] == []
