"""Reading and verifying APK files."""

from __future__ import annotations

import shutil
import subprocess
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.virtual.apks import PACKAGE, element, main_activity, manifest, odd, tiny
from tests.virtual.host import DRIVERS
from tests.virtual.jar_signing import jar_signed
from validator.demo.apk.archive import Entry
from validator.demo.apk.keystore import Signer
from validator.virtual.packages.apk import Apk, read_apk
from validator.virtual.packages.axml import read_axml
from validator.virtual.packages.chunks import ChunkError
from validator.virtual.packages.refusal import InstallCode, InstallRefusedError
from validator.virtual.packages.signing_block import split

SDK = 34
TINY = tiny(abis=("x86_64",))


def refusal(data: bytes, sdk: int = SDK) -> InstallRefusedError:
    with pytest.raises(InstallRefusedError) as refused:
        read_apk(data, sdk)
    return refused.value


def test_a_real_driver_is_read_and_verified_quickly():
    data = (DRIVERS / "appium-uiautomator2-server-v9.11.1.apk").read_bytes()
    begun = time.perf_counter()
    apk = read_apk(data, SDK)
    assert time.perf_counter() - begun < 0.3
    assert (apk.manifest.package, apk.manifest.version_code, apk.manifest.version_name, apk.manifest.min_sdk) == (
        "io.appium.uiautomator2.server",
        253,
        "9.11.1",
        26,
    )
    assert apk.signers.scheme == 2


def test_a_real_test_apk_names_its_instrumentation():
    apk = read_apk((DRIVERS / "appium-uiautomator2-server-debug-androidTest.apk").read_bytes(), SDK)
    (runner,) = apk.manifest.instrumentations
    assert (runner.name, runner.target) == (
        "androidx.test.runner.AndroidJUnitRunner",
        "io.appium.uiautomator2.server",
    )


def test_a_label_is_read_from_the_resources_it_refers_to():
    apk = read_apk((DRIVERS / "settings_apk-debug.apk").read_bytes(), SDK)
    assert apk.manifest.label.startswith("@0x7f")
    assert apk.label == "Appium Settings"
    assert read_apk(TINY, SDK).label == "Tiny Shop"


def test_the_manifest_tells_activity_permissions_and_abis():
    apk = read_apk(TINY, SDK)
    assert apk.manifest.launcher == f"{PACKAGE}.MainActivity"
    assert apk.manifest.permissions == ("android.permission.INTERNET",)
    assert apk.native_abis == {"x86_64"}
    assert set(apk.assets()) == {"assets/app-config.json", "assets/virtual-app.json"}


@pytest.mark.parametrize(("sdk", "scheme"), [(27, 2), (28, 3), (34, 3)])
def test_the_newest_scheme_that_the_device_knows_is_verified(sdk: int, scheme: int):
    assert read_apk(TINY, sdk).signers.scheme == scheme


def test_two_keys_are_two_signers():
    release, debug = (read_apk(tiny(signer=signer), SDK).signers.certificates for signer in Signer)
    assert release != debug


@pytest.mark.parametrize("where", ["entries", "block", "directory", "end"])
def test_one_changed_byte_is_noticed_wherever_it_is(where: str):
    seams = split(TINY)
    at = {
        "entries": seams.block - 3,
        "block": seams.directory - 40,
        "directory": seams.directory + 12,
        "end": seams.end + 10,
    }
    changed = bytearray(TINY)
    changed[at[where]] ^= 1
    assert refusal(bytes(changed)).code in (InstallCode.NO_CERTIFICATES, InstallCode.NOT_APK)


def test_altered_contents_are_refused_in_androids_words():
    changed = bytearray(TINY)
    changed[split(TINY).block - 3] ^= 1
    assert str(refusal(bytes(changed))) == (
        "INSTALL_PARSE_FAILED_NO_CERTIFICATES: Failed to collect certificates from base.apk: "
        "using APK Signature Scheme v3: SHA-256 digest of contents did not verify"
    )


def test_an_unsigned_package_is_refused(tmp_path: Path):
    seams = split(TINY)
    contents, directory, end = seams.sections()
    assert "No signature found in package of version 2 or newer" in str(
        refusal(bytes(contents) + bytes(directory) + end)
    )


def test_cutting_the_newer_scheme_away_is_noticed():
    v3_id = (0xF05368C0).to_bytes(4, "little")
    assert TINY.count(v3_id) == 1
    without = TINY.replace(v3_id, b"\0\0\0\1")
    assert "stripped" in str(refusal(without))
    assert read_apk(without, 27).signers.scheme == 2


def test_old_apps_may_have_a_jar_signature():
    old = jar_signed({"AndroidManifest.xml": manifest(main_activity(), target=29), "assets/a.txt": b"text"})
    assert read_apk(old, SDK).signers.scheme == 1


def test_apps_for_android_11_may_not():
    new = jar_signed({"AndroidManifest.xml": manifest(main_activity(exported=True), target=30)})
    assert refusal(new).code is InstallCode.NO_CERTIFICATES


@pytest.mark.parametrize("changed", ["assets/a.txt", "META-INF/MANIFEST.MF", "META-INF/CERT.SF", "META-INF/CERT.RSA"])
def test_a_jar_signature_covers_every_link_of_its_chain(changed: str):
    old = jar_signed(
        {"AndroidManifest.xml": manifest(main_activity(), target=29), "assets/a.txt": b"text"}, alter=changed
    )
    assert refusal(old).code is InstallCode.NO_CERTIFICATES


def test_a_jar_signature_that_claims_a_newer_one_needs_it():
    old = jar_signed({"AndroidManifest.xml": manifest(target=29)}, claims="2, 3")
    assert "stripped" in str(refusal(old))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("apksigner") is None, reason="no Android build tools here")
def test_what_apksigner_signs_is_accepted(tmp_path: Path):
    """Starts Java, four times."""
    source = tmp_path / "in.apk"
    source.write_bytes(jar_signed({"AndroidManifest.xml": manifest(main_activity(), target=29)}))
    keys = tmp_path / "keys"
    make: list[str | Path] = [
        "keytool",
        "-genkeypair",
        "-keystore",
        keys,
        "-storepass",
        "secret",
        "-alias",
        "a",
        "-keyalg",
        "EC",
    ]
    subprocess.run([*make, "-dname", "CN=test", "-validity", "9999"], check=True, capture_output=True)
    for schemes, expected in (({1}, 1), ({1, 2}, 2), ({1, 2, 3}, 3)):
        target = tmp_path / f"out{expected}.apk"
        flags = [word for n in (1, 2, 3) for word in (f"--v{n}-signing-enabled", str(n in schemes).lower())]
        sign: list[str | Path] = [
            "apksigner",
            "sign",
            "--ks",
            keys,
            "--ks-pass",
            "pass:secret",
            "--min-sdk-version",
            "23",
            *flags,
        ]
        subprocess.run([*sign, "--out", target, source], check=True, capture_output=True)
        assert read_apk(target.read_bytes(), SDK).signers.scheme == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", InstallCode.NOT_APK),
        (b"no package", InstallCode.NOT_APK),
        (TINY[: len(TINY) // 2], InstallCode.NOT_APK),
        (TINY[100:], InstallCode.NOT_APK),
    ],
)
def test_what_is_no_package_is_refused(data: bytes, code: InstallCode):
    assert refusal(data).code in (code, InstallCode.NO_CERTIFICATES, InstallCode.INVALID_APK)


def test_a_zip_without_manifest_is_refused(tmp_path: Path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("readme", "text")
    assert refusal(path.read_bytes()).code is InstallCode.UNEXPECTED_EXCEPTION


@pytest.mark.parametrize(
    ("root", "code"),
    [
        (element("other"), InstallCode.MANIFEST_MALFORMED),
        (element("manifest", package="nodots"), InstallCode.BAD_PACKAGE_NAME),
        (element("manifest", package="com.1st.x"), InstallCode.BAD_PACKAGE_NAME),
        (manifest(main_activity(), target=31), InstallCode.MANIFEST_MALFORMED),
    ],
)
def test_a_manifest_that_android_refuses_is_refused(root, code: InstallCode):
    assert refusal(odd(root)).code is code


def test_an_explicit_exported_is_asked_for_from_android_12():
    assert "explicit value for android:exported" in str(refusal(odd(manifest(main_activity(), target=31))))
    assert read_apk(odd(manifest(main_activity(exported=True), target=31)), SDK).manifest.launcher


@pytest.mark.parametrize(("stored", "name", "fits"), [(True, "resources.arsc", True), (False, "resources.arsc", False)])
def test_resources_must_be_stored_uncompressed_and_aligned(stored: bool, name: str, fits: bool):
    apk = odd(manifest(), more=(Entry(name=name, data=b"x" * 40, stored=stored),))
    if fits:
        assert isinstance(read_apk(apk, SDK), Apk)
    else:
        assert refusal(apk).code is InstallCode.RESOURCES_ARSC_COMPRESSED


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_mutated_package_is_read_or_refused_and_nothing_else(data: st.DataObject):
    changed = bytearray(TINY)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(changed)) | st.just(len(changed)))
    try:
        read_apk(bytes(changed[:cut]), SDK)
    except InstallRefusedError:
        return


with zipfile.ZipFile(DRIVERS / "settings_apk-debug.apk") as _settings:
    MANIFEST = _settings.read("AndroidManifest.xml")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_a_mutated_manifest_is_read_or_refused_and_nothing_else(data: st.DataObject):
    changed = bytearray(MANIFEST)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, min(600, len(changed) - 1)) | st.integers(0, len(changed) - 1))] = data.draw(
            st.integers(0, 255)
        )
    try:
        read_axml(bytes(changed[: data.draw(st.integers(0, len(changed)) | st.just(len(changed)))]))
    except ChunkError:
        return
