"""`flows.needs:` and the flows of a workspace -> what each of them asks of its device."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from validator.config.errors import ConfigError, Problem
from validator.config.resolvers import Resolvers
from validator.config.sections.needs import NeedsConfig
from validator.config.spelling import did_you_mean
from validator.farm.needs import together
from validator.flows.workspace import Selection
from validator.model.flow import Flow
from validator.model.needs import Needs

_REMEDY = "name flows that this environment runs, or remove it"


def with_needs(
    selection: Selection, entries: Sequence[NeedsConfig], resolvers: Resolvers, *, narrowed: bool
) -> Selection:
    """The flows with what they need.

    Args:
        selection: The flows.
        entries: `flows.needs`.
        resolvers: Resolve what the entries refer to.
        narrowed: Whether the command line took flows out, so that an entry may be about none of those that are left.

    Raises:
        ConfigError: An entry is about no flow at all: it would demand nothing, and nobody would notice.
    """
    demands = [_demand(entry, resolvers) for entry in entries]
    if not narrowed:
        problems = [problem for demand in demands for problem in _idle(demand, selection)]
        if problems:
            raise ConfigError(problems)
    flows = (
        replace(flow, needs=together(each.needs for each in demands if each.is_about(flow))) for flow in selection.flows
    )
    return replace(selection, flows=tuple(flows))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Demand:
    """One entry, resolved."""

    entry: NeedsConfig
    patterns: tuple[str, ...]
    tags: tuple[str, ...]
    needs: Needs

    def is_about(self, flow: Flow) -> bool:
        """Whether the flow is one of those meant; one whose header cannot be read may carry any tag."""
        named = not self.patterns or any(_matches(pattern, flow.name, flow.file) for pattern in self.patterns)
        tagged = not self.tags or bool(flow.problem) or not set(self.tags).isdisjoint(flow.tags)
        return named and tagged


def _matches(pattern: str, *names: str) -> bool:
    """A name is itself before it is a pattern: `Pay [EU]` is no choice of letters."""
    literal = "".join(f"[{letter}]" if letter == "[" else letter for letter in pattern)
    return any(name == pattern or fnmatchcase(name, literal) for name in names)


def _demand(entry: NeedsConfig, resolvers: Resolvers) -> _Demand:
    return _Demand(
        entry=entry,
        patterns=tuple(pattern.resolve(resolvers) for pattern in entry.flows),
        tags=tuple(tag.resolve(resolvers) for tag in entry.tags),
        needs=Needs(
            min_api=entry.api.least if entry.api is not None else 0,
            max_api=entry.api.most if entry.api is not None else 0,
            abis=(entry.abi.value,) if entry.abi is not None else (),
            form_factors=(entry.form_factor,) if entry.form_factor is not None else (),
            labels=tuple(dict.fromkeys(label.resolve(resolvers) for label in entry.labels)),
        ),
    )


def _idle(demand: _Demand, selection: Selection) -> Iterator[Problem]:
    """Each pattern and each tag that no flow has; then an entry whose patterns and tags have no flow in common."""
    flows = selection.flows
    names = [name for flow in flows for name in (flow.name, flow.file)] + list(selection.known)
    strange = [
        (template, pattern, names)
        for template, pattern in zip(demand.entry.flows, demand.patterns, strict=True)
        if not any(_matches(pattern, name) for name in names)
    ]
    tags = list(dict.fromkeys(tag for flow in flows for tag in flow.tags))
    strange += [
        (template, tag, tags)
        for template, tag in zip(demand.entry.tags, demand.tags, strict=True)
        if tag not in tags and not any(flow.problem for flow in flows)
    ]
    if not strange and demand.patterns and demand.tags and not any(map(demand.is_about, flows)):
        message = f"no flow of these names has the tag {' or '.join(map(repr, demand.tags))}"
        first = demand.entry.tags[0]
        yield Problem.at(first.position, message, path=first.path, remedy=_REMEDY)
    for template, word, known in strange:
        kind = "name or file" if known is names else "tag"
        message = f"no flow has the {kind} {word!r}{did_you_mean(word, known)}"
        yield Problem.at(template.position, message, path=template.path, remedy=_REMEDY)
