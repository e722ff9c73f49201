"""UiSelector expressions: which nodes they mean, and what is refused."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.virtual.automation.errors import AutomationError, InvalidSelectorError
from validator.virtual.automation.java_regex import compile_java
from validator.virtual.automation.matching import find_all, walk, windows
from validator.virtual.automation.selector import read_selector
from validator.virtual.ports import Node, Rect

AREA = Rect(left=0, top=0, right=10, bottom=10)


def node(name: str, *children: Node, **rest: object) -> Node:
    """A node whose content description is its name in these tests."""
    made = Node(cls=str(rest.pop("cls", "android.view.View")), bounds=AREA, package="com.example", content_desc=name)
    for key, setting in rest.items():
        setattr(made, key, setting)
    made.children = list(children)
    return made


APP = node(
    "app",
    node("title", text="Order number CS-7", resource_id="com.example:id/title", cls="android.widget.TextView"),
    node("list", node("first", text="Milk", clickable=True), node("second", text="Bread (1.5)"), scrollable=True),
    node("agree", text="I agree", checkable=True, checked=True, focusable=True),
    node("pay", node("label", text="Pay now"), clickable=True, enabled=False, long_clickable=True),
    node("search", text="", hint="Search", focused=True, password=True, selected=True),
)
DIALOG = node("dialog", node("ok", text="Pay later"))
SCREEN = Node(cls="hierarchy", bounds=AREA, package="android", children=[APP, DIALOG])


def found(expression: str) -> list[str]:
    return [each.content_desc for each in find_all(SCREEN, read_selector(expression))]


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ('new UiSelector().text("Milk")', ["first"]),
        ('new UiSelector().text("milk")', []),
        ('UiSelector().text("Milk")', ["first"]),
        ('text("Milk")', ["first"]),
        ('.text("Milk");', ["first"]),
        (' new  UiSelector ( ) . text ( "Milk" ) ; ', ["first"]),
        ('new UiSelector().textContains("pay")', ["ok", "label"]),
        ('new UiSelector().textContains("")', ["ok", "title", "first", "second", "agree", "label"]),
        ('new UiSelector().textStartsWith("order")', ["title"]),
        (r'new UiSelector().textMatches("(?is).*\QBREAD (1.5)\E.*")', ["second"]),
        (r'new UiSelector().textMatches("(?s)Order number CS-\d+")', ["title"]),
        ('new UiSelector().textMatches("Order")', []),
        ('new UiSelector().descriptionContains("AGR")', ["agree"]),
        ('new UiSelector().description("agree")', ["agree"]),
        ('new UiSelector().descriptionStartsWith("pa")', ["pay"]),
        ('new UiSelector().descriptionMatches("p.y|ok")', ["ok", "pay"]),
        ('new UiSelector().resourceId("title")', []),
        ('new UiSelector().resourceId("com.example:id/title")', ["title"]),
        ('new UiSelector().resourceIdMatches(".*titl.*")', ["title"]),
        ('new UiSelector().className("android.widget.TextView")', ["title"]),
        ('new UiSelector().classNameMatches(".*TextView")', ["title"]),
        ('new UiSelector().packageName("com.example").clickable(true)', ["first", "pay"]),
        ('new UiSelector().packageNameMatches("com.+").enabled(false)', ["pay"]),
        ("new UiSelector().clickable(true).instance(1)", ["pay"]),
        ("new UiSelector().clickable(true).instance(5)", []),
        ("new UiSelector().checked(true)", ["agree"]),
        ("new UiSelector().checkable(true).focusable(true)", ["agree"]),
        ("new UiSelector().focused(true).selected(true).password(true)", ["search"]),
        ("new UiSelector().longClickable(true)", ["pay"]),
        ('new UiSelector().scrollable(true).childSelector(new UiSelector().index(1))', ["second"]),
        ('new UiSelector().text("Milk").fromParent(new UiSelector().textContains("Bread"))', ["second"]),
        ('new UiSelector().description("list").childSelector(text("Milk"))', ["first"]),
    ],
)  # fmt: skip
def test_a_selector_means(expression: str, names: list[str]):
    assert found(expression) == names


def test_the_window_in_front_is_searched_first():
    assert [window.content_desc for window in windows(SCREEN)] == ["dialog", "app"]
    assert windows(APP) == [APP]


def test_only_an_escaped_quote_is_an_escape():
    quoted = node("quoted", text='say "hi" \\ now')
    expression = r'new UiSelector().text("say \"hi\" \ now")'
    assert list(find_all(quoted, read_selector(expression))) == [quoted]


@pytest.mark.parametrize(
    ("expression", "complaint"),
    [
        ("", "method is missing"),
        ("new UiSelector()", "method is missing"),
        ('new UiSelector().txt("x")', "no suitable method 'txt'"),
        ("new UiSelector().text(5)", "no suitable method 'text' for 5"),
        ('new UiSelector().clickable("true")', "no suitable method 'clickable'"),
        ("new UiSelector().instance(true)", "no suitable method 'instance'"),
        ('new UiSelector().text("x"', "closing parenthesis"),
        ('new UiSelector().text("x', "needs an argument"),
        ('new UiSelector().text("x") or', "unexpected text"),
        ("new UiScrollable(new UiSelector().scrollable(true))", "could not parse"),
        ("//android.widget.TextView", "method is missing"),
        ("childSelector(" * 12 + 'text("x")' + ")" * 12, "nested too deeply"),
        ("text(" + '"x' * 30_000, "60005 characters"),
    ],
)
def test_an_expression_that_cannot_be_read_is_an_invalid_selector(expression: str, complaint: str):
    with pytest.raises(InvalidSelectorError, match=f"(?i){complaint}"):
        read_selector(expression)


def test_a_pattern_that_cannot_be_compiled_is_named():
    with pytest.raises(AutomationError, match="PatternSyntaxException"):
        read_selector('new UiSelector().textMatches("(unclosed")')


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (r"\Qa.b\E.*", "a.bc", True),
        (r"\Qa.b\E", "axb", False),
        (r"\Qno end", "no end", True),
        ("(?i)abc", "ABC", True),
        ("x(?i)abc", "XABC", True),
        ("(?s)a.b", "a\nb", True),
        ("a.b", "a\nb", False),
        (r"(?<n>a)\k<n>", "aa", True),
        (r"\p{L}+", "Zoë", True),
        (r"[\p{L} ]+", "Zoë B", True),
        (r"\P{L}+", "123", True),
        (r"\p{Alpha}+", "ë", False),
        (r"\p{Lu}\p{Ll}+", "Ada", True),
        (r"€\d+[.,]\d{2}", "€12,50", True),
        (r"[]a]+", "]a", True),
        (r"[[a]+", "[a", True),
        (r"a\hb", "a b", True),
        (r"ab\z", "ab", True),
        ("a++b", "aaab", True),
        (r"\\E", r"\E", True),
    ],
)
def test_java_patterns_match_as_in_java(pattern: str, text: str, matches: bool):
    assert (compile_java(pattern).fullmatch(text) is not None) is matches


@given(st.text(max_size=30))
def test_a_quoted_text_matches_itself_and_nothing_else(text: str):
    if "\\E" not in text:
        assert compile_java(f"\\Q{text}\\E").fullmatch(text)
        assert not compile_java(f"\\Q{text}\\E").fullmatch(text + "x")


pieces = st.sampled_from(
    ["new UiSelector()", ".text(", "textMatches(", ".childSelector(", '"x"', '"', "\\", "(", ")", "true", "7", ".", ";"]
)


@given(st.text(max_size=40) | st.lists(pieces, max_size=12).map("".join))
def test_any_text_is_a_selector_or_refused(expression: str):
    try:
        selector = read_selector(expression)
    except AutomationError:
        return
    list(find_all(SCREEN, selector))


@given(st.text(max_size=30).filter(lambda text: "\\" not in text and text.strip()))
def test_every_text_without_backslashes_can_be_looked_for(text: str):
    escaped = text.replace('"', '\\"')
    target = node("target", text=text)
    for method in ("text", "textContains", "textStartsWith"):
        assert list(find_all(target, read_selector(f'new UiSelector().{method}("{escaped}")'))) == [target]


def test_lookups_in_a_full_screen_take_less_than_two_milliseconds():
    rows = [node(f"row {n}", *(node(f"cell {n}.{m}", text=f"Cell {m}") for m in range(4))) for n in range(25)]
    screen = node("screen", *rows)
    assert len(list(walk(screen))) == 126
    expression = r'new UiSelector().textMatches("(?is).*\Qnowhere\E.*")'
    list(find_all(screen, read_selector(expression)))
    began = time.perf_counter()
    for _ in range(20):
        list(find_all(screen, read_selector(expression)))
    assert (time.perf_counter() - began) / 20 < 0.002
