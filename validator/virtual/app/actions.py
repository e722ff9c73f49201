"""The actions of an app description: what the app does when it starts, a screen opens or something is tapped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from validator.virtual.app.expression import Literal as Constant
from validator.virtual.app.fields import Condition, Milliseconds, Model, Structure, Text, VariableName, Word
from validator.virtual.app.template import Template

_BRANCH = re.compile(r"^([1-5]\d\d|[1-5]xx|any|error)$")


class Set(Model):
    """Assign variables; all values are computed before the first is assigned."""

    do: Literal["set"]
    values: Mapping[VariableName, Structure] = Field(min_length=1)


class Append(Model):
    """Add a value to an array variable."""

    do: Literal["append"]
    variable: VariableName
    value: Structure


class Remove(Model):
    """Drop the elements of an array variable for which the expression, with `item`, is true."""

    do: Literal["remove"]
    variable: VariableName
    where: Condition


class Increment(Model):
    """Add to a number variable."""

    do: Literal["increment"]
    variable: VariableName
    by: Structure = Constant(1)


class Go(Model):
    """Open a screen: on top of this one, instead of it (`replace`), or as the only one (`reset`)."""

    do: Literal["go"]
    screen: Word
    params: Mapping[str, Structure] = {}
    replace: bool = False
    reset: bool = False


class Back(Model):
    """Return to the screen below."""

    do: Literal["back"]


class Log(Model):
    """Write to logcat, one line for each line of the message."""

    do: Literal["log"]
    message: Text
    tag: str = Field(default="ReactNativeJS", min_length=1, max_length=80)
    priority: Literal["V", "D", "I", "W", "E", "F"] = "I"


class Http(Model):
    """A real HTTP request; suspends its list until the reply has been dealt with."""

    do: Literal["http"]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"] = "GET"
    url: Text
    query: Mapping[str, Structure] = {}
    headers: Mapping[str, Text] = {}
    body: Structure | None = Field(default=None, alias="json")
    loading: VariableName | None = None
    save: Mapping[VariableName, str] = {}
    on: Mapping[str, Actions] = {}

    @field_validator("on")
    @classmethod
    def _known_branches(cls, branches: Mapping[str, Actions]) -> Mapping[str, Actions]:
        for branch in branches:
            if not _BRANCH.match(branch):
                raise ValueError(f"{branch!r} is not a branch; write a status (404), a class (4xx), any, or error")
        return branches

    @model_validator(mode="after")
    def _no_body_when_reading(self) -> Http:
        if self.body is not None and self.method in ("GET", "HEAD"):
            raise ValueError(f"method {self.method} must not have a request body")
        return self


class DialogButton(Model):
    """One button of a dialog."""

    text: Text
    actions: Actions = ()


class Dialog(Model):
    """An alert in front of the screen."""

    do: Literal["dialog"]
    title: Text = Template.read("")
    text: Text = Template.read("")
    buttons: Annotated[tuple[DialogButton, ...], Field(strict=False, min_length=1, max_length=3)]
    cancelable: bool = True


class Toast(Model):
    """A message that goes away by itself."""

    do: Literal["toast"]
    text: Text
    ms: Milliseconds = 2000


class If(Model):
    """A choice."""

    do: Literal["if"]
    condition: Condition
    then: Actions
    otherwise: Actions = Field(default=(), alias="else")


class Call(Model):
    """Run a routine and go on when it has finished."""

    do: Literal["call"]
    routine: Word


class Wait(Model):
    """Suspend this list."""

    do: Literal["wait"]
    ms: Milliseconds


class Stop(Model):
    """End this list and the lists that called it."""

    do: Literal["stop"]


class HideKeyboard(Model):
    """Put the keyboard away."""

    do: Literal["hide_keyboard"]


class Crash(Model):
    """Die as a real crash does."""

    do: Literal["crash"]
    kind: Literal["java", "native"] = "java"
    exception: str = Field(
        default="java.lang.IllegalStateException", pattern=r"^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$"
    )
    message: Text = Template.read("")


class Anr(Model):
    """Block the main thread, so that the system finds the app not responding."""

    do: Literal["anr"]
    reason: Text = Template.read("Input dispatching timed out (waited 5001ms for MotionEvent)")


class Exit(Model):
    """End the process by itself."""

    do: Literal["exit"]


Action = Annotated[
    Set
    | Append
    | Remove
    | Increment
    | Go
    | Back
    | Log
    | Http
    | Dialog
    | Toast
    | If
    | Call
    | Wait
    | Stop
    | HideKeyboard
    | Crash
    | Anr
    | Exit,
    Field(discriminator="do"),
]
"""Any action."""

Actions = Annotated[tuple[Action, ...], Field(strict=False)]
"""A list of actions, run one after the other."""

for _model in (Http, DialogButton, Dialog, If):
    _model.model_rebuild()
