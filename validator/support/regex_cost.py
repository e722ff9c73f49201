"""How long a regular expression may search at worst, known before it is ever run. Pure.

Python's `re` tries every way in which a pattern can match a text, and cannot be interrupted. The number of those ways
is counted here from the pattern alone, so that the same pattern is taken or refused on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Final, TypeAlias, cast

Steps: TypeAlias = float
"""Ways to match, an upper bound; infinite where they double with every character."""

_Node: TypeAlias = "tuple[object, object]"

_parser = import_module("re._parser")  # what `re.compile` itself reads patterns with: CPython, Lib/re/_parser.py
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"})
_ANCHORS: Final = frozenset({"AT_BEGINNING", "AT_BEGINNING_STRING"})
_INFINITE: Final = float("inf")


def steps(pattern: str, longest: int) -> Steps:
    """The most ways that searching a text of `longest` characters may try.

    Args:
        pattern: As for `re.compile`.
        longest: Characters of the longest text that it is searched in.

    Raises:
        re.error: It is no regular expression; `pos` says where.
    """
    nodes = _nodes(_parser.parse(pattern))
    starts = 1 if _is_anchored(nodes) else longest
    return starts * _sequence(nodes, longest)


def _nodes(parsed: object) -> Sequence[_Node]:
    return list(cast("Iterable[_Node]", parsed))


def _is_anchored(nodes: Sequence[_Node]) -> bool:
    """Whether it can match at the beginning of the text only, so that no other place is tried."""
    if not nodes:
        return False
    name, value = str(nodes[0][0]), nodes[0][1]
    if name == "SUBPATTERN":
        return _is_anchored(_nodes(cast("tuple[object, ...]", value)[-1]))
    return name == "AT" and str(value) in _ANCHORS


def _sequence(nodes: Sequence[_Node], longest: int) -> Steps:
    total: Steps = 1
    for node in nodes:
        total *= _ways(node, longest)
    return total


def _ways(node: _Node, longest: int) -> Steps:
    name, value = str(node[0]), node[1]
    if name in _REPEATS:
        least, most, body = cast("tuple[int, int, object]", value)
        return _repeated(_nodes(body), int(least), min(int(most), longest), longest)
    match name:
        case "BRANCH":
            _, choices = cast("tuple[object, Iterable[object]]", value)
            return sum(_sequence(_nodes(choice), longest) for choice in choices)
        case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
            return _sequence(_nodes(cast("tuple[object, ...]", value)[-1]), longest)
        case "ATOMIC_GROUP":
            return _sequence(_nodes(value), longest)
        case "GROUPREF_EXISTS":
            _, yes, no = cast("tuple[object, object, object]", value)
            return _sequence(_nodes(yes), longest) + (_sequence(_nodes(no), longest) if no else 1)
        case "GROUPREF":
            return longest  # comparing with what a group has matched looks at each of its characters
        case _:
            return 1


def _repeated(body: Sequence[_Node], least: int, most: int, longest: int) -> Steps:
    """A body with several ways to match multiplies them with every repetition: `(a+)+`, `(a|b?)*`."""
    once = _sequence(body, longest)
    if once <= 1:
        return max(most - least, 0) + 1
    try:
        return sum(once**count for count in range(least, most + 1)) if most <= _FEW else _INFINITE
    except OverflowError:
        return _INFINITE


_FEW: Final = 64
"""Repetitions of something with several ways that are still counted; two to this power is beyond any limit."""
