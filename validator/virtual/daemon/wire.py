"""Framing of the adb protocol: a 24 byte little-endian header, then the payload.

Source: `packages/modules/adb/protocol.txt` and `types.h` of AOSP; measured against adb 29.0.6 and 36.0.0.
"""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from enum import IntEnum

_HEADER = struct.Struct("<6I")
_MAGIC_MASK = 0xFFFFFFFF
VERSION = 0x01000001
"""Protocol version from which neither side looks at checksums any more."""
MAX_PAYLOAD = 1024 * 1024
"""Bytes that one message may carry; what both adb versions announce and accept."""


class Command(IntEnum):
    """The messages of the protocol: four letters read as a little-endian number."""

    CNXN = 0x4E584E43
    OPEN = 0x4E45504F
    OKAY = 0x59414B4F
    WRTE = 0x45545257
    CLSE = 0x45534C43
    AUTH = 0x48545541


class WireError(Exception):
    """The bytes are not adb messages: whoever sent them is not an adb server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One adb message. `command` may be a number that `Command` does not know; those are ignored by the receiver."""

    command: int
    arg0: int = 0
    arg1: int = 0
    payload: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The fixed part of a message, before its payload has been read."""

    command: int
    arg0: int
    arg1: int
    length: int


HEADER_BYTES = _HEADER.size


def decode_header(data: bytes) -> Header:
    """Read the 24 header bytes.

    Raises:
        WireError: the magic does not belong to the command, or more payload is announced than was agreed.
    """
    command, arg0, arg1, length, _checksum, magic = _HEADER.unpack(data)
    if magic != command ^ _MAGIC_MASK:
        raise WireError(f"not an adb message: magic {magic:#010x} for command {command:#010x}")
    if length > MAX_PAYLOAD:
        raise WireError(f"payload of {length} bytes announced, {MAX_PAYLOAD} agreed")
    return Header(command=command, arg0=arg0, arg1=arg1, length=length)


def encode(message: Message) -> bytes:
    """The message as bytes. The checksum is written for the handshake alone, where the version is not yet agreed."""
    handshake = message.command in (Command.CNXN, Command.AUTH)
    checksum = sum(message.payload) & _MAGIC_MASK if handshake else 0
    header = _HEADER.pack(
        message.command,
        message.arg0,
        message.arg1,
        len(message.payload),
        checksum,
        message.command ^ _MAGIC_MASK,
    )
    return header + message.payload


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """The next message, or None when the peer has hung up (also in the middle of a message).

    Raises:
        WireError: see `decode_header`.
    """
    try:
        header = decode_header(await reader.readexactly(HEADER_BYTES))
        payload = await reader.readexactly(header.length)
    except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
        return None
    return Message(command=header.command, arg0=header.arg0, arg1=header.arg1, payload=payload)
