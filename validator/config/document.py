"""Loads a YAML file into a pydantic model, and reports every mistake at its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from validator.config import nodes
from validator.config.errors import ConfigError, Problem
from validator.config.explain import explain_all
from validator.config.locate import project_root
from validator.config.nodes import Node, node_at, plain, written_path
from validator.config.source_text import SourceText, read_source
from validator.config.yaml_source import compose

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded(Generic[M]):
    """A configuration, and the file it came from."""

    value: M
    path: Path
    """As the user wrote it."""
    root: Path
    """The folder that its paths start from, absolute."""
    tree: Node
    """The document with all places."""

    def problem(self, path: nodes.Path, message: str, *, remedy: str = "") -> Problem:
        """A problem with what stands at `path` (`("devices", 0, "serial")`), found after loading."""
        position = node_at(self.tree, path).extent.position
        return Problem.at(position, message, path=written_path(path), remedy=remedy)


def load_document(path: Path, model: type[M], *, checks: Iterable[Callable[[M], Iterable[Problem]]] = ()) -> Loaded[M]:
    """Read and check a YAML file.

    Args:
        path: the file.
        model: what it must be; derive it from `fields.Section`, with tuples for lists.
        checks: what no single key can know; each gives the problems that it finds.

    Raises:
        ConfigError: the file cannot be read or has mistakes. All are reported at once, in the order of the file; only a
            file that is no YAML, and `checks` while single keys are wrong, hide what else there may be.
    """
    source = read_source(path)
    value, tree = parse_document(source, model, checks=checks)
    return Loaded(value=value, path=path, root=project_root(path), tree=tree)


def parse_document(
    source: SourceText, model: type[M], *, checks: Iterable[Callable[[M], Iterable[Problem]]] = ()
) -> tuple[M, Node]:
    """Check the text of a document; as `load_document`, without touching any file.

    Raises:
        ConfigError: it has mistakes.
    """
    composed = compose(source)
    try:
        value = model.model_validate(plain(composed.root))
    except ValidationError as error:
        found = explain_all(error.errors(include_url=False), composed.root, model)
        raise ConfigError(_first_at_each_place(composed.problems, found)) from None
    problems = [*composed.problems, *(problem for check in checks for problem in check(value))]
    if problems:
        raise ConfigError(problems)
    return value, composed.root


def _first_at_each_place(certain: Iterable[Problem], found: Iterable[Problem]) -> list[Problem]:
    """What YAML itself finds wrong with a value makes the schema's opinion about it worthless."""
    problems = list(certain)
    places = {problem.position for problem in problems}
    return [*problems, *(problem for problem in found if problem.position not in places)]
