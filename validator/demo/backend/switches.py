"""The ways this production can misbehave, as values, and the JSON in which they are asked for.

A switch is one effect, the requests that it applies to, and when it begins and ends:

    {"effect": {"kind": "fail", "status": 503, "share": 0.2}, "path": "/v1/search", "lasts_s": 20,
     "starts": {"method": "POST", "path": "/v1/orders", "nth": 1}}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

_STRICT = ConfigDict(extra="forbid", strict=True)


class SwitchError(ValueError):
    """A switch was asked for that does not exist, or with values that it cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Nobody listens: connections are refused, open ones reset. Always the whole backend, whatever the path."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["refuse"] = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Answer with an error status instead of doing what was asked."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["fail"] = "fail"
    status: Annotated[int, Field(ge=400, le=599)] = 500
    share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The share of matching requests that fail."""
    seed: int = 0
    """Makes the choice of failing requests repeatable."""
    retry_after_s: Annotated[int, Field(ge=0)] = 0
    """Sent as `Retry-After` when positive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Wait before answering."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["delay"] = "delay"
    ms: Annotated[int, Field(ge=0, le=600_000)] = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """A web application firewall in front answers 403 with a page that asks for a browser."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["challenge"] = "challenge"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseSignIn:
    """The identity provider refuses anonymous users; everything else works."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["refuse-sign-in"] = "refuse-sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongTotal:
    """A product bug: totals come out wrong by so many cents."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["wrong-total"] = "wrong-total"
    cents: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Reword:
    """A product bug: a text in JSON replies is another one."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["reword"] = "reword"
    find: Annotated[str, Field(min_length=1)]
    replace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """503 with `Retry-After` naming what is left of the switch's `lasts_s` (a minute when it has no end)."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["maintenance"] = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """307 to the same path elsewhere."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["redirect"] = "redirect"
    to: Annotated[str, Field(pattern=r"^https?://[\w.:-]+$")]
    """Scheme, host and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Other limits per address than those the backend was started with: new buckets, full at first."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: Literal["limit"] = "limit"
    accounts_per_hour: Annotated[int, Field(ge=0)] = 30
    accounts_burst: Annotated[int, Field(ge=0)] = 0
    """How many accounts at once; 0 stands for `accounts_per_hour`."""
    requests_per_second: Annotated[float, Field(ge=0)] = 50.0
    requests_burst: Annotated[int, Field(ge=0)] = 100
    never_lifts: bool = False
    """Spent buckets stay empty."""


Effect = Annotated[
    Refuse | Fail | Delay | Challenge | RefuseSignIn | WrongTotal | Reword | Maintenance | Redirect | Limit,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The request whose arrival begins a switch; the switch already applies to it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    method: str = ""
    """Empty stands for any method."""
    path: str = ""
    """A prefix of the path."""
    nth: Annotated[int, Field(ge=1)] = 1
    """Counted from when the switch was set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One misbehaviour, and when."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    effect: Effect
    method: str = ""
    """Only requests with this method; empty stands for any."""
    path: str = ""
    """Only requests whose path begins so."""
    starts: Start | None = None
    """None: at once."""
    lasts_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """Seconds from its beginning to its end; 0: until it is cleared."""
    times: Annotated[int, Field(ge=0)] = 0
    """Ends after it has applied to so many requests; 0: no such end."""


_ADAPTER = TypeAdapter(Switch)


def switch_from_json(text: str | bytes) -> Switch:
    """Read a switch, strictly.

    Raises:
        SwitchError: Not JSON, no known effect, an unknown key, or a value of another type or out of range.
    """
    try:
        return _ADAPTER.validate_json(text)
    except ValidationError as error:
        places = (f"{'.'.join(map(str, e['loc'])) or 'switch'}: {e['msg']}" for e in error.errors())
        raise SwitchError("; ".join(places)) from None


def switch_to_json(switch: Switch) -> bytes:
    """The switch as the JSON that `switch_from_json` reads."""
    return _ADAPTER.dump_json(switch)
