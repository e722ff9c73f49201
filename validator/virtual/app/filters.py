"""The filters of templates: `{price|money:'$'}`. Each takes the value and its arguments and never fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from validator.virtual.app.values import Json, dig, equal, number_of, text_of, tidy


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One filter: what it does, and how many arguments it takes."""

    apply: Callable[..., Json]
    fewest: int = 0
    most: int = 0


def _money(value: Json, symbol: Json = "") -> Json:
    number = number_of(value)
    return "" if number is None else f"{'-' if number < 0 else ''}{text_of(symbol)}{abs(number):,.2f}"


def _cents(value: Json, symbol: Json = "") -> Json:
    number = number_of(value)
    return "" if number is None else _money(number / 100, symbol)


def _length(value: Json) -> Json:
    return len(value) if isinstance(value, str | list | dict) else 0


def _round(value: Json, digits: Json = 0) -> Json:
    number, places = number_of(value), number_of(digits)
    if number is None or not isinstance(places, int) or abs(places) > 12:
        return number
    return tidy(round(number, places) if places else round(number))


def _plural(value: Json, one: Json, many: Json) -> Json:
    return one if equal(value, 1) else many


def _default(value: Json, fallback: Json) -> Json:
    return fallback if value is None or value == "" else value


def _prefix(value: Json, prefix: Json) -> Json:
    text = text_of(value)
    return text_of(prefix) + text if text else ""


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _sum(value: Json, field: Json = None) -> Json:
    total: int | float = 0
    for item in _items(value) if field is None else _pluck_items(value, field):
        total += number_of(item) or 0
    return tidy(total)


def _where(value: Json, field: Json, wanted: Json) -> Json:
    return [item for item in _items(value) if equal(dig(item, text_of(field).split(".")), wanted)]


def _pluck_items(value: Json, field: Json) -> list[Json]:
    return [dig(item, text_of(field).split(".")) for item in _items(value)]


def _reverse(value: Json) -> Json:
    return value[::-1] if isinstance(value, str | list) else value


def _contains(value: Json, part: Json) -> Json:
    return text_of(part).casefold() in text_of(value).casefold()


def _trim(value: Json) -> Json:
    return text_of(value).strip()


FILTERS: dict[str, Filter] = {
    "money": Filter(apply=_money, most=1),
    "cents": Filter(apply=_cents, most=1),
    "length": Filter(apply=_length),
    "upper": Filter(apply=lambda value: text_of(value).upper()),
    "lower": Filter(apply=lambda value: text_of(value).lower()),
    "trim": Filter(apply=_trim),
    "capitalize": Filter(apply=lambda value: text_of(value)[:1].upper() + text_of(value)[1:]),
    "round": Filter(apply=_round, most=1),
    "plural": Filter(apply=_plural, fewest=2, most=2),
    "default": Filter(apply=_default, fewest=1, most=1),
    "prefix": Filter(apply=_prefix, fewest=1, most=1),
    "first": Filter(apply=lambda value: dig(value, ["0"])),
    "last": Filter(apply=lambda value: (_items(value) or [None])[-1]),
    "reverse": Filter(apply=_reverse),
    "join": Filter(apply=lambda value, glue: text_of(glue).join(map(text_of, _items(value))), fewest=1, most=1),
    "sum": Filter(apply=_sum, most=1),
    "where": Filter(apply=_where, fewest=2, most=2),
    "pluck": Filter(apply=_pluck_items, fewest=1, most=1),
    "contains": Filter(apply=_contains, fewest=1, most=1),
    "json": Filter(apply=lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"))),
    "urlencode": Filter(apply=lambda value: quote(text_of(value), safe="", errors="replace")),
}
"""Every filter by the name that templates use."""
