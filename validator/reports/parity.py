"""Two environments side by side, as a table for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from validator.model.parity import Comparison, Importance, Parity, Status
from validator.support.text import one_line

_WIDEST = 120
_STYLES = {Importance.CRITICAL: "bold red", Importance.WARNING: "yellow", Importance.INFO: ""}
_ORDER = tuple(Importance)


def comparison_table(parity: Parity, *, everything: bool) -> Table:
    """The differences, worst first; with `everything` what matches, too."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("", "what", parity.left, parity.right):
        table.add_column(Text(heading), overflow="fold")
    for found in (*differences(parity), *(_matches(parity) if everything else ())):
        cells = (_status(found), found.name, found.left or "(not there)", found.right or "(not there)")
        style = _STYLES[found.importance] if found.counts else "dim"
        table.add_row(*(Text(one_line(cell, _WIDEST)) for cell in cells), style=style)
    return table


def closing_lines(parity: Parity) -> Iterator[str]:
    """What to do about each difference, then all of it in numbers."""
    for found in differences(parity):
        yield f"{found.name}: {f'allowed, {one_line(found.allowed)}' if found.allowed else found.remedy}"
    allowed = len(differences(parity)) - sum(found.counts for found in parity.comparisons)
    counted = ", ".join(f"{len(parity.undeclared(importance))} {importance}" for importance in Importance)
    yield f"{parity.left} and {parity.right}: {len(_matches(parity))} match, {counted}, {allowed} allowed"


def differences(parity: Parity) -> list[Comparison]:
    """What differs: what nobody declared first, worst first."""
    differing = [found for found in parity.comparisons if found.status is Status.DIFFERS]
    return sorted(differing, key=lambda found: (bool(found.allowed), _ORDER.index(found.importance)))


def _matches(parity: Parity) -> list[Comparison]:
    return [found for found in parity.comparisons if found.status is Status.MATCH]


def _status(found: Comparison) -> str:
    if found.status is Status.MATCH:
        return "match"
    return "allowed" if found.allowed else found.importance
