"""What is live now, and whether it answers."""

from __future__ import annotations

from dataclasses import dataclass

from validator.model.causes import Cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One output of the infrastructure code."""

    name: str
    value: str
    """Empty when the output is sensitive: secrets do not travel."""
    sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveAnswer:
    """What an address of the live system said about its revision, or its version."""

    url: str
    said: str
    """One line; empty when it said nothing that could be read."""
    expected: str = ""
    """Empty: anything is right, as long as it stays the same."""
    detail: str = ""
    """`HTTP 200 in 12 ms`, or why there is no answer."""
    digest: str = ""
    """`sha256:…` of the body that it was read from."""
    attempts: int = 1
    seconds: float = 0.0


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
    revision_from: str = ""
    """Where the revision comes from: `--revision`, `deployment.revision`, `GITHUB_SHA`."""
    pipeline: str = ""
    """The address of the pipeline's run that deployed it, or its name where it has no address."""
    lineage: str = ""
    """Terraform's name for the history that the state belongs to; empty where no state was read."""
    serial: int | None = None
    """Terraform's count of the states in that history; every apply that changes anything raises it."""
    live: tuple[LiveAnswer, ...] = ()
    """What is live, by its own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """One question to the backend over HTTP, and its answer."""

    url: str
    ready: bool
    detail: str
    """The status line or the error, one line: `HTTP 200 in 12 ms`, `connection refused`."""
    attempts: int = 1
    seconds: float = 0.0
    cause: Cause | None = None
    """Why it is not ready, where the answer tells more than that the backend is away."""
