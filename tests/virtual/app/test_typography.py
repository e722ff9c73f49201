"""Text is measured, wrapped and made of letters that the built-in font has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.virtual.app.letters import BARS, DOT, SLASH, drawn, has, letter
from validator.virtual.app.typography import BUTTON_SIZES, button_size, line_height, text_width, wrap


@pytest.mark.parametrize(
    ("character", "base", "mark"),
    [
        ("a", "a", ""),
        ("\u00e9", "e", "\u0301"),
        ("\u0130", "I", "\u0307"),
        ("\u20ac", "C", BARS),
        ("\u00f8", "o", SLASH),
        ("\u2212", "-", ""),
        ("\u00df", "ss", ""),
        ("\u65e5", "  ", DOT),
        ("\U0001f600", "  ", DOT),
        ("\u200b", "", ""),
        ("\n", " ", ""),
    ],
)
def test_a_character_is_drawn_as(character: str, base: str, mark: str):
    assert (letter(character).base, letter(character).mark) == (base, mark)


@given(st.text(max_size=40))
def test_whatever_is_drawn_is_in_the_font(text: str):
    assert all(has(character) for character in drawn(text))


@given(st.text(max_size=60), st.sampled_from([36, 44, 72]), st.integers(1, 1000))
def test_wrapped_lines_fit_and_lose_nothing_but_spaces(text: str, size: int, width: int):
    lines = wrap(text, size, width)
    assert lines
    assert all(text_width(line, size) <= width or len(line) <= 1 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")


def test_text_is_broken_between_words_where_possible():
    assert wrap("oat milk", 44, round(text_width("oat milk", 44)) + 1) == ("oat milk",)
    assert wrap("oat milk", 44, round(text_width("oat mil", 44))) == ("oat", "milk")
    assert wrap("one\ntwo", 44, 1000) == ("one", "two")
    assert line_height(100) == 135


def test_the_text_of_a_narrow_button_shrinks_before_its_words_break():
    assert button_size("Shelves", 500) == BUTTON_SIZES[0]
    assert button_size("Shelves", round(text_width("Shelves", 40))) == BUTTON_SIZES[1]
    assert button_size("Shelves", 10) == BUTTON_SIZES[-1]
