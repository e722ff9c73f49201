"""A configuration -> facts that can be held beside those of another environment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Final

from pydantic import BaseModel

from validator.config.environment import EnvironmentConfig
from validator.config.references import Template
from validator.config.templates import CommandTemplate, PathTemplate, SecretTemplate, UrlTemplate, Variables, is_url
from validator.deploys.parity import Fact, neutral
from validator.deploys.port import Outputs
from validator.flows.workspace import Selection
from validator.gates.policy import Policy
from validator.model.parity import Importance
from validator.support.json_path import JsonPath
from validator.support.redact_patterns import looks_secret
from validator.support.text import one_line

CRITICAL, WARNING, INFO = Importance
_WIDEST: Final = 200

_IMPORTANCE: Final[Mapping[str, Importance]] = {
    "build.expect.debuggable": CRITICAL,
    "build.timeout": INFO,
    "flows.timeout": INFO,
    "flows.runner": INFO,
    "flows.runner_path": INFO,
    "flows.environment.*": INFO,
    "build.environment.*": INFO,
    "*.within": INFO,
    "gate.name": INFO,
    "gate.expires": INFO,
    "gate.rollback": INFO,
    "gate.blocks": WARNING,
    "gate.*": CRITICAL,
}
"""Name -> how much another value matters; the first that fits, and a warning where none does."""

_REMEDY: Final[Mapping[str, str]] = {
    "build.*": "describe the build alike in both configurations: what is tested here is not what is built there",
    "flows.*": "run the flows alike in both environments, or they measure different things",
    "gate.*": "hold both environments to one policy, or what passes here may fail there",
    "readiness.*": "ask for the same readiness in both configurations",
    "deployment.*": "describe the deployment alike in both configurations",
    "traffic.*": "mark the traffic of runs alike, so that the same filters find it",
}

_BY_EFFECT: Final = {"workspace", "include_tags", "exclude_tags", "required"}
"""Keys of `flows` whose effect, the flows that run, is compared instead."""


def output_facts(outputs: Outputs, environment: str, revision: str) -> Iterator[Fact]:
    """The outputs of the infrastructure. Secrets show neither their values nor their digests."""
    for output in outputs.outputs:
        value = outputs.values.get(output.name, "null")
        text = "(sensitive)" if output.sensitive else neutral(value, environment)
        yield Fact(
            name=f"outputs.{output.name}",
            value=text,
            shown=text if output.sensitive else one_line(value, _WIDEST),
            importance=WARNING if output.sensitive else _of_value(value, revision),
            absence=CRITICAL,
            remedy="apply the same infrastructure code in both environments, with variables for what has to differ",
            secret=hashlib.sha256(value.encode("utf-8", "replace")).hexdigest() if output.sensitive else "",
        )


def _of_value(value: str, revision: str) -> Importance:
    """Names and ids of resources differ from one environment to another; sizes, switches and paths should not."""
    if is_url(value):
        return WARNING
    is_setting = value in {"true", "false", "null"} or value[:1] in tuple("[{-0123456789")
    return WARNING if is_setting and value != revision else INFO


def configured_facts(config: EnvironmentConfig) -> Iterator[Fact]:
    """What the configuration says of the build, the flows, the probes and the marks, as it is written there."""
    name = config.environment
    expected = config.build.expect.package or config.app.id
    yield _fact("build.expect.package", expected.source, name)
    for key, section in (
        ("build", config.build),
        ("flows", config.flows),
        ("readiness", config.readiness),
        ("deployment.live", config.deployment.live),
        ("traffic", config.traffic),
    ):
        for path, value in _leaves(key, section):
            if path not in {"build.expect.package", *(f"flows.{hidden}" for hidden in _BY_EFFECT)}:
                yield _fact(path, value, name)


def flow_facts(selection: Selection) -> Iterator[Fact]:
    """The flows that a run would expect, each with its content."""
    for flow in selection.flows:
        counts = "required" if flow.required else "informational"
        yield Fact(
            name=f"flows.selected.{flow.name}",
            value=f"{counts} {flow.digest}",
            shown=f"{counts}, {flow.digest[:15]}" if flow.digest else counts,
            absence=CRITICAL,
            remedy="select the same flows in both configurations: a flow that does not run here proves nothing there",
        )


def gate_facts(policy: Policy, environment: str) -> Iterator[Fact]:
    """What the gate tolerates."""
    for path, value in _leaves("gate", policy):
        yield _fact(path, value, environment)


def _fact(path: str, value: str, environment: str) -> Fact:
    importance = next((found for pattern, found in _IMPORTANCE.items() if fnmatchcase(path, pattern)), WARNING)
    remedy = next(found for pattern, found in _REMEDY.items() if fnmatchcase(path, pattern))
    shown = "(secret)" if looks_secret(path.rpartition(".")[2]) and "${" not in value else one_line(value, _WIDEST)
    return Fact(
        name=path,
        value=neutral(value, environment),
        shown=shown,
        importance=importance,
        absence=min(importance, WARNING, key=tuple(Importance).index),
        remedy=remedy,
    )


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Every value below a section by its dotted path; what is not set is not there."""
    match value:
        case Variables():
            yield from ((f"{path}.{entry.name}", entry.value.source) for entry in value.entries)
        case BaseModel():
            for name in type(value).model_fields:
                yield from _leaves(f"{path}.{name}", getattr(value, name))
        case tuple() if any(isinstance(item, BaseModel) for item in value):
            for number, item in enumerate(value):
                yield from _leaves(f"{path}.{number}", item)
        case _ if is_dataclass(value) and not isinstance(value, _WRITTEN):
            for field in fields(value):
                yield from _leaves(f"{path}.{field.name}", getattr(value, field.name))
        case _:
            yield from ((path, text) for text in (_text(value),) if text)


_WRITTEN: Final = (Template, PathTemplate, UrlTemplate, CommandTemplate, SecretTemplate, JsonPath)


def _text(value: object) -> str:
    """A single value, or a list of them, as text; empty for what is not set."""
    match value:
        case None:
            return ""
        case Template():
            return value.source
        case SecretTemplate():
            return "(secret)"
        case PathTemplate() | UrlTemplate() | CommandTemplate():
            return value.template.source
        case JsonPath():
            return value.text
        case tuple() | list() | set() | frozenset():
            return ", ".join(sorted(_text(item) for item in value))
        case timedelta():
            return f"{value.total_seconds():g} s"
        case _:
            return str(value)
