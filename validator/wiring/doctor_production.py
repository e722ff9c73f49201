"""What is outside: the deployment, credentials for it, and whether its clock and ours agree."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from validator.config.environment import EnvironmentConfig
from validator.config.preflight import templates_in
from validator.config.references import Reference, Scheme
from validator.config.resolvers import Absent, Resolvers, is_secret_path
from validator.deploys.readiness import Ask
from validator.model.errors import ValidatorError
from validator.support.clock import Clock
from validator.support.redact_patterns import looks_secret
from validator.wiring.doctor_check import Check, unwell, well

SKEW_WARNING: Final = 30.0
"""Seconds; one-time passwords hold for as long (RFC 6238 5.2)."""
SKEW_PROBLEM: Final = 300.0
"""Seconds; signed requests are refused beyond (Slack and AWS), certificates seem not valid yet."""
_SECONDS: Final = 10.0


def credentials(config: EnvironmentConfig, resolvers: Resolvers) -> Iterator[Check]:
    """Each secret that the configuration refers to: whether it is there, and nothing more."""
    for reference in dict.fromkeys(_secrets(config)):
        resolver = resolvers.env if reference[0] is Scheme.ENV else resolvers.file
        name = f"{reference[0]}:{reference[1]}"
        found = resolver(reference[1])
        if isinstance(found, Absent):
            yield unwell("credential", f"{name}: {found.reason}", found.remedy)
        else:
            yield well("credential", f"{name} is there")


def _secrets(config: EnvironmentConfig) -> Iterator[tuple[Scheme, str]]:
    for template in templates_in(config):
        for reference in template.references:
            if reference.default is None and _is_secret(reference):
                yield reference.scheme, reference.name


def _is_secret(reference: Reference) -> bool:
    match reference.scheme:
        case Scheme.ENV:
            return looks_secret(reference.name)
        case Scheme.FILE:
            return is_secret_path(reference.name)
        case Scheme.TERRAFORM:
            return False


def clock_skew(url: str, ask: Ask, clock: Clock) -> Check:
    """This machine's clock beside that of a server, by its `Date` (RFC 9110 6.6.1: whole seconds)."""
    try:
        answer = ask(url, deadline=_SECONDS)
    except ValidatorError as error:
        return unwell("clock", f"cannot be compared: {error.text}", error.remedy, needed=False)
    there = _date(answer.headers.get("date", ""))
    if there is None:
        return well("clock", f"{url} does not say what time it is")
    ahead = (clock.now() - there).total_seconds()
    apart = max(0.0, abs(ahead) - 1.0 - answer.seconds)
    if apart < SKEW_WARNING:
        return well("clock", f"agrees with {url}")
    words = f"this machine is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} {url}"
    remedy = "let this machine keep time by NTP: tokens and certificates are judged by its clock"
    return unwell("clock", words, remedy, needed=apart >= SKEW_PROBLEM)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def backend_clock(config: EnvironmentConfig, resolvers: Resolvers, ask: Ask, clock: Clock) -> Iterator[Check]:
    """The clock of the first address that must be ready; nothing where none must."""
    for probe in config.asked[:1]:
        try:
            url = probe.url.resolve(resolvers)
        except ValidatorError as error:
            yield unwell("clock", f"cannot be compared: {error.text}", error.remedy)
            return
        yield clock_skew(url, ask, clock)
