"""An APK at an address, known by its digest."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from validator.builds.cache import Cache
from validator.builds.fetching import Patience, Wanted, fetch_file
from validator.builds.port import keep, note
from validator.support.redact import Secret
from validator.support.stop import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlBuild:
    """Implements `BuildSource`."""

    url: str
    sha256: str
    """64 lower-case hexadecimal digits."""
    token: Secret = field(default_factory=lambda: Secret(""))
    """Sent as `Authorization: Bearer …` to the address's own host only."""
    cache: Cache
    seconds: float = 600.0
    """How long everything may take."""

    @property
    def source(self) -> str:
        """The address, without a query, which may hold a signature."""
        return self.url.partition("?")[0]

    def fetch(self, folder: Path, stop: Stop) -> Path:
        """Fetch the file unless the cache has it, and copy it into the folder.

        Raises:
            StageError: `apk_missing`: it cannot be had, or has another digest.
        """
        token = self.token.reveal()
        wanted = Wanted(
            url=self.url,
            sha256=self.sha256,
            credentials={"authorization": f"Bearer {token}"} if token else {},
        )
        path = fetch_file(wanted, self.cache, Patience(self.seconds, stop))
        note(folder, f"{self.source}, {path.stat().st_size} bytes, sha256:{self.sha256}")
        return keep(path, folder)
