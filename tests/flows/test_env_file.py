"""Flow variables as a file: what would not arrive as it is, is refused. (On a device: that the rest does arrive.)"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.flows.env_file import VariableError, render


def test_every_value_stands_between_quotes_as_it_is() -> None:
    assert render({"A": "", "B_2": " x # 'y' \"z\" "}, ()) == 'A=""\nB_2=" x # \'y\' "z" "\n'


@pytest.mark.parametrize("name", ["", "2A", "A-B", "A B", "A=B", "Ä", "A\n"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(VariableError, match="must be named with letters"):
        render({name: "x"}, ())


@pytest.mark.parametrize("value", ["a\nb", "a\0b", "x" * 60_001, "${X}", "a ${HOME} b", "$HOME", "pre$A", "$OTHER."])
def test_a_value_that_would_arrive_changed_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(VariableError) as refused:
        render({"A": value, "OTHER": "x"}, ("HOME", "PATH"))

    assert "the flow variable A" in str(refused.value)
    assert value not in str(refused.value)


@given(
    st.dictionaries(
        st.from_regex(r"[A-Z_][A-Z0-9_]{0,8}", fullmatch=True), st.text(st.characters(codec="utf-8")), max_size=5
    )
)
def test_what_is_not_refused_can_be_read_back(variables: dict[str, str]) -> None:
    try:
        text = render(variables, ())
    except VariableError:
        return

    lines = text.split("\n")[:-1]
    assert {line[: line.index("=")]: line[line.index("=") + 2 : -1] for line in lines} == variables
