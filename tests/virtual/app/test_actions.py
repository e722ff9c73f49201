"""Actions: variables, routines, waiting, launching, dying, and a system that strikes in between."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from tests.virtual.app.phone import System, app, open_app
from validator.virtual.ports import Death

pytestmark = pytest.mark.anyio


def button(*actions: Mapping[str, object], text: str = "Do") -> dict[str, object]:
    return {"type": "button", "text": text, "on_tap": list(actions)}


def put(**values: object) -> dict[str, object]:
    return {"do": "set", "values": values}


async def test_values_are_computed_before_the_first_is_assigned():
    phone = await open_app(
        app([button(put(a="{b}", b="{a}")), {"type": "text", "text": "{a}{b}"}], variables={"a": 1, "b": 2})
    )
    await phone.tap("Do")
    assert "21" in phone.texts


async def test_arrays_grow_and_shrink():
    actions: list[dict[str, object]] = [
        {"do": "append", "variable": "cart", "value": {"sku": "a", "n": "{1 + 1}"}},
        {"do": "append", "variable": "cart", "value": {"sku": "b", "n": 5}},
        {"do": "remove", "variable": "cart", "where": "item.sku == 'a'"},
        {"do": "increment", "variable": "total", "by": "{cart|sum:'n'}"},
    ]
    phone = await open_app(
        app([button(*actions), {"type": "text", "text": "{cart|json} {total}"}], variables={"cart": [], "total": 1})
    )
    await phone.tap("Do")
    assert '[{"sku":"b","n":5}] 6' in phone.texts


async def test_choices_routines_and_stops():
    routines = {
        "twice": [{"do": "call", "routine": "once"}, {"do": "call", "routine": "once"}],
        "once": [{"do": "increment", "variable": "n"}, {"do": "if", "condition": "n >= 3", "then": [{"do": "stop"}]}],
    }
    actions: list[dict[str, object]] = [
        {"do": "call", "routine": "twice"},
        {"do": "call", "routine": "twice"},
        put(n=100),
    ]
    phone = await open_app(
        app([button(*actions), {"type": "text", "text": "n is {n}"}], variables={"n": 0}, routines=routines)
    )
    await phone.tap("Do")
    assert "n is 3" in phone.texts


async def test_a_wait_suspends_its_list_and_not_the_screen():
    phone = await open_app(
        app(
            [button(put(n=1), {"do": "wait", "ms": 60}, put(n=2)), {"type": "text", "text": "n is {n}"}],
            variables={"n": 0},
        )
    )
    await phone.tap("Do")
    assert "n is 1" in phone.texts
    await phone.shows("n is 2")
    await phone.app.close()


async def test_a_routine_may_call_itself_for_ever_as_long_as_it_waits():
    routines = {
        "poll": [{"do": "increment", "variable": "n"}, {"do": "wait", "ms": 0}, {"do": "call", "routine": "poll"}]
    }
    phone = await open_app(
        app(
            [{"type": "text", "text": "{n > 1000}"}],
            variables={"n": 0},
            routines=routines,
            start=[{"do": "call", "routine": "poll"}],
        )
    )
    await phone.shows("true")
    assert phone.system.deaths == []
    await phone.app.close()


@pytest.mark.parametrize(
    "routine",
    [[{"do": "call", "routine": "loop"}], [{"do": "call", "routine": "loop"}, {"do": "log", "message": "x"}]],
)
async def test_a_routine_that_calls_itself_without_waiting_overflows_the_stack(routine: list[object]):
    phone = await open_app(app([button({"do": "call", "routine": "loop"})], routines={"loop": routine}))
    await phone.tap("Do")
    assert phone.system.deaths[0][0] is Death.CRASH
    assert "java.lang.StackOverflowError" in phone.system.deaths[0][2]


async def test_extras_system_values_and_config_are_read_at_launch():
    system = System(properties={"debug.validator.run": "run-1"})
    names = ("extra.runId", "extra.n + 1", "extra.flag", "system.debug.validator.run", "config.RELEASE", "app.package")
    text = "/".join(f"{{{name}}}" for name in names)
    phone = await open_app(
        app([{"type": "text", "text": text}]), system, {"runId": "abc", "n": 4, "flag": True}, RELEASE="1.4"
    )
    assert phone.texts == ["abc/5/true/run-1/1.4/com.example.shop"]


async def test_the_start_may_choose_the_screen():
    screens = {"other": {"elements": [{"type": "text", "text": "Other"}]}}
    phone = await open_app(app([], start=[{"do": "go", "screen": "other"}], screens=screens))
    assert phone.texts == ["Other"]
    assert [text for event, text in phone.system.events if event == "screen"] == ["other"]


async def test_persistent_variables_survive_a_relaunch_and_others_do_not():
    description = app(
        [button(put(kept={"n": 1}, lost=1)), {"type": "text", "text": "{kept|json}/{lost}"}],
        variables={"kept": None, "lost": 0},
        persistent=["kept"],
    )
    system = System()
    phone = await open_app(description, system)
    await phone.tap("Do")
    await phone.app.close()
    phone = await open_app(description, system)
    assert '{"n":1}/0' in phone.texts
    system.storage.clear()
    phone = await open_app(description, system)
    assert "null/0" in phone.texts


async def test_each_line_of_a_message_is_a_log_line():
    phone = await open_app(app([button({"do": "log", "message": "a\nb", "tag": "Shop", "priority": "W"})]))
    await phone.tap("Do")
    assert phone.system.lines[-2:] == ["W Shop: a", "W Shop: b"]


async def test_a_java_crash_ends_the_process_with_its_stack():
    crash = {"do": "crash", "exception": "java.lang.NullPointerException", "message": "cart is null"}
    phone = await open_app(app([button(crash, {"do": "log", "message": "never"})]))
    await phone.tap("Do")
    ((death, reason, details),) = phone.system.deaths
    assert death is Death.CRASH
    assert reason == "java.lang.NullPointerException: cart is null"
    assert details.splitlines()[:3] == ["FATAL EXCEPTION: main", "Process: com.example.shop, PID: 4321", reason]
    assert phone.nodes[1:] == []
    await phone.app.tap(540, 300)
    assert not any("never" in line for line in phone.system.lines)


async def test_a_native_crash_and_an_exit_end_the_process_too():
    phone = await open_app(app([button({"do": "crash", "kind": "native", "message": "boom"})]))
    await phone.tap("Do")
    assert phone.system.deaths[0][0] is Death.CRASH_NATIVE
    assert "Abort message: 'boom'" in phone.system.deaths[0][2]
    phone = await open_app(app([button({"do": "exit"})]))
    await phone.tap("Do")
    assert phone.system.deaths == [(Death.EXIT_SELF, "exit", "")]


async def test_an_app_that_does_not_respond_ignores_fingers_but_stays_on_screen():
    phone = await open_app(
        app(
            [button({"do": "anr"}, text="Freeze"), button(put(n=1)), {"type": "text", "text": "n is {n}"}],
            variables={"n": 0},
        )
    )
    await phone.tap("Freeze")
    assert len(phone.system.unresponsive) == 1
    await phone.tap("Do")
    assert "n is 0" in phone.texts


async def test_a_process_killed_while_it_tells_of_a_tap_does_not_act():
    phone = await open_app(app([button({"do": "log", "message": "acted"})]))

    async def kill(event: str, text: str) -> None:
        if event == "tap":
            await asyncio.create_task(phone.app.close())

    phone.system.strike = kill
    async with asyncio.timeout(5):
        await phone.tap("Do")
    assert not any("acted" in line for line in phone.system.lines)
    assert phone.app.tree(phone.viewport).children == []


async def test_a_process_killed_from_inside_its_own_actions_ends_quietly():
    screens: dict[str, object] = {"other": {"elements": []}}
    phone = await open_app(
        app([button({"do": "go", "screen": "other"}, {"do": "log", "message": "acted"})], screens=screens)
    )

    async def kill(event: str, text: str) -> None:
        if (event, text) == ("screen", "other"):
            await asyncio.create_task(phone.app.close())

    phone.system.strike = kill
    async with asyncio.timeout(5):
        await phone.tap("Do")
    assert not any("acted" in line for line in phone.system.lines)
    assert not phone.app.keyboard_shown()


async def test_closing_cancels_what_waits():
    phone = await open_app(app([button({"do": "wait", "ms": 50}, {"do": "log", "message": "woke"})]))
    await phone.tap("Do")
    await phone.app.close()
    await asyncio.sleep(0.1)
    assert not any("woke" in line for line in phone.system.lines)
