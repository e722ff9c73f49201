"""The build command, as a pipeline runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from validator.demo.build import BuildError, BuildOptions, Variant, build, signer_digest
from validator.demo.project import APP_SOURCES
from validator.demo.sources import SourceError, app_assets
from validator.virtual.app import read_app


def _build(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "validator.demo.build", "--keystore", str(folder / "keys"), *arguments]
    clean = {name: value for name, value in os.environ.items() if name not in ("API_URL", "REVISION")}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=30, check=False, cwd=folder, env=clean | environment
    )


def _config(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as apk:
        config: dict[str, str] = json.loads(apk.read("assets/app-config.json"))
    return config


def test_the_endpoint_and_the_revision_of_the_deployment_are_baked_in(tmp_path: Path) -> None:
    out = tmp_path / "out" / "app-release.apk"
    done = _build(tmp_path, "--out", str(out), API_URL="http://127.0.0.1:8080/", REVISION="abc1234")
    assert done.returncode == 0, done.stderr
    assert signer_digest(tmp_path / "keys", Variant.PRODUCTION) in done.stdout
    assert _config(out) == {
        "API_URL": "http://127.0.0.1:8080",
        "APPLICATION_ID": "com.example.cornershop",
        "BUILD_TYPE": "release",
        "ENVIRONMENT": "production",
        "REVISION": "abc1234",
        "VERSION_NAME": "1.4.2",
    }


def test_a_staging_build_talks_to_staging_whatever_the_deployment(tmp_path: Path) -> None:
    out = tmp_path / "app.apk"
    done = _build(tmp_path, "--variant", "staging", "--out", str(out), API_URL="https://api.cornershop.example")
    assert done.returncode == 0, done.stderr
    assert _config(out)["API_URL"] == "https://staging.cornershop.example"
    assert _config(out)["BUILD_TYPE"] == "debug"
    assert signer_digest(tmp_path / "keys", Variant.STAGING) in done.stdout


def test_building_twice_gives_the_same_file(tmp_path: Path) -> None:
    files = [tmp_path / "one.apk", tmp_path / "two.apk"]
    for file in files:
        assert _build(tmp_path, "--out", str(file), API_URL="https://api.example", REVISION="a").returncode == 0
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("url", ["", "api.example", "ftp://api.example", "http://", "https:///path"])
def test_without_a_backend_there_is_no_production_build(tmp_path: Path, url: str) -> None:
    done = _build(tmp_path, "--out", "app.apk", API_URL=url)
    assert done.returncode == 1
    assert "API_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "app.apk").exists()


@pytest.mark.parametrize("name", ["1.4", "1.4.x", "1.4.200", "", "1.4.2-beta"])
def test_a_version_that_has_no_code_is_refused(tmp_path: Path, name: str) -> None:
    options = BuildOptions(
        variant=Variant.PRODUCTION, keystore=tmp_path, api_url="https://api.example", version_name=name
    )
    with pytest.raises(BuildError, match=r"1\.4\.2"):
        build(options, tmp_path / "app.apk")


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = _build(tmp_path, "--out", str(tmp_path / "file" / "app.apk"), API_URL="https://api.example")
    assert done.returncode == 1
    assert "--out" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_assets_are_an_app_that_a_virtual_device_can_run(tmp_path: Path) -> None:
    options = BuildOptions(variant=Variant.PRODUCTION, keystore=tmp_path, api_url="https://api.example")
    build(options, tmp_path / "app.apk")
    with zipfile.ZipFile(tmp_path / "app.apk") as apk:
        app = read_app({name: apk.read(name) for name in apk.namelist() if name.startswith("assets/")})
    assert {"welcome", "home", "catalogue", "cart", "checkout", "problem"} <= set(app.description.screens)


def test_a_build_can_forget_the_mark_on_some_calls_only() -> None:
    marked = json.loads(app_assets(APP_SOURCES, {})["virtual-app.json"])
    forgetful = json.loads(app_assets(APP_SOURCES, {}, unmarked="/v1/search")["virtual-app.json"])
    assert forgetful["screens"].pop("search") != marked["screens"].pop("search")
    assert forgetful == marked


def test_sources_that_are_missing_or_broken_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"app\.json"):
        app_assets(tmp_path, {})
    (tmp_path / "app.json").write_text("{", encoding="utf-8")
    with pytest.raises(SourceError, match=r"app\.json: not JSON"):
        app_assets(tmp_path, {})
    (tmp_path / "app.json").write_text("[]", encoding="utf-8")
    with pytest.raises(SourceError, match="object"):
        app_assets(tmp_path, {})
