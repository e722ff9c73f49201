"""The elements of a screen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from validator.virtual.app.actions import Actions
from validator.virtual.app.fields import Array, Condition, Model, Pixels, Text, VariableName


class ElementBase(Model):
    """What every element can have."""

    id: Text | None = None
    description: Text | None = None
    visible_when: Condition | None = None
    enabled_when: Condition | None = None
    selected_when: Condition | None = None
    on_tap: Actions = ()
    on_long_tap: Actions = ()
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    width: Pixels | None = None
    height: Pixels | None = None


class TextElement(ElementBase):
    """Text, wrapped to the width."""

    type: Literal["text"]
    text: Text
    size: Literal["small", "normal", "large", "title"] = "normal"


class Button(ElementBase):
    """A button."""

    type: Literal["button"]
    text: Text


class Input(ElementBase):
    """A field to type into, bound to the variable that holds its text."""

    type: Literal["input"]
    bind: VariableName
    hint: Text | None = None
    password: bool = False
    on_change: Actions = ()
    on_enter: Actions = ()


class Image(ElementBase):
    """A picture, known by its description."""

    type: Literal["image"]
    description: Text


class Toggle(ElementBase):
    """A checkbox or a switch, bound to a variable that is true or false."""

    type: Literal["checkbox", "switch"]
    text: Text
    bind: VariableName
    on_change: Actions = ()


class Progress(ElementBase):
    """A spinner."""

    type: Literal["progress"]


class Spacer(ElementBase):
    """Empty height; with `fill`, all the height that is left."""

    type: Literal["spacer"]
    fill: bool = False


class Divider(ElementBase):
    """A thin line."""

    type: Literal["divider"]


class Row(ElementBase):
    """Elements side by side."""

    type: Literal["row"]
    elements: Elements = ()


class Group(ElementBase):
    """Elements one below the other; a card when it can be tapped or says so."""

    type: Literal["group"]
    elements: Elements = ()
    card: bool = False


class ListElement(ElementBase):
    """Rows made from an array, scrolling by itself."""

    type: Literal["list"]
    items: Array
    item_name: Annotated[VariableName | Literal["item"], Field(alias="as")] = "item"
    row: Element


Element = Annotated[
    TextElement | Button | Input | Image | Toggle | Progress | Spacer | Divider | Row | Group | ListElement,
    Field(discriminator="type"),
]
"""Any element."""

Elements = Annotated[tuple[Element, ...], Field(strict=False)]
"""Elements in their order."""

for _model in (Row, Group, ListElement):
    _model.model_rebuild()
