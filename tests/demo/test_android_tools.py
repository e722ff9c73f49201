"""Android's own tools accept the APKs. Slow: they start a Java machine, and have to be installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from validator.demo.build import BuildOptions, Variant, build

pytestmark = pytest.mark.slow

PACKAGES = {"aapt": "aapt", "apksigner": "apksigner", "zipalign": "zipalign"}


def _run(tool: str, *arguments: str | Path) -> str:
    found = shutil.which(tool)
    assert found, f"{tool} is needed for this test: apt-get install {PACKAGES[tool]}"
    done = subprocess.run([found, *map(str, arguments)], capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stdout + done.stderr
    assert "error" not in (done.stdout + done.stderr).lower()
    return done.stdout


@pytest.fixture(scope="module", params=list(Variant))
def variant(request: pytest.FixtureRequest) -> Variant:
    return Variant(request.param)


@pytest.fixture(scope="module")
def apk(variant: Variant, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(variant)
    options = BuildOptions(
        variant=variant, keystore=folder, api_url="http://127.0.0.1:8080", revision="abc", abis=("x86_64", "x86")
    )
    build(options, folder / "app.apk")
    return folder / "app.apk"


def test_aapt_reads_the_manifest_and_the_resources(apk: Path, variant: Variant) -> None:
    badging = _run("aapt", "dump", "badging", apk)
    assert "package: name='com.example.cornershop' versionCode='10402' versionName='1.4.2'" in badging
    assert "launchable-activity: name='com.example.cornershop.MainActivity'" in badging
    assert "application-label:'Corner Shop'" in badging
    assert "uses-permission: name='android.permission.INTERNET'" in badging
    assert "native-code: 'x86' 'x86_64'" in badging
    assert ("application-debuggable" in badging) is (variant is Variant.STAGING)


def test_aapt_reads_the_network_security_configuration(apk: Path, variant: Variant) -> None:
    tree = _run("aapt", "dump", "xmltree", apk, "res/xml/network_security_config.xml")
    assert ("127.0.0.1" in tree) is (variant is Variant.PRODUCTION)


def test_apksigner_verifies_both_schemes_and_names_the_signer(apk: Path, variant: Variant) -> None:
    said = _run("apksigner", "verify", "--verbose", "--print-certs", apk)
    assert "Verified using v2 scheme (APK Signature Scheme v2): true" in said
    assert "Verified using v3 scheme (APK Signature Scheme v3): true" in said
    name = "CN=Corner Shop, O=Corner Shop Ltd, C=NL" if variant is Variant.PRODUCTION else "CN=Android Debug"
    assert f"certificate DN: {name}" in said


def test_zipalign_finds_every_stored_entry_aligned(apk: Path) -> None:
    _run("zipalign", "-c", "-p", "4", apk)
