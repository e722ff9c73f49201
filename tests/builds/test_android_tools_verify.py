"""Android's own tools verify what was read, where they are installed; what they cannot say is told, not guessed."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from validator.builds.inspect import describe
from validator.builds.tools import Tools, disputed, find_tools, verify
from validator.demo.build import BuildOptions, Variant, build
from validator.model.build import Apk, Severity, ToolCheck
from validator.support.stop import Stop


@pytest.fixture
def signed(tmp_path: Path) -> Path:
    options = BuildOptions(variant=Variant.PRODUCTION, keystore=tmp_path / "keys", api_url="http://127.0.0.1:1")
    build(options, tmp_path / "app.apk")
    return tmp_path / "app.apk"


def tool(folder: Path, name: str, script: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def checks(path: Path, tools: Tools, apk: Apk | None = None) -> list[ToolCheck]:
    return list(verify(tools, apk or describe(path, ()).apk, path, Stop()))


def badging(apk: Apk, **changes: str) -> str:
    words = {"code": str(apk.version_code), "target": str(apk.target_sdk), **changes}
    line = f"package: name='{apk.package}' versionCode='{words['code']}' versionName='{apk.version_name}'"
    return f'echo "{line}"; echo "targetSdkVersion:\'{words["target"]}\'"'


def test_without_tools_nothing_is_said(signed: Path, tmp_path: Path) -> None:
    assert find_tools({"PATH": str(tmp_path / "nowhere")}) == Tools()
    assert checks(signed, Tools()) == []


def test_the_newest_build_tools_of_the_sdk_are_found(tmp_path: Path) -> None:
    for version in ("9.0.0", "34.0.0", "35.0.0-rc1"):
        (tmp_path / "build-tools" / version).mkdir(parents=True)
        tool(tmp_path / "build-tools" / version, "aapt2", "")

    found = find_tools({"PATH": str(tmp_path), "ANDROID_HOME": str(tmp_path)})

    assert found == Tools(aapt2=str(tmp_path / "build-tools" / "35.0.0-rc1" / "aapt2"))


def test_tools_that_say_the_same_agree(signed: Path, tmp_path: Path) -> None:
    apk = describe(signed, ()).apk
    line = f"Signer #1 certificate SHA-256 digest: {apk.signers[0].removeprefix('sha256:')}"
    stamp = f"Source Stamp Signer certificate SHA-256 digest: {'0' * 64}"
    key = f"Signer #1 public key SHA-256 digest: {'1' * 64}"
    apksigner = tool(tmp_path, "apksigner", f'echo "{stamp}"; echo "{line}"; echo "{key}"')
    aapt2 = tool(tmp_path, "aapt2", f"{badging(apk)}; exit 1")

    found = checks(signed, Tools(apksigner=apksigner, aapt2=aapt2))

    assert [(check.tool, check.agrees) for check in found] == [("apksigner", True), ("aapt2", True)]
    assert list(disputed(found)) == []


@pytest.mark.parametrize(
    ("script", "agrees", "detail"),
    [
        (
            "echo 'DOES NOT VERIFY'; echo 'ERROR: digest of classes.dex'; exit 1",
            False,
            "the signature does not verify: digest of classes.dex",
        ),
        (
            f"echo 'Signer #1 certificate SHA-256 digest: {'0' * 64}'",
            False,
            f"the APK is signed with sha256:{'0' * 64}, which was not read",
        ),
        ("echo 'java: not found' >&2; exit 127", None, "could not be asked: java: not found"),
        ("exit 3", None, "could not be asked: it said nothing"),
    ],
)
def test_a_tool_that_disagrees_is_an_error_and_one_that_cannot_run_is_none(
    signed: Path, tmp_path: Path, script: str, *, agrees: bool | None, detail: str
) -> None:
    found = checks(signed, Tools(apksigner=tool(tmp_path, "apksigner", script)))

    assert found == [ToolCheck(tool="apksigner", agrees=agrees, detail=detail)]
    assert [finding.severity for finding in disputed(found)] == ([Severity.ERROR] if agrees is False else [])


def test_a_manifest_that_another_reader_reads_otherwise_is_an_error(signed: Path, tmp_path: Path) -> None:
    apk = describe(signed, ()).apk
    aapt2 = tool(tmp_path, "aapt2", badging(apk, code="7", target="35"))

    (check,) = checks(signed, Tools(aapt2=aapt2))

    assert check.agrees is False
    assert check.detail == "versionCode is '7', read was '10402'; targetSdkVersion is '35', read was '34'"


def test_a_stop_ends_the_tools(signed: Path, tmp_path: Path) -> None:
    stop = Stop()
    stop.set("interrupted")

    (check,) = verify(Tools(apksigner=tool(tmp_path, "apksigner", "sleep 60")), describe(signed, ()).apk, signed, stop)

    assert check.agrees is None


@pytest.mark.skipif(
    not all(map(shutil.which, ("aapt2", "apksigner"))), reason="needs Android's own aapt2 and apksigner"
)
@pytest.mark.slow
def test_the_real_tools_agree_and_notice_what_was_changed(signed: Path, drivers: Path) -> None:
    """Slow: apksigner is a Java program."""
    tools = find_tools(os.environ)
    for path in (signed, *drivers.glob("*.apk")):
        assert [check.agrees for check in checks(path, tools)] == [True, True], path.name

    data = signed.read_bytes()
    place = data.index(b"assets/")
    signed.write_bytes(data[:place] + b"assetz/" + data[place + 7 :])
    (apksigner, _) = checks(signed, tools, replace(describe(drivers / "settings_apk-debug.apk", ()).apk))
    assert apksigner.agrees is False
