"""Going from screen to screen, and what comes in front of one: dialogs and toasts."""

from __future__ import annotations

import pytest

from tests.virtual.app.phone import app, open_app

pytestmark = pytest.mark.anyio


def button(text: str, *actions: dict[str, object], **rest: object) -> dict[str, object]:
    return {"type": "button", "text": text, "on_tap": list(actions), **rest}


def go(screen: str, **rest: object) -> dict[str, object]:
    return {"do": "go", "screen": screen, **rest}


async def test_screens_open_replace_reset_and_return():
    screens = {
        "home": {
            "elements": [button("Next", go("second", params={"n": "{1 + 1}"}))],
            "on_return": [{"do": "log", "message": "back home"}],
        },
        "second": {"title": "Second {params.n}", "up": True, "elements": [button("Third", go("third", replace=True))]},
        "third": {"title": "Third", "elements": [button("Start over", go("home", reset=True))]},
    }
    phone = await open_app(app([], screens=screens))
    await phone.tap("Next")
    assert "Second 2" in phone.texts
    await phone.tap("Navigate up")
    assert "Next" in phone.texts
    assert phone.system.lines[-1] == "I ReactNativeJS: back home"
    await phone.tap("Next")
    await phone.tap("Third")
    assert await phone.app.key(4)
    assert "Next" in phone.texts
    await phone.tap("Next")
    await phone.tap("Third")
    await phone.tap("Start over")
    assert not await phone.app.key(4)
    opened = [text for event, text in phone.system.events if event == "screen"]
    assert opened == ["home", "second", "home", "second", "third", "home", "second", "third", "home"]


async def test_a_screen_may_decide_what_back_does():
    screens = {"home": {"on_back": [{"do": "toast", "text": "Press again"}], "elements": []}}
    phone = await open_app(app([], screens=screens))
    assert await phone.app.key(4)
    assert phone.texts == ["Press again"]


def dialog(**rest: object) -> dict[str, object]:
    stay = {"text": "Stay"}
    leave = {"text": "Leave", "actions": [{"do": "set", "values": {"left": True}}]}
    return {"do": "dialog", "title": "Leave?", "text": "You can come back.", "buttons": [leave, stay], **rest}


async def test_a_dialog_hides_the_screen_until_it_is_answered():
    elements: list[object] = [button("Leave now", dialog()), {"type": "text", "text": "Bye", "visible_when": "left"}]
    phone = await open_app(app(elements, variables={"left": False}))
    await phone.tap("Leave now")
    assert phone.texts == ["Leave?", "You can come back.", "Leave", "Stay"]
    assert phone.node("Leave?").resource_id == "android:id/alertTitle"
    assert phone.node("Leave").resource_id == "android:id/button1"
    await phone.tap("Stay")
    assert "Bye" not in phone.texts
    await phone.tap("Leave now")
    await phone.tap("Leave")
    assert "Bye" in phone.texts


async def test_back_or_a_tap_beside_it_dismisses_a_dialog_that_allows_it():
    elements: list[object] = [button("Ask", dialog()), button("Insist", dialog(cancelable=False))]
    phone = await open_app(app(elements, variables={"left": False}))
    await phone.tap("Ask")
    assert await phone.app.key(4)
    assert "Ask" in phone.texts
    await phone.tap("Ask")
    await phone.app.tap(540, 100)
    assert "Ask" in phone.texts
    await phone.tap("Insist")
    await phone.app.tap(540, 100)
    assert await phone.app.key(4)
    assert "Leave?" in phone.texts


async def test_buttons_that_do_not_fit_side_by_side_are_stacked():
    buttons = [{"text": f"A rather long choice {n}"} for n in range(3)]
    phone = await open_app(app([button("Ask", dialog(buttons=buttons))], variables={"left": False}))
    await phone.tap("Ask")
    tops = [phone.node(f"button{n}").bounds.top for n in (1, 2, 3)]
    assert tops == sorted(set(tops))


async def test_a_toast_goes_away_by_itself():
    phone = await open_app(app([button("Save", {"do": "toast", "text": "Saved", "ms": 150})]))
    await phone.tap("Save")
    assert phone.node("Saved").cls == "android.widget.Toast"
    await phone.until(lambda: "Saved" not in phone.texts)
