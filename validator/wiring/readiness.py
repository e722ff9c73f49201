"""`readiness:` -> what is asked before any flow is started."""

from __future__ import annotations

import re
from typing import Final, assert_never

from validator.config.resolvers import Resolvers
from validator.config.sections.deployment import DnsProbe, Probe, ReadinessProbe, TcpProbe
from validator.deploys.demands import DNS, TCP, Demands
from validator.deploys.readiness import Readiness
from validator.model.errors import UsageError

_PLACE: Final = re.compile(r"(?:[^\s:/\[\]]+|\[[0-9A-Fa-f:.%]+\]):([0-9]{1,5})")
_MOST: Final = 65535


def readiness(probe: Probe, resolvers: Resolvers) -> Readiness:
    """One probe.

    Raises:
        ConfigError: A reference has no value.
        UsageError: A host or a port is none.
    """
    within = probe.within.total_seconds()
    match probe:
        case ReadinessProbe():
            return Readiness(
                url=probe.url.resolve(resolvers),
                within=within,
                expect_status=probe.expect_status,
                demands=Demands(
                    path=probe.path,
                    equals=probe.equals.resolve(resolvers) if probe.equals is not None else "",
                    tls_days=probe.tls_days,
                ),
            )
        case TcpProbe():
            return Readiness(url=TCP + _place(probe.tcp.resolve(resolvers)), within=within)
        case DnsProbe():
            return Readiness(url=DNS + probe.dns.resolve(resolvers), within=within)
        case _:
            assert_never(probe)


def _place(text: str) -> str:
    found = _PLACE.fullmatch(text)
    if found is None or not 0 < int(found[1]) <= _MOST:
        raise UsageError(
            f"{text[:80]!r} is not a host and a port", where="readiness", remedy="write db.example.com:5432"
        )
    return text
