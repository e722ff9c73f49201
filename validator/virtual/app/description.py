"""The app description as a whole, in the form of `assets/virtual-app.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from validator.virtual.app.actions import Actions
from validator.virtual.app.elements import Elements
from validator.virtual.app.fields import Milliseconds, Model, Structure, Text, VariableName, Word
from validator.virtual.app.template import Template


class ScreenDescription(Model):
    """One screen."""

    title: Text | None = None
    up: bool = False
    on_open: Actions = ()
    on_return: Actions = ()
    on_back: Actions | None = None
    elements: Elements = ()
    footer: Elements = ()


class HttpDefaults(Model):
    """What all HTTP calls of the app have in common."""

    base_url: Text = Template.read("")
    headers: Mapping[str, Text] = {}
    user_agent: str = "okhttp/4.12.0"
    suffix_user_agent: Text = Template.read("")
    connect_timeout_ms: Milliseconds = 5_000
    read_timeout_ms: Milliseconds = 10_000
    log: Literal["none", "basic", "headers", "body"] = "basic"
    redact: Annotated[tuple[str, ...], Field(strict=False)] = ("Authorization", "Cookie", "Set-Cookie")


class AppDescription(Model):
    """The whole app."""

    format: Literal["virtual-app/1"]
    name: str = Field(min_length=1, max_length=80)
    activity: str = Field(default=".MainActivity", pattern=r"^\.?[A-Za-z_][\w.]*$")
    variables: Mapping[VariableName, Structure] = {}
    persistent: Annotated[tuple[VariableName, ...], Field(strict=False)] = ()
    http: HttpDefaults = HttpDefaults()
    start: Actions = ()
    first_screen: Word
    routines: Mapping[Word, Actions] = {}
    screens: Mapping[Word, ScreenDescription] = Field(min_length=1)
