"""Pictures of the screen: whole, quick, and of any tree."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.virtual.app.phone import app, open_app
from tests.virtual.automation.display import ELEMENTS, VARIABLES, Display, a_display
from validator.virtual.automation.colours import INK, MOST_COLOURS, PRIMARY, SURFACE, WINDOW, colours
from validator.virtual.automation.screenshot import crop, render
from validator.virtual.ports import Node, Rect

pytestmark = pytest.mark.anyio


def pixel(png: bytes, at: tuple[int, int]) -> tuple[int, ...]:
    with Image.open(io.BytesIO(png)) as image:
        found = image.convert("RGB").getpixel(at)
    assert isinstance(found, tuple)
    return tuple(int(part) for part in found)


def near(found: tuple[int, ...], wanted: tuple[int, int, int]) -> bool:
    return all(abs(a - b) <= 12 for a, b in zip(found, wanted, strict=True))


def shades(png: bytes, area: Rect) -> int:
    with Image.open(io.BytesIO(crop(png, area))) as image:
        found = image.convert("RGB").getcolors(100_000)
    assert found is not None
    return len(found)


async def test_a_picture_shows_what_the_tree_says():
    display = await a_display()
    png = display.png()
    phone = display.phone
    button, title = phone.node("pay").bounds, phone.node("title").bounds
    assert near(pixel(png, (button.left + 80, button.top + 10)), PRIMARY)
    assert near(pixel(png, (10, 1000)), WINDOW)
    assert shades(png, title) > 5
    assert shades(png, Rect(left=0, top=500, right=40, bottom=900)) == 1
    field = phone.node("email").bounds
    assert near(pixel(png, (field.right - 60, field.top + 20)), SURFACE)
    await phone.app.close()


async def test_a_picture_changes_with_what_is_shown():
    display = await a_display()
    before = display.png()
    await display.phone.tap("agree")
    checked = display.png()
    await display.phone.tap("leave")
    asked = display.png()
    assert len({before, checked, asked}) == 3
    assert not near(pixel(asked, (10, 1000)), WINDOW)


async def test_pictures_are_quick():
    phone = await open_app(app(ELEMENTS, variables=VARIABLES))
    display = Display(phone)
    tree = display.tree()
    render(tree, (1080, 1920))
    began = time.perf_counter()
    for _ in range(5):
        render(tree, (1080, 1920))
    assert (time.perf_counter() - began) / 5 < 0.06


def test_the_palette_holds_all_colours():
    assert len(colours()) <= MOST_COLOURS
    assert {INK, WINDOW, SURFACE, PRIMARY} <= set(colours())


CLASSES = [
    "android.widget.TextView", "android.widget.Button", "android.widget.EditText", "android.widget.ImageView",
    "android.widget.ImageButton", "android.widget.CheckBox", "android.widget.Switch", "android.widget.ProgressBar",
    "android.widget.Toast", "android.view.View", "android.view.ViewGroup", "x.Unknown",
]  # fmt: skip
places = st.builds(
    lambda x, y, w, h: Rect(left=x, top=y, right=x + w, bottom=y + h),
    st.integers(-50, 1100),
    st.integers(-50, 2000),
    st.integers(0, 1200),
    st.integers(0, 600),
)
nodes = st.recursive(
    st.builds(
        Node,
        cls=st.sampled_from(CLASSES),
        bounds=places,
        package=st.sampled_from(["a.launcher", "a.inputmethod", "com.example"]),
        text=st.text(max_size=30),
        content_desc=st.text(max_size=10),
        resource_id=st.sampled_from(["", "android:id/parentPanel", "x:id/toolbar"]),
        clickable=st.booleans(),
        enabled=st.booleans(),
        checked=st.booleans(),
        focused=st.booleans(),
        selected=st.booleans(),
        password=st.booleans(),
    ),
    lambda inner: st.builds(
        lambda below, place, cls: Node(cls=cls, bounds=place, package="p", clickable=True, children=below),
        st.lists(inner, max_size=4),
        places,
        st.sampled_from(CLASSES),
    ),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(nodes, max_size=3), st.sampled_from([(1080, 1920), (1920, 1080)]))
def test_any_tree_becomes_a_picture_of_the_screens_size(windows: list[Node], size: tuple[int, int]):
    whole = Rect(left=0, top=0, right=size[0], bottom=size[1])
    png = render(Node(cls="hierarchy", bounds=whole, package="android", children=windows), size)
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        assert (image.format, image.size) == ("PNG", size)


@given(places)
def test_any_part_can_be_cut_out(area: Rect):
    png = render(Node(cls="x", bounds=area, package="p"), (200, 300))
    with Image.open(io.BytesIO(crop(png, area))) as image:
        assert image.width >= 1
        assert image.height >= 1
