"""The APK under test: its facts, or the cause why there are none."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import zipfile
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


def said(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30).stdout


@pytest.mark.skipif(not all(map(shutil.which, ("aapt", "apksigner"))), reason="needs Android's own aapt and apksigner")
@pytest.mark.slow
def test_androids_own_tools_say_the_same_of_the_apks_of_other_people(drivers: Path) -> None:
    """Slow: apksigner is a Java program."""
    for file in drivers.glob("*.apk"):
        apk_ = inspect(file, EXPECTED).apk
        # aapt ends with an error where an APK has no resources for the system's language, after it has told the rest.
        badging = said("aapt", "dump", "badging", str(file))
        certificates = said("apksigner", "verify", "--print-certs", str(file))
        code = str(apk_.version_code) if apk_.version_code else ""
        assert f"package: name='{apk_.package}' versionCode='{code}' versionName='{apk_.version_name}'" in badging
        assert f"sdkVersion:'{apk_.min_sdk}'\ntargetSdkVersion:'{apk_.target_sdk}'" in badging
        assert ("application-debuggable" in badging) is apk_.debuggable
        assert apk_.signers[0].removeprefix("sha256:") in certificates
        assert ("CN=Android Debug" in certificates) is apk_.debug_signed


def test_a_mutated_apk_of_other_people_is_read_or_unreadable(drivers: Path, tmp_path: Path) -> None:
    good = (drivers / "devicelab-android-driver-test.apk").read_bytes()
    file = tmp_path / "app.apk"
    causes: list[Cause] = []
    for number in range(150):
        data = bytearray(good)
        for step in range(1 + number % 4):
            place = (number * 7919 + step * 104_729) % len(good)
            # Most of an APK is compressed; its tail is where the structure lies.
            place = place if number % 2 else len(good) - 1 - place % 6000
            data[place] = (data[place] + 1 + number) % 256
        file.write_bytes(data)
        try:
            inspect(file, EXPECTED)
        except StageError as error:
            causes.append(error.cause)

    assert len(causes) > 50, "most damage to the structure is found"
    assert set(causes) == {Cause.APK_UNREADABLE}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it")
@pytest.mark.slow
def test_a_large_apk_takes_neither_long_nor_much_memory(tmp_path: Path) -> None:
    """Slow: 200 MB have to be written first."""
    file = tmp_path / "large.apk"
    piece = bytes((index * 7 + index // 251) % 256 for index in range(1_000_000))
    with zipfile.ZipFile(file, "w", compresslevel=1) as zipped:
        zipped.writestr("AndroidManifest.xml", zipfile.ZipFile(_written(tmp_path)).read("AndroidManifest.xml"))
        zipped.writestr("lib/arm64-v8a/libbig.so", piece * 150)
        zipped.writestr("classes.dex", piece * 50, compress_type=zipfile.ZIP_DEFLATED)

    told = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(file)], check=True, capture_output=True, text=True, timeout=50
    ).stdout
    seconds, megabytes = map(float, told.split())

    assert seconds < 5
    assert megabytes < 120


_MEASURE = """
import re, sys, time
from pathlib import Path
from validator.builds.expect import Expectation
from validator.builds.inspect import inspect
started = time.monotonic()
inspect(Path(sys.argv[1]), Expectation(package='x', contains=('https://api.example.com',), never_contains=('staging',)))
seconds = time.monotonic() - started
# Not getrusage: its maximum outlives exec, so that it would be that of the test's own process.
print(seconds, int(re.search(r'VmHWM:\\s+(\\d+) kB', Path('/proc/self/status').read_text())[1]) / 1024)
"""


def _written(folder: Path) -> Path:
    (folder / "small.apk").write_bytes(apk())
    return folder / "small.apk"


def test_an_archive_that_unpacks_to_more_than_any_app_is_refused(tmp_path: Path) -> None:
    zeros = apk(files={f"assets/{n}": b"\0" for n in range(5)})
    for number in range(5):
        place = zeros.rindex(f"assets/{number}".encode()) - 46 + 24
        zeros = zeros[:place] + b"\xf0\xff\xff\xff" + zeros[place + 4 :]
    (tmp_path / "app.apk").write_bytes(zeros)

    with pytest.raises(StageError, match="more than 4 GiB"):
        inspect(tmp_path / "app.apk", EXPECTED)
