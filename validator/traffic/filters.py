"""Ready filters for the usual log stores and for PromQL: the run's requests alone, or everything but them. Pure.

Values come from records and logs, so strangers may have written them. All of these languages take a text in double
quotes in which a backslash protects a quote and a backslash. What some of them cannot hold in quotes at all, or
expand even there (control characters, SPL's backtick), is no value of a filter: it is left out, and counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from validator.model.errors import UsageError
from validator.traffic.fields import LogFields
from validator.traffic.manifest import Manifest

MOST_VALUES: Final = 100
"""Users or addresses in one filter; stores refuse queries beyond some thousands of characters."""
_HOLDABLE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff`]{1,256}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter in the language of one store."""

    store: str
    language: str
    only: str
    """Finds the run's requests."""
    without: str
    """Finds everything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """All of them."""

    filters: tuple[Filter, ...]
    began: str
    """Search from here, UTC, ISO 8601; empty when the run sent nothing."""
    ended: str
    left_out: int
    """Users that no filter can hold or that are beyond the first hundred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the run's requests are recognised by. The first name of a field counts."""

    run: str
    users: Sequence[str]
    fields: LogFields
    began: str
    ended: str

    def any_of(self, equals: Callable[[str, str], str], word: str) -> str:
        """One condition for the run and one for each user, joined by a word."""
        found = [equals(self.fields.run[0], self.run)]
        found += [equals(self.fields.user[0], user) for user in self.users]
        return f" {word} ".join(found)


def quoted(value: str) -> str:
    """The value as a text in double quotes. Only for what `can_hold` accepts."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def can_hold(value: str) -> bool:
    """Whether every one of the languages can hold the value in double quotes."""
    return _HOLDABLE.fullmatch(value) is not None


def filters(manifest: Manifest, fields: LogFields) -> Filters:
    """The filters for a run.

    Raises:
        UsageError: The run's id is nothing that a filter can hold: no run of this program is called so.
    """
    if not can_hold(manifest.run):
        raise UsageError("the run's id cannot be written into a filter", remedy="the record was changed")
    users = [user for user in manifest.users if can_hold(user)][:MOST_VALUES]
    began = min((window.began for window in manifest.windows), default="")
    ended = max((window.ended for window in manifest.windows), default="")
    wanted = _Wanted(run=manifest.run, users=users, fields=fields, began=began, ended=ended)
    made = (make(wanted) for make in (_loki, _insights, _datadog, _kql, _query_dsl, _bigquery, _splunk, _promql))
    return Filters(filters=tuple(made), began=began, ended=ended, left_out=len(manifest.users) - len(users))


def _loki(wanted: _Wanted) -> Filter:
    """Loki names the fields of parsed JSON with `_` for whatever is no letter (grafana.com/docs/loki, LogQL `json`)."""
    stream = '{service_name=~".+"} | json'

    def join(sign: str, word: str) -> str:
        return wanted.any_of(lambda field, value: f"{_label(field)}{sign}{quoted(value)}", word)

    return Filter(
        store="Loki", language="LogQL", only=f"{stream} | {join('=', 'or')}", without=f"{stream} | {join('!=', 'and')}"
    )


def _insights(wanted: _Wanted) -> Filter:
    """A field that a line does not have equals nothing and differs from nothing, so its absence is asked for first."""
    head = "fields @timestamp, @message | filter "
    found = wanted.any_of(lambda field, value: f"{_ticked(field)} = {quoted(value)}", "or")
    other = wanted.any_of(
        lambda field, value: f"(not ispresent({_ticked(field)}) or {_ticked(field)} != {quoted(value)})", "and"
    )
    return Filter(store="CloudWatch", language="Logs Insights", only=head + found, without=head + other)


def _datadog(wanted: _Wanted) -> Filter:
    """Attributes have an `@`; in double quotes `*` and `?` are themselves (docs.datadoghq.com, log search syntax)."""
    found = wanted.any_of(lambda field, value: f"@{field.removeprefix('@')}:{quoted(value)}", "OR")
    return Filter(store="Datadog", language="log search", only=f"({found})", without=f"-({found})")


def _kql(wanted: _Wanted) -> Filter:
    found = wanted.any_of(lambda field, value: f"{field.replace(':', chr(92) + ':')}: {quoted(value)}", "or")
    return Filter(store="Kibana", language="KQL", only=f"({found})", without=f"not ({found})")


def _query_dsl(wanted: _Wanted) -> Filter:
    terms = [{"term": {wanted.fields.run[0]: wanted.run}}]
    terms += [{"term": {wanted.fields.user[0]: user}} for user in wanted.users]
    span = {"range": {"@timestamp": {"gte": wanted.began, "lte": wanted.ended}}}
    when: dict[str, object] = {"filter": [span]} if wanted.began else {}
    only = {"query": {"bool": {**when, "should": terms, "minimum_should_match": 1}}}
    without = {"query": {"bool": {"must_not": terms}}}
    return Filter(store="Elasticsearch", language="query DSL", only=json.dumps(only), without=json.dumps(without))


def _bigquery(wanted: _Wanted) -> Filter:
    """Cloud Logging's export puts a line's JSON under `jsonPayload`; a missing field is NULL, which equals nothing."""
    found = wanted.any_of(lambda field, value: f"IFNULL({_column(field)} = {quoted(value)}, FALSE)", "OR")
    span = ""
    if wanted.began:
        span = f"timestamp BETWEEN {_timestamp(wanted.began)} AND {_timestamp(wanted.ended)} AND "
    head = "SELECT * FROM `PROJECT.DATASET.TABLE` WHERE "
    return Filter(store="BigQuery", language="SQL", only=f"{head}{span}({found})", without=f"{head}NOT ({found})")


def _splunk(wanted: _Wanted) -> Filter:
    """`where` compares exactly; in a `search` an asterisk would match anything, in quotes too."""
    span = ""
    if wanted.began:
        span = f" earliest={_epoch(wanted.began, 0)} latest={_epoch(wanted.ended, 1)}"
    found = wanted.any_of(lambda field, value: f"coalesce('{field}', \"\") = {quoted(value)}", "OR")
    only, without = f"search index=*{span} | where ({found})", f"search index=* | where NOT ({found})"
    return Filter(store="Splunk", language="SPL", only=only, without=without)


def _promql(_: _Wanted) -> Filter:
    """Metrics have no users; a label with an id per run would grow without end, so the marked share is one label."""
    return Filter(
        store="Prometheus", language="label matchers", only='{synthetic="true"}', without='{synthetic!="true"}'
    )


def _label(field: str) -> str:
    return re.sub(r"\W", "_", field, flags=re.ASCII)


def _ticked(field: str) -> str:
    return field if re.fullmatch(r"@?[\w.]+", field, re.ASCII) else f"`{field}`"


def _column(field: str) -> str:
    parts = ("jsonPayload", *field.split("."))
    return ".".join(part if _IDENTIFIER.fullmatch(part) else f"`{part}`" for part in parts)


def _timestamp(moment: str) -> str:
    return f"TIMESTAMP {quoted(moment)}"


def _epoch(moment: str, more: int) -> int:
    return int(datetime.fromisoformat(moment).timestamp()) + more
