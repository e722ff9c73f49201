"""Inputs: focus, keyboard, typing, keys, passwords."""

from __future__ import annotations

import pytest

from tests.virtual.app.phone import Phone, System, app, open_app

pytestmark = pytest.mark.anyio

FORM: list[object] = [
    {
        "type": "input",
        "id": "email",
        "bind": "email",
        "hint": "Email",
        "on_change": [{"do": "increment", "variable": "n"}],
    },
    {"type": "input", "id": "pin", "bind": "pin", "hint": "PIN", "password": True},
    {"type": "input", "id": "off", "bind": "off", "hint": "Off", "enabled_when": "false"},
    {"type": "text", "text": "{email}/{pin}/{n}/{sent}"},
]


async def form() -> Phone:
    send = {"do": "set", "values": {"sent": "{email}"}}
    elements = [{**FORM[0], "on_enter": [send]}, *FORM[1:]] if isinstance(FORM[0], dict) else []
    return await open_app(app(elements, variables={"email": "", "pin": "", "off": "", "n": 0, "sent": ""}))


async def test_a_tap_focuses_an_input_and_raises_the_keyboard():
    phone = await form()
    assert not phone.app.keyboard_shown()
    await phone.tap("email")
    assert phone.app.keyboard_shown()
    assert phone.node("email").focused
    phone.app.hide_keyboard()
    assert not phone.app.keyboard_shown()
    assert phone.node("email").focused


async def test_typed_text_is_appended_and_bound():
    phone = await form()
    await phone.tap("email")
    await phone.app.type_text("ada@")
    await phone.app.type_text("example.com")
    assert phone.node("email").text == "ada@example.com"
    assert "ada@example.com//2/" in phone.texts


async def test_an_empty_input_shows_its_hint_as_text():
    phone = await form()
    assert (phone.node("email").text, phone.node("email").hint) == ("Email", "Email")


async def test_a_password_is_never_shown_and_never_told():
    phone = await form()
    await phone.tap("pin")
    await phone.app.type_text("1234")
    assert phone.node("pin").text == "\u2022" * 4
    assert phone.node("pin").password
    assert not any("1234" in text for _, text in phone.system.events)
    assert "/1234/0/" in phone.texts


async def test_enter_runs_its_actions_and_puts_the_keyboard_away():
    phone = await form()
    await phone.tap("email")
    await phone.app.type_text("a@b.c\nignored")
    assert "a@b.c//1/a@b.c" in phone.texts
    assert not phone.app.keyboard_shown()
    assert not phone.node("email").focused


async def test_keys_edit_the_focused_input():
    phone = await form()
    assert not await phone.app.key(67)
    await phone.tap("email")
    for code in (29, 30, 8, 62, 67):
        assert await phone.app.key(code)
    assert phone.node("email").text == "ab1"
    assert not await phone.app.key(24)
    assert await phone.app.key(61)
    assert phone.node("pin").focused
    assert await phone.app.key(66)
    assert not phone.node("pin").focused


async def test_text_can_be_replaced_through_an_earlier_tree():
    phone = await form()
    earlier = phone.node("email")
    await phone.app.set_text(earlier, "first")
    await phone.app.set_text(earlier, "second")
    assert "second//2/" in phone.texts
    await phone.app.set_text(phone.node("off"), "no")
    assert phone.node("off").text == "Off"
    assert ("input", "Email [email]") in phone.system.events


async def test_typing_without_a_focus_does_nothing():
    phone = await form()
    await phone.app.type_text("lost")
    assert "//0/" in phone.texts


async def test_inputs_in_rows_are_told_apart():
    listing: list[object] = [
        {
            "type": "list",
            "items": ["a", "b"],
            "row": {"type": "input", "id": "in_{item}", "bind": "v", "on_enter": [{"do": "log", "message": "{item}"}]},
        }
    ]
    system = System()
    phone = await open_app(app(listing, variables={"v": ""}), system)
    await phone.tap("in_b")
    assert [node.focused for node in phone.nodes if "/in_" in node.resource_id] == [False, True]
    await phone.app.key(66)
    assert system.lines[-1] == "I ReactNativeJS: b"
