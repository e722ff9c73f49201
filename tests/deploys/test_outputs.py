"""Terraform's outputs as JSON: values for references, and nothing secret for anybody else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.deploys.outputs import OutputsError, parse
from validator.deploys.port import Label, Outputs, deployment
from validator.model.deployment import Output

DOCUMENTED = """{
  "api_url": {"sensitive": false, "type": "string", "value": "https://api.example.com"},
  "hosts": {"sensitive": false, "type": ["list", "string"], "value": ["a", "b"]},
  "count": {"type": "number", "value": 3},
  "token": {"sensitive": true, "type": "string", "value": "s3cret-t0ken"},
  "db": {"sensitive": true, "type": ["object", {}], "value": {"user": "shop", "password": "hunter2!", "ports": [1, 2]}}
}"""


class Hidden(list[tuple[str, str]]):
    """Remembers what it was told to hide."""

    def __call__(self, value: str, name: str) -> None:
        self.append((name, value))


def outputs(text: str) -> Outputs:
    return parse(text, source="test", hide=Hidden())


def test_the_documented_form_is_read_in_the_order_of_names() -> None:
    found = outputs(DOCUMENTED)

    assert found.outputs == (
        Output(name="api_url", value="https://api.example.com"),
        Output(name="count", value="3"),
        Output(name="db", value="", sensitive=True),
        Output(name="hosts", value='["a","b"]'),
        Output(name="token", value="", sensitive=True),
    )
    assert found.values["token"] == "s3cret-t0ken"
    assert json.loads(found.values["db"]) == {"user": "shop", "password": "hunter2!", "ports": [1, 2]}


def test_everything_inside_a_sensitive_value_is_told_to_be_hidden() -> None:
    hidden = Hidden()

    found = parse(DOCUMENTED, source="test", hide=hidden)

    assert {("token", "s3cret-t0ken"), ("db", "hunter2!"), ("db", found.values["db"])} <= set(hidden)
    assert not any(name == "api_url" for name, _ in hidden)
    assert "s3cret" not in repr(found)
    assert "hunter2" not in repr(found)


def test_a_plain_object_is_read_as_well() -> None:
    found = outputs('{"api_url": "https://api.example.com", "port": 8080, "on": true, "none": null, "map": {"a": "ü"}}')

    assert dict(found.values) == {
        "api_url": "https://api.example.com",
        "port": "8080",
        "on": "true",
        "map": '{"a":"ü"}',
    }
    assert not any(output.sensitive for output in found.outputs)


@pytest.mark.parametrize("mark", ["true", '"false"', "1", "null"])
def test_anything_but_a_plain_false_counts_as_sensitive(mark: str) -> None:
    (output,) = outputs(f'{{"a": {{"value": "x", "sensitive": {mark}}}}}').outputs

    assert output.sensitive


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ('{"a": "secret', "not JSON"),
        ("[]", "not an object"),
        ('"text"', "not an object"),
        ('{"a": 1, "a": 2}', "two entries of the name 'a'"),
        ('{"a": NaN}', "NaN"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "too long"),
        ('{"a": {"value": 1, "sensitive": true}, "b": "x"}', "'a' is in the form of `terraform output -json`"),
    ],
)
def test_what_holds_no_outputs_is_refused_without_showing_a_value(text: str, reason: str) -> None:
    with pytest.raises(OutputsError) as refused:
        outputs(text)

    assert reason in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_digest_changes_with_any_value_and_any_name_and_with_nothing_else() -> None:
    plain = outputs('{"a": "1", "b": "2"}')

    assert plain.digest == outputs('{"b": "2", "a": "1"}').digest
    assert plain.digest != outputs('{"a": "1", "b": "3"}').digest
    assert plain.digest != outputs('{"a": "1", "c": "2"}').digest
    secret = '{"a": {"value": "%s", "sensitive": true}}'
    assert outputs(secret % "1").digest != outputs(secret % "2").digest


def test_a_deployment_is_named_by_what_it_is() -> None:
    found = outputs('{"a": "1"}')
    abc = Label(revision="abc")
    one = deployment(found, environment="production", label=abc)

    assert one.id.startswith("production-")
    assert one == deployment(found, environment="production", label=abc)
    assert one.id != deployment(found, environment="production", label=Label(revision="abd")).id
    assert one.id != deployment(outputs('{"a": "2"}'), environment="production", label=abc).id
    assert deployment(found, environment="production", label=Label(identifier="deploy-7")).id == "deploy-7"
    assert (one.digest, one.source, one.outputs) == (found.digest, "test", found.outputs)


@given(st.text() | st.binary().map(lambda data: data.decode("latin-1")))
def test_any_text_is_outputs_or_refused(text: str) -> None:
    try:
        found = outputs(text)
    except OutputsError:
        return
    assert found.digest.startswith("sha256:")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(min_size=1), JSON, max_size=4), st.booleans())
def test_no_value_of_a_sensitive_output_travels(values: dict[str, object], sensitive: bool) -> None:
    text = json.dumps({name: {"value": value, "sensitive": sensitive} for name, value in values.items()})
    hidden = Hidden()

    found = parse(text, source="test", hide=hidden)

    assert {output.name for output in found.outputs} == set(values)
    if sensitive:
        assert all(output.value == "" and output.sensitive for output in found.outputs)
        assert set(found.values.items()) <= set(hidden)


@pytest.mark.parametrize("null", ["null", "1e999", "-1e999"])
@pytest.mark.parametrize("sensitive", ["true", "false"])
def test_an_output_without_a_value_gives_no_text_and_is_no_secret(null: str, sensitive: str) -> None:
    hidden = Hidden()
    text = f'{{"cdn": {{"value": {null}, "sensitive": {sensitive}}}, "api": {{"value": "https://api.example.com"}}}}'

    found = parse(text, source="test", hide=hidden)

    assert found.values == {"api": "https://api.example.com"}
    assert found.nulls == ("cdn",)
    assert hidden == []


def test_an_output_that_loses_its_value_is_another_deployment() -> None:
    nothing, text, gone = (outputs(form).digest for form in ('{"cdn": null}', '{"cdn": "null"}', "{}"))

    assert len({nothing, text, gone}) == 3
