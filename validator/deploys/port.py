"""What is live now: what the sources of facts and the probes offer the pipeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final, Protocol

from validator.deploys.pipelines import Pipeline
from validator.model.deployment import Deployment, LiveAnswer, Output
from validator.support.stop import Stop

_ID_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The outputs of the infrastructure code, with the values that must not travel."""

    outputs: tuple[Output, ...]
    """In the order of their names; a sensitive one without its value."""
    values: Mapping[str, str] = field(repr=False)
    """All values, sensitive ones included: for `${terraform:…}` references and for nothing else. A null is none."""
    source: str
    """Where they come from, for a person."""
    lineage: str = ""
    """Of the state that they were read from; empty where none was."""
    serial: int | None = None

    @property
    def nulls(self) -> tuple[str, ...]:
        """The names of the outputs without a value."""
        return tuple(output.name for output in self.outputs if output.name not in self.values)

    @property
    def digest(self) -> str:
        """`sha256:…` over all names and values: it changes when anything does, and shows nothing."""
        nulls = ((name, None) for name in self.nulls)
        text = json.dumps(sorted((*self.values.items(), *nulls), key=itemgetter(0)), ensure_ascii=True)
        return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}"


class OutputSource(Protocol):
    """Where the outputs come from."""

    def read(self, stop: Stop) -> Outputs:
        """Read what is live.

        Raises:
            UsageError: The source is not there, or not set up.
            StageError: It did not answer.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a deployment is called. Empty fields are not known."""

    identifier: str = ""
    """The team's own name for this deployment. Without one it is made of the state's lineage and serial, or else of the
    outputs and the revision, so that the same deployment is the same tomorrow, and on another machine."""
    revision: str = ""
    """Of the code that was deployed."""
    revision_from: str = ""
    """Where the revision comes from, for a person."""
    pipeline: str = ""
    """The pipeline's run that deployed it."""


def label(configured: Label, pipeline: Pipeline | None) -> Label:
    """The label; what the configuration leaves open is taken from the pipeline that runs us."""
    if pipeline is None:
        return configured
    revision_known = bool(configured.revision)
    return Label(
        identifier=configured.identifier or pipeline.run,
        revision=configured.revision if revision_known else pipeline.revision,
        revision_from=configured.revision_from if revision_known else pipeline.revision_from,
        pipeline=pipeline.address or pipeline.system,
    )


def deployment(outputs: Outputs, *, environment: str, label: Label, live: tuple[LiveAnswer, ...] = ()) -> Deployment:
    """The deployment that these outputs describe.

    Args:
        outputs: What was read.
        environment: Its name.
        label: What it is called.
        live: What is live by its own word.
    """
    return Deployment(
        id=label.identifier or _made_up(outputs, environment, label.revision),
        revision=label.revision,
        environment=environment,
        source=outputs.source,
        outputs=outputs.outputs,
        digest=outputs.digest,
        revision_from=label.revision_from if label.revision else "",
        pipeline=label.pipeline,
        lineage=outputs.lineage,
        serial=outputs.serial,
        live=live,
    )


def _made_up(outputs: Outputs, environment: str, revision: str) -> str:
    if outputs.lineage:
        return f"{environment}-{outputs.lineage[:8]}-{outputs.serial}"
    seed = hashlib.sha256(f"{outputs.digest}\n{revision}".encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]
    return f"{environment}-{seed}"
