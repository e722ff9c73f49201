"""`index.html`: the run as one page that opens anywhere: no script, no network, only the evidence beside it. Pure."""

from __future__ import annotations

import functools
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from validator.model.events import AlertSent
from validator.reports import words
from validator.reports.notices import in_short
from validator.reports.parity import differences
from validator.reports.state import RunState
from validator.reports.timeline import LANE, WIDTH, timeline
from validator.support.text import shorten, visible

LONGEST = 4_000
"""Characters of any one text on the page; `run.json` has it whole."""


def render_html(state: RunState) -> str:
    """The page."""
    return (
        _environment()
        .get_template("index.html.j2")
        .render(
            state=state,
            decision=state.decision,
            flows=words.worst_first(state.flows),
            timeline=timeline(state),
            compared=in_short(state.parity) if state.parity is not None else "",
            differences=differences(state.parity) if state.parity is not None else [],
            delivered=[alert for alert in state.alerts if isinstance(alert, AlertSent)],
            undelivered=[alert for alert in state.alerts if not isinstance(alert, AlertSent)],
        )
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("validator.reports", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals.update(words=words, lane=LANE, width=WIDTH)
    environment.filters["href"] = _href
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    return environment


def _shown(value: object) -> object:
    """Every value on its way into the page; what is escaped afterwards is at least printable and short."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shorten(visible(value), LONGEST)
    return value


def _href(path: str) -> str:
    """A path as a link that cannot leave the run's folder for another host or scheme."""
    return "./" + quote(path.lstrip("/"), safe="/", errors="replace")
