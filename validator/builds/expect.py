"""Is it the production build of this deployment? The APK held against what the environment expects of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from validator.builds.apk.strings import Hit
from validator.builds.exposure import cleartext, user_authorities
from validator.model.build import Apk, Finding, Severity

_SHOWN: Final = 3
"""Files named in one message; a text in the code is often in many."""
_COMMIT: Final = 40
_SHORT: Final = 7
_LONGEST_CODE: Final = 20
_VERSION: Final = re.compile(r"v?[0-9]{1,9}(?:\.[0-9]{1,9}){0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What `app.id` and `build.expect` say, with all references resolved."""

    package: str
    debuggable: bool = False
    """Whether it must be debuggable; otherwise it must not be."""
    signer: str = ""
    """`sha256:` and 64 hexadecimal digits, with or without colons; empty: any but a debug certificate."""
    contains: tuple[str, ...] = ()
    """Endpoints of this deployment that must be baked in."""
    never_contains: tuple[str, ...] = ()
    """What only another environment's build contains."""
    test_only: bool = False
    """Whether a build is accepted that Android installs for tests only."""
    revision: str = ""
    """The revision that it must be built of; empty: any."""
    newer_than: str = ""
    """A version code or name that it must be newer than; empty: any."""
    cleartext: bool | None = None
    """Whether plain HTTP may be permitted; None: a warning."""
    user_authorities: bool | None = None
    """Whether authorities of the phone's user may be trusted; None: a warning."""

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that the APK has to be searched for."""
        wanted = (*self.contains, *self.never_contains, *revision_forms(self.revision))
        return tuple(dict.fromkeys(text for text in map(essence, wanted) if text))


def essence(text: str) -> str:
    """What of an expected text must be in the APK: an endpoint counts with and without its last slash."""
    return text.strip().rstrip("/")


def normal_digest(text: str) -> str:
    """A certificate digest as the readers write it, from the forms in which tools print it (`AB:CD:…`)."""
    return f"sha256:{text.strip().lower().removeprefix('sha256:').replace(':', '').replace(' ', '')}"


def revision_forms(revision: str) -> tuple[str, ...]:
    """The revision as it may stand in an APK: whole, or abbreviated as git does it."""
    whole = revision.strip()
    is_commit = len(whole) >= _COMMIT and not set(whole.lower()) - set("0123456789abcdef")
    return tuple(text for text in (whole, whole[:_SHORT] if is_commit else "") if text)


def is_newer(apk: Apk, than: str) -> bool | None:
    """Whether the APK's version is newer than a version code (`41200`) or name (`4.12.0`); None: not comparable."""
    if than.isascii() and than.isdecimal():
        return apk.version_code > int(than[:_LONGEST_CODE])
    ours, theirs = _parts(apk.version_name), _parts(than)
    if not ours or not theirs:
        return None
    width = max(len(ours), len(theirs))
    return ours + (0,) * (width - len(ours)) > theirs + (0,) * (width - len(theirs))


def _parts(name: str) -> tuple[int, ...]:
    found = _VERSION.match(name)
    return tuple(int(part) for part in found[0].lstrip("v").split(".")) if found else ()


def findings(apk: Apk, hits: Sequence[Hit], expectation: Expectation) -> tuple[Finding, ...]:
    """Every difference between the APK and the expectation, the worst first; empty when there is none."""
    found = [
        *_package(apk, expectation),
        *_debuggable(apk, expectation),
        *_test_only(apk, expectation),
        *_signer(apk, expectation),
        *_absent(hits, expectation),
        *_forbidden(hits, expectation),
        *_revision(hits, expectation),
        *_version(apk, expectation),
        *cleartext(apk.network, expectation.contains, accepted=expectation.cleartext),
        *user_authorities(apk.network, accepted=expectation.user_authorities),
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
    elif expectation.debuggable and not apk.debuggable:
        yield _error(
            "not_debuggable",
            "the APK is not debuggable, and `build.expect.debuggable` says that it is",
            "build the debug variant (`assembleDebug`), or remove `build.expect.debuggable`",
        )


def _test_only(apk: Apk, expectation: Expectation) -> Iterator[Finding]:
    if apk.test_only and not expectation.test_only:
        yield _error(
            "test_only",
            "the APK is marked `testOnly`: no store takes it, and no user has it",
            "build it with `assembleRelease` instead of from the IDE, or set `build.expect.test_only: true`",
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


def _revision(hits: Sequence[Hit], expectation: Expectation) -> Iterator[Finding]:
    forms = revision_forms(expectation.revision)
    if forms and not any(hit.text in forms for hit in hits):
        yield _error(
            "revision_absent",
            f"the APK was not built of revision {expectation.revision}: neither that nor {forms[-1]} is in it",
            "build it of the deployed revision and bake that in, or correct `build.expect.revision`",
        )


def _version(apk: Apk, expectation: Expectation) -> Iterator[Finding]:
    than = expectation.newer_than.strip()
    if not than:
        return
    has = f"{apk.version_name} ({apk.version_code})"
    newer = is_newer(apk, than)
    if newer is None:
        yield _error(
            "version_not_comparable",
            f"nobody can say whether version {has} is newer than {than}",
            "name a version code in `build.expect.newer_than`, such as '41200'",
        )
    elif not newer:
        yield _error(
            "version_not_newer",
            f"the APK has version {has}, which is not newer than {than}",
            "raise versionCode and versionName and build again, or correct `build.expect.newer_than`",
        )


def _places(hits: Sequence[Hit]) -> str:
    shown = ", ".join(hit.entry for hit in hits[:_SHOWN])
    return f"{shown} and {len(hits) - _SHOWN} more" if len(hits) > _SHOWN else shown
