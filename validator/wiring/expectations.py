"""`app.id` and `build.expect` -> what the APK is held against. A text that has become empty is a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from validator.builds.expect import Expectation, essence, normal_digest
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError, Problem
from validator.config.references import Template
from validator.config.resolvers import Resolvers

Complaint: TypeAlias = Callable[[str], str]
"""Takes a text, and says why it cannot be expected; empty when it can."""

_PACKAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_NOTHING: Final = frozenset({"", "null", "none", "nil", "undefined"})
"""What programs print for a value that is not there. Each of them stands in the code of almost every app."""
_REMEDY: Final = "look at where its references take their values from, or remove the key"


def expectation(config: EnvironmentConfig, resolvers: Resolvers) -> Expectation:
    """What `app.id` and `build.expect` say, with all references resolved.

    Raises:
        ConfigError: A reference has no value, or a text has become one that is in any APK or in none: all of them.
    """
    expect = config.build.expect
    checked = _Checked(resolvers)
    found = Expectation(
        package=checked.text(expect.package or config.app.id, _no_package),
        debuggable=expect.debuggable,
        signer=checked.text(expect.signer, _no_digest),
        contains=checked.texts(expect.contains),
        never_contains=checked.texts(expect.never_contains),
        test_only=expect.test_only,
        revision=checked.text(expect.revision, _says_nothing),
        newer_than=checked.text(expect.newer_than, _says_nothing),
        cleartext=expect.cleartext,
        user_authorities=expect.user_authorities,
    )
    if checked.problems:
        raise ConfigError(checked.problems)
    return found


class _Checked:
    """Resolves texts, and keeps what is wrong with them."""

    def __init__(self, resolvers: Resolvers) -> None:
        self._resolvers = resolvers
        self.problems: list[Problem] = []

    def text(self, template: Template | None, complaint: Complaint) -> str:
        if template is None:
            return ""
        try:
            rendered = template.render(self._resolvers)
        except ConfigError as error:
            self.problems += error.problems
            return ""
        # What stands in the file itself was checked when it was read.
        if template.references and (why := complaint(rendered.text) or self._hollow(template)):
            shown = template.source if rendered.secret else f"{template.source} is {rendered.text!r}, which"
            message = f"{shown} {why}"
            self.problems.append(Problem.at(template.position, message, path=template.path, remedy=_REMEDY))
        return rendered.text

    def texts(self, templates: Iterable[Template]) -> tuple[str, ...]:
        return tuple(self.text(template, _no_text_to_find) for template in templates)

    def _hollow(self, template: Template) -> str:
        """What is left of `https://example.com/${terraform:path}` without the path is in other builds, too."""
        for part in template.references:
            alone = Template(source=str(part), parts=(part,), position=part.position, path=template.path)
            if not alone.render(self._resolvers).text.strip():
                return f"lacks the value of {part}: that is empty"
        return ""


def _says_nothing(text: str) -> str:
    return "says nothing" if text.strip().lower() in _NOTHING else ""


def _no_text_to_find(text: str) -> str:
    """An address without a host is in every APK, as `null` is."""
    if why := _says_nothing(essence(text)):
        return why
    try:
        parts = urlsplit(text.strip())
    except ValueError:
        return "is no address"
    if parts.scheme in ("http", "https") and _says_nothing(parts.hostname or ""):
        return "names no host"
    return ""


def _no_package(text: str) -> str:
    return "" if _PACKAGE.fullmatch(text) else "is no application id, such as com.example.shop"


def _no_digest(text: str) -> str:
    is_digest = _DIGEST.fullmatch(normal_digest(text))
    return "" if is_digest else "is no SHA-256 digest of a certificate: `sha256:` and 64 hexadecimal digits"
