"""APKs that this project did not make, read field by field as Android's own tools and androguard read them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from validator.builds.inspect import describe
from validator.model.build import Apk

NAMES = (
    "appium-uiautomator2-server-debug-androidTest.apk",
    "appium-uiautomator2-server-v9.11.1.apk",
    "devicelab-android-driver-test.apk",
    "devicelab-android-driver.apk",
    "settings_apk-debug.apk",
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What every reader must say alike."""

    package: str
    version_code: str
    version_name: str
    min_sdk: str
    target_sdk: str
    debuggable: bool
    permissions: frozenset[str]
    launchable: tuple[str, ...]
    abis: frozenset[str]


def ours(apk: Apk) -> Facts:
    return Facts(
        package=apk.package,
        version_code=str(apk.version_code or ""),
        version_name=apk.version_name,
        min_sdk=str(apk.min_sdk),
        target_sdk=str(apk.target_sdk),
        debuggable=apk.debuggable,
        permissions=frozenset(apk.permissions),
        launchable=apk.launchable,
        abis=frozenset(apk.abis),
    )


def said(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=50).stdout


def by_aapt(file: Path) -> Facts:
    # It ends with an error where an APK has no resources for the system's language, after it has told the rest.
    text = said("aapt", "dump", "badging", str(file))

    def one(pattern: str) -> str:
        found = re.search(pattern, text, re.MULTILINE)
        return found[1] if found else ""

    return Facts(
        package=one("^package: name='([^']*)'"),
        version_code=one("versionCode='([^']*)'"),
        version_name=one("versionName='([^']*)'"),
        min_sdk=one("^sdkVersion:'([^']*)'"),
        target_sdk=one("^targetSdkVersion:'([^']*)'"),
        debuggable="application-debuggable" in text,
        permissions=frozenset(re.findall("^uses-permission: name='([^']*)'", text, re.MULTILINE)),
        launchable=tuple(re.findall("^launchable-activity: name='([^']*)'", text, re.MULTILINE)),
        abis=frozenset(re.findall("'([^']*)'", one("^native-code:(.*)$"))),
    )


@pytest.mark.skipif(shutil.which("aapt") is None, reason="needs Android's own aapt")
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_aapt_says_the_same(drivers: Path, name: str) -> None:
    """Slow: aapt is installed for the slow suites only."""
    assert ours(describe(drivers / name, ()).apk) == by_aapt(drivers / name)


@pytest.mark.skipif(shutil.which("apksigner") is None, reason="needs Android's own apksigner")
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_apksigner_says_the_same(drivers: Path, name: str) -> None:
    """Slow: apksigner is a Java program."""
    apk = describe(drivers / name, ()).apk

    text = said("apksigner", "verify", "-v", "--print-certs", str(drivers / name))

    digests = re.findall("^Signer #[0-9]+ certificate SHA-256 digest: ([0-9a-f]{64})$", text, re.MULTILINE)
    verified = re.findall(r"^Verified using (v[0-9.]+) scheme.*: true$", text, re.MULTILINE)
    assert [f"sha256:{digest}" for digest in digests] == list(apk.signers)
    assert verified == [signature.scheme for signature in apk.signatures]
    assert ("CN=Android Debug" in text) is apk.debug_signed


ANDROGUARD = """
import json, sys
from loguru import logger
logger.remove()
from androguard.core.apk import APK

def facts(path):
    apk = APK(path)
    ways = {"v1": apk.is_signed_v1(), "v2": apk.is_signed_v2(), "v3": apk.is_signed_v3()}
    return {
        "package": apk.get_package(), "version_code": apk.get_androidversion_code() or "",
        "version_name": apk.get_androidversion_name() or "", "min_sdk": apk.get_min_sdk_version(),
        "target_sdk": apk.get_target_sdk_version(),
        "debuggable": apk.get_attribute_value("application", "debuggable") == "true",
        "permissions": sorted(set(apk.get_permissions())), "launchable": sorted(apk.get_main_activities()),
        "abis": sorted({name.split("/")[1] for name in apk.get_files() if name.startswith("lib/")}),
        "schemes": sorted(way for way, there in ways.items() if there),
        "certificates": sorted({each.sha256.hex() for each in apk.get_certificates()}),
    }

print(json.dumps([facts(path) for path in sys.argv[1:]]))
"""
LOCKED = Path(__file__).with_name("androguard.txt")


def pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments)
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=200)


@pytest.fixture
def androguard() -> Path:
    """A folder with androguard, which no other test needs: fetched once, by its locked digests."""
    cache = Path(__file__).parents[2] / ".validator" / "oracles"
    folder = cache / f"androguard-{hashlib.sha256(LOCKED.read_bytes()).hexdigest()[:12]}"
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as parts:
            made = Path(parts, "made")
            done = pip("--no-input", "--no-deps", "--require-hashes", "--target", str(made), "-r", str(LOCKED))
            if done.returncode:
                pytest.skip(f"androguard cannot be fetched: {done.stderr.strip()[-300:]}")
            with contextlib.suppress(OSError):  # another process was faster
                made.rename(folder)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_androguard_says_the_same(drivers: Path, androguard: Path) -> None:
    """Slow: androguard is fetched, some 40 MB, where it was not before."""
    files = [str(drivers / name) for name in NAMES]
    read = subprocess.run(
        [sys.executable, "-S", "-c", ANDROGUARD, *files],
        env={**os.environ, "PYTHONPATH": str(androguard)},
        check=True,
        capture_output=True,
        text=True,
        timeout=100,
    )

    assert json.loads(read.stdout) == [as_androguard_says(describe(drivers / name, ()).apk) for name in NAMES]


def as_androguard_says(apk: Apk) -> dict[str, object]:
    facts = ours(apk)
    return {
        "package": facts.package,
        "version_code": facts.version_code,
        "version_name": facts.version_name,
        "min_sdk": facts.min_sdk,
        "target_sdk": facts.target_sdk,
        "debuggable": facts.debuggable,
        "permissions": sorted(facts.permissions),
        "launchable": sorted(facts.launchable),
        "abis": sorted(facts.abis),
        "schemes": [signature.scheme for signature in apk.signatures],
        "certificates": sorted(digest.removeprefix("sha256:") for digest in apk.signers),
    }
