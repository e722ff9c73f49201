"""One attempt that was decided on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from validator.model.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt that was decided on."""

    flow: Flow
    number: int
    run_folder: Path
    folder: str
    """Relative to the run's folder."""
    follows_another: bool
    """Whether a flow ran before on this device, so that there is something to run between the two."""

    @property
    def path(self) -> Path:
        """The attempt's folder."""
        return self.run_folder / self.folder
