"""What is live now, and whether it answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of the infrastructure code."""

    name: str
    value: str
    """Empty when the output is sensitive: secrets do not travel."""
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What was deployed to an environment."""

    id: str
    revision: str
    environment: str
    source: str
    """Where the facts come from, for a person: `terraform output in infra/`, `outputs.json`, `configuration`."""
    outputs: tuple[Output, ...] = ()
    digest: str = ""
    """`sha256:…` over all outputs, sensitive ones included, so that a change is seen without showing a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One question to the backend over HTTP, and its answer."""

    url: str
    ready: bool
    detail: str
    """The status line or the error, one line: `HTTP 200 in 12 ms`, `connection refused`."""
    attempts: int = 1
    seconds: float = 0.0
