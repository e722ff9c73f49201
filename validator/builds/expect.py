"""Is it the production build of this deployment? The APK held against what the environment expects of it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.strings import Hit
from validator.model.build import Apk, Finding, Severity

_SHOWN: Final = 3
"""Files named in one message; a text in the code is often in many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What `app.id` and `build.expect` say, with all references resolved."""

    package: str
    debuggable: bool = False
    """Whether a debuggable build is accepted."""
    signer: str = ""
    """`sha256:` and 64 hexadecimal digits, with or without colons; empty: any but a debug certificate."""
    contains: tuple[str, ...] = ()
    """Endpoints of this deployment that must be baked in."""
    never_contains: tuple[str, ...] = ()
    """What only another environment's build contains."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that the APK has to be searched for."""
        return tuple(dict.fromkeys(text for text in map(essence, (*self.contains, *self.never_contains)) if text))


def essence(text: str) -> str:
    """What of an expected text must be in the APK: an endpoint counts with and without its last slash."""
    return text.strip().rstrip("/")


def normal_digest(text: str) -> str:
    """A certificate digest as the readers write it, from the forms in which tools print it (`AB:CD:…`)."""
    return f"sha256:{text.strip().lower().removeprefix('sha256:').replace(':', '').replace(' ', '')}"


def findings(apk: Apk, hits: Sequence[Hit], expectation: Expectation) -> tuple[Finding, ...]:
    """Every difference between the APK and the expectation, the worst first; empty when there is none."""
    found = [
        *_package(apk, expectation),
        *_debuggable(apk, expectation),
        *_signer(apk, expectation),
        *_absent(hits, expectation),
        *_forbidden(hits, expectation),
    ]
    order = list(Severity)
    return tuple(sorted(found, key=lambda finding: order.index(finding.severity)))


def _error(code: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, severity=Severity.ERROR, message=message, remedy=remedy)


def _package(apk: Apk, expectation: Expectation) -> Iterator[Finding]:
    if apk.package != expectation.package:
        yield _error(
            "package_mismatch",
            f"the APK is {apk.package}, the app is {expectation.package}",
            "build the variant whose applicationId is that of the app, or correct `app.id`",
        )


def _debuggable(apk: Apk, expectation: Expectation) -> Iterator[Finding]:
    if apk.debuggable and not expectation.debuggable:
        yield _error(
            "debuggable",
            "the APK is debuggable, which no build for users is",
            "build the release variant (`assembleRelease`), or set `build.expect.debuggable: true`",
        )


def _signer(apk: Apk, expectation: Expectation) -> Iterator[Finding]:
    wanted = normal_digest(expectation.signer) if expectation.signer.strip() else ""
    if not apk.signers:
        yield _error("unsigned", "the APK is not signed, so no device installs it", "sign it with the production key")
    elif wanted and wanted not in apk.signers:
        whose = "a debug certificate" if apk.debug_signed else "another certificate"
        yield _error(
            "signer_mismatch",
            f"the APK is signed with {whose}: {', '.join(apk.signers)}, expected {wanted}",
            "sign it with the production key, or correct `build.expect.signer`",
        )
    elif apk.debug_signed and not wanted:
        yield _error(
            "debug_signed",
            f"the APK is signed with a debug certificate: {', '.join(apk.signers)}",
            "sign it with the production key; to accept this certificate, name it in `build.expect.signer`",
        )


def _absent(hits: Sequence[Hit], expectation: Expectation) -> Iterator[Finding]:
    for text in filter(None, dict.fromkeys(map(essence, expectation.contains))):
        found = [hit for hit in hits if hit.text == text]
        if any(hit.whole for hit in found):
            continue
        where = f"; something longer that begins so is in {_places(found)}" if found else ""
        yield _error(
            "endpoint_absent",
            f"{text} is not in the APK{where}: it was built for another deployment",
            "build it again with this deployment's outputs, or correct `build.expect.contains`",
        )


def _forbidden(hits: Sequence[Hit], expectation: Expectation) -> Iterator[Finding]:
    for text in filter(None, dict.fromkeys(map(essence, expectation.never_contains))):
        found = [hit for hit in hits if hit.text == text]
        if found:
            yield _error(
                "forbidden_endpoint",
                f"{text} is in the APK, in {_places(found)}",
                "build it with the production configuration, or correct `build.expect.never_contains`",
            )


def _places(hits: Sequence[Hit]) -> str:
    shown = ", ".join(hit.entry for hit in hits[:_SHOWN])
    return f"{shown} and {len(hits) - _SHOWN} more" if len(hits) > _SHOWN else shown
