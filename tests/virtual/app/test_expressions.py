"""Expressions and templates: what they mean, what is refused, and that evaluating never fails."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.virtual.app.expression import ExpressionError
from validator.virtual.app.filters import FILTERS
from validator.virtual.app.grammar import parse
from validator.virtual.app.operators import OPERATORS
from validator.virtual.app.template import Template, read_structure
from validator.virtual.app.values import Json, dig, text_of

KNOWN: dict[str, Json] = {
    "email": "ada@example.com",
    "empty": "",
    "count": 2,
    "price": 1234.5,
    "cents": 123450,
    "loading": False,
    "user": {"name": "Ada", "roles": ["admin"]},
    "items": [
        {"name": "Milk", "kind": "dairy", "price": 2},
        {"name": "Bread", "kind": "bakery", "price": 3.5},
    ],
    "nothing": None,
}


class Names:
    """A scope of plain values."""

    def __init__(self, values: dict[str, Json]) -> None:
        self.values = values

    def read(self, path: tuple[str, ...]) -> Json:
        return dig(self.values.get(path[0]), path[1:])


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("7 / 2", 3.5),
        ("1 / 0", None),
        ("-count", -2),
        ("count - -1", 3),
        ("'a' + 1", "a1"),
        ("1 + nothing", None),
        ("items + items|length", None),
        ("count == 2 and not loading", True),
        ("loading or count > 1", True),
        ("true == 1", False),
        ("1 == 1.0", True),
        ("nothing == null", True),
        ("'b' > 'a'", True),
        ("'b' > 1", False),
        ("2 <= 2", True),
        ("nothing <= null", False),
        ("'admin' in user.roles", True),
        ("'name' in user", True),
        ("'ada' in email", True),
        ("'x' not in user.roles", True),
        ("not not count", True),
        ("items.1.name", "Bread"),
        ("items.9.name", None),
        ("items.length", 2),
        ("user.name.length", 3),
        ("unknown.deeply", None),
        (r"'it\'s'", "it's"),
        ("price|money", "1,234.50"),
        ("price|money:'$'", "$1,234.50"),
        ("-5|money:'$'", "-$5.00"),
        ("cents|cents:'$'", "$1,234.50"),
        ("'x'|money", ""),
        ("email|length", 15),
        ("nothing|length", 0),
        ("'a'|upper", "A"),
        ("'A b'|lower", "a b"),
        ("'  a '|trim", "a"),
        ("'oat milk'|capitalize", "Oat milk"),
        ("2.567|round:1", 2.6),
        ("2.567|round", 3),
        ("count|plural:'item','items'", "items"),
        ("1|plural:'item','items'", "item"),
        ("nothing|default:'none'", "none"),
        ("empty|default:email", "ada@example.com"),
        ("count|default:9", 2),
        ("email|prefix:'mail '", "mail ada@example.com"),
        ("empty|prefix:'mail '", ""),
        ("items|first", {"name": "Milk", "kind": "dairy", "price": 2}),
        ("user.roles|last", "admin"),
        ("nothing|last", None),
        ("'abc'|reverse", "cba"),
        ("items|pluck:'name'|join:', '", "Milk, Bread"),
        ("items|sum:'price'", 5.5),
        ("items|where:'kind','dairy'|length", 1),
        ("email|contains:'ADA'", True),
        ("email|contains:empty", True),
        ("user.roles|json", '["admin"]'),
        ("'a b&c'|urlencode", "a%20b%26c"),
    ],
)
def test_an_expression_means(source: str, value: Json):
    assert parse(source).evaluate(Names(KNOWN)) == value


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("(1", "')' is missing"),
        ("1)", "not expected"),
        ("a b", "not expected"),
        ("price|mony", "did you mean 'money'"),
        ("price|money:1,2", "takes 0 to 1 arguments, not 2"),
        ("email|plural:'x'", "takes 2 arguments, not 1"),
        ("email == 'x", "cannot read"),
        ("a & b", "cannot read"),
        ("and", "not expected"),
        ("(" * 60 + "1" + ")" * 60, "too deeply nested"),
        ("not " * 60 + "1", "too deeply nested"),
        ("1" + "+1" * 200, "more than 300 parts"),
    ],
)
def test_a_bad_expression_is_refused_with_its_reason(source: str, complaint: str):
    with pytest.raises(ExpressionError, match=complaint.replace("(", r"\(").replace(")", r"\)")):
        parse(source)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain", "plain"),
        ("", ""),
        ("{count} items", "2 items"),
        ("{nothing}|{loading}|{price}", "|false|1234.5"),
        ("{{count}}", "{count}"),
        ("'signed in', { id: '{user.name}' }", "'signed in', { id: 'Ada' }"),
        ("{email|default:'a } b'}", "ada@example.com"),
        (r"{empty|default:'it\'s }'}", "it's }"),
        ("{items.0}", '{"name":"Milk","kind":"dairy","price":2}'),
    ],
)
def test_a_template_reads_as(source: str, text: str):
    assert Template.read(source).text(Names(KNOWN)) == text


def test_a_template_of_one_expression_keeps_its_type():
    assert Template.read("{items}").evaluate(Names(KNOWN)) == KNOWN["items"]
    assert Template.read("{count}").evaluate(Names(KNOWN)) == 2
    assert Template.read(" {count}").evaluate(Names(KNOWN)) == " 2"


def test_a_template_without_its_closing_brace_is_refused():
    with pytest.raises(ExpressionError, match="without its '}'"):
        Template.read("Total {count")


def test_templates_work_all_the_way_down_a_structure():
    structure = read_structure({"user": {"mail": "{email}"}, "n": ["{count}", 1, None]})
    assert structure.evaluate(Names(KNOWN)) == {"user": {"mail": "ada@example.com"}, "n": [2, 1, None]}
    assert {path[0] for path in structure.paths()} == {"email", "count"}


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(OPERATORS)), values, values)
def test_no_operator_fails_on_any_values(operator: str, left: Json, right: Json):
    text_of(OPERATORS[operator](left, right))


@given(st.sampled_from(sorted(FILTERS)), values, st.lists(values, min_size=2, max_size=2))
def test_no_filter_fails_on_any_values(name: str, value: Json, arguments: list[Json]):
    chosen = FILTERS[name]
    for number in range(chosen.fewest, chosen.most + 1):
        text_of(chosen.apply(value, *arguments[:number]))


sources = st.text(max_size=60) | st.lists(
    st.sampled_from(["a", "user.name", "1", "2.5", "'x'", "(", ")", "+", "-", "|", ":", ",", "and", "or", "not", "in"])
    | st.sampled_from(["==", "<", "money", "length", "{", "}", "{{", "'", "\\", " ", "null"]),
    max_size=30,
).map(" ".join)


@given(sources)
def test_any_text_is_an_expression_or_refused(source: str):
    try:
        expression = parse(source)
    except ExpressionError:
        return
    text_of(expression.evaluate(Names(KNOWN)))


@given(sources)
def test_any_text_is_a_template_or_refused(source: str):
    try:
        template = Template.read(source)
    except ExpressionError:
        return
    template.text(Names(KNOWN))
    list(template.paths())


@given(st.text(alphabet=st.characters(blacklist_characters="{}")))
def test_text_without_braces_is_its_own_template(text: str):
    assert Template.read(text).text(Names({})) == text
