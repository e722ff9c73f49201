"""An APK from a GitHub release, by servers that drop, limit, cut and lie."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builds.forge import API_PATH, REPOSITORY, Forge, Trouble, forge
from validator.builds.cache import Cache
from validator.builds.github_release import GitHubReleaseBuild
from validator.model.causes import Cause
from validator.model.errors import StageError
from validator.support.redact import Secret
from validator.support.stop import Stop

APK = bytes(range(256)) * 4000
ASSETS = {"shop-release.apk": APK, "shop-debug.apk": b"debug", "notes.txt": b"notes"}
TOKEN = "ghp_sesame-open"


@pytest.fixture
def github() -> Iterator[Forge]:
    with forge(ASSETS) as running:
        yield running


def recipe(github: Forge, folder: Path, **changes: object) -> GitHubReleaseBuild:
    values: dict[str, object] = {
        "repository": REPOSITORY,
        "asset": "*-release.apk",
        "token": Secret(TOKEN),
        "api_url": github.api_url,
        "cache": Cache(folder=folder / "cache"),
        "seconds": 20.0,
    }
    return GitHubReleaseBuild(**(values | changes))  # type: ignore[arg-type]  # checked when the tests run


def fetched(github: Forge, folder: Path, **changes: object) -> bytes:
    return recipe(github, folder, **changes).fetch(folder / "build", Stop()).read_bytes()


def failure(github: Forge, folder: Path, **changes: object) -> StageError:
    with pytest.raises(StageError) as failed:
        fetched(github, folder, **changes)
    assert failed.value.cause is Cause.APK_MISSING
    assert failed.value.remedy
    assert TOKEN not in failed.value.diagnostics()
    assert not (folder / "build" / "app.apk").exists()
    assert list((folder / "cache").glob("*")) == []
    return failed.value


def test_the_asset_of_the_latest_release_is_fetched_and_told(github: Forge, tmp_path: Path) -> None:
    assert fetched(github, tmp_path) == APK
    assert github.api_asked[0].path == f"{API_PATH}/latest"
    digest = hashlib.sha256(APK).hexdigest()
    said = (tmp_path / "build" / "build.log").read_text(encoding="utf-8")
    assert said == f"shop-release.apk of acme/shop v4.12.0, {len(APK)} bytes, sha256:{digest}\n"


def test_a_tag_names_its_release(github: Forge, tmp_path: Path) -> None:
    github.tag = "release/4.12"

    with pytest.raises(StageError, match="404"):
        fetched(github, tmp_path, tag="v1")
    assert github.api_asked[-1].path == f"{API_PATH}/tags/v1"
    with pytest.raises(StageError):
        fetched(github, tmp_path, tag="release/4.12")
    assert github.api_asked[-1].path == f"{API_PATH}/tags/release%2F4.12"


def test_the_token_goes_to_the_api_and_never_to_where_it_redirects(github: Forge, tmp_path: Path) -> None:
    build = recipe(github, tmp_path)
    build.fetch(tmp_path / "build", Stop())

    assert {asked.headers["Authorization"] for asked in github.api_asked} == {f"Bearer {TOKEN}"}
    assert [asked.headers["Authorization"] for asked in github.store_asked] == [None]
    assert TOKEN not in repr(build)


def test_what_was_fetched_before_is_not_fetched_again(github: Forge, tmp_path: Path) -> None:
    fetched(github, tmp_path)
    assert fetched(github, tmp_path) == APK

    assert len(github.store_asked) == 1


def test_a_cached_file_that_was_changed_is_fetched_again(github: Forge, tmp_path: Path) -> None:
    fetched(github, tmp_path)
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(b"changed")

    assert fetched(github, tmp_path) == APK
    assert len(github.store_asked) == 2


def test_a_download_that_drops_at_half_goes_on_where_it_stopped(github: Forge, tmp_path: Path) -> None:
    github.store_troubles = [Trouble(share=0.5), Trouble(share=0.5)]

    assert fetched(github, tmp_path) == APK
    half, quarter = len(APK) // 2, len(APK) * 3 // 4
    assert [asked.headers["Range"] for asked in github.store_asked] == [None, f"bytes={half}-", f"bytes={quarter}-"]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_a_file_without_a_name_that_can_be_relied_on_is_fetched_from_the_beginning(
    github: Forge, tmp_path: Path, etag: str
) -> None:
    github.etag = etag
    github.store_troubles = [Trouble(share=0.5)]

    assert fetched(github, tmp_path) == APK
    assert [asked.headers["Range"] for asked in github.store_asked] == [None, None]


def test_a_file_that_changed_between_two_pieces_is_fetched_from_the_beginning(github: Forge, tmp_path: Path) -> None:
    github.store_troubles = [Trouble(share=0.5, changes_file=True)]

    assert fetched(github, tmp_path) == APK
    assert [asked.headers["If-Range"] for asked in github.store_asked] == [None, '"one"']


@pytest.mark.parametrize("status", [403, 429])
def test_a_rate_limit_is_waited_for_as_long_as_it_asks(github: Forge, tmp_path: Path, status: int) -> None:
    github.api_troubles = [Trouble(status=status, headers={"Retry-After": "1"})]
    began = time.monotonic()

    assert fetched(github, tmp_path) == APK
    assert 1.0 <= time.monotonic() - began < 10


def test_a_limit_with_a_time_is_waited_for_until_then_by_the_servers_own_clock(github: Forge, tmp_path: Path) -> None:
    limit = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 2)}
    github.api_troubles = [Trouble(status=403, headers=limit)]
    began = time.monotonic()

    assert fetched(github, tmp_path) == APK
    assert 0.9 <= time.monotonic() - began < 10


def test_a_limit_beyond_the_deadline_is_not_waited_for(github: Forge, tmp_path: Path) -> None:
    github.api_troubles = [Trouble(status=429, headers={"Retry-After": "3000"})]
    began = time.monotonic()

    error = failure(github, tmp_path, seconds=5.0)

    assert time.monotonic() - began < 3
    assert "the rate limit lifts in 3000 s; that is longer than fetching may take (5 s, `build.timeout`)" in error.what


def test_a_server_that_fails_for_a_moment_is_asked_again(github: Forge, tmp_path: Path) -> None:
    github.api_troubles = [Trouble(status=502)]
    github.store_troubles = [Trouble(status=503), Trouble(status=500)]

    assert fetched(github, tmp_path) == APK


@pytest.mark.slow
def test_a_server_that_fails_for_ever_is_given_up(github: Forge, tmp_path: Path) -> None:
    """Slow: six tries with growing pauses."""
    github.store_troubles = [Trouble(status=500)] * 100

    error = failure(github, tmp_path)

    assert error.what == "HTTP 500 (6 tries in vain)"


@pytest.mark.parametrize(("status", "word"), [(401, "token"), (404, "private repository"), (410, "names")])
def test_a_refusal_is_not_repeated(github: Forge, tmp_path: Path, status: int, word: str) -> None:
    github.api_troubles = [Trouble(status=status)] * 2

    error = failure(github, tmp_path)

    assert (error.what, len(github.api_asked)) == (f"HTTP {status}", 1)
    assert word in error.remedy


def test_an_asset_that_is_cut_off_is_never_taken(github: Forge, tmp_path: Path) -> None:
    github.store_troubles = [Trouble(share=0.5, honest=False)] * 100

    error = failure(github, tmp_path, seconds=2.0)

    assert f"only {len(APK) // 2} of {len(APK)} bytes came, and the server called that all" in error.what
    assert len(github.store_asked) < 10


def test_an_asset_that_is_cut_off_once_is_fetched_again(github: Forge, tmp_path: Path) -> None:
    github.store_troubles = [Trouble(share=0.5, honest=False)]

    assert fetched(github, tmp_path) == APK


def test_an_asset_with_another_digest_is_never_taken(github: Forge, tmp_path: Path) -> None:
    github.digests["shop-release.apk"] = "sha256:" + "0" * 64

    error = failure(github, tmp_path)

    assert f"has the digest sha256:{hashlib.sha256(APK).hexdigest()}, expected sha256:{'0' * 64}" in error.what
    assert len(github.store_asked) == 1


def test_an_asset_that_is_larger_than_announced_is_never_taken(github: Forge, tmp_path: Path) -> None:
    release = github.release().replace(str(len(APK)).encode(), b"1000")
    github.release = lambda: release  # type: ignore[method-assign]  # the store has more than the API says

    assert "larger than 1000 bytes" in failure(github, tmp_path).what


def test_an_old_asset_without_a_digest_is_taken_by_its_size(github: Forge, tmp_path: Path) -> None:
    github.digests["shop-release.apk"] = ""

    assert fetched(github, tmp_path) == APK


@pytest.mark.parametrize(
    ("pattern", "what"),
    [
        ("*.apk", "release v4.12.0 has several assets that match *.apk: shop-release.apk, shop-debug.apk"),
        ("*.aab", "release v4.12.0 has no asset that matches *.aab; it has: shop-release.apk, shop-debug.apk, not"),
        ("shop-release", "has no asset that matches shop-release"),
    ],
)
def test_a_pattern_must_match_exactly_one_asset(github: Forge, tmp_path: Path, pattern: str, what: str) -> None:
    error = failure(github, tmp_path, asset=pattern)

    assert what in error.what
    assert "build.github_release.asset" in error.remedy
    assert github.store_asked == []


def test_an_asset_that_is_still_uploaded_is_not_taken(github: Forge, tmp_path: Path) -> None:
    github.state = "starter"

    assert "is not uploaded to its end" in failure(github, tmp_path).what


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"assets": [{"name": "x"}]}', b'{"assets": [7]}', b"[" * 5000])
def test_what_is_no_release_is_told(github: Forge, tmp_path: Path, body: bytes) -> None:
    github.release = lambda: body  # type: ignore[method-assign]  # something else answers there

    assert "not GitHub's API" in failure(github, tmp_path).what


def test_the_deadline_holds_against_a_store_that_falls_silent(github: Forge, tmp_path: Path) -> None:
    github.store_troubles = [Trouble(share=0.5, silent=True)]
    began = time.monotonic()

    error = failure(github, tmp_path, seconds=1.0)

    assert time.monotonic() - began < 5
    assert "no complete answer within" in error.what


def test_a_stop_ends_a_download_at_once(github: Forge, tmp_path: Path) -> None:
    github.store_troubles = [Trouble(share=0.5, silent=True)]
    stop = Stop()
    threading.Timer(0.3, stop.set, args=("interrupted",)).start()
    began = time.monotonic()

    with pytest.raises(StageError, match="fetching was ended: interrupted"):
        recipe(github, tmp_path).fetch(tmp_path / "build", stop)
    assert time.monotonic() - began < 5


def test_nobody_there_is_told(tmp_path: Path) -> None:
    with forge(ASSETS) as gone:
        pass

    assert "connection refused" in failure(gone, tmp_path, seconds=2.0).what
