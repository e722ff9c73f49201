"""The page source is well-formed XML that says what the tree says, whatever the texts."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.virtual.automation.display import Client
from validator.virtual.automation.source import element_name, page_source
from validator.virtual.ports import Node, Rect

AREA = Rect(left=1, top=2, right=30, bottom=40)
anything = st.text(alphabet=st.characters(), max_size=12)


@pytest.mark.anyio
async def test_the_source_of_a_screen_reads_back_as_its_tree(client: Client):
    root = ET.fromstring(str(await client.get("/source")))
    assert (root.tag, root.get("width"), root.get("height")) == ("hierarchy", "1080", "1920")
    email = root.find(".//android.widget.EditText[@resource-id='com.example.shop:id/email']")
    assert email is not None
    assert (email.get("text"), email.get("hint"), email.get("focusable")) == ("Email", "Email", "true")
    assert re.fullmatch(r"\[48,\d+\]\[1032,\d+\]", email.get("bounds", ""))
    odd = root.find(".//*[@resource-id='com.example.shop:id/odd']")
    assert odd is not None
    assert odd.get("text") == '<a & "b">\n?\tÜ'
    assert odd.get("content-desc") is None
    assert odd.get("displayed") == "true"


nodes = st.recursive(
    st.builds(
        Node,
        cls=anything,
        bounds=st.just(AREA),
        package=anything,
        text=anything,
        resource_id=anything,
        content_desc=anything,
        hint=anything,
        clickable=st.booleans(),
        enabled=st.booleans(),
        checked=st.booleans(),
    ),
    lambda inner: st.builds(
        lambda children, text: Node(cls="x.Y", bounds=AREA, package="p", text=text, children=children),
        st.lists(inner, max_size=3),
        anything,
    ),
    max_leaves=8,
)


@given(nodes)
def test_any_tree_is_well_formed_and_keeps_its_shape(tree: Node):
    root = ET.fromstring(page_source(tree, (10, 20)))

    def same(element: ET.Element, node: Node) -> bool:
        return (
            len(element) == len(node.children)
            and element.get("text") == visible(node.text)
            and element.get("clickable") == str(node.clickable).lower()
            and element.get("enabled") == str(node.enabled).lower()
            and element.get("bounds") == "[1,2][30,40]"
            and all(same(child, below) for child, below in zip(element, node.children, strict=True))
        )

    assert len(root) == 1
    assert same(root[0], tree)


def visible(text: str) -> str:
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        ("android.widget.Button", "android.widget.Button"),
        ("com.example.Outer$Inner", "com.example.Outer.Inner"),
        ("", "android.view.View"),
        ("...", "android.view.View"),
        ("9lives", "_9lives"),
        ("weird class", "weird_class"),
    ],
)
def test_a_class_becomes_a_name_that_xml_allows(cls: str, name: str):
    assert element_name(cls) == name
