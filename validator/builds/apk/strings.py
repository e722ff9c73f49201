"""Which of some texts occur in an APK: in its code, resources, assets and native libraries. Pure.

Everything is searched as bytes, in UTF-8 and in UTF-16 (resources and .NET assemblies hold the latter), piece by piece,
so that neither the size of the APK nor that of a library matters. Not found is what is compressed or encrypted once
more inside the APK.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.archive import Archive, Entry, unpack
from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource

_MOST_BYTES: Final = 4 * 1024 * 1024 * 1024
_SKIPPED: Final = (
    *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".mp3", ".mp4", ".ogg", ".wav", ".webm", ".m4a"),
    *(".ttf", ".otf", ".woff", ".woff2"),
)
_TERMINATED: Final = (
    ".dex",
    ".arsc",
    ".xml",
    ".json",
    ".properties",
    ".txt",
    ".html",
    ".env",
    ".plist",
    ".yaml",
    ".yml",
)
"""Here something that is no part of it always follows a text, which native code and Hermes bytecode do not promise."""
_GOES_ON: Final = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One text in one file of the APK."""

    text: str
    entry: str
    whole: bool
    """False: only as the beginning of something longer, such as `api.example.com` in `api.example.com.au`."""


def search(source: ByteSource, archive: Archive, texts: Sequence[str]) -> tuple[Hit, ...]:
    """Find each text in each file of the APK.

    Raises:
        ApkUnreadableError: The archive is damaged, or unpacks to more than 4 GiB.
    """
    if not texts:
        return ()
    if sum(entry.size for entry in archive.entries) > _MOST_BYTES:
        raise ApkUnreadableError("it unpacks to more than 4 GiB")
    return tuple(hit for entry in archive.entries if _searched(entry) for hit in _search_entry(source, entry, texts))


def _searched(entry: Entry) -> bool:
    return not entry.name.lower().endswith(_SKIPPED) and not entry.name.endswith("/")


def _search_entry(source: ByteSource, entry: Entry, texts: Sequence[str]) -> Iterator[Hit]:
    bounded = entry.name.lower().endswith(_TERMINATED)
    found: dict[str, bool] = {}
    for piece, last in _overlapping(unpack(source, entry), 2 * max(len(text.encode()) for text in texts) + 4):
        for text in texts:
            if not found.get(text, False):
                whole = _occurs(piece, text, bounded=bounded, last=last)
                if whole is not None:
                    found[text] = whole
    yield from (Hit(text=text, entry=entry.name, whole=whole) for text, whole in found.items())


def _overlapping(pieces: Iterator[bytes], overlap: int) -> Iterator[tuple[bytes, bool]]:
    """Pieces that begin with the end of the one before, so that no text is cut in two; and whether it is the last."""
    kept = b""
    for piece in pieces:
        whole = kept + piece
        yield whole, False
        kept = whole[-overlap:]
    yield kept, True


def _occurs(piece: bytes, text: str, *, bounded: bool, last: bool) -> bool | None:
    """None: not there; False: only as the beginning of something longer; True: there."""
    found: bool | None = None
    for encoding, width in (("utf-8", 1), ("utf-16-le", 2)):
        wanted = text.encode(encoding)
        place = piece.find(wanted)
        while place >= 0:
            after = piece[place + len(wanted) : place + len(wanted) + 2 * width : width]
            if len(after) < 2 and not last and bounded:
                break  # what follows comes with the next piece, which begins before this place
            if not bounded or not _goes_on(after):
                return True
            found = False
            place = piece.find(wanted, place + 1)
    return found


def _goes_on(after: bytes) -> bool:
    """Whether a host name or a number goes on: with a letter or digit, or with a dot before one."""
    if after[:1] == b".":
        after = after[1:]
    return bool(after) and after[0] in _GOES_ON
