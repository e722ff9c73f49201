"""A filter finds what it says, and no value in it can break out of its quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.model.errors import UsageError
from validator.traffic.fields import LogFields, named_fields
from validator.traffic.filters import MOST_VALUES, Filter, Filters, can_hold, filters
from validator.traffic.manifest import Manifest, Window

RUN = "20261121-032654-k3x9"
WINDOW = Window(
    flow="Search", number=1, serial="d1", began="2026-11-21T03:27:00.000Z", ended="2026-11-21T03:28:00.000Z"
)
STORES = ("Loki", "CloudWatch", "Datadog", "Kibana", "Elasticsearch", "BigQuery", "Splunk", "Prometheus")


def manifest(run: str = RUN, users: tuple[str, ...] = (), windows: tuple[Window, ...] = (WINDOW,)) -> Manifest:
    return Manifest(
        run=run,
        environment="production",
        marks=("header",),
        baggage="",
        trace="",
        windows=windows,
        addresses=(),
        users=users,
        devices=(),
    )


def made(users: tuple[str, ...] = (), fields: LogFields | None = None, run: str = RUN) -> dict[str, Filter]:
    found = filters(manifest(run, users), fields or LogFields())
    return {each.store: each for each in found.filters}


def test_there_is_a_filter_for_each_of_the_usual_stores():
    assert tuple(made()) == STORES


def test_the_filters_read_as_their_languages_do():
    found = made(users=("anon-1",))
    assert found["Loki"].only == '{service_name=~".+"} | json | run="20261121-032654-k3x9" or user="anon-1"'
    assert found["Loki"].without == '{service_name=~".+"} | json | run!="20261121-032654-k3x9" and user!="anon-1"'
    assert found["CloudWatch"].only == (
        'fields @timestamp, @message | filter run = "20261121-032654-k3x9" or user = "anon-1"'
    )
    assert found["Datadog"].without == '-(@run:"20261121-032654-k3x9" OR @user:"anon-1")'
    assert found["Kibana"].without == 'not (run: "20261121-032654-k3x9" or user: "anon-1")'
    assert found["BigQuery"].without.endswith('OR IFNULL(jsonPayload.user = "anon-1", FALSE))')
    assert found["Splunk"].only.startswith("search index=* earliest=1795231620 latest=1795231681 | where (")
    assert found["Prometheus"].without == '{synthetic!="true"}'


def test_the_query_for_elasticsearch_is_json_that_selects_by_term_and_time():
    found = made(users=("anon-1",))["Elasticsearch"]
    only, without = json.loads(found.only)["query"]["bool"], json.loads(found.without)["query"]["bool"]
    assert only["filter"] == [{"range": {"@timestamp": {"gte": WINDOW.began, "lte": WINDOW.ended}}}]
    assert only["should"] == without["must_not"] == [{"term": {"run": RUN}}, {"term": {"user": "anon-1"}}]


def test_the_teams_own_names_of_fields_are_used():
    found = made(users=("7",), fields=named_fields(["run=labels.validator-run", "user=@usr:id"]))
    assert '| labels_validator_run="' in found["Loki"].only
    assert 'jsonPayload.labels.`validator-run` = "' in found["BigQuery"].only
    assert '@usr:id:"7"' in found["Datadog"].only
    assert '@usr\\:id: "7"' in found["Kibana"].only
    assert '`@usr:id` = "7"' in found["CloudWatch"].only


def test_a_run_that_sent_nothing_has_filters_without_a_time():
    found = filters(manifest(windows=()), LogFields())
    assert found.began == ""
    assert not any("earliest" in each.only or "BETWEEN" in each.only for each in found.filters)


def test_no_more_than_a_hundred_users_are_named_and_the_others_counted():
    found = filters(manifest(users=tuple(f"u{n}" for n in range(130))), LogFields())
    assert found.left_out == 30
    assert found.filters[0].only.count('user="') == MOST_VALUES


@pytest.mark.parametrize("value", ["a\nb", "a\x1bb", "\u2028", "`macro`", "", "x" * 257, "\ud800", "\x85"])
def test_what_a_language_cannot_hold_is_left_out_and_counted(value):
    found = filters(manifest(users=(value, "anon-1")), LogFields())
    assert found.left_out == 1
    assert literals(found) == literals(filters(manifest(users=("anon-1",)), LogFields()))


def test_a_run_id_that_no_filter_can_hold_is_refused():
    with pytest.raises(UsageError):
        filters(manifest(run="a`b"), LogFields())


HOSTILE = st.text(max_size=30) | st.text(alphabet="\"\\'`|{}()*?%$[];,=! \n\ta-/#@&", max_size=30)


@given(HOSTILE, st.lists(HOSTILE, max_size=4))
def test_no_value_can_break_out_of_its_quotes(run: str, users: list[str]) -> None:
    if not can_hold(run):
        return
    kept = [user for user in users if can_hold(user)]
    plain = made(tuple(f"u{n}" for n in range(len(kept))), run="r")
    hostile = made(tuple(users), run=run)
    for store in STORES[:-1]:
        if store == "Elasticsearch":
            assert [next(iter(term["term"].values())) for term in terms(hostile[store].only)] == [run, *kept]
            continue
        for side in ("only", "without"):
            shape, values = parts(getattr(hostile[store], side))
            assert shape == parts(getattr(plain[store], side))[0], store
            assert [value for value in values if value not in FIXED] == [
                each for each in (run, *kept) if each not in FIXED
            ]


FIXED = (".+", "", WINDOW.began, WINDOW.ended)
"""What the filters say in quotes of their own."""


def terms(text: str) -> list[dict[str, dict[str, str]]]:
    found: list[dict[str, dict[str, str]]] = json.loads(text)["query"]["bool"]["should"]
    return found


def parts(text: str) -> tuple[str, list[str]]:
    """The text with each quoted value as a bare pair of quotes, and the values, as all these languages read them."""
    shape, values, at = [], [], 0
    while at < len(text):
        if text[at] != '"':
            shape.append(text[at])
            at += 1
            continue
        value, at = literal(text, at + 1)
        values.append(value)
        shape.append('""')
    return "".join(shape), values


def literal(text: str, at: int) -> tuple[str, int]:
    value = []
    while text[at] != '"':
        if text[at] == "\\":
            at += 1
            assert text[at] in '"\\', "no other escape means the same in all languages"
        value.append(text[at])
        at += 1
    return "".join(value), at + 1


def literals(found: Filters) -> list[str]:
    return [value for each in found.filters for side in texts(each) for value in parts(side)[1]]


def texts(each: Filter) -> Iterator[str]:
    yield from (re.sub(r"^\{\"query.*", "", side) for side in (each.only, each.without))
