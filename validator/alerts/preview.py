"""A message as text: what would be sent, for a demonstration or a channel that has no form of its own. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from validator.alerts.incident import Kind
from validator.alerts.message import AlertFlow, AlertMessage
from validator.support.stop import Stop
from validator.support.text import one_line

_MOST_CAUSES = 10
_LONGEST = 400


class PreviewChannel:
    """Implements `Channel` by keeping what would be sent, for whoever wants to print it."""

    name = "preview"

    def __init__(self) -> None:
        """Begin with nothing."""
        self.texts: list[str] = []

    def send(self, message: AlertMessage, stop: Stop) -> str:  # noqa: ARG002 - nothing here waits
        """Keep the message's text; of a run that simply passed nobody is told."""
        if message.kind is Kind.PASS:
            return ""
        self.texts.append(preview(message))
        return "shown"


def preview(message: AlertMessage, *, width: int = 80) -> str:
    """The message in lines of at most `width` columns (long words excepted), each behind a bar."""
    lines = plain(message, width=width - 2).splitlines()
    return "".join(f"| {line}".rstrip() + "\n" for line in lines)


def plain(message: AlertMessage, *, width: int) -> str:
    """The message in lines of at most `width` columns (long words excepted)."""
    return "".join(f"{line}\n" for text in _lines(message) for line in _wrapped(text, width))


def _wrapped(text: str, width: int) -> list[str]:
    """Lines that go on stand three columns further in, so that the next item is seen."""
    indent = " " * (len(text) - len(text.lstrip(" ")) + 3)
    return textwrap.wrap(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False) or [""]


def _lines(message: AlertMessage) -> Iterator[str]:
    yield one_line(message.headline, _LONGEST)
    yield ""
    yield one_line(f"App: {message.apk}", _LONGEST)
    yield one_line(f"Deployment: {message.deployment}", _LONGEST)
    yield one_line(f"Run: {message.run} (exit code {message.exit_code}, policy {message.policy})", _LONGEST)
    yield ""
    yield "Why"
    yield from (f"- {one_line(reason, _LONGEST)}" for reason in message.reasons)
    for flow in message.flows[:_MOST_CAUSES]:
        yield ""
        yield from _flow(flow)
    if len(message.flows) > _MOST_CAUSES:
        yield f"and {len(message.flows) - _MOST_CAUSES} more causes"
    yield ""
    yield "What to do next"
    yield from (f"{number}. {one_line(step, _LONGEST)}" for number, step in enumerate(message.next, start=1))
    if message.rollback:
        yield one_line(f"Rolling back is a named person's decision: {message.rollback}", _LONGEST)
    for link in message.links:
        yield one_line(f"{link.label}: {link.target}", _LONGEST)


def _flow(flow: AlertFlow) -> Iterator[str]:
    yield one_line(f"{flow.heading()}: {flow.outcome}, {flow.cause}", _LONGEST)
    for label, text in (("step", flow.step), ("why", flow.why), ("quote", flow.quote)):
        if text:
            yield f"  {label}: {one_line(text, _LONGEST)}"
