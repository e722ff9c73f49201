"""Which of some texts occur in an APK: in its code, resources, assets and native libraries. Pure.

Everything is searched as bytes, in UTF-8 and in UTF-16 (resources and .NET assemblies hold the latter; Android's own
code never does), piece by piece, so that neither the size of the APK nor that of a library matters. Two files are
searched at a time: while one is unpacked, the other is looked through. Not found is what is compressed or encrypted
once more inside the APK.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.archive import Archive, Entry, unpack
from validator.builds.apk.bytesource import ApkUnreadableError, ByteSource

_MOST_BYTES: Final = 4 * 1024 * 1024 * 1024
_AT_ONCE: Final = 2
_WORTH_A_THREAD: Final = 4 * 1024 * 1024
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
_ENCODINGS: Final = (("utf-8", 1), ("utf-16-le", 2))
"""With the bytes of each character of an endpoint."""
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
    entries = [entry for entry in archive.entries if _searched(entry)]
    if max((entry.size for entry in entries), default=0) < _WORTH_A_THREAD:
        return tuple(hit for entry in entries for hit in _search_entry(source, entry, texts))
    found: dict[str, tuple[Hit, ...]] = {}

    def look(entry: Entry) -> None:
        found[entry.name] = tuple(_search_entry(source, entry, texts))

    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="search") as pool:
        # The largest first, or the last of them would be looked through alone.
        for _ in pool.map(look, sorted(entries, key=lambda entry: entry.size, reverse=True)):
            pass
    return tuple(hit for entry in entries for hit in found[entry.name])


def _searched(entry: Entry) -> bool:
    return not entry.name.lower().endswith(_SKIPPED) and not entry.name.endswith("/")


def _search_entry(source: ByteSource, entry: Entry, texts: Sequence[str]) -> Iterator[Hit]:
    bounded = entry.name.lower().endswith(_TERMINATED)
    encodings = _ENCODINGS[:1] if entry.name.endswith(".dex") else _ENCODINGS
    found: dict[str, bool] = {}
    for piece, last in _overlapping(unpack(source, entry), 2 * max(len(text.encode()) for text in texts) + 4):
        for text in texts:
            if not found.get(text, False):
                whole = _occurs(piece, text, encodings, bounded=bounded, last=last)
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


def _occurs(piece: bytes, text: str, encodings: Sequence[tuple[str, int]], *, bounded: bool, last: bool) -> bool | None:
    """None: not there; False: only as the beginning of something longer; True: there."""
    found: bool | None = None
    for encoding, width in encodings:
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
