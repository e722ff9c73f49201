"""`validator apk FILE`: the facts of an APK for a person and for a program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builds.apks import MakeCertificate, apk, manifest
from validator.builds.inspect import describe

API = "https://api.example.com"
PROGRAM = str(Path(sys.executable).with_name("validator"))


def ran(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, with the tools that lie in the folder and no others."""
    environment = {**os.environ, "PATH": str(folder)}
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        environment.pop(name, None)
    return subprocess.run(
        [PROGRAM, "apk", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


@pytest.fixture
def app(tmp_path: Path, certificate: MakeCertificate) -> Path:
    data = apk(
        manifest(debuggable=True),
        {"lib/x86_64/a.so": b"x", "assets/c.json": f"{API}/v1".encode(), "classes.dex": f"{API}.au\0".encode()},
        certificates=[certificate("Android Debug")],
    )
    (tmp_path / "app.apk").write_bytes(data)
    return tmp_path / "app.apk"


def test_a_person_reads_the_facts_and_which_tools_confirmed_them(app: Path) -> None:
    facts = describe(app, ()).apk
    (app.parent / "aapt2").write_text(
        "#!/bin/sh\necho \"package: name='x' versionCode='42' versionName='1.2.3'\"\necho application-debuggable\n"
    )
    (app.parent / "aapt2").chmod(0o755)

    done = ran(app.parent, "app.apk", "--find", f"{API}/", "--find", "staging")

    lines = done.stdout.splitlines()
    assert "package       com.example.shop 1.2.3 (42)" in lines
    assert f"signed        v2: {facts.signers[0]}" in lines
    assert "build         debuggable, signed with a debug certificate" in lines
    assert "ABIs          x86_64" in lines
    assert f"text          {API}: assets/c.json, classes.dex (something longer)" in lines
    assert "text          staging: nowhere" in lines
    assert "aapt2         package is 'x', read was 'com.example.shop'" in lines
    assert done.returncode == 1, "a tool that says something else"


def test_a_program_reads_the_same(app: Path) -> None:
    done = ran(app.parent, "app.apk", "--json", "--find", API)

    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert (said["package"], said["version_code"], said["abis"]) == ("com.example.shop", 42, ["x86_64"])
    assert said["signatures"] == [{"scheme": "v2", "certificates": said["signers"]}]
    assert said["hits"] == [
        {"text": API, "entry": "assets/c.json", "whole": True},
        {"text": API, "entry": "classes.dex", "whole": False},
    ]


def test_what_is_no_apk_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "app.apk").write_bytes(b"PK\3\4 no more")

    done = ran(tmp_path, "app.apk")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("validator: app.apk: not a readable APK: not a ZIP archive")


def test_a_file_that_is_not_there_is_a_mistake_of_the_command_line(tmp_path: Path) -> None:
    assert ran(tmp_path, "gone.apk").returncode == 2


def test_what_an_apk_says_of_itself_cannot_speak_to_the_terminal(tmp_path: Path, certificate: MakeCertificate) -> None:
    hostile = manifest("com.example.\x1b[31mred", version_name="1\x1b]0;owned\x07\nsha256 fake")
    (tmp_path / "app.apk").write_bytes(apk(hostile, certificates=[certificate("x")]))

    done = ran(tmp_path, "app.apk")

    assert "\x1b" not in done.stdout
    assert "\x07" not in done.stdout
    assert [line for line in done.stdout.splitlines() if line.startswith("sha256 ")] != ["sha256 fake"]
    assert len([line for line in done.stdout.splitlines() if line.startswith("sha256")]) == 1
