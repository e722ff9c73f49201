"""The types that configuration files are made of, as pydantic sees them.

Scalars are strict: a number is never made of a text nor a text of a number. Lists are tuples, so that what was loaded
cannot change. Every error carries what the reader should do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError
from pydantic_core.core_schema import no_info_plain_validator_function

from validator.config.errors import Position
from validator.config.references import ReferenceSyntaxError, Scheme, Template
from validator.config.templates import (
    CommandTemplate,
    PathTemplate,
    SecretTemplate,
    UrlTemplate,
    holds_password,
    is_url,
    secret_references,
)
from validator.model.errors import UsageError
from validator.support.durations import DurationError, parse_duration
from validator.support.host_name import parse_host

if TYPE_CHECKING:
    from pydantic.json_schema import JsonSchemaValue  # costs 5 ms that only the writer of schemas needs

T = TypeVar("T")


class Section(BaseModel):
    """The base of every section of a file: no unknown keys, no conversions, no changes afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


def mistake(message: str, remedy: str, position: Position | None = None) -> PydanticCustomError:
    """An error for a validator to raise: what is wrong, what to do, and where if not at the value's beginning."""
    # The message travels in the context because pydantic would read { } in a message as placeholders.
    return PydanticCustomError("mistake", "{message}", {"message": message, "remedy": remedy, "position": position})


@dataclass(frozen=True, slots=True, kw_only=True)
class _TextField(Generic[T]):
    """A text that may hold references, made into a `T` by `make`."""

    kind: str
    """What the key holds, for people."""
    make: Callable[[Template], T]
    early: bool = False
    """Whether it is needed before the deployment was observed, so that no output of terraform may stand in it."""
    may_be_empty: bool = False
    check: Callable[[Template], None] = lambda _: None

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": self.kind} | ({} if self.may_be_empty else {"minLength": 1})

    def validate(self, value: object) -> T:
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        if "\0" in value or not (self.may_be_empty or value.strip()):
            raise mistake("is empty", "give it a value, or remove the key")
        try:
            template = Template.parse(value)
        except ReferenceSyntaxError as error:
            raise mistake(str(error), error.remedy, error.position) from None
        if self.early:
            _refuse_outputs(template)
        self.check(template)
        return self.make(template)


def _refuse_outputs(template: Template) -> None:
    for reference in template.references:
        if reference.scheme is Scheme.TERRAFORM:
            message = f"{reference} is not known yet when this key is read"
            remedy = "write the value, or take it from ${env:…} or ${file:…}"
            raise mistake(message, remedy, reference.position)


def _check_url(template: Template) -> None:
    if template.literal is not None and not is_url(template.literal):
        raise mistake(f"{template.literal!r} is not an address", "begin it with https:// and a host name")


def _check_command(template: Template) -> None:
    for problem in secret_references(template):
        raise mistake(problem.message, problem.remedy, problem.position)


_STORES: Final = ("sqlite:///", "postgresql://", "postgres://", "memory:")


def _check_store(template: Template) -> None:
    if template.literal is None:
        return
    if not template.literal.startswith(_STORES):
        remedy = "write sqlite:///FILE, postgresql://USER@HOST/DATABASE or memory:"
        raise mistake("this is not the address of a store", remedy)
    if holds_password(template.literal):
        remedy = "take the whole address from ${env:…}, or put the password into ~/.pgpass"
        raise mistake("a password stands in the file", remedy)


_PACKAGE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+")


def _check_package(template: Template) -> None:
    # https://developer.android.com/build/configure-app-module#set-application-id
    if template.literal is not None and not _PACKAGE.fullmatch(template.literal):
        raise mistake(f"{template.literal!r} is not an application id", "write one such as com.example.shop")


_FINGERPRINT: Final = re.compile(r"sha256:[0-9a-f]{64}")


def _check_fingerprint(template: Template) -> None:
    if template.literal is not None and not _FINGERPRINT.fullmatch(template.literal):
        raise mistake(
            f"{template.literal!r} is not the SHA-256 digest of a certificate",
            "write sha256: and 64 lower-case hexadecimal digits, as apksigner verify --print-certs shows them",
        )


_DIGEST: Final = re.compile(r"(?:sha256:)?[0-9a-fA-F]{64}")


def _check_digest(template: Template) -> None:
    if template.literal is not None and not _DIGEST.fullmatch(template.literal):
        raise mistake(f"{template.literal!r} is no SHA-256 digest", "write 64 hexadecimal digits, as sha256sum shows")


_REPOSITORY: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")


def _check_repository(template: Template) -> None:
    if template.literal is not None and not _REPOSITORY.fullmatch(template.literal):
        raise mistake(f"{template.literal!r} is no GitHub repository", "write OWNER/NAME, without an address before it")


_LABEL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def _check_label(template: Template) -> None:
    if template.literal is None or not _LABEL.fullmatch(template.literal):
        remedy = "use at most 63 letters, digits, '.', '_' and '-', beginning with a letter or digit"
        raise mistake(f"{template.source[:80]!r} cannot be a label", remedy)


def _check_host(template: Template) -> None:
    if template.literal is not None:
        try:
            parse_host(template.literal)
        except UsageError as error:
            raise mistake(error.what, error.remedy) from None


def _itself(template: Template) -> Template:
    return template


Text = Annotated[Template, _TextField(kind="text", make=_itself)]
"""A text with references."""
EarlyText = Annotated[Template, _TextField(kind="text", make=_itself, early=True)]
"""A text that is needed before the deployment was observed."""
Label = Annotated[Template, _TextField(kind="label", make=_itself, early=True, check=_check_label)]
"""A word without references."""
Host = Annotated[Template, _TextField(kind="host", make=_itself, early=True, check=_check_host)]
"""`user@host:port`."""
AnyText = Annotated[Template, _TextField(kind="text", make=_itself, may_be_empty=True)]
"""A text that may be empty."""
Package = Annotated[Template, _TextField(kind="application id", make=_itself, early=True, check=_check_package)]
Fingerprint = Annotated[Template, _TextField(kind="certificate digest", make=_itself, check=_check_fingerprint)]
Digest = Annotated[Template, _TextField(kind="SHA-256 digest", make=_itself, check=_check_digest)]
Repository = Annotated[Template, _TextField(kind="repository", make=_itself, check=_check_repository)]
EarlyRepository = Annotated[Template, _TextField(kind="repository", make=_itself, early=True, check=_check_repository)]
FilePath = Annotated[PathTemplate, _TextField(kind="path", make=PathTemplate)]
"""A path, relative to the project's folder."""
EarlyPath = Annotated[PathTemplate, _TextField(kind="path", make=PathTemplate, early=True)]
Url = Annotated[UrlTemplate, _TextField(kind="URL", make=UrlTemplate, check=_check_url)]
Command = Annotated[CommandTemplate, _TextField(kind="command", make=CommandTemplate, check=_check_command)]
EarlyUrl = Annotated[UrlTemplate, _TextField(kind="URL", make=UrlTemplate, early=True, check=_check_url)]
StoreAddress = Annotated[Template, _TextField(kind="store address", make=_itself, early=True, check=_check_store)]
EarlySecret = Annotated[SecretTemplate, _TextField(kind="secret", make=SecretTemplate, early=True)]


def path_default(text: str) -> PathTemplate:
    """The default of a key that holds a path."""
    return PathTemplate(Template.parse(text))


@dataclass(frozen=True, slots=True)
class _DurationField:
    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "format": "duration", "pattern": "^([0-9]+(d|h|m|s|ms))+$"}

    def validate(self, value: object) -> timedelta:
        if isinstance(value, timedelta):
            return value
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise mistake("a duration is wanted", "write a number with a unit, such as 90s, 5m or 1h30m")
        refuse_reference(value)
        try:
            duration = parse_duration(str(value))
        except DurationError as error:
            raise mistake(error.what, error.remedy) from None
        if not duration:
            raise mistake("must be longer than nothing", "write a number with a unit, such as 90s, 5m or 1h30m")
        return duration


Duration = Annotated[timedelta, _DurationField()]
"""`90s`, `5m`, `1h30m`; longer than nothing."""


def refuse_reference(value: object) -> None:
    """Say clearly that a key takes no references, instead of finding fault with the `${` in its value.

    Raises:
        PydanticCustomError: the value is a text with a reference.
    """
    if isinstance(value, str) and "${" in value:
        raise mistake("this key takes no references", "write the value itself")


_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def check_name(value: object) -> object:
    """Take what can be a name, and give it back.

    Raises:
        PydanticCustomError: it cannot.
    """
    refuse_reference(value)
    if isinstance(value, str) and not _NAME.fullmatch(value):
        remedy = "use at most 63 letters, digits, '.', '_' and '-', beginning with a letter or digit"
        raise mistake(f"{value[:80]!r} cannot be a name", remedy)
    return value


Name = Annotated[str, BeforeValidator(check_name)]
"""What records and files are called by: it is needed before anything can be resolved, so it takes no references."""
