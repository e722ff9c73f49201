"""An APK that hangs on a GitHub release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

from validator.builds.cache import Cache
from validator.builds.fetching import Patience, Wanted, fetch_file, missing, refusal
from validator.builds.port import keep, note
from validator.builds.release import Asset, Release, ReleaseError, choose, read_release
from validator.support.http import MIB, get
from validator.support.redact import Secret
from validator.support.stop import Stop

API: Final = "https://api.github.com"
_LARGEST_ANSWER: Final = 8 * MIB
_ASK_SECONDS: Final = 15.0
_API_HEADERS: Final = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}
_FILE_HEADERS: Final = {**_API_HEADERS, "accept": "application/octet-stream"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GitHubReleaseBuild:
    """Implements `BuildSource`. The API names the file, its size and its digest; all are checked."""

    repository: str
    """`owner/name`."""
    asset: str
    """The name of the APK, or a pattern that matches exactly one asset."""
    tag: str = ""
    """Empty: the latest release, which is no draft and no pre-release."""
    token: Secret = field(default_factory=lambda: Secret(""))
    """Sent to the API's own host only, never to where it redirects."""
    api_url: str = API
    cache: Cache
    seconds: float = 600.0
    """How long everything may take, waiting for rate limits included."""

    @property
    def source(self) -> str:
        """Repository, release and asset."""
        return f"{self.asset} of {self.tag or 'the latest release'} of {self.repository}"

    def fetch(self, folder: Path, stop: Stop) -> Path:
        """Find the asset, fetch it unless the cache has it, and copy it into the folder.

        Raises:
            StageError: `apk_missing`: there is no such release or asset, it cannot be had, or is not what was promised.
        """
        patience = Patience(self.seconds, stop)
        release = patience.ask(lambda: self._release(patience))
        asset = self._asset(release)
        wanted = Wanted(
            url=f"{self._repository}/releases/assets/{asset.id}",
            sha256=asset.sha256,
            size=asset.size,
            headers=_FILE_HEADERS,
            credentials=self._credentials,
        )
        path = fetch_file(wanted, self.cache, patience)
        note(folder, f"{asset.name} of {self.repository} {release.tag}, {asset.size} bytes, sha256:{path.stem}")
        return keep(path, folder)

    def _release(self, patience: Patience) -> Release:
        which = f"tags/{quote(self.tag, safe='')}" if self.tag else "latest"
        url = f"{self._repository}/releases/{which}"
        answer = get(
            url,
            deadline=min(_ASK_SECONDS, patience.left),
            headers={**_API_HEADERS, **self._credentials},
            max_body=_LARGEST_ANSWER,
        )
        if answer.status != 200:
            raise refusal(answer.status, answer.headers, answer.body, url)
        try:
            return read_release(answer.body)
        except ReleaseError as error:
            raise missing(str(error), url, "check `build.github_release.api_url`") from error

    def _asset(self, release: Release) -> Asset:
        try:
            return choose(release, self.asset)
        except ReleaseError as error:
            remedy = "upload the APK to the release, or correct `build.github_release.asset`: it must match one file"
            raise missing(str(error), self.repository, remedy) from error

    @property
    def _repository(self) -> str:
        return f"{self.api_url.rstrip('/')}/repos/{self.repository}"

    @property
    def _credentials(self) -> Mapping[str, str]:
        token = self.token.reveal()
        return {"authorization": f"Bearer {token}"} if token else {}
