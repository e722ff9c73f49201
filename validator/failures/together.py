"""What several pieces of evidence say together and none of them alone. Pure.

Rules search one line at a time; here are the facts that take two sources to see, written as lines of one of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlsplit

from validator.model.attempt import Evidence

CLOCK_TOLERANCE: Final = 300
"""Seconds by which a device's clock may be wrong: more than a device that asks for the time ever is, and less than
what a certificate that was issued today may be refused for."""

_LAUNCH: Final = re.compile(r"launch methods failed for ['\"]?([\w.]*\w)|Package ([\w.]*\w) is not installed")
_DIALOG: Final = re.compile(r"Application (?:Not Responding|Error): ([\w.]+)")
_UNTIMELY: Final = re.compile(
    r"HTTP FAILED: javax\.net\.ssl\.\w+: Chain validation failed|Certificate(?:Expired|NotYetValid)Exception"
    r"|HTTP FAILED: javax\.net\.ssl\..{0,200}(?:timestamp check failed|Could not validate certificate)"
)
_URL: Final = re.compile(r"https?://[^\s\]]+")
_BACKEND_FAILED: Final = re.compile(r"<-- [45]\d\d\b|HTTP FAILED: ")
_SIGN_IN: Final = re.compile(
    r"/(users/anonymous|auth/v1/|accounts:|signInAnonymously|token\b)"
    r"|over_request_rate_limit|TOO_MANY_ATTEMPTS_TRY_LATER|too-many-requests|QUOTA_EXCEEDED"
)
"""Calls that sign the app in: whoever hosts them, without them the app has no user."""
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1", "10.0.2.2", "10.0.3.2"})
"""Names of the machine that runs the devices, as it and the emulators on it call it
(developer.android.com/studio/run/emulator-networking)."""


def launch_failure(evidence: Evidence) -> str:
    """Which app could not be launched: `launch_failed=the app under test (missing)`; empty when it was another one."""
    said = (evidence.runner.message, *evidence.runner.output)
    found = [hit for line in said if (hit := _LAUNCH.search(line[:1000]))]
    package = evidence.app.package
    if not package or not any(package in hit.groups() for hit in found):
        return ""
    there = evidence.scene.app if evidence.scene is not None else ""
    return f"launch_failed=the app under test ({there or 'unknown'})"


def sign_in_flow(evidence: Evidence) -> str:
    """`sign_in_flow: …` with the message of the step that failed, in a flow that does nothing but sign in."""
    message = evidence.runner.message[:1000]
    return f"sign_in_flow: {message}" if evidence.sign_in.flow and message else ""


def foreign_dialog(evidence: Evidence) -> str:
    """`another app: …` when an error dialog in front is about another app than the one under test."""
    found = _DIALOG.match(evidence.app.focused_package)
    package = evidence.app.package
    if found is None or not package or found[1] == package:
        return ""
    return f"another app: {evidence.app.focused_package}"


def untimely_certificates(evidence: Evidence) -> str:
    """`clock=86400 s off, …` when the app refused a certificate for its dates, and the device's clock is wrong.

    Not when our own probe failed too: then nobody can tell whether the certificate is wrong as well.
    """
    off = evidence.scene.clock_off if evidence.scene is not None else None
    if off is None or abs(off) <= CLOCK_TOLERANCE or any(not probe.ready for probe in evidence.backend):
        return ""
    refused = any(_UNTIMELY.search(line[:1000]) for line in evidence.app.http_log)
    return f"clock={off} s off, and the app refused a certificate for its dates" if refused else ""


def of_endpoints(calls: Sequence[str], hosts: Collection[str]) -> tuple[str, ...]:
    """The lines about failed calls without those that other hosts than these failed to answer.

    Analytics or maps that fail say nothing about the backend. Lines that name no address stay, and so does whatever
    has to do with signing in. A header below a reply (`retry-after`) goes the way of its reply.
    """
    if not hosts:
        return tuple(calls)
    ours = [_host(host) for host in hosts]
    kept, keep = [], True
    for line in calls:
        if _BACKEND_FAILED.search(line[:1000]):
            keep = _concerns(line, ours)
        elif ": " not in line or "okhttp" not in line.lower():
            keep = True
        if keep:
            kept.append(line)
    return tuple(kept)


def _concerns(line: str, ours: Collection[str]) -> bool:
    addresses = _URL.findall(line[:1000])
    if not addresses or _SIGN_IN.search(line[:1000]):
        return True
    host = _host(_host_of(addresses[-1]))
    return not host or any(host == our or host.endswith(f".{our}") for our in ours)


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:  # brackets that hold no IPv6 address
        return ""


def _host(name: str) -> str:
    """One spelling for each host."""
    return "localhost" if name.lower() in _THIS_MACHINE else name.lower()
