"""The framing of adb messages."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.virtual.daemon.wire import (
    HEADER_BYTES,
    MAX_PAYLOAD,
    Command,
    Message,
    WireError,
    decode_header,
    encode,
    read_message,
)

u32 = st.integers(0, 0xFFFFFFFF)
messages = st.builds(
    Message, command=st.sampled_from(Command) | u32, arg0=u32, arg1=u32, payload=st.binary(max_size=300)
)


async def _read_all(data: bytes) -> list[Message]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    found = []
    while (message := await read_message(reader)) is not None:
        found.append(message)
    return found


@given(st.lists(messages, max_size=5))
def test_messages_come_back_as_they_were_sent(sent: list[Message]):
    assert asyncio.run(_read_all(b"".join(map(encode, sent)))) == sent


@given(messages, st.data())
def test_a_message_cut_anywhere_is_no_message(message: Message, data: st.DataObject):
    whole = encode(message)
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert asyncio.run(_read_all(whole[:cut])) == []


@given(st.binary(min_size=HEADER_BYTES, max_size=200))
def test_foreign_bytes_are_refused_or_read_as_messages_that_encode_back(data: bytes):
    try:
        found = asyncio.run(_read_all(data))
    except WireError:
        return
    for message in found:
        assert asyncio.run(_read_all(encode(message))) == [message]


def test_the_handshake_carries_the_checksum_that_old_servers_look_at():
    encoded = encode(Message(command=Command.CNXN, payload=b"\x01\xff"))
    assert int.from_bytes(encoded[16:20], "little") == 0x100


def test_a_wrong_magic_is_refused():
    encoded = bytearray(encode(Message(command=Command.OPEN)))
    encoded[20] ^= 1
    with pytest.raises(WireError, match="not an adb message"):
        decode_header(bytes(encoded))


def test_more_payload_than_agreed_is_refused():
    encoded = bytearray(encode(Message(command=Command.WRTE)))
    encoded[12:16] = (MAX_PAYLOAD + 1).to_bytes(4, "little")
    with pytest.raises(WireError, match="1048577 bytes announced"):
        decode_header(bytes(encoded))
