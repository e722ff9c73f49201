"""A message in Slack's Block Kit, within Slack's limits, with nothing in it that Slack would act on. Pure.

Limits (Slack, "Block Kit reference" and "chat.postMessage"): 50 blocks, 150 characters in a header, 3000 in a section,
2000 in each element of a context. All texts together may have about 13,200 characters, which is documented nowhere
(slackapi/bolt-js#2509 met it as `msg_blocks_too_long`); 10,000 are used. Lengths are counted as UTF-16 code units, the
strictest way to count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

from validator.alerts.message import AlertFlow, AlertMessage, Link
from validator.model.decision import Verdict
from validator.support.text import one_line

Block: TypeAlias = Mapping[str, object]

MAX_HEADER = 150
MAX_SECTION = 3_000
MAX_CONTEXT = 2_000
MAX_TOTAL = 10_000

_FLOWS_TOTAL = 4_000
_MOST_CAUSES = 30
_MOST_REASONS = 6
_MOST_STEPS = 5
_MOST_LINKS = 3
_FACT = 150
_LINE = 220
_NAMES = 400
_STEP = 300
_HALF_ENTITY = re.compile(r"&[a-z]{0,3}$")
_IN_URL = re.compile(r"[\s|<>]")

_SIGNS = {
    Verdict.APPROVED: ":large_green_circle:",
    Verdict.APPROVED_WITH_WARNINGS: ":large_yellow_circle:",
    Verdict.BLOCKED: ":red_circle:",
    Verdict.UNDECIDED: ":white_circle:",
}


def slack_text(message: AlertMessage) -> str:
    """What stands in notifications, and in clients that show no blocks."""
    reason = f" ({message.reasons[0]})" if message.reasons else ""
    return escaped(f"{message.headline}{reason}", 1_000)


def slack_blocks(message: AlertMessage) -> list[Block]:
    """The message as blocks."""
    blocks: list[Block] = [
        _header(f"{_SIGNS[message.verdict]} {one_line(message.headline, 120)}"),
        _section(
            f"*App* {escaped(message.apk, _FACT)}",
            f"*Deployment* {escaped(message.deployment, _FACT)}",
            f"*Environment* {escaped(message.environment, _FACT)}",
        ),
        _section("*Why*", *_listed(message.reasons, _MOST_REASONS)),
    ]
    if message.flows:
        blocks += [{"type": "divider"}, *_flows(message.flows)]
    blocks += [{"type": "divider"}, _section("*What to do next*", *_steps(message))]
    if message.links:
        blocks.append(_section(*(_link(link) for link in message.links[:_MOST_LINKS])))
    facts = f"run {message.run} · policy {message.policy} · exit code {message.exit_code} · until {message.expires_at}"
    blocks.append({"type": "context", "elements": [_mrkdwn(escaped(facts, 400))]})
    return blocks


def escaped(text: str, limit: int) -> str:
    """The text on one line, so that Slack shows it as it is; at most `limit` long with its escapes.

    Slack reads `&`, `<` and `>` as the marks of links, mentions and broadcasts ("Formatting text for app surfaces").
    """
    line = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if _units(line) <= limit:
        return line
    kept = line.encode("utf-16-le")[: 2 * (limit - 1)].decode("utf-16-le", "ignore")
    return _HALF_ENTITY.sub("", kept).rstrip() + "…"


def quoted(text: str, limit: int) -> str:
    """The text in code type; a backtick in it would end that."""
    line = escaped(text.replace("`", "'"), limit)
    return f"`{line}`" if line else ""


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _header(text: str) -> Block:
    plain = text.encode("utf-16-le")[: 2 * MAX_HEADER].decode("utf-16-le", "ignore")
    return {"type": "header", "text": {"type": "plain_text", "text": plain, "emoji": True}}


def _section(*lines: str) -> Block:
    return {"type": "section", "text": _mrkdwn("\n".join(lines))}


def _mrkdwn(text: str) -> Block:
    """`verbatim` keeps Slack from finding links and names in what an app said."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _listed(lines: Sequence[str], most: int) -> Iterator[str]:
    yield from (f"• {escaped(line, _LINE)}" for line in lines[:most])
    if len(lines) > most:
        yield f"• and {len(lines) - most} more"


def _steps(message: AlertMessage) -> Iterator[str]:
    for number, step in enumerate(message.next[:_MOST_STEPS], start=1):
        yield f"{number}. {escaped(step, _STEP)}"
    if message.rollback:
        yield f"Rolling back is a named person's decision: {quoted(message.rollback, _STEP)}"


def _flows(flows: Sequence[AlertFlow]) -> Iterator[Block]:
    """As many causes as there is room for; the rest is counted."""
    room = _FLOWS_TOTAL
    for number, flow in enumerate(flows):
        lines = tuple(_flow(flow))
        room -= sum(_units(line) + 1 for line in lines)
        if room < 0 or number == _MOST_CAUSES:
            yield _section(f"…and {len(flows) - number} more causes: see the report")
            return
        yield _section(*lines)


def _flow(flow: AlertFlow) -> Iterator[str]:
    yield f"{quoted(flow.heading(), _NAMES) or '(no name)'} *{flow.outcome}*: {escaped(flow.cause, _LINE)}"
    if flow.step:
        yield f"at {quoted(flow.step, _LINE)}"
    if flow.why:
        yield escaped(flow.why, _LINE)
    if flow.quote:
        yield quoted(flow.quote, _LINE)


def _link(link: Link) -> str:
    label = escaped(link.label, 60)
    if urlsplit(link.target).scheme in ("http", "https") and not _IN_URL.search(link.target):
        address = link.target.replace("&", "&amp;")
        if _units(address) <= 300:
            return f"<{address}|{label.replace('|', '/')}>"
    return f"{label}: {quoted(link.target, 300)}"
