"""What is on a screen: layout, scrolling, conditions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.virtual.app.phone import Phone, app, flat, open_app
from validator.virtual.ports import Node, Rect

pytestmark = pytest.mark.anyio

ROWS = [{"name": f"Row {n}", "even": n % 2 == 0} for n in range(30)]
LIST = {
    "type": "list",
    "id": "rows",
    "items": "rows",
    "as": "row",
    "row": {"type": "row", "id": "row_{index}", "elements": [{"type": "text", "text": "{row.name}", "height": 150}]},
}


def button(text: str, *actions: dict[str, object], **rest: object) -> dict[str, object]:
    return {"type": "button", "text": text, "on_tap": list(actions), **rest}


def shown_rows(phone: Phone) -> list[str]:
    return [text for text in phone.texts if text.startswith("Row ")]


async def test_a_list_shows_the_rows_that_fit_and_scrolls_to_the_others():
    phone = await open_app(app([{"type": "text", "text": "Header"}, LIST], variables={"rows": ROWS}))
    assert shown_rows(phone)[0] == "Row 0"
    assert "Row 29" not in phone.texts
    assert phone.node("rows").scrollable
    while "Row 29" not in phone.texts:
        before = shown_rows(phone)
        await phone.app.swipe(540, 1500, 540, 900)
        assert shown_rows(phone) != before
    assert "Row 0" not in phone.texts
    assert "Header" in phone.texts
    await phone.app.swipe(540, 1500, 540, 100)
    end = shown_rows(phone)
    assert end[-1] == "Row 29"
    await phone.app.swipe(540, 1500, 540, 100)
    assert shown_rows(phone) == end
    for _ in range(10):
        await phone.app.swipe(540, 600, 540, 1800)
    assert shown_rows(phone)[0] == "Row 0"


async def test_rows_at_the_edge_are_cut_off_at_the_list():
    phone = await open_app(app([LIST], variables={"rows": ROWS}))
    await phone.app.swipe(540, 1000, 540, 930)
    outer = phone.node("rows").bounds
    rows = [node for node in phone.nodes if "/row_" in node.resource_id]
    assert rows[0].bounds.top == outer.top
    assert rows[-1].bounds.bottom == outer.bottom
    assert rows[0].bounds.bottom - rows[0].bounds.top < 150


async def test_a_row_whose_condition_is_false_is_skipped_and_keeps_its_index():
    rows = {**LIST, "row": {"type": "text", "id": "row_{index}", "text": "{row.name}", "visible_when": "row.even"}}
    phone = await open_app(app([rows], variables={"rows": ROWS}))
    assert shown_rows(phone)[:3] == ["Row 0", "Row 2", "Row 4"]
    assert phone.node("row_4").text == "Row 4"


async def test_rows_can_be_written_down_as_an_array():
    listing = {"type": "list", "items": ["a", "{name}"], "row": {"type": "text", "text": "<{item}>"}}
    phone = await open_app(app([listing], variables={"name": "b"}))
    assert phone.texts == ["<a>", "<b>"]


async def test_a_screen_without_a_list_scrolls_as_a_whole():
    elements: list[object] = [{"type": "text", "text": f"Line {n}", "height": 200} for n in range(20)]
    phone = await open_app(app(elements))
    body = next(node for node in phone.nodes if node.cls == "android.widget.ScrollView")
    assert body.scrollable
    assert "Line 19" not in phone.texts
    for _ in range(5):
        await phone.app.swipe(540, 1700, 540, 700)
    assert "Line 19" in phone.texts
    await phone.app.swipe(900, 800, 100, 800)
    assert "Line 19" in phone.texts


async def test_the_footer_stays_at_the_bottom_above_the_keyboard():
    elements: list[object] = [{"type": "input", "bind": "name", "hint": "Name"}]
    phone = await open_app(
        app([], variables={"name": ""}, screens={"home": {"elements": elements, "footer": [button("Save")]}})
    )
    low = phone.node("Save").bounds
    phone.viewport = Rect(left=0, top=63, right=1080, bottom=1200)
    assert phone.node("Save").bounds.bottom == low.bottom - 720
    assert phone.node("Save").bounds.top > phone.node("Name").bounds.bottom


async def test_a_focused_input_is_moved_into_sight_above_the_keyboard():
    elements: list[object] = [{"type": "spacer", "height": 1500}, {"type": "input", "bind": "name", "id": "name"}]
    phone = await open_app(app(elements, variables={"name": ""}))
    await phone.tap("name")
    phone.viewport = Rect(left=0, top=63, right=1080, bottom=1200)
    assert phone.node("name").bounds.bottom <= 1200
    assert phone.node("name").focused


async def test_conditions_decide_what_is_seen_pressed_and_selected():
    elements: list[object] = [
        {"type": "text", "text": "Empty", "visible_when": "count == 0"},
        button("More", {"do": "increment", "variable": "count"}, id="more", enabled_when="count < 2"),
        button("Tab", id="tab", selected_when="count > 0"),
    ]
    phone = await open_app(app(elements, variables={"count": 0}))
    assert "Empty" in phone.texts
    assert not phone.node("tab").selected
    await phone.tap("more")
    assert "Empty" not in phone.texts
    assert phone.node("tab").selected
    await phone.tap("more")
    assert not phone.node("more").enabled
    await phone.tap("more")
    assert phone.node("more").enabled is False
    assert ("tap", "More [more]") in phone.system.events


async def test_elements_report_what_accessibility_would():
    elements: list[object] = [
        {"type": "image", "id": "photo", "description": "Photo of milk"},
        {"type": "checkbox", "id": "agree", "text": "I agree", "bind": "agreed"},
        {
            "type": "switch",
            "id": "push",
            "text": "Push",
            "bind": "push",
            "on_change": [{"do": "log", "message": "{push}"}],
        },
        {"type": "group", "id": "card", "on_long_tap": [{"do": "toast", "text": "Held"}], "elements": []},
    ]
    phone = await open_app(app(elements, variables={"agreed": True, "push": False}))
    assert phone.node("photo").content_desc == "Photo of milk"
    assert phone.node("photo").resource_id == "com.example.shop:id/photo"
    agree = phone.node("agree")
    assert (agree.cls, agree.checkable, agree.checked) == ("android.widget.CheckBox", True, True)
    await phone.tap("push")
    assert phone.node("push").checked
    assert "I ReactNativeJS: true" in phone.system.lines


async def test_a_long_tap_is_a_tap_unless_it_has_actions_of_its_own():
    elements: list[object] = [
        button("One", {"do": "set", "values": {"last": "tapped one"}}),
        button(
            "Two", {"do": "set", "values": {"last": "tapped"}}, on_long_tap=[{"do": "set", "values": {"last": "held"}}]
        ),
        {"type": "text", "text": "{last}"},
    ]
    phone = await open_app(app(elements, variables={"last": ""}))
    await phone.tap("One", long=True)
    assert "tapped one" in phone.texts
    await phone.tap("Two", long=True)
    assert "held" in phone.texts
    await phone.tap("Two")
    assert "tapped" in phone.texts


def inside(node: Node) -> bool:
    return all(
        node.bounds.left <= child.bounds.left < child.bounds.right <= node.bounds.right
        and node.bounds.top <= child.bounds.top < child.bounds.bottom <= node.bounds.bottom
        and inside(child)
        for child in node.children
    )


leaves = st.sampled_from(
    [
        {"type": "text", "text": "Some words that may have to be wrapped because they are long"},
        {"type": "button", "text": "Press"},
        {"type": "input", "bind": "v", "hint": "Type"},
        {"type": "image", "description": "Photo"},
        {"type": "checkbox", "text": "Tick", "bind": "v"},
        {"type": "progress"},
        {"type": "spacer"},
        {"type": "spacer", "fill": True},
        {"type": "divider"},
        {"type": "text", "text": "x", "height": 3000},
        {"type": "text", "text": "x", "width": 5000},
    ]
)
trees = st.recursive(
    leaves,
    lambda inner: st.builds(
        lambda kind, elements: {"type": kind, "elements": elements, "on_tap": [{"do": "stop"}]},
        st.sampled_from(["row", "group"]),
        st.lists(inner, max_size=4),
    ),
    max_leaves=10,
)


@settings(max_examples=60, deadline=None)
@given(
    elements=st.lists(trees, max_size=6),
    with_list=st.booleans(),
    footer=st.lists(leaves, max_size=3),
    bottom=st.integers(70, 1920),
    swipes=st.lists(st.integers(64, 1900), max_size=4),
)
async def test_every_node_lies_inside_its_parent_whatever_the_screen(
    elements: list[object], with_list: bool, footer: list[object], bottom: int, swipes: list[int]
):
    screen = {"title": "T", "up": True, "elements": [*elements, *([LIST] if with_list else [])], "footer": footer}
    phone = await open_app(app([], variables={"v": "", "rows": ROWS}, screens={"home": screen}))
    phone.viewport = Rect(left=0, top=63, right=1080, bottom=bottom)
    for y in swipes:
        await phone.app.swipe(500, y, 500, 900)
        await phone.app.tap(500, y)
        tree = phone.app.tree(phone.viewport)
        assert inside(tree)
        assert all(node.package == "com.example.shop" for node in flat(tree))
    await phone.app.close()
