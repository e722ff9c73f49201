"""The APK under test and what was found when it was held against the deployment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Apk:
    """The facts of one APK, read from its bytes."""

    sha256: str
    size: int
    package: str
    version_name: str
    version_code: int
    min_sdk: int
    target_sdk: int
    debuggable: bool
    abis: tuple[str, ...] = ()
    """Directories under `lib/`; empty means that it runs on any ABI."""
    signers: tuple[str, ...] = ()
    """`sha256:…` of each signing certificate. Read, not verified: only an installation or apksigner can do that."""
    debug_signed: bool = False
    """Signed with a certificate named `CN=Android Debug`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference between the APK and what the environment expects of it."""

    code: str
    severity: Severity
    message: str
    remedy: str
