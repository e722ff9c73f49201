"""Finds every reference of a configuration that has no value, before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeAlias

from pydantic import BaseModel

from validator.config.errors import ConfigError, Problem
from validator.config.references import Scheme, Template
from validator.config.resolvers import Resolvers
from validator.config.templates import CommandTemplate, PathTemplate, SecretTemplate, UrlTemplate, Variables

_Resolvable: TypeAlias = Template | PathTemplate | UrlTemplate | CommandTemplate | SecretTemplate


def check_references(config: BaseModel, resolvers: Resolvers, *, without: Collection[str] = ()) -> None:
    """Resolve every reference once, so that an unset variable is told before a device is touched.

    References to outputs of the deployment are left out until `resolvers` know them.

    Args:
        config: what was loaded.
        resolvers: where values come from.
        without: paths that this run does not need, such as `alerts` or `deployment.revision`.

    Raises:
        ConfigError: values are absent: all of them, each at its place.
    """
    problems: list[Problem] = []
    for resolvable in _resolvables(config):
        template = _template(resolvable)
        if _is_due(template, resolvers) and not any(_is_below(template.path, path) for path in without):
            try:
                resolvable.resolve(resolvers)
            except ConfigError as error:
                problems += error.problems
    if problems:
        raise ConfigError(problems)


def templates_in(config: BaseModel) -> Iterator[Template]:
    """Every template of a configuration, in the order of its keys."""
    return (_template(resolvable) for resolvable in _resolvables(config))


def _resolvables(value: object) -> Iterator[_Resolvable]:
    match value:
        case Template() | PathTemplate() | UrlTemplate() | CommandTemplate() | SecretTemplate():
            yield value
        case Variables():
            yield from (entry.value for entry in value.entries)
        case BaseModel():
            for name in type(value).model_fields:
                yield from _resolvables(getattr(value, name))
        case tuple():
            for item in value:
                yield from _resolvables(item)
        case _:
            pass


def _template(resolvable: _Resolvable) -> Template:
    return resolvable if isinstance(resolvable, Template) else resolvable.template


def _is_due(template: Template, resolvers: Resolvers) -> bool:
    return resolvers.knows_outputs or all(part.scheme is not Scheme.TERRAFORM for part in template.references)


def _is_below(path: str, parent: str) -> bool:
    return path == parent or path.startswith((f"{parent}.", f"{parent}["))
