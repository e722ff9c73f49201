"""What a pattern may cost at worst is known from the pattern, and a pattern that is taken ends in time."""

import re
import time

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from validator.config.sections.failures import LONGEST_LINE, MOST_STEPS
from validator.failures.lines import MAX_LENGTH
from validator.failures.rules import built_in_rules
from validator.support.regex_cost import steps

ENDLESS = [
    r"(a+)+b",
    r"(a|aa)+b",
    r"(a|a?)+b",
    r"(?:a?b?)*c",
    r"(\w+\s?)*:",
    r"(.*)*x",
    r"(a?){40}a{40}",
    r"((a{1,50}){1,50}){1,50}b",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(?=(a+)+b)",
    r"(?P<x>a*)(?(x)(b+)+|c)d",
]
SLOW = [r"\w+\s*\w+!", r"a.*b.*c", r".*.*.*x", r"^.*a.*a.*a.*!", r"(.*)\1x"]
FINE = [
    r"FATAL EXCEPTION",
    r"<-- 4\d\d .*/orders",
    r"^message: .*foo.*bar",
    r"x.{0,40}y.{0,40}z",
    r"(?:ab)+c",
    r"[\w.]+E",
]


@pytest.mark.parametrize("pattern", ENDLESS + SLOW)
def test_a_pattern_that_could_hang_is_beyond_the_limit(pattern):
    assert steps(pattern, LONGEST_LINE) > MOST_STEPS


@pytest.mark.parametrize("pattern", FINE)
def test_what_people_write_is_within_the_limit(pattern):
    assert steps(pattern, LONGEST_LINE) <= MOST_STEPS


@pytest.mark.parametrize("rule", built_in_rules(), ids=lambda rule: rule.id)
def test_the_built_in_rules_keep_to_the_limit_themselves(rule):
    assert steps(rule.pattern.pattern, LONGEST_LINE) <= MOST_STEPS


def test_rules_see_no_more_of_a_line_than_was_reckoned_with():
    assert LONGEST_LINE == MAX_LENGTH


def test_what_is_no_pattern_says_where():
    with pytest.raises(re.error) as refused:
        steps("a(b", 10)
    assert refused.value.pos == 1


pieces = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", r"\w", "(?:)"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{0,9}", "{2}", "*?"])).map(lambda p: f"(?:{p[0]}){p[1]}"),
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda p: f"(?:{p[0]}|{p[1]})"),
    ),
    max_leaves=6,
)


@given(pieces, st.sampled_from(["", "^"]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_any_pattern_that_is_taken_ends_in_time_on_the_lines_that_are_worst_for_it(pattern, anchor):
    pattern = f"{anchor}{pattern}!"
    assume(steps(pattern, LONGEST_LINE) <= MOST_STEPS)
    compiled = re.compile(pattern)
    for worst in ("a" * LONGEST_LINE, "ab" * (LONGEST_LINE // 2), "b" * LONGEST_LINE):
        began = time.thread_time()
        compiled.search(worst)
        assert time.thread_time() - began < 2.0
