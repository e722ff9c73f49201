"""What a GitHub release says of itself, and which of its assets is the APK. Pure.

Fields: https://docs.github.com/en/rest/releases/releases#get-the-latest-release
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

_LISTED: Final = 8
_MOST_ASSETS: Final = 10_000
_DIGEST: Final = re.compile(r"sha256:([0-9a-f]{64})")


class ReleaseError(ValueError):
    """The release has not what is wanted; the text says what it has instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file of a release."""

    id: int
    name: str
    size: int
    sha256: str
    """64 hexadecimal digits; empty for assets that are older than GitHub's digests (June 2025)."""
    uploaded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release."""

    tag: str
    assets: tuple[Asset, ...]


def read_release(body: bytes) -> Release:
    """Read the API's answer.

    Raises:
        ReleaseError: It is no release.
    """
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ReleaseError("the answer is no JSON: that is not GitHub's API") from error
    if not isinstance(document, dict) or not isinstance(document.get("assets"), list):
        raise ReleaseError("the answer is no release: that is not GitHub's API")
    return Release(tag=str(document.get("tag_name", "")), assets=tuple(_assets(document["assets"])))


def choose(release: Release, pattern: str) -> Asset:
    """The one asset of this name, or that matches this pattern.

    Raises:
        ReleaseError: None does, several do, or it is not there yet.
    """
    named = [asset for asset in release.assets if asset.name == pattern]
    found = named or [asset for asset in release.assets if fnmatchcase(asset.name, pattern)]
    if len(found) == 1 and found[0].uploaded:
        return found[0]
    if len(found) == 1:
        raise ReleaseError(f"{found[0].name} of release {release.tag} is not uploaded to its end")
    if found:
        raise ReleaseError(f"release {release.tag} has several assets that match {pattern}: {_names(found)}")
    has = _names(release.assets) if release.assets else "none at all"
    raise ReleaseError(f"release {release.tag} has no asset that matches {pattern}; it has: {has}")


def _assets(entries: list[object]) -> Iterator[Asset]:
    for entry in entries[:_MOST_ASSETS]:
        if not isinstance(entry, dict):
            raise ReleaseError("an asset of the release is none: that is not GitHub's API")
        match entry:
            case {"id": int() as number, "name": str() as name, "size": int() as size}:
                digest, state = _digest(entry), entry.get("state", "uploaded")
                yield Asset(id=number, name=name, size=size, sha256=digest, uploaded=state == "uploaded")
            case _:
                raise ReleaseError("an asset of the release has no id, name or size: that is not GitHub's API")


def _digest(entry: Mapping[object, object]) -> str:
    found = _DIGEST.fullmatch(str(entry.get("digest", "")))
    return found[1] if found else ""


def _names(assets: list[Asset] | tuple[Asset, ...]) -> str:
    shown = ", ".join(asset.name for asset in assets[:_LISTED])
    return f"{shown} and {len(assets) - _LISTED} more" if len(assets) > _LISTED else shown
