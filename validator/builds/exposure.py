"""What the app's network configuration leaves open: plain HTTP, and authorities of the phone's user. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from validator.model.build import Finding, Network, Severity

_EVERY_HOST: Final = "*"
_SHOWN: Final = 3


def cleartext(network: Network, endpoints: Sequence[str], *, accepted: bool | None) -> Iterator[Finding]:
    """A finding when plain HTTP is permitted to other hosts than those that an expected `http://` address names.

    Args:
        network: What the APK says.
        endpoints: Texts that are expected in the APK.
        accepted: Whether it may; None: nobody said.
    """
    wanted = {_host(endpoint) for endpoint in endpoints} - {""}
    hosts = [host for host in network.cleartext if host.removeprefix("*.") not in wanted]
    if hosts and not accepted:
        yield Finding(
            code="cleartext_permitted",
            severity=_severity(accepted),
            message=f"the APK may speak plain HTTP to {_named(hosts)}{_by(network)}",
            remedy="set `cleartextTrafficPermitted` to false in the release build's network security configuration, "
            "or `build.expect.cleartext: true`",
        )


def user_authorities(network: Network, *, accepted: bool | None) -> Iterator[Finding]:
    """A finding when certificates of authorities that the user installed are trusted."""
    if network.user_authorities and not accepted:
        yield Finding(
            code="user_authorities_trusted",
            severity=_severity(accepted),
            message=f"the APK trusts authorities that the phone's user installed, for "
            f"{_named(network.user_authorities)}{_by(network)}: a proxy can read its traffic",
            remedy='keep `<certificates src="user"/>` within `debug-overrides`, or set '
            "`build.expect.user_authorities: true`",
        )


def _severity(accepted: bool | None) -> Severity:
    """What somebody ruled out is an error; what nobody thought of should be looked at."""
    return Severity.WARNING if accepted is None else Severity.ERROR


def _host(endpoint: str) -> str:
    try:
        parts = urlsplit(endpoint.strip())
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme == "http" else ""


def _named(hosts: Sequence[str]) -> str:
    if _EVERY_HOST in hosts:
        return "every host"
    shown = ", ".join(hosts[:_SHOWN])
    return f"{shown} and {len(hosts) - _SHOWN} more" if len(hosts) > _SHOWN else shown


def _by(network: Network) -> str:
    return f" ({network.configuration})" if network.configuration else ""
