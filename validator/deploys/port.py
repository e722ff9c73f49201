"""What is live now: what the sources of facts and the probes offer the pipeline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from validator.model.deployment import Deployment, Output
from validator.support.stop import Stop

_ID_DIGITS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """The outputs of the infrastructure code, with the values that must not travel."""

    outputs: tuple[Output, ...]
    """In the order of their names; a sensitive one without its value."""
    values: Mapping[str, str] = field(repr=False)
    """All values, sensitive ones included: for `${terraform:…}` references and for nothing else."""
    source: str
    """Where they come from, for a person."""

    @property
    def digest(self) -> str:
        """`sha256:…` over all names and values: it changes when anything does, and shows nothing."""
        text = json.dumps(sorted(self.values.items()), ensure_ascii=True)
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


def deployment(outputs: Outputs, *, environment: str, revision: str, identifier: str = "") -> Deployment:
    """The deployment that these outputs describe.

    Args:
        outputs: What was read.
        environment: Its name.
        revision: The revision of the code that was deployed; may be empty.
        identifier: The team's own name for this deployment. Without one it is made of the outputs and the revision, so
            that the same deployment is the same tomorrow, and on another machine.
    """
    digest = outputs.digest
    seed = hashlib.sha256(f"{digest}\n{revision}".encode("utf-8", "surrogatepass")).hexdigest()[:_ID_DIGITS]
    return Deployment(
        id=identifier or f"{environment}-{seed}",
        revision=revision,
        environment=environment,
        source=outputs.source,
        outputs=outputs.outputs,
        digest=digest,
    )
