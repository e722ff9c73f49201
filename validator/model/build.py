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
class Signature:
    """What one signature scheme of an APK says."""

    scheme: str
    """`v1`, `v2`, `v3` or `v3.1`."""
    certificates: tuple[str, ...]
    """`sha256:…` of each signer's certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Whom the app may talk to without TLS, and whom it trusts: its manifest and its network security configuration.

    Hosts are written as in the configuration, with `*.` before those that include their subdomains; `*` is every host.
    """

    configuration: str = ""
    """The file in the APK; empty: Android's own values."""
    cleartext: tuple[str, ...] = ()
    """Hosts to which the platform lets it speak plain HTTP."""
    user_authorities: tuple[str, ...] = ()
    """Hosts for which it trusts certificates of authorities that the phone's user installed."""
    own_authorities: tuple[str, ...] = ()
    """Hosts for which it trusts authorities that it brings along."""
    pinned: tuple[str, ...] = ()
    """Hosts whose keys are pinned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCheck:
    """What one of Android's own tools said of the APK."""

    tool: str
    """`apksigner` or `aapt2`."""
    agrees: bool | None
    """None: it could not be asked."""
    detail: str


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
    unpacked: int = 0
    """Bytes of all its files."""
    test_only: bool = False
    """`adb install` refuses it without `-t`, and no store takes it."""
    launchable: tuple[str, ...] = ()
    """Classes of the activities that a launcher shows."""
    permissions: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    network: Network = Network()
    checks: tuple[ToolCheck, ...] = ()
    """What Android's own tools said, where they are installed. Without them nothing is verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One difference between the APK and what the environment expects of it."""

    code: str
    severity: Severity
    message: str
    remedy: str
