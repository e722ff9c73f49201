"""Android's own tools, where they are installed: apksigner verifies the signature, aapt2 reads the manifest anew."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.model.build import Apk, Finding, Severity, ToolCheck
from validator.support.process import Completed, Ended, ProgramMissingError, run
from validator.support.stop import Stop
from validator.support.text import one_line

_SECONDS: Final = 120.0
"""apksigner digests the whole file, and is a Java program."""
_MOST_LINES: Final = 20_000
_WIDEST: Final = 300
_CERTIFICATE: Final = re.compile(r"(?<!Stamp )Signer.*certificate SHA-256 digest: ([0-9a-f]{64})")
_PACKAGE: Final = re.compile(r"package: name='([^']*)' versionCode='([^']*)' versionName='([^']*)'")
_TARGET: Final = re.compile(r"targetSdkVersion:'([^']*)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Where they are; None: not installed."""

    apksigner: str | None = None
    aapt2: str | None = None


def find_tools(environment: Mapping[str, str]) -> Tools:
    """Look on the PATH, then in the newest build tools of the SDK."""
    return Tools(apksigner=_find("apksigner", environment), aapt2=_find("aapt2", environment))


def verify(tools: Tools, apk: Apk, path: Path, stop: Stop) -> tuple[ToolCheck, ...]:
    """Have the tools that are installed look at the APK, and hold what they say against what was read."""
    with ThreadPoolExecutor(2, thread_name_prefix="tool") as pool:
        asked = [
            *([pool.submit(_apksigner, tools.apksigner, apk, path, stop)] if tools.apksigner else []),
            *([pool.submit(_aapt2, tools.aapt2, apk, path, stop)] if tools.aapt2 else []),
        ]
        return tuple(check.result() for check in asked)


def disputed(checks: Sequence[ToolCheck]) -> Iterator[Finding]:
    """An error for each tool that says something else than what was read."""
    for check in checks:
        if check.agrees is False:
            yield Finding(
                code=f"{check.tool}_disagrees",
                severity=Severity.ERROR,
                message=f"{check.tool}: {check.detail}",
                remedy="build and sign the APK again: one that was changed after it was signed is not what users have",
            )


def _find(name: str, environment: Mapping[str, str]) -> str | None:
    found = shutil.which(name, path=environment.get("PATH"))
    roots = [Path(root) for key in ("ANDROID_HOME", "ANDROID_SDK_ROOT") if (root := environment.get(key))]
    built = [path for root in roots for path in root.glob(f"build-tools/*/{name}")]
    newest = max(built, key=lambda path: [int(part) for part in re.findall("[0-9]+", path.parent.name)], default=None)
    return found or (str(newest) if newest is not None else None)


def _apksigner(program: str, apk: Apk, path: Path, stop: Stop) -> ToolCheck:
    lines, done = _said((program, "verify", "--print-certs", str(path)), stop)
    text = "\n".join(lines)
    if done is None or done.exit_code is None or done.ended is not Ended.EXITED:
        return _silent("apksigner", lines, done)
    if "DOES NOT VERIFY" in text:
        reasons = [line for line in lines if line.startswith("ERROR")]
        reason = one_line(reasons[0].removeprefix("ERROR: "), _WIDEST) if reasons else "no reason is given"
        return ToolCheck(tool="apksigner", agrees=False, detail=f"the signature does not verify: {reason}")
    if done.exit_code != 0:
        return _silent("apksigner", lines, done)
    certificates = {f"sha256:{digest}" for digest in _CERTIFICATE.findall(text)}
    if not certificates <= set(apk.signers):
        named = ", ".join(sorted(certificates - set(apk.signers)))
        return ToolCheck(tool="apksigner", agrees=False, detail=f"the APK is signed with {named}, which was not read")
    return ToolCheck(tool="apksigner", agrees=True, detail="the signature verifies")


def _aapt2(program: str, apk: Apk, path: Path, stop: Stop) -> ToolCheck:
    lines, done = _said((program, "dump", "badging", str(path)), stop)
    text = "\n".join(lines)
    found = _PACKAGE.search(text)
    if found is None:  # it ends with an error where it lacks a label, after it has told the rest
        return _silent("aapt2", lines, done)
    target = _TARGET.search(text)
    debuggable = str("application-debuggable" in lines)
    theirs = (found[1], found[2], found[3], target[1] if target else "", debuggable)
    ours = (apk.package, str(apk.version_code), apk.version_name, str(apk.target_sdk), str(apk.debuggable))
    names = ("package", "versionCode", "versionName", "targetSdkVersion", "debuggable")
    apart = [
        f"{name} is {their!r}, read was {our!r}"
        for name, their, our in zip(names, theirs, ours, strict=True)
        if not _same(name, their, our)
    ]
    if apart:
        return ToolCheck(tool="aapt2", agrees=False, detail=one_line("; ".join(apart), _WIDEST))
    return ToolCheck(tool="aapt2", agrees=True, detail="reads the same manifest")


def _same(name: str, theirs: str, ours: str) -> bool:
    """Whether a tool says the same; what stands in resources or nowhere is not compared."""
    unsaid = not theirs or not ours or (name == "versionName" and ours.startswith("@"))
    preview = name == "targetSdkVersion" and not theirs.isdecimal()
    return unsaid or preview or theirs == ours


def _said(argv: tuple[str, ...], stop: Stop) -> tuple[list[str], Completed | None]:
    lines: list[str] = []

    def take(line: str) -> None:
        if len(lines) < _MOST_LINES:
            lines.append(line)

    try:
        return lines, run(argv, deadline=_SECONDS, stop=stop, on_line=take)
    except (ProgramMissingError, OSError) as error:
        return [str(error)], None


def _silent(tool: str, lines: Sequence[str], done: Completed | None) -> ToolCheck:
    late = done is not None and done.ended is Ended.TIMED_OUT
    why = f"no end within {_SECONDS:g} s" if late else one_line(lines[-1] if lines else "it said nothing", _WIDEST)
    return ToolCheck(tool=tool, agrees=None, detail=f"could not be asked: {why}")
