"""The commands of the automation server, as a test runner uses them."""

from __future__ import annotations

import asyncio
import base64
import io
import time

import pytest
from PIL import Image

from tests.virtual.automation.display import Client, RefusedError

pytestmark = pytest.mark.anyio


async def test_status_needs_no_session_and_paths_need_no_prefix(client: Client):
    for path in ("/status", "/wd/hub/status", "/wd/hub/status/"):
        assert (await client.http.get(path)).json()["value"]["ready"] is True


async def test_a_session_begins_is_told_and_ends(client: Client):
    answer = await client.http.get("/wd/hub/sessions")
    assert answer.json()["value"][0]["id"] == client.session
    details = await client.get("")
    assert isinstance(details, dict)
    assert details["deviceScreenSize"] == "1080x1920"
    assert (await client.http.delete(f"/session/{client.session}")).json()["value"] is None
    with pytest.raises(RefusedError, match="404 invalid session id"):
        await client.get("/source")
    assert (await client.http.get("/sessions")).json()["value"] == []


async def test_every_answer_names_the_session(client: Client):
    assert (await client.http.get("/status")).json()["sessionId"] == client.session


async def test_settings_are_kept_and_told(client: Client):
    await client.post("/appium/settings", {"settings": {"enableMultiWindows": True, "waitForIdleTimeout": 200}})
    assert await client.get("/appium/settings") == {"enableMultiWindows": True, "waitForIdleTimeout": 200}
    with pytest.raises(RefusedError, match="400 invalid argument"):
        await client.post("/appium/settings", {"settings": {"implicitWait": "long"}})


async def test_an_element_is_found_read_and_pressed(client: Client):
    pay = await client.find('new UiSelector().textContains("pay NOW").clickable(true)')
    assert await client.get(f"/element/{pay}/text") == "Pay now"
    rect = await client.get(f"/element/{pay}/rect")
    node = client.display.phone.node("pay")
    assert rect == {"x": node.bounds.left, "y": node.bounds.top, "width": 984, "height": 132}
    await client.post(f"/element/{pay}/click")
    assert await client.text("paid") == "Paid 1 "
    assert client.display.looked_for[0] == 'new UiSelector().textContains("pay NOW").clickable(true)'


async def test_nothing_found_is_the_error_of_the_real_server(client: Client):
    with pytest.raises(RefusedError) as refused:
        await client.find('new UiSelector().text("Nowhere")')
    assert (refused.value.status, refused.value.code) == (404, "no such element")
    assert refused.value.message.startswith("An element could not be located on the page")


async def test_a_lookup_waits_as_long_as_the_implicit_wait(client: Client):
    await client.post("/appium/settings", {"settings": {"implicitWait": 120}})
    began = time.monotonic()
    with pytest.raises(RefusedError, match="no such element"):
        await client.find('new UiSelector().text("Nowhere")')
    assert 0.12 <= time.monotonic() - began < 1
    assert len(client.display.looked_for) == 1


async def test_a_lookup_ends_as_soon_as_the_element_appears(client: Client):
    await client.post("/timeouts", {"implicit": 20_000})
    later = client.display.phone.node("Later").bounds.center
    await client.display.tap(*later)
    async with asyncio.timeout(5):
        await client.find('new UiSelector().text("came")')
    await client.post("/timeouts/implicit_wait", {"ms": 0})
    with pytest.raises(RefusedError, match="no such element"):
        await client.find('new UiSelector().text("Nowhere")')


async def test_other_strategies_find_too(client: Client):
    for strategy, selector in (
        ("id", "pay"),
        ("id", "com.example.shop:id/pay"),
        ("accessibility id", "Shop logo"),
        ("class name", "android.widget.CheckBox"),
    ):
        assert await client.find(selector, strategy)
    for strategy in ("xpath", "", "css selector"):
        with pytest.raises(RefusedError, match="400 invalid selector"):
            await client.find("//x", strategy)


async def test_many_elements_and_elements_inside_elements(client: Client):
    body = {"strategy": "class name", "selector": "android.widget.Button"}
    buttons = await client.post("/elements", body)
    assert isinstance(buttons, list)
    assert len(buttons) == 4
    assert await client.post("/elements", {**body, "selector": "no.such.Class"}) == []
    row = await client.by_id("row_1")
    inside = await client.find("android.widget.TextView", "class name", inside=row)
    assert await client.get(f"/element/{inside}/text") == "Row 1"
    found = await client.post(
        f"/element/{row}/elements", {"strategy": "class name", "selector": "android.widget.Button"}
    )
    assert found == []


async def test_an_element_that_has_gone_is_stale_and_one_that_is_still_there_is_not(client: Client):
    pay = await client.by_id("pay")
    leave = await client.by_id("leave")
    await client.post(f"/element/{leave}/click")
    with pytest.raises(RefusedError, match="404 stale element reference"):
        await client.post(f"/element/{pay}/click")
    no = await client.find('text("No")')
    await client.post(f"/element/{no}/click")
    assert await client.get(f"/element/{pay}/text") == "Pay now"
    with pytest.raises(RefusedError, match="404 no such element"):
        await client.get("/element/unknown/text")


async def test_attributes_by_all_their_names(client: Client):
    email = await client.by_id("email")
    expected = {
        "text": "Email",
        "hint": "Email",
        "resource-id": "com.example.shop:id/email",
        "resourceId": "com.example.shop:id/email",
        "className": "android.widget.EditText",
        "package": "com.example.shop",
        "enabled": "true",
        "focused": "false",
        "longClickable": "true",
        "displayed": "true",
    }
    for name, expectation in expected.items():
        assert await client.get(f"/element/{email}/attribute/{name}") == expectation
    assert str(await client.get(f"/element/{email}/attribute/bounds")).startswith("[48,")
    logo = await client.find("Shop logo", "accessibility id")
    assert await client.get(f"/element/{logo}/attribute/name") == "Shop logo"
    assert await client.get(f"/element/{logo}/name") == "Shop logo"
    with pytest.raises(RefusedError, match="'colour' attribute is unknown"):
        await client.get(f"/element/{email}/attribute/colour")


async def test_states_of_elements(client: Client):
    off, agree = await client.by_id("off"), await client.by_id("agree")
    assert await client.get(f"/element/{off}/enabled") is False
    assert await client.get(f"/element/{off}/displayed") is True
    assert await client.get(f"/element/{agree}/selected") is False
    await client.post(f"/element/{agree}/click")
    assert await client.get(f"/element/{agree}/selected") is True
    size = await client.get(f"/element/{agree}/size")
    place = await client.get(f"/element/{agree}/location")
    assert isinstance(size, dict)
    assert isinstance(place, dict)
    assert await client.get(f"/element/{agree}/rect") == {**size, **place}


async def test_text_is_appended_replaced_and_cleared(client: Client):
    email = await client.by_id("email")
    await client.post(f"/element/{email}/value", {"text": "ada@"})
    await client.post(f"/element/{email}/value", {"text": "example.com"})
    assert await client.text("email") == "ada@example.com"
    await client.post(f"/element/{email}/value", {"text": "new", "replace": True})
    assert await client.text("email") == "new"
    await client.post(f"/element/{email}/clear")
    assert await client.text("email") == "Email"
    with pytest.raises(RefusedError, match="400 invalid element state"):
        await client.post(f"/element/{await client.by_id('pay')}/value", {"text": "x"})
    with pytest.raises(RefusedError, match="400 invalid argument"):
        await client.post(f"/element/{email}/value", {"text": 5})


async def test_a_password_can_be_appended_to(client: Client):
    pin = await client.by_id("pin")
    await client.post(f"/element/{pin}/value", {"text": "12"})
    await client.post(f"/element/{pin}/value", {"text": "34"})
    assert await client.text("paid") == "Paid 0 1234"
    assert await client.text("pin") == "\u2022" * 4


async def test_the_focused_element_is_the_active_one(client: Client):
    with pytest.raises(RefusedError, match="no such element"):
        await client.get("/element/active")
    with pytest.raises(RefusedError, match="no such element"):
        await client.post("/keys", {"text": "x"})
    await client.post(f"/element/{await client.by_id('email')}/click")
    active = await client.get("/element/active")
    assert isinstance(active, dict)
    await client.post(f"/element/{active['ELEMENT']}/value", {"text": "typed"})
    await client.post("/keys", {"text": " more\\n"})
    assert await client.text("email") == "typed more"
    assert client.display.keys == [66]


async def test_keys_and_back(client: Client):
    await client.post("/appium/device/press_keycode", {"keycode": 66})
    await client.post("/appium/device/long_press_keycode", {"keycode": 67})
    await client.post("/back")
    assert client.display.keys == [66, 67, 4]
    with pytest.raises(RefusedError, match="404 unknown command"):
        await client.post("/appium/device/hide_keyboard")


async def test_the_clipboard_holds_any_text(client: Client):
    text = "Zo\u00eb \U0001f600"
    content = base64.b64encode(text.encode()).decode()
    await client.post("/appium/device/set_clipboard", {"content": content, "contentType": "plaintext"})
    assert client.display.copied == text
    assert await client.post("/appium/device/get_clipboard") == content
    with pytest.raises(RefusedError, match="400 invalid argument"):
        await client.post("/appium/device/set_clipboard", {"content": "\u00e9"})


async def test_the_display_turns(client: Client):
    assert await client.get("/orientation") == "PORTRAIT"
    await client.post("/orientation", {"orientation": "landscape"})
    assert await client.get("/orientation") == "LANDSCAPE"
    assert await client.get("/rotation") == {"x": 0, "y": 0, "z": 90}
    assert await client.get("/window/current/size") == {"x": 0, "y": 0, "width": 1920, "height": 1080}
    with pytest.raises(RefusedError, match="400 invalid argument"):
        await client.post("/orientation", {"orientation": "sideways"})


async def test_the_device_describes_itself(client: Client):
    info = await client.get("/appium/device/info")
    assert isinstance(info, dict)
    assert (info["realDisplaySize"], info["model"], info["apiVersion"]) == ("1080x1920", "Virtual Phone", "34")
    assert await client.get("/appium/device/display_density") == 420
    assert await client.get("/appium/device/pixel_ratio") == 2.625
    assert await client.get("/appium/device/system_bars") == {"statusBar": 63}
    assert await client.get("/appium/device/battery_info") == {"level": 1.0, "status": 5}
    assert await client.get("/appium/device/current_package") == "com.example.shop"
    assert await client.post("/appium/device/open_notifications") is True


async def test_an_app_is_launched_with_its_arguments(client: Client):
    arguments = {"runId": "abc", "n": 5, "f": 1.5, "flag": True, "list": [1]}
    await client.post("/appium/device/launch_app", {"appId": "com.example.shop", "arguments": arguments})
    await client.post("/appium/device/launch_app", {"appId": "com.example.shop"})
    assert client.display.launched == [
        ("com.example.shop", {"runId": "abc", "n": 5, "f": 1.5, "flag": True, "list": "[1]"}),
        ("com.example.shop", {}),
    ]
    with pytest.raises(RefusedError, match=r"500 unknown error: Cannot launch 'com\.other'"):
        await client.post("/appium/device/launch_app", {"appId": "com.other"})


async def test_an_alert_is_read_accepted_and_dismissed(client: Client):
    with pytest.raises(RefusedError, match="404 no such alert"):
        await client.get("/alert/text")
    await client.post(f"/element/{await client.by_id('leave')}/click")
    assert await client.get("/alert/text") == "Leave?\nReally."
    await client.post("/alert/dismiss")
    assert await client.text("paid") == "Paid 0 "
    await client.post(f"/element/{await client.by_id('leave')}/click")
    await client.post("/alert/accept")
    assert await client.text("paid") == "Paid 100 "


async def test_pictures_of_the_screen_and_of_an_element(client: Client):
    for path, size in (("/screenshot", (1080, 1920)), (f"/element/{await client.by_id('pay')}/screenshot", (984, 132))):
        png = base64.b64decode(str(await client.get(path)))
        with Image.open(io.BytesIO(png)) as image:
            assert (image.format, image.size) == ("PNG", size)


async def test_a_strike_during_a_lookup_happens_before_the_answer(client: Client):
    struck = asyncio.Event()

    async def strike() -> None:
        await asyncio.sleep(0.02)
        struck.set()

    client.display.strike = strike
    await client.by_id("pay")
    assert struck.is_set()
