"""Facts of two environments in, their comparison out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.model.parity import Comparison, Importance, Parity, Status

_ORDER: Final = tuple(Importance)
_SAME_SECRET: Final = "the same secret"  # noqa: S105 - the words that are shown instead of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is true of an environment."""

    name: str
    value: str
    """What is compared, made neutral: without what has to differ between environments, such as their names."""
    shown: str = ""
    """For a person; empty: the value."""
    importance: Importance = Importance.WARNING
    """If the other environment has another value."""
    absence: Importance = Importance.WARNING
    """If the other environment does not have it at all."""
    remedy: str
    secret: str = ""
    """The digest of a secret that no two environments may share; empty for everything else."""
    unknown_below: str = ""
    """Because of this, nothing is known of what is called like this and more; empty: everything is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of one environment."""

    environment: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A difference that is meant to be."""

    pattern: str
    """Of names, with `*` and `?`: `outputs.cdn_*`."""
    reason: str


def compare(left: Facts, right: Facts, allowances: Sequence[Allowance] = ()) -> Parity:
    """Hold two environments side by side, in the order of the first one's facts."""
    ours, theirs = ({fact.name: fact for fact in side.facts} for side in (left, right))
    unknown = {fact.name: fact.unknown_below for fact in (*left.facts, *right.facts) if fact.unknown_below}
    names = [name for name in dict.fromkeys((*ours, *theirs)) if not _is_unknown(name, unknown)]
    apart = left.environment != right.environment
    found = (_compared(name, ours.get(name), theirs.get(name), apart=apart) for name in names)
    return Parity(
        left=left.environment,
        right=right.environment,
        comparisons=tuple(_declared(comparison, allowances) for comparison in found),
    )


def _is_unknown(name: str, unknown: Mapping[str, str]) -> bool:
    return any(name.startswith(below) and name != teller for teller, below in unknown.items())


def require_parity(parity: Parity) -> None:
    """See that nothing critical differs that nobody declared.

    Raises:
        StageError: `parity_broken`, naming every such difference.
    """
    critical = parity.undeclared(Importance.CRITICAL)
    if critical:
        what = "; ".join(parity.words(found) for found in critical)
        raise StageError(
            Cause.PARITY_BROKEN,
            f"{parity.left} differs from {parity.right} in {what}",
            remedy=f"{critical[0].remedy[:1].upper()}{critical[0].remedy[1:]}; or declare the difference under "
            "`parity.allow`, with its reason.",
        )


def neutral(text: str, environment: str) -> str:
    """The text without what has to differ between environments: its name, and the host of an address."""
    scheme, separator, rest = text.partition("://")
    if separator and scheme in {"http", "https"}:
        slash = rest.find("/")
        path = rest[slash:].rstrip("/") if slash >= 0 else ""
        return f"{scheme}://{{host}}{_unnamed(path, environment)}"
    return _unnamed(text, environment)


def _unnamed(text: str, environment: str) -> str:
    """A name of one or two letters stands in every other word."""
    return text.replace(environment, "{name}") if len(environment) > 2 else text


def _compared(name: str, left: Fact | None, right: Fact | None, *, apart: bool) -> Comparison:
    if left is None or right is None:
        present = left or right
        assert present is not None  # noqa: S101 - the name is that of one of them
        return _differs(name, _shown(left), _shown(right), present.absence, present.remedy)
    if left.secret and left.secret == right.secret and apart:
        return _differs(name, _SAME_SECRET, _SAME_SECRET, Importance.WARNING, _OWN_SECRET)
    if left.value == right.value:
        return Comparison(name=name, status=Status.MATCH, left=_shown(left), right=_shown(right))
    return _differs(name, _shown(left), _shown(right), _importance(left, right), left.remedy)


_OWN_SECRET: Final = "give each environment a secret of its own: whoever has one of them has both"  # noqa: S105


def _importance(left: Fact, right: Fact) -> Importance:
    """Encrypted here and in clear there is never a detail."""
    if {left.value.partition("://")[0], right.value.partition("://")[0]} == {"http", "https"}:
        return Importance.CRITICAL
    return min(left.importance, right.importance, key=_ORDER.index)


def _shown(fact: Fact | None) -> str:
    return "" if fact is None else fact.shown or fact.value


def _differs(name: str, left: str, right: str, importance: Importance, remedy: str) -> Comparison:
    return Comparison(name=name, status=Status.DIFFERS, left=left, right=right, importance=importance, remedy=remedy)


def _declared(comparison: Comparison, allowances: Iterable[Allowance]) -> Comparison:
    if comparison.status is Status.MATCH:
        return comparison
    allowed = next((each.reason for each in allowances if fnmatchcase(comparison.name, each.pattern)), "")
    return replace(comparison, allowed=allowed)
