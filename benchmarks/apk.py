"""How long it takes to read an APK of 200 MB, and how much memory, beside Android's own tools."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import alternately, tell, wall_time
from validator.demo.apk.archive import Entry, archive
from validator.demo.apk.arsc import resource_table
from validator.demo.apk.keystore import Signer, signing_key
from validator.demo.apk.manifest import SECURITY_CONFIG_PATH, AppIdentity, manifest, security_config
from validator.demo.apk.signature import signed

ROUNDS = 5
SECONDS_GOAL = 1.5
MEGABYTES_GOAL = 120.0
_TEXTS = ("https://api.example.com", "8f3c2d1b6a7e", "staging.example.com", "10.0.2.2")
"""What the tools do not look for."""
_READ = """
import re, sys, time
from pathlib import Path
from validator.builds.inspect import describe
began = time.perf_counter()
describe(Path(sys.argv[1]), sys.argv[2:])
seconds = time.perf_counter() - began
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())
print(seconds, int(peak[1]) / 1024)
"""


def sample(path: Path, keys: Path) -> None:
    """A signed APK of 200 MB: libraries and media that do not shrink, code and bundles that do."""
    chance = random.Random(1)  # noqa: S311 - the same file every time
    words = [chance.randbytes(5).hex().encode() for _ in range(4000)]
    code = b"\0".join(chance.choice(words) for _ in range(4_500_000))
    app = AppIdentity(package="com.example.large", label="Large", version_name="1.0.0", version_code=10000)
    entries = [
        Entry(name="AndroidManifest.xml", data=manifest(app)),
        Entry(name="resources.arsc", data=resource_table(app.package, app.resources), stored=True),
        Entry(name=SECURITY_CONFIG_PATH, data=security_config(app)),
        Entry(name="classes.dex", data=code),
        Entry(name="assets/index.android.bundle", data=code),
        Entry(name="lib/arm64-v8a/libapp.so", data=chance.randbytes(110_000_000), stored=True),
        Entry(name="assets/video.bin", data=chance.randbytes(40_000_000), stored=True),
    ]
    path.write_bytes(signed(archive(entries), signing_key(keys, Signer.RELEASE)))


def main() -> None:
    """`describe`, in a process of its own, beside `aapt dump badging` and `apksigner verify --print-certs`."""
    with tempfile.TemporaryDirectory() as name:
        apk = Path(name, "large.apk")
        sample(apk, Path(name, "keys"))
        _alone(apk)
        if shutil.which("aapt") is None or shutil.which("apksigner") is None:
            print("  aapt and apksigner are not installed: no ratio (`make test-all` installs them from Debian)")
            return
        tools = "aapt dump badging + apksigner verify"
        ours, theirs = alternately(partial(_read, apk, ()), partial(_by_tools, apk), ROUNDS)
        tell("facts and digest of a 200 MB APK, start included", ours, theirs, tools, 0.5)
        if shutil.which("unzip") is not None:
            ours, theirs = alternately(partial(_read, apk, _TEXTS), partial(_by_tools_and_grep, apk), ROUNDS)
            tell("the same, searched for four texts", ours, theirs, f"{tools} + unzip -p | grep", 0.5)


def _read(apk: Path, texts: Sequence[str]) -> float:
    return wall_time([sys.executable, "-c", _READ, str(apk), *texts])


def _by_tools(apk: Path) -> float:
    verified = wall_time(["apksigner", "verify", "--print-certs", str(apk)])
    return verified + wall_time(["aapt", "dump", "badging", str(apk)])


def _by_tools_and_grep(apk: Path) -> float:
    patterns = " ".join(f"-e '{text}'" for text in _TEXTS)
    searching = f"unzip -p '{apk}' | grep -a -c -F {patterns} || true"  # finding nothing is grep's status 1
    return _by_tools(apk) + wall_time(["/bin/sh", "-c", searching])


def _alone(apk: Path) -> None:
    command = [sys.executable, "-c", _READ, str(apk), *_TEXTS]
    told = [subprocess.run(command, capture_output=True, text=True, timeout=100, check=True) for _ in range(ROUNDS)]
    numbers = [tuple(map(float, one.stdout.split())) for one in told]
    seconds, megabytes = sorted(one[0] for one in numbers)[ROUNDS // 2], max(one[1] for one in numbers)
    _goal(f"reading and searching an APK of {apk.stat().st_size / 1e6:.0f} MB", seconds, "s", SECONDS_GOAL)
    _goal("  memory at most", megabytes, "MB", MEGABYTES_GOAL)


def _goal(what: str, value: float, unit: str, goal: float) -> None:
    print(f"{what:<58} {value:8.3f} {unit}    goal <= {goal:g}: {'met' if value <= goal else 'MISSED'}")


if __name__ == "__main__":
    main()
