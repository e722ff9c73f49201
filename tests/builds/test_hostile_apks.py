"""APKs that nobody built: `apk_unreadable` with the reason, in little time and memory, and nothing is written."""

from __future__ import annotations

import random
import struct
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builds.apks import apk, archive, binary_xml, chunk, manifest
from validator.builds.expect import Expectation
from validator.builds.file import FileBuild
from validator.builds.inspect import inspect
from validator.model.build import Apk
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.stop import Stop

EXPECTED = Expectation(package="x", contains=("https://api.example.com",), never_contains=("staging",))
SMALL = "devicelab-android-driver-test.apk"


def read(path: Path) -> Apk | StageError:
    try:
        return inspect(path, EXPECTED).apk
    except StageError as error:
        return error


def mutated(good: bytes, number: int) -> bytes:
    """The same bytes with some changed, cut out, doubled or cut off; most of them where the structure lies."""
    chance, data = random.Random(number), bytearray(good)  # noqa: S311 - the same every time
    for _ in range(chance.randint(1, 6)):
        place = chance.randrange(len(data)) if chance.random() < 0.4 else len(data) - 1 - chance.randrange(6000)
        match chance.randrange(5):
            case 0 | 1:
                data[place] = chance.randrange(256)
            case 2:
                data[place : place + 4] = struct.pack("<I", chance.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF]))
            case 3:
                del data[place : place + chance.randint(1, 64)]
            case _:
                data[place:place] = data[place : place + chance.randint(1, 64)]
    return bytes(data[: chance.randrange(len(data))] if chance.random() < 0.05 else data)


def spoilt(good: bytes, first: int, count: int, folder: Path) -> Counter[type]:
    """What comes of so many mutations of an APK."""
    outcomes: Counter[type] = Counter()
    for number in range(first, first + count):
        (folder / "app.apk").write_bytes(mutated(good, number))
        found = read(folder / "app.apk")
        outcomes[type(found)] += 1
        assert isinstance(found, Apk) or (found.cause is Cause.APK_UNREADABLE and found.what), number
    return outcomes


def test_a_mutated_apk_of_other_people_is_read_or_unreadable(drivers: Path, tmp_path: Path) -> None:
    outcomes = spoilt((drivers / SMALL).read_bytes(), 0, 150, tmp_path)

    assert outcomes[StageError] > 50, "most damage to the structure is found"


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", [SMALL, "appium-uiautomator2-server-debug-androidTest.apk"])
def test_a_thousand_mutations_of_an_apk_end_well(drivers: Path, tmp_path: Path, name: str) -> None:
    """Slow: a thousand APKs are written, and read."""
    outcomes = spoilt((drivers / name).read_bytes(), 1000, 1000, tmp_path)

    assert outcomes[StageError] > 300


@pytest.mark.slow
def test_two_thousand_mutated_manifests_end_well(drivers: Path, tmp_path: Path) -> None:
    """Slow: two thousand APKs are written, and read."""
    good = zipfile.ZipFile(drivers / "settings_apk-debug.apk").read("AndroidManifest.xml")
    outcomes: Counter[type] = Counter()
    for number in range(2000):
        (tmp_path / "app.apk").write_bytes(archive({"AndroidManifest.xml": mutated(good, number)}))
        found = read(tmp_path / "app.apk")
        outcomes[type(found)] += 1
        assert isinstance(found, Apk) or found.cause is Cause.APK_UNREADABLE, number
    assert min(outcomes[Apk], outcomes[StageError]) > 100


def overlapping() -> bytes:
    """Two entries whose contents are the same bytes."""
    plain = archive({"AndroidManifest.xml": binary_xml(manifest()), "assets/a": b"x" * 100})
    place = plain.rindex(b"assets/a") - 46 + 42
    return plain[:place] + struct.pack("<I", 0) + plain[place + 4 :]


def million(count: int) -> bytes:
    """A table of contents with a million entries, and an end that names so many of them."""
    row = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0)
    rows = b"".join(row + b"%07d" % number for number in range(1_000_000))
    return rows + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, min(len(rows), 0xFFFFFFFF), 0, 0)


def broken_pool(offset: int) -> bytes:
    """A manifest whose strings lie behind its end."""
    strings = chunk(1, struct.pack("<IIIII", 1, 0, 0x100, 28 + 4, 0), struct.pack("<I", offset))
    element = struct.pack("<IIHHHHHH", 0xFFFFFFFF, 0, 20, 20, 0, 0, 0, 0)
    return chunk(3, b"", strings + chunk(0x0102, struct.pack("<II", 1, 0), element))


def twice() -> bytes:
    name = b"AndroidManifest.xm"
    plain = archive({"AndroidManifest.xml": binary_xml(manifest()), "AndroidManifest.xm_": b"two"})
    return plain.replace(name + b"_", name + b"l")


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (overlapping, "overlaps another entry"),
        (lambda: apk(files={"../../../outside": b"x"}), "leads out of the archive"),
        (lambda: apk(files={"assets/../../outside": b"x"}), "leads out of the archive"),
        (twice, "two entries of the name AndroidManifest.xml"),
        (lambda: million(0xFFFF), "65,535 entries or more"),
        (lambda: million(65_534), "does not lie inside|cut off|end"),
        (lambda: archive({"AndroidManifest.xml": broken_pool(0x7FFFFFFF)}), "it points to bytes"),
        (lambda: archive({"AndroidManifest.xml": broken_pool(0)}), "it points to bytes"),
        (lambda: archive({"AndroidManifest.xml": b"\0" * 9_000_000}), "are the most that make sense"),
    ],
    ids=["overlap", "dots", "inner-dots", "twice", "million", "lying-million", "pool", "short-pool", "manifest-bomb"],
)
def test_a_nasty_apk_is_unreadable_and_touches_nothing(tmp_path: Path, make: Callable[[], bytes], reason: str) -> None:
    (tmp_path / "nasty.apk").write_bytes(make())
    run = tmp_path / "deep" / "in" / "run"

    kept = FileBuild(path=tmp_path / "nasty.apk").fetch(run, Stop())

    with pytest.raises(StageError, match=reason) as failed:
        inspect(kept, EXPECTED)
    assert failed.value.cause is Cause.APK_UNREADABLE
    everything = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert everything == {"nasty.apk", "deep/in/run/app.apk"}


def bomb(path: Path) -> None:
    zeros = b"\0" * 1_000_000
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        zipped.writestr("AndroidManifest.xml", binary_xml(manifest()))
        with zipped.open("assets/bomb", "w") as entry:
            for _ in range(600):
                entry.write(zeros)


def large(path: Path) -> None:
    piece = random.Random(1).randbytes(1_000_000)  # noqa: S311 - the same every time
    with zipfile.ZipFile(path, "w", compresslevel=1) as zipped:
        zipped.writestr("AndroidManifest.xml", binary_xml(manifest()))
        zipped.writestr("lib/arm64-v8a/libbig.so", piece * 150)
        zipped.writestr("classes.dex", piece * 50, compress_type=zipfile.ZIP_DEFLATED)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it")
@pytest.mark.slow
@pytest.mark.parametrize(("make", "most"), [(large, 1.5), (bomb, 5.0)], ids=["200 MB", "bomb"])
def test_a_large_apk_takes_neither_long_nor_much_memory(
    tmp_path: Path, make: Callable[[Path], None], most: float
) -> None:
    """Slow: hundreds of megabytes have to be written first."""
    make(tmp_path / "large.apk")
    told = [
        subprocess.run(
            [sys.executable, "-c", _MEASURE, str(tmp_path / "large.apk")],
            check=True,
            capture_output=True,
            text=True,
            timeout=50,
        ).stdout.split()
        for _ in range(3)
    ]

    assert min(float(seconds) for seconds, _ in told) < most, "the best of three: other tests run at the same time"
    assert max(float(megabytes) for _, megabytes in told) < 120


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
