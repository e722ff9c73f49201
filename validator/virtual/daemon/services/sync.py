"""`sync:`: pushing, pulling and listing files.

Source: AOSP `packages/modules/adb/SYNC.TXT` and `file_sync_protocol.h`.
"""

from __future__ import annotations

import errno
import posixpath
import struct

from validator.virtual.daemon.services.exact_reader import ExactReader
from validator.virtual.daemon.stream import Stream
from validator.virtual.device.files import FileStat, FileSystem

_CHUNK = 64 * 1024  # the most that one DATA packet may carry
_LONGEST_NAME = 1024
_STAT = struct.Struct("<4s3I")
_STAT2 = struct.Struct("<4sIQQ4IQ3q")


class Sync:
    """Serves one sync connection: requests one after the other until QUIT."""

    def __init__(self, files: FileSystem) -> None:
        self._files = files

    async def serve(self, stream: Stream) -> None:
        """Answer until the host quits or says something that is no request."""
        reader = ExactReader(stream)
        while (header := await reader.exactly(8)) is not None:
            request, length = struct.unpack("<4sI", header)
            if request == b"QUIT" or length > _LONGEST_NAME:
                return
            name = await reader.exactly(length)
            if name is None or not await self._answer(request, name.decode("utf-8", "surrogateescape"), reader, stream):
                return

    async def _answer(self, request: bytes, path: str, reader: ExactReader, stream: Stream) -> bool:
        match request:
            case b"STAT":
                await stream.write(self._stat(path))
            case b"STA2" | b"LST2":
                await stream.write(self._stat2(request, path))
            case b"LIST" | b"LIS2":
                await self._list(path, stream, version=2 if request == b"LIS2" else 1)
            case b"RECV":
                await self._send_file(path, stream)
            case b"SEND":
                return await self._receive_file(path, reader, stream)
            case _:
                await stream.write(_failure(f"unknown command {request!r}"))
                return False
        return True

    def _stat(self, path: str) -> bytes:
        try:
            found = self._files.stat(path)
        except OSError:
            return _STAT.pack(b"STAT", 0, 0, 0)
        return _STAT.pack(b"STAT", found.mode, found.size, found.modified)

    def _stat2(self, request: bytes, path: str) -> bytes:
        try:
            return _packed2(request, self._files.stat(path))
        except OSError as problem:
            return _STAT2.pack(request, problem.errno or errno.ENOENT, *([0] * 10))

    async def _list(self, path: str, stream: Stream, *, version: int) -> None:
        try:
            names = self._files.listing(path)
        except OSError:
            names = []
        listed = bytearray()
        for name in names:
            found = self._files.stat(posixpath.join(path, name))
            encoded = name.encode("utf-8", "surrogateescape")
            if version == 2:
                listed += _packed2(b"DNT2", found)
            else:
                listed += _STAT.pack(b"DENT", found.mode, found.size, found.modified)
            listed += struct.pack("<I", len(encoded)) + encoded
        end = b"DONE" + bytes((_STAT2 if version == 2 else _STAT).size)
        await stream.write(bytes(listed) + end)

    async def _send_file(self, path: str, stream: Stream) -> None:
        try:
            data = self._files.read(path)
        except OSError as problem:
            await stream.write(_failure(f"open failed: {problem.strerror}"))
            return
        packets = bytearray()
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            packets += b"DATA" + struct.pack("<I", len(piece)) + piece
        # One write: a small last packet on its own would wait 40 ms in the adb server for the client's acknowledgement.
        await stream.write(bytes(packets + b"DONE" + bytes(4)))

    async def _receive_file(self, target: str, reader: ExactReader, stream: Stream) -> bool:
        """`SEND path,mode`, then DATA packets up to DONE. A file that cannot be kept is read to its end, too."""
        path, _, mode = target.rpartition(",")
        problem = self._problem_with(path)
        data = bytearray()
        while (header := await reader.exactly(8)) is not None:
            kind, number = struct.unpack("<4sI", header)
            if kind == b"DONE":
                problem = problem or self._keep(path, bytes(data), mode, number)
                await stream.write(_failure(problem) if problem else b"OKAY" + bytes(4))
                return True
            if kind != b"DATA" or number > _CHUNK or (piece := await reader.exactly(number)) is None:
                return False
            if problem is None and len(data) + number > self._files.free:
                problem = "write failed: No space left on device"
                data.clear()
            if problem is None:
                data += piece
        return False

    def _problem_with(self, path: str) -> str | None:
        try:
            self._files.make_directory(posixpath.dirname(path), parents=True)
            self._files.check_writable(path)
        except OSError as problem:
            return f"couldn't create file: {problem.strerror}"
        return None

    def _keep(self, path: str, data: bytes, mode: str, modified: int) -> str | None:
        bits = int(mode) if mode.isdecimal() else 0o660
        try:
            self._files.write(path, data, mode=bits, modified=modified)
        except OSError as problem:
            return f"write failed: {problem.strerror}"
        return None


def _packed2(kind: bytes, found: FileStat) -> bytes:
    when = found.modified
    return _STAT2.pack(kind, 0, 64768, 1, found.mode, 1, 2000, 2000, found.size, when, when, when)


def _failure(text: str) -> bytes:
    encoded = text.encode("utf-8", "surrogateescape")
    return b"FAIL" + struct.pack("<I", len(encoded)) + encoded
