"""The device's side of an adb connection, spoken to directly."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.virtual.peer import connected, powered_on
from validator.virtual.daemon.wire import Command, Message, encode

pytestmark = pytest.mark.anyio


async def test_the_device_introduces_itself_with_its_features():
    async with powered_on() as device, connected(device, handshake=False) as peer:
        banner = (await peer.handshake()).decode()
    assert banner.startswith("device::ro.product.name=")
    assert "shell_v2" in banner.partition("features=")[2].split(",")


async def test_a_service_that_adbd_does_not_offer_is_refused():
    async with powered_on() as device, connected(device) as peer:
        for service in ("jdwp:1", "framebuffer:", "localabstract:x", "tcp:6790", "tcp:none", "nonsense"):
            await peer.send(Command.OPEN, 9, 0, service.encode())
            refused = await peer.expect(Command.CLSE)
            assert (refused.arg0, refused.arg1) == (0, 9)


async def test_only_one_piece_is_under_way_until_it_is_acknowledged():
    async with powered_on() as device, connected(device) as peer:
        number = await peer.open("shell:echo one; echo two")
        first = await peer.expect(Command.WRTE)
        assert (first.payload, await peer.silence()) == (b"one\n", True)
        await peer.send(Command.OKAY, 7, number)
        assert (await peer.expect(Command.WRTE)).payload == b"two\n"


async def test_a_piece_is_acknowledged_when_the_service_has_taken_it():
    async with powered_on() as device, connected(device) as peer:
        number = await peer.open("shell:sleep 30")
        await peer.send(Command.WRTE, 7, number, b"nobody reads this")
        assert await peer.silence()
    async with powered_on() as device, connected(device) as peer:
        number = await peer.open("shell:cat")
        await peer.send(Command.WRTE, 7, number, b"taken")
        assert (await peer.expect(Command.OKAY)).arg1 == 7


async def test_messages_for_streams_that_do_not_exist_do_no_harm():
    async with powered_on() as device, connected(device) as peer:
        await peer.send(Command.OKAY, 1, 999)
        await peer.send(Command.CLSE, 1, 999)
        await peer.send(0x12345678, 1, 2)
        await peer.send(Command.WRTE, 5, 999, b"late")
        assert (await peer.expect(Command.CLSE)).arg1 == 5
        assert await peer.output("shell:echo alive") == b"alive\n"


async def test_a_stream_that_the_host_closes_ends_its_command():
    async with powered_on() as device, connected(device) as peer:
        number = await peer.open("shell:logcat")
        await peer.send(Command.CLSE, 7, number)
        while (message := await peer.receive()) is not None and message.command != Command.CLSE:
            pass
        assert not device.device.log._followers


async def test_two_adb_servers_are_served_at_once():
    async with powered_on() as device, connected(device) as one, connected(device) as two:
        await one.open("shell:cat", 1)
        assert await two.output("shell:echo two") == b"two\n"
        assert device.listener.connections == 2


async def test_commands_of_one_connection_run_side_by_side():
    async with powered_on() as device, connected(device) as peer:
        await peer.open("shell:sleep 30", 1)
        assert await peer.output("shell:echo at once", 2) == b"at once\n"


async def test_something_that_is_not_adb_is_cut_off():
    async with powered_on() as device, connected(device, handshake=False) as peer:
        await peer.send_bytes(b"GET / HTTP/1.1\r\nHost: device\r\n\r\n")
        assert await peer.receive() is None


async def test_a_frozen_device_says_nothing_and_goes_on_when_it_thaws():
    async with powered_on() as device, connected(device) as peer:
        device.listener.freeze()
        await peer.send(Command.OPEN, 3, 0, b"shell:echo thawed\0")
        assert await peer.silence()
        async with connected(device, handshake=False) as newcomer:
            await newcomer.send(Command.CNXN, 1, 1)
            assert await newcomer.silence()
        device.listener.thaw()
        assert (await peer.expect(Command.OKAY)).arg1 == 3
        assert (await peer.expect(Command.WRTE)).payload == b"thawed\n"


async def test_a_dropped_device_refuses_connections_until_it_listens_again():
    async with powered_on() as device, connected(device) as peer:
        device.listener.drop()
        assert await peer.receive() is None
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", device.port)
        await device.listener.listen()
        async with connected(device) as again:
            assert await again.output("shell:echo back") == b"back\n"


async def test_a_blip_cuts_the_connection_and_takes_the_next():
    async with powered_on() as device, connected(device) as peer:
        device.listener.blip()
        assert await peer.receive() is None
        async with connected(device) as again:
            assert await again.output("shell:echo back") == b"back\n"


async def test_what_is_written_while_frozen_does_not_outlive_a_cut():
    async with powered_on() as device, connected(device) as peer:
        device.listener.freeze()
        await peer.send(Command.OPEN, 3, 0, b"shell:setprop debug.after cut\0")
        device.listener.blip()
        device.listener.thaw()
        async with connected(device) as again:
            assert await again.output("shell:getprop debug.after") == b"\n"


messages = st.builds(
    Message,
    command=st.sampled_from(Command),
    arg0=st.integers(0, 4),
    arg1=st.integers(0, 4),
    payload=st.sampled_from([b"", b"shell:cat", b"sync:", b"exec:id", b"reverse:list-forward"])
    | st.binary(max_size=60),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(messages, max_size=12), st.binary(max_size=40))
def test_whatever_comes_over_the_wire_the_device_lives_on(sent: list[Message], rest: bytes):
    async def bombard() -> bytes:
        async with powered_on() as device:
            async with connected(device) as peer:
                await peer.send_bytes(b"".join(map(encode, sent)) + rest)
                await peer.silence(0.01)
            async with connected(device) as healthy:
                return await healthy.output("shell:echo alive")

    assert asyncio.run(bombard()) == b"alive\n"
