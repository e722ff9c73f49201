"""An APK at an address, known by its digest; and the cache that fetched APKs lie in."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builds.forge import Forge, Trouble, forge
from validator.builds.cache import Cache
from validator.builds.url import UrlBuild
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.redact import Secret
from validator.support.stop import Stop
from validator.support.throttling import asked_to_wait

APK = b"apk" * 50_000
DIGEST = hashlib.sha256(APK).hexdigest()


@pytest.fixture
def store() -> Iterator[Forge]:
    with forge({"app.apk": APK}) as running:
        yield running


def recipe(store: Forge, folder: Path, sha256: str = DIGEST, token: str = "") -> UrlBuild:
    return UrlBuild(
        url=f"{store.store_url}/0?signature=s3cret",
        sha256=sha256,
        token=Secret(token),
        cache=Cache(folder=folder / "cache"),
        seconds=10.0,
    )


def test_a_file_of_the_right_digest_is_fetched_once(store: Forge, tmp_path: Path) -> None:
    store.store_troubles = [Trouble(share=0.5)]
    build = recipe(store, tmp_path, token="open-sesame")

    for run in ("one", "two"):
        assert build.fetch(tmp_path / run, Stop()).read_bytes() == APK

    assert len(store.store_asked) == 2, "the second run uses what the first one fetched"
    assert store.store_asked[0].headers["Authorization"] == "Bearer open-sesame"
    said = (tmp_path / "two" / "build.log").read_text(encoding="utf-8")
    assert said == f"{store.store_url}/0, {len(APK)} bytes, sha256:{DIGEST}\n"


def test_a_file_of_another_digest_is_never_taken(store: Forge, tmp_path: Path) -> None:
    with pytest.raises(StageError) as failed:
        recipe(store, tmp_path, sha256="0" * 64).fetch(tmp_path / "run", Stop())

    assert failed.value.cause is Cause.APK_MISSING
    assert f"sha256:{DIGEST}, expected sha256:{'0' * 64}" in failed.value.what
    assert "s3cret" not in failed.value.diagnostics()
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(store: Forge, tmp_path: Path) -> None:
    (tmp_path / "cache").touch()

    with pytest.raises(StageError, match="folder for fetched APKs cannot be written"):
        recipe(store, tmp_path).fetch(tmp_path / "run", Stop())


def test_the_cache_keeps_the_newest_and_forgets_what_was_abandoned(tmp_path: Path) -> None:
    cache = Cache(folder=tmp_path)
    for age in range(20):
        path = tmp_path / f"{age:064d}.apk"
        path.touch()
        os.utime(path, (time.time() - age * 60, time.time() - age * 60))
    abandoned, young = tmp_path / ".part-old", tmp_path / ".part-young"
    abandoned.touch()
    young.touch()
    os.utime(abandoned, (0, 0))

    with cache.receiving() as file:
        file.write(b"new")
        kept = cache.keep(file, hashlib.sha256(b"new").hexdigest())

    assert kept.read_bytes() == b"new"
    assert sorted(path.stem for path in tmp_path.glob("*.apk")) == sorted(
        [kept.stem, *(f"{age:064d}" for age in range(7))]
    )
    assert (young.exists(), abandoned.exists()) == (True, False)


def test_what_is_not_kept_leaves_nothing(tmp_path: Path) -> None:
    with Cache(folder=tmp_path).receiving() as file:
        file.write(b"half")

    assert list(tmp_path.iterdir()) == []


NOW = 1_800_000_000.0
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"  # the same moment


@pytest.mark.parametrize(
    ("status", "headers", "body", "seconds"),
    [
        (429, {"retry-after": "7"}, b"", 7),
        (403, {"retry-after": "7"}, b"", 7),
        (503, {"retry-after": "7"}, b"", 7),
        (503, {}, b"", None),
        (429, {}, b"", 60),
        (429, {"retry-after": "soon"}, b"", 60),
        (429, {"retry-after": "-5"}, b"", 60),
        (429, {"retry-after": "9" * 400}, b"", 60),
        (429, {"retry-after": "9" * 15}, b"", 7 * 24 * 3600),
        (429, {"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, b"", 30),
        (429, {"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, b"", 0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 90)}, b"", 90),
        (403, {"x-ratelimit-remaining": "0"}, b"", 60),
        (403, {"x-ratelimit-remaining": "5", "x-ratelimit-reset": str(int(NOW) + 90)}, b"", None),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit"}', 60),
        (403, {}, b'{"message": "Resource not accessible"}', None),
        (404, {"retry-after": "7"}, b"rate limit", None),
        (200, {}, b"", None),
    ],
)
def test_only_a_rate_limit_is_waited_for(
    status: int, headers: dict[str, str], body: bytes, seconds: float | None
) -> None:
    assert asked_to_wait(status, headers, body, NOW) == seconds
    assert asked_to_wait(status, {**headers, "date": DATE}, body, 0.0) == seconds, "the server's clock is the one"
