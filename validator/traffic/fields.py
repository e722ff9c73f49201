"""Which fields of an access log say what. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final

from validator.model.errors import UsageError

_NAME: Final = re.compile(r"[\w@][\w@.:-]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFields:
    """Names of fields, the likeliest first; a dot leads into an object unless the name with its dot is there.

    The usual names are those of nginx, Caddy, the Elastic Common Schema, OpenTelemetry and common loggers.
    """

    time: tuple[str, ...] = ("time", "timestamp", "@timestamp", "ts", "time_iso8601", "datetime")
    method: tuple[str, ...] = ("method", "request_method", "http.request.method", "request.method")
    path: tuple[str, ...] = ("path", "uri", "request_uri", "url.path", "url", "request.uri", "request")
    status: tuple[str, ...] = ("status", "status_code", "http.response.status_code")
    user: tuple[str, ...] = ("user", "user_id", "uid", "user.id", "enduser.id")
    address: tuple[str, ...] = ("remote", "remote_addr", "client_ip", "remote_ip", "client.address", "source.ip")
    run: tuple[str, ...] = ("run", "validator_run", "validator.run")
    baggage: tuple[str, ...] = ("baggage", "http_baggage")
    agent: tuple[str, ...] = ("agent", "user_agent", "http_user_agent", "user_agent.original")


ROLES: Final = tuple(field.name for field in fields(LogFields))


def check_names(given: Mapping[str, str]) -> None:
    """Whether these are roles, and names that fields can have.

    Raises:
        UsageError: One is not.
    """
    for role, name in given.items():
        if role not in ROLES:
            raise UsageError(f"{role!r} is no field that a proof needs", remedy=f"there are: {', '.join(ROLES)}")
        if not _NAME.fullmatch(name):
            remedy = "a name has letters, digits and . _ : @ -, and at most 100 of them"
            raise UsageError(f"{name[:100]!r} is no name of a field", where=role, remedy=remedy)


def log_fields(given: Mapping[str, str]) -> LogFields:
    """The usual names, and for each role that is given that name alone.

    Raises:
        UsageError: A role or a name that cannot be.
    """
    check_names(given)
    return replace(LogFields(), **{role: (name,) for role, name in given.items()})


def named_fields(pairs: Iterable[str], usual: Iterable[tuple[str, str]] = ()) -> LogFields:
    """The same from `ROLE=NAME`, as the command line gives it; `usual` names roles that it does not.

    Raises:
        UsageError: One is not of that form, or a role or a name cannot be.
    """
    given = dict(usual)
    for pair in pairs:
        role, equals, name = pair.partition("=")
        if not equals:
            raise UsageError(f"{pair[:100]!r} names no field", where="--field", remedy="write ROLE=NAME: user=uid")
        given[role] = name
    return log_fields(given)
