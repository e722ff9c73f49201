"""Where the values of references come from: variables, files, and the outputs of a deployment."""

from __future__ import annotations

import stat
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Final, Protocol

from validator.config.spelling import did_you_mean
from validator.support.redact_patterns import looks_secret

_LARGEST_FILE: Final = 64 * 1024
"""Bytes. Tokens, keys and versions are far smaller; a variable of 128 KiB could not be passed on by Linux anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A reference's value."""

    text: str
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """Why a reference has no value."""

    reason: str
    remedy: str


class Resolver(Protocol):
    """Gives the value of a name, or says why there is none."""

    def __call__(self, name: str, /) -> Found | Absent:
        """Look a name up. Raises nothing."""


class SecretSink(Protocol):
    """Remembers secrets in order to keep them out of everything that is written (the redactor)."""

    def register(self, value: str, name: str) -> None:
        """Take a secret and what to call it."""


def _not_yet(name: str, /) -> Absent:
    return Absent(
        reason="the outputs of the deployment are not known yet",
        remedy=f"use {name} only in keys that are read after the deployment was observed",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolvers:
    """One resolver for each scheme, the folder that paths start from, and who learns of secrets."""

    root: Path
    """The project's folder, absolute."""
    env: Resolver
    file: Resolver
    secrets: SecretSink
    terraform: Resolver = _not_yet

    @classmethod
    def before_deployment(cls, root: Path, variables: Mapping[str, str], secrets: SecretSink) -> Resolvers:
        """What can be known before the deployment was observed: variables and files."""
        return cls(root=root, env=VariableResolver(variables), file=FileResolver(root), secrets=secrets)

    @property
    def knows_outputs(self) -> bool:
        """Whether the deployment was observed."""
        return self.terraform is not _not_yet

    def with_outputs(
        self, outputs: Mapping[str, str], *, sensitive: Collection[str] = (), nulls: Collection[str] = ()
    ) -> Resolvers:
        """The same, with the outputs of the deployment.

        Args:
            outputs: Names and values.
            sensitive: The names of those that are secrets.
            nulls: The names of outputs that have no value.
        """
        return replace(self, terraform=OutputResolver(outputs, frozenset(sensitive), frozenset(nulls)))


@dataclass(frozen=True, slots=True)
class VariableResolver:
    """Variables of a process. An empty one counts as unset: CI systems pass a secret that is not configured so."""

    variables: Mapping[str, str]

    def __call__(self, name: str, /) -> Found | Absent:
        """The variable's value, secret when its name says so."""
        value = self.variables.get(name)
        if value:
            return Found(text=value, secret=looks_secret(name))
        state = "is not set" if value is None else "is empty"
        hint = did_you_mean(name, self.variables) if value is None else ""
        return Absent(
            reason=f"the variable {name} {state}{hint}",
            remedy=f"set {name}, or give a default: ${{env:{name}:-…}}",
        )


@dataclass(frozen=True, slots=True)
class FileResolver:
    """Small UTF-8 files, relative to the project's folder. Their content counts as secret when the path looks so."""

    root: Path

    def __call__(self, name: str, /) -> Found | Absent:
        """The file's text without line ends at its end."""
        path = self.root / name
        try:
            if not stat.S_ISREG(path.stat().st_mode):
                return Absent(reason=f"{path} is not a regular file", remedy="name a file with a short text")
            with path.open("rb") as file:
                content = file.read(_LARGEST_FILE + 1)
            text = content.decode("utf-8").rstrip("\r\n")
        except FileNotFoundError:
            return Absent(reason=f"the file {path} does not exist", remedy="create it, or correct the path")
        except UnicodeDecodeError:
            return Absent(reason=f"the file {path} is not UTF-8 text", remedy="name a file with a short text")
        except (OSError, ValueError) as error:
            return Absent(reason=f"the file {name} cannot be read: {error}", remedy="check its path and mode")
        if len(content) > _LARGEST_FILE or not text or "\0" in text:
            return Absent(reason=f"the file {path} is {_what_is_wrong(text)}", remedy="name a file with a short text")
        return Found(text=text, secret=is_secret_path(name))


def _what_is_wrong(text: str) -> str:
    if not text:
        return "empty"
    return "no text" if "\0" in text else "larger than 64 KiB"


def is_secret_path(path: str) -> bool:
    """Whether a file of this path holds a secret, as `/run/secrets/x`, `deploy.pem`, `slack_token.txt` do."""
    parts = PurePath(path).parts
    return path.endswith((".pem", ".key", ".p12")) or any(looks_secret(part) for part in parts)


@dataclass(frozen=True, slots=True)
class OutputResolver:
    """Outputs of the infrastructure code."""

    outputs: Mapping[str, str]
    sensitive: frozenset[str]
    nulls: frozenset[str] = frozenset()

    def __call__(self, name: str, /) -> Found | Absent:
        """The output's value."""
        if name in self.outputs:
            return Found(text=self.outputs[name], secret=name in self.sensitive)
        if name in self.nulls:
            return Absent(
                reason=f"the output {name} of the deployment is null",
                remedy="give it a value in the infrastructure code and apply that, or do not refer to it",
            )
        known = ", ".join(sorted(self.outputs)[:20]) or "none"
        return Absent(
            reason=f"the deployment has no output {name}{did_you_mean(name, self.outputs)}",
            remedy=f"its outputs are: {known}",
        )
