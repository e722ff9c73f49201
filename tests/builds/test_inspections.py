"""The APK under test: its facts, or the cause why there are none."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.builds.apks import MakeCertificate, apk, archive, manifest
from validator.builds.expect import Expectation
from validator.builds.inspect import inspect
from validator.model.causes import Cause
from validator.model.errors import StageError

API = "https://api.example.com"
EXPECTED = Expectation(package="com.example.shop", contains=(API,), never_contains=("staging.example.com",))


def test_a_release_build_is_described_and_has_no_findings(tmp_path: Path, certificate: MakeCertificate) -> None:
    release = certificate("Example Release")
    data = apk(
        files={"lib/x86_64/a.so": b"x", "lib/arm64-v8a/a.so": b"x", "assets/c.json": API.encode()},
        certificates=[release],
    )
    (tmp_path / "app.apk").write_bytes(data)

    found = inspect(tmp_path / "app.apk", EXPECTED)

    assert found.findings == ()
    assert found.apk.sha256 == hashlib.sha256(data).hexdigest()
    assert found.apk.size == len(data)
    assert (found.apk.package, found.apk.version_name, found.apk.version_code) == ("com.example.shop", "1.2.3", 42)
    assert found.apk.abis == ("arm64-v8a", "x86_64")
    assert found.apk.signers == (f"sha256:{hashlib.sha256(release).hexdigest()}",)


def test_the_staging_build_is_no_production_build(tmp_path: Path, certificate: MakeCertificate) -> None:
    staging = apk(
        manifest("com.example.shop.staging", debuggable=True),
        {"classes.dex": b"https://staging.example.com\0"},
        certificates=[certificate("Android Debug")],
    )
    (tmp_path / "app.apk").write_bytes(staging)

    codes = {finding.code for finding in inspect(tmp_path / "app.apk", EXPECTED).findings}

    assert codes == {"package_mismatch", "debuggable", "debug_signed", "endpoint_absent", "forbidden_endpoint"}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"this is a text file\n" * 100, "not a ZIP archive"),
        (apk()[:-100], "not a ZIP archive, or cut off"),
        (apk()[: len(apk()) // 2], "not a ZIP archive, or cut off"),
        (archive({"base/manifest/AndroidManifest.xml": b"x"}), "has no AndroidManifest.xml"),
        (archive({"AndroidManifest.xml": b"<manifest/>"}), "not binary XML"),
    ],
)
def test_what_is_no_apk_is_unreadable_with_its_reason(tmp_path: Path, data: bytes, reason: str) -> None:
    (tmp_path / "app.apk").write_bytes(data)

    with pytest.raises(StageError) as failed:
        inspect(tmp_path / "app.apk", EXPECTED)

    assert failed.value.cause is Cause.APK_UNREADABLE
    assert reason in failed.value.what
    assert failed.value.where == str(tmp_path / "app.apk")
    assert failed.value.remedy


@pytest.mark.parametrize("kind", ["absent", "folder"])
def test_a_file_that_cannot_be_read_is_unreadable(tmp_path: Path, kind: str) -> None:
    (tmp_path / "folder").mkdir()

    with pytest.raises(StageError) as failed:
        inspect(tmp_path / kind, EXPECTED)

    assert failed.value.cause is Cause.APK_UNREADABLE


def test_the_apks_of_other_people_are_read(drivers: Path) -> None:
    found = {file.name: inspect(file, EXPECTED).apk for file in drivers.glob("*.apk")}

    server = found["appium-uiautomator2-server-v9.11.1.apk"]
    assert (server.package, server.version_name, server.version_code) == (
        "io.appium.uiautomator2.server",
        "9.11.1",
        253,
    )
    assert (server.min_sdk, server.target_sdk, server.debuggable, server.debug_signed) == (26, 34, True, True)
    assert server.signers == ("sha256:f8b60b644db8c3e06cf4c42e8044fa589cb62c3bd2e3599b836f3a2db24d1b13",)
    test = found["devicelab-android-driver-test.apk"]
    assert (test.package, test.version_name, test.version_code) == ("dev.devicelab.driver.android.test", "", 0)
    assert (test.min_sdk, test.target_sdk, test.debug_signed) == (21, 34, True)


def test_an_archive_that_unpacks_to_more_than_any_app_is_refused(tmp_path: Path) -> None:
    zeros = apk(files={f"assets/{n}": b"\0" for n in range(5)})
    for number in range(5):
        place = zeros.rindex(f"assets/{number}".encode()) - 46 + 24
        zeros = zeros[:place] + b"\xf0\xff\xff\xff" + zeros[place + 4 :]
    (tmp_path / "app.apk").write_bytes(zeros)

    with pytest.raises(StageError, match="more than 4 GiB"):
        inspect(tmp_path / "app.apk", EXPECTED)
