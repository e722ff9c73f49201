"""Files that are either whole or not there, digests, and names that every file system takes."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_MAX = 80


def write_atomic(path: Path, data: bytes | str, mode: int = 0o644) -> None:
    """Write the file so that a reader, or a machine that loses power, sees the old content or the new one, whole.

    Args:
        path: The file; its folder must exist.
        data: The content; text is written as UTF-8.
        mode: The permissions of the new file, less the umask.

    Raises:
        OSError: The content cannot be written; the old file is untouched and nothing else is left behind.
    """
    content = data.encode() if isinstance(data, str) else data
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    try:
        _write_through(temporary, content, mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def sha256_file(path: Path) -> str:
    """The SHA-256 of the file's content as 64 hexadecimal digits, read in pieces.

    Raises:
        OSError: The file cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def scrub(folder: Path, redact: Callable[[str], str]) -> None:
    """Rewrite every text file below the folder in which `redact` changes anything; line by line, so in little memory.

    What is no UTF-8 text (pictures, archives) is left as it is: a secret is not found in it either.

    Raises:
        OSError: A file cannot be read or rewritten.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.suffix not in _BINARY:
            _scrub_file(path, redact)


def _scrub_file(path: Path, redact: Callable[[str], str]) -> None:
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(6)}.tmp")
    changed = False
    try:
        with path.open("rb") as source, temporary.open("wb") as target:
            for line in source:
                text = line.decode("utf-8", "surrogateescape")
                clean = redact(text)
                changed = changed or clean != text
                target.write(clean.encode("utf-8", "surrogateescape"))
        if changed:
            shutil.copymode(path, temporary)
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


_BINARY = {".png", ".jpg", ".jpeg", ".webp", ".mp4", ".apk", ".zip", ".gz"}


def slug(text: str) -> str:
    """A name for a file or folder that stands for the text: at most 80 letters, digits, `.`, `_` and `-`.

    Text that is such a name already stays as it is. Anything else ends in six digits of its SHA-256, so that two
    texts that differ only in what had to go (`pay: now`, `pay? now`) do not share a file.
    """
    name = _UNSAFE.sub("-", text).strip("-.")
    if name == text and 0 < len(name) <= _NAME_MAX:
        return name
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name[: _NAME_MAX - 7].rstrip('-.')}-{digest}".lstrip("-")


def _write_through(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, which carries the mode, not a path
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself durable (POSIX promises it only for a synced folder)."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
