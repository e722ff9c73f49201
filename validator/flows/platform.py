"""Flows that are for another platform than Android: on a device they would fail, or do nothing and pass. Pure.

Only what the file itself says counts. Where the words leave a doubt the flow is taken to be for Android, because a gate
that passes over a test is open.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import yaml

from validator.flows.yaml_source import entries, items, scalar, texts, value_of

_NAMES: Final = {"ios": "iOS", "web": "the web"}
_TAGS: Final = {
    **dict.fromkeys(("ios", "ios-only", "ios_only", "iosonly"), "iOS"),
    **dict.fromkeys(("web-only", "web_only", "webonly"), "the web"),
}
"""`web` alone may be a web view of the app."""
_APPLE: Final = "com.apple."
_NESTING: Final = ("runFlow", "repeat", "retry")


def other_platform(header: yaml.Node | None, commands: yaml.Node) -> str:
    """Why a flow is not for Android; empty when it is.

    Args:
        header: Its first document; None when it has none.
        commands: Its list of commands.

    Raises:
        YamlError: Its tags are no list of texts.
    """
    app = scalar(value_of(header, "appId")) or ""
    if not app and value_of(header, "url") is not None:
        return "for the web: its header has `url`"
    if app.startswith(_APPLE):
        return f"for iOS: {app} is an app of iOS"
    if platform := _NAMES.get((scalar(value_of(header, "platform")) or "").lower()):
        return f"for {platform}: its header says so"
    return _by_tags(texts(value_of(header, "tags"), "tags")) or _by_conditions(items(commands))


def by_name(stem: str) -> str:
    """Why a flow file is not for Android by its name without the ending: `login.ios`, as React Native names modules."""
    platform = _NAMES.get(stem.lower().rpartition(".")[2]) if "." in stem else None
    return f"for {platform}: its file name says so" if platform else ""


def _by_tags(tags: tuple[str, ...]) -> str:
    lower = {tag.lower() for tag in tags}
    if any(tag.startswith("android") for tag in lower):
        return ""
    return next((f"for {_TAGS[tag]}: its tags say so" for tag in sorted(lower & _TAGS.keys())), "")


def _by_conditions(commands: tuple[yaml.Node, ...]) -> str:
    """A flow of which each command runs on one other platform does nothing on Android, and passes."""
    platforms = {_condition(command) for command in commands}
    if len(platforms) != 1 or (name := _NAMES.get(platforms.pop())) is None:
        return ""
    return f"for {name}: each of its commands has the condition `platform`"


def _condition(command: yaml.Node) -> str:
    return next(_conditions(command), "").lower()


def _conditions(command: yaml.Node) -> Iterator[str]:
    for name, value in entries(command):
        if name in _NESTING:
            when = value_of(value, "when") or value_of(value, "while")
            yield scalar(value_of(when, "platform")) or ""
