"""Which hosts an environment is about: those of its endpoints, as far as the configuration names them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from validator.config.environment import EnvironmentConfig
from validator.config.resolvers import Resolvers
from validator.config.sections.build import CommandBuild
from validator.config.templates import Variables
from validator.support.redact_patterns import looks_secret

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


def endpoint_hosts(config: EnvironmentConfig, resolvers: Resolvers) -> tuple[str, ...]:
    """The hosts of the probes, of what the APK must contain, and of the addresses given to the build and the flows.

    Without a probe and without an address in the APK nobody can tell which ones are missing, so there are none then.

    Raises:
        ConfigError: A reference has no value.
    """
    named = [probe.url.resolve(resolvers) for probe in config.asked]
    named += [text.resolve(resolvers) for text in config.build.expect.contains]
    if not any(_hosts(named)):
        return ()
    build = config.build.environment if isinstance(config.build, CommandBuild) else Variables()
    given = [*_addresses(build, resolvers), *_addresses(config.flows.environment, resolvers)]
    return tuple(sorted(set(_hosts([*named, *given]))))


def _addresses(variables: Variables, resolvers: Resolvers) -> Iterator[str]:
    """What is secret, by its name or where it comes from, names no host."""
    for variable in variables.entries:
        value = variable.value.render(resolvers)
        if not value.secret and not looks_secret(variable.name):
            yield value.text


def _hosts(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if _ADDRESS.match(text) and (host := _host(text)):
            yield host


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""
