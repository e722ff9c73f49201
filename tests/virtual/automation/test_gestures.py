"""Fingers: taps, swipes, scrolls, drags, and W3C actions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.automation.display import Client, RefusedError
from validator.virtual.automation.gestures import Direction, inset, swipe_path
from validator.virtual.ports import Rect

pytestmark = pytest.mark.anyio


def rows(client: Client) -> list[str]:
    return [text for text in client.display.phone.texts if text.startswith("Row ")]


def paid(client: Client) -> str:
    return client.display.phone.node("paid").text


async def test_taps_on_points_elements_and_points_of_elements(client: Client):
    pay = client.display.phone.node("pay").bounds
    element = {"ELEMENT": await client.by_id("pay")}
    x, y = pay.center
    for body in (
        {"offset": {"x": x, "y": y}},
        {"origin": element},
        {"origin": element, "offset": {"x": 5, "y": 5}},
        {"origin": {"element-6066-11e4-a52e-4f735466cecf": element["ELEMENT"]}},
    ):
        await client.post("/appium/gestures/click", body)
    assert paid(client) == "Paid 4 "
    await client.post("/appium/gestures/double_click", {"origin": element})
    await client.post("/appium/gestures/long_click", {"origin": element, "duration": 1000})
    await client.post("/appium/tap", {"x": x, "y": y})
    assert paid(client) == "Paid 8 "


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("click", {}),
        ("click", {"offset": {"x": "a", "y": 1}}),
        ("click", {"offset": [1, 2]}),
        ("click", {"origin": {}}),
        ("long_click", {"offset": {"x": 1, "y": 1}, "duration": -1}),
        ("swipe", {"direction": "up"}),
        ("swipe", {"area": {"left": 0, "top": 0, "width": 10, "height": 10}, "direction": "north"}),
        ("swipe", {"area": {"left": 0, "top": 0, "width": 10, "height": 10}, "direction": "up", "percent": 2}),
        ("swipe", {"area": {"left": 0, "top": 0, "width": 0, "height": 10}, "direction": "up"}),
        ("swipe", {"area": {"left": 1e300, "top": 0, "width": 1, "height": 10}, "direction": "up"}),
        ("drag", {"start": {"x": 1, "y": 1}}),
        ("pinch_open", {"percent": 0.5}),
    ],
)
async def test_a_gesture_that_makes_no_sense_is_an_invalid_argument(client: Client, path: str, body: dict[str, object]):
    with pytest.raises(RefusedError, match="400 invalid argument"):
        await client.post(f"/appium/gestures/{path}", body)


async def test_scrolling_a_list_shows_what_is_below_and_tells_when_it_ends(client: Client):
    body = {"origin": {"ELEMENT": await client.by_id("rows")}, "direction": "down", "percent": 0.8}
    assert rows(client)[0] == "Row 0"
    assert await client.post("/appium/gestures/scroll", body) is True
    assert rows(client)[0] != "Row 0"
    while await client.post("/appium/gestures/fling", body):
        pass
    assert rows(client)[-1] == "Row 19"
    await client.post("/appium/gestures/swipe", {**body, "direction": "down", "percent": 0.5})
    assert rows(client)[-1] != "Row 19"


async def test_swiping_an_area_and_dragging_scroll_too(client: Client):
    bounds = client.display.phone.node("rows").bounds
    area = {"left": bounds.left, "top": bounds.top, "width": 900, "height": bounds.bottom - bounds.top}
    await client.post("/appium/gestures/swipe", {"area": area, "direction": "up", "percent": 1.0, "speed": 500})
    after_swipe = rows(client)
    assert after_swipe[0] != "Row 0"
    start = {"x": 500, "y": bounds.bottom - 10}
    await client.post("/appium/gestures/drag", {"start": start, "endX": 500, "endY": bounds.top})
    after_drag = rows(client)
    assert after_drag != after_swipe
    await client.post("/appium/gestures/drag", {"start": start, "end": {"x": 500, "y": bounds.top}})
    assert rows(client) != after_drag
    await client.post("/appium/gestures/pinch_close", {"area": area, "percent": 0.5})


def finger(*steps: dict[str, object]) -> dict[str, object]:
    return {"actions": [{"type": "pointer", "id": "finger1", "actions": list(steps)}]}


async def test_w3c_actions_tap_press_long_and_swipe(client: Client):
    x, y = client.display.phone.node("pay").bounds.center
    down, up = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
    await client.post("/actions", finger({"type": "pointerMove", "x": x, "y": y}, down, up))
    assert paid(client) == "Paid 1 "
    element = {"ELEMENT": await client.by_id("pay")}
    move = {"type": "pointerMove", "x": 0, "y": 0, "origin": element}
    await client.post("/actions", finger(move, down, {"type": "pause", "duration": 900}, up))
    assert paid(client) == "Paid 2 "
    bounds = client.display.phone.node("rows").bounds
    there = {"type": "pointerMove", "x": 500, "y": bounds.bottom - 5}
    drag = {"type": "pointerMove", "x": 0, "y": -300, "origin": "pointer", "duration": 300}
    await client.post("/actions", finger(there, down, drag, up))
    assert rows(client)[0] != "Row 0"
    await client.post("/actions", finger(move, down, {"type": "pointerCancel"}, up))
    assert paid(client) == "Paid 2 "


async def test_w3c_keys_type_into_the_focused_input(client: Client):
    await client.post(f"/element/{await client.by_id('email')}/click")
    steps = [{"type": kind, "value": key} for key in "ab\ue003c\ue00d!\ue008" for kind in ("keyDown", "keyUp")]
    await client.post("/actions", {"actions": [{"type": "key", "id": "kb", "actions": steps}]})
    assert client.display.phone.node("email").text == "ac !"


@pytest.mark.parametrize(
    "body",
    [
        {"actions": 5},
        {"actions": [5]},
        {"actions": [{"type": "pointer", "actions": {}}]},
        finger({"type": "somersault"}),
        finger({}),
        finger({"type": "pointerMove", "x": "1"}),
        finger({"type": "pointerMove", "origin": {"ELEMENT": 5}}),
        {"actions": [{"type": "key", "actions": [{"type": "keyDown"}]}]},
    ],
)
async def test_w3c_actions_that_make_no_sense_are_invalid(client: Client, body: dict[str, object]):
    with pytest.raises(RefusedError, match="400 invalid argument"):
        await client.post("/actions", body)


rectangles = st.builds(
    lambda left, top, width, height: Rect(left=left, top=top, right=left + width, bottom=top + height),
    st.integers(-100, 2000),
    st.integers(-100, 2000),
    st.integers(1, 2000),
    st.integers(1, 2000),
)


@given(rectangles, st.sampled_from(Direction), st.floats(0, 1))
def test_a_swipe_stays_inside_its_area_and_goes_where_it_says(area: Rect, direction: Direction, percent: float):
    x1, y1, x2, y2 = swipe_path(area, direction, percent)
    assert area.contains(x1, y1)
    assert area.contains(x2, y2)
    match direction:
        case Direction.UP:
            assert x1 == x2
            assert y2 <= y1
        case Direction.DOWN:
            assert x1 == x2
            assert y2 >= y1
        case Direction.LEFT:
            assert y1 == y2
            assert x2 <= x1
        case Direction.RIGHT:
            assert y1 == y2
            assert x2 >= x1


@given(rectangles)
def test_an_inset_rectangle_keeps_its_middle_and_at_least_a_pixel(area: Rect):
    inner = inset(area)
    assert inner.center == area.center
    assert inner.right > inner.left
    assert inner.bottom > inner.top


@given(st.sampled_from(Direction))
def test_opposites_are_mutual(direction: Direction):
    assert direction.opposite.opposite is direction
    assert direction.opposite is not direction
