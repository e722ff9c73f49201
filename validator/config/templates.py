"""Templates that become something else than a text: a path, an address, a command, a secret."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from validator.config.errors import ConfigError, Problem
from validator.config.references import Scheme, Template
from validator.config.resolvers import Resolvers, is_secret_path
from validator.support.redact import Secret
from validator.support.redact_patterns import looks_secret


@dataclass(frozen=True, slots=True)
class PathTemplate:
    """A path, relative to the project's folder."""

    template: Template

    def resolve(self, resolvers: Resolvers) -> Path:
        """The path, absolute; nothing is said about whether it exists.

        Raises:
            ConfigError: a reference has no value, or nothing is left of the path.
        """
        text = self.template.resolve(resolvers)
        if not text.strip() or "\0" in text:
            raise _refuse(self.template, f"{text!r} is not a path", "name a file or a folder")
        try:
            return resolvers.root / Path(text).expanduser()
        except RuntimeError:
            raise _refuse(self.template, f"{text!r}: there is no such home folder", "write the whole path") from None


@dataclass(frozen=True, slots=True)
class UrlTemplate:
    """An address beginning with http:// or https://."""

    template: Template

    def resolve(self, resolvers: Resolvers) -> str:
        """The address.

        Raises:
            ConfigError: a reference has no value, or what they make together is no such address.
        """
        rendered = self.template.render(resolvers)
        if not is_url(rendered.text):
            shown = self.template.source if rendered.secret else repr(rendered.text)
            raise _refuse(self.template, f"{shown} is not an address", "begin it with https:// and a host name")
        return rendered.text


def is_url(text: str) -> bool:
    """Whether a text is an http(s) address with a host and a valid port."""
    try:
        parts = urlsplit(text)
        valid_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and valid_port and not set(text) & set(" \t\r\n")


def holds_password(text: str) -> bool:
    """Whether an address of any scheme carries a password."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.password) or "password=" in parts.query


@dataclass(frozen=True, slots=True)
class CommandTemplate:
    """A command line. Every user of the machine can read it while it runs, so no secret may become part of it."""

    template: Template

    def resolve(self, resolvers: Resolvers) -> str:
        """The command line.

        Raises:
            ConfigError: a reference has no value, or is a secret.
        """
        rendered = self.template.render(resolvers)
        if rendered.secret:
            raise _refuse(self.template, IN_COMMAND, BY_ENVIRONMENT)
        return rendered.text


IN_COMMAND: Final = "a secret in a command line can be read by every user of the machine"
BY_ENVIRONMENT: Final = "put it under environment: and let the command read the variable"


def secret_references(template: Template) -> Iterator[Problem]:
    """The references of a command that are known to be secrets before they are resolved."""
    for reference in template.references:
        by_name = reference.scheme is Scheme.ENV and looks_secret(reference.name)
        if by_name or (reference.scheme is Scheme.FILE and is_secret_path(reference.name)):
            message = f"{reference}: {IN_COMMAND}"
            yield Problem.at(reference.position, message, path=template.path, remedy=BY_ENVIRONMENT)


@dataclass(frozen=True, slots=True, repr=False)
class SecretTemplate:
    """A secret. It is shown nowhere, not even when somebody wrote it into the file instead of a reference."""

    template: Template

    def resolve(self, resolvers: Resolvers) -> Secret:
        """The secret, registered with the redactor.

        Raises:
            ConfigError: a reference has no value.
        """
        text = self.template.resolve(resolvers)
        resolvers.secrets.register(text, self.template.path)
        return Secret(text)

    def __repr__(self) -> str:
        return f"SecretTemplate({', '.join(str(reference) for reference in self.template.references) or '***'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One variable for a process or a flow."""

    name: str
    value: Template


@dataclass(frozen=True, slots=True)
class Variables:
    """The variables for a process or a flow, in the order of the file."""

    entries: tuple[Variable, ...] = ()

    def resolve(self, resolvers: Resolvers) -> dict[str, str]:
        """Names and values, to be handed to a process. Values whose name or source is secret are registered.

        Raises:
            ConfigError: a reference has no value; one problem for each.
        """
        problems: list[Problem] = []
        resolved: dict[str, str] = {}
        for entry in self.entries:
            try:
                resolved[entry.name] = entry.value.resolve(resolvers)
            except ConfigError as error:
                problems += error.problems
                continue
            if looks_secret(entry.name):
                resolvers.secrets.register(resolved[entry.name], entry.name)
        if problems:
            raise ConfigError(problems)
        return resolved


def _refuse(template: Template, message: str, remedy: str) -> ConfigError:
    return ConfigError([Problem.at(template.position, message, path=template.path, remedy=remedy)])
