"""Whatever stands in a file, it is loaded or refused with problems at places that exist."""

import string

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.documents import MINIMAL, problems
from validator.config.environment import EnvironmentConfig
from validator.config.reference import EXAMPLE

KEYS = st.sampled_from(
    [*EnvironmentConfig.model_fields, "id", "url", "within", "command", "artifact", "file", "expect", "serial", "avd",
     "virtual", "workspace", "between", "slack", "token", "timeout", "<<", "<SerialDevice>", "[key]", "terraform"]
)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates()
    | st.text(max_size=8)
    | st.sampled_from(["${env:X}", "${", "$${", "5m", "all", "https://x", "\0", "010", "no"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | st.text(max_size=5), inner, max_size=5),
    max_leaves=25,
)
YAML_ALPHABET = "abnoyes:-,[]{}&*!|>'\"%@`#?<~\\ \t\r\n0129.$_\x85\u2028\ufeffé" + string.ascii_lowercase


def check(content: bytes) -> None:
    lines = content.count(b"\n") + 2
    assert all(problem.message and 0 <= problem.line <= lines for problem in problems(content))


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_politely(content: bytes) -> None:
    check(content)


@given(st.text(alphabet=YAML_ALPHABET, max_size=60))
def test_random_punctuation_is_refused_politely(text: str) -> None:
    check(text.encode())


@settings(max_examples=200)
@given(st.dictionaries(KEYS | st.text(max_size=5), VALUES, max_size=8))
def test_random_documents_are_refused_politely(document: object) -> None:
    check(yaml.safe_dump(document, allow_unicode=True).encode("utf-8", "replace"))


@settings(max_examples=200)
@given(st.sampled_from([MINIMAL, EXAMPLE]), st.data())
def test_a_correct_file_with_a_few_characters_changed_is_loaded_or_refused(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        cut = data.draw(st.integers(0, 3))
        text = text[:at] + data.draw(st.text(alphabet=YAML_ALPHABET, max_size=3)) + text[at + cut :]
    check(text.encode())


def test_a_file_cut_off_anywhere_is_loaded_or_refused() -> None:
    for length in range(len(EXAMPLE)):
        check(EXAMPLE[:length].encode())
