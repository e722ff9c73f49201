"""What the doctor finds on this machine, and what it says when it does not."""

import os
import socket
import sys
from pathlib import Path

import pytest

from validator.devices.adb_binary import AdbBinary, locate_adb
from validator.support.process import run
from validator.support.stop import Stop
from validator.wiring.doctor_android import adb_server, build_tools, console_ports, is_taken, other_adbs
from validator.wiring.doctor_check import Health
from validator.wiring.doctor_machine import acceleration, disk, java, memory

linux = pytest.mark.skipif(sys.platform != "linux", reason="KVM is Linux's")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in ("PATH", "ANDROID_HOME", "ANDROID_SDK_ROOT", "JAVA_HOME", "ADBUTILS_ADB_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(folder))
    return folder


def write_program(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return path


def fake_adb(path: Path, protocol: int) -> AdbBinary:
    write_program(path, f"echo 'Android Debug Bridge version 1.0.{protocol}'", "echo 'Version 36.0.0'")
    return locate_adb(str(path), os.environ)


@pytest.mark.parametrize(
    ("text", "emulators", "health"),
    [
        ("MemTotal: 9 kB\nMemAvailable:    8000000 kB\n", 2, Health.OK),
        ("MemAvailable: 4000000 kB\n", 2, Health.PROBLEM),
        ("MemAvailable: 200000 kB\n", 0, Health.WARNING),
        ("nothing", 1, Health.OK),
        (None, 1, Health.OK),
    ],
)
def test_memory_is_enough_for_the_emulators_that_are_configured(tmp_path, text, emulators, health):
    if text is not None:
        (tmp_path / "meminfo").write_text(text)
    check = memory(emulators, tmp_path / "meminfo")
    assert check.health is health
    assert bool(check.remedy) is (health is not Health.OK)


@linux
def test_without_kvm_an_emulator_is_too_slow_and_nothing_else_minds(tmp_path):
    assert acceleration(needed=True, device=tmp_path / "kvm").health is Health.PROBLEM
    assert acceleration(needed=False, device=tmp_path / "kvm").health is Health.WARNING
    (tmp_path / "kvm").touch()
    assert acceleration(needed=True, device=tmp_path / "kvm").health is Health.OK


@linux
@pytest.mark.skipif(os.geteuid() == 0, reason="root may use any device")
def test_a_kvm_that_this_user_may_not_use_names_the_group(tmp_path):
    (tmp_path / "kvm").touch(mode=0o000)
    assert "group kvm" in acceleration(needed=True, device=tmp_path / "kvm").remedy


@pytest.mark.parametrize(
    ("said", "health", "found"),
    [
        ('openjdk version "21.0.2" 2024-01-16', Health.OK, "Java 21"),
        ('java version "1.8.0_292"', Health.PROBLEM, "Java 8"),
        ("Unable to locate a Java Runtime.", Health.PROBLEM, "does not say its version"),
    ],
)
def test_java_is_new_enough_or_told(programs, said, health, found):
    write_program(programs / "java", f"echo '{said}' >&2")
    check = java(needed=True)
    assert check.health is health
    assert found in check.found


def test_no_java_matters_only_to_what_runs_on_it(programs, monkeypatch):
    assert java(needed=False).health is Health.WARNING
    assert java(needed=True).health is Health.PROBLEM
    monkeypatch.setenv("JAVA_HOME", str(programs / "nowhere"))
    assert java(needed=True).remedy == "correct JAVA_HOME"


def test_the_disk_is_that_of_the_folder_even_before_it_is_made(tmp_path):
    assert disk(tmp_path / "a" / "b").health is Health.OK


def test_a_port_that_something_else_holds_is_no_adb_server(programs):
    binary = fake_adb(programs / "adb", 41)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert is_taken(port)
        check = adb_server(binary, port)
    assert check.health is Health.PROBLEM
    assert "no adb server" in check.found
    assert adb_server(binary, port).health is Health.OK, "nobody is there any more"


def test_an_adb_server_of_another_version_is_told(programs):
    real = locate_adb(None, {"PATH": "/usr/bin:/bin"})
    newer = AdbBinary(path=real.path, version="99", protocol=real.protocol + 1, origin="PATH")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    run([real.path, "-P", str(port), "start-server"], deadline=20, stop=Stop(), guarded=False)
    try:
        assert adb_server(real, port).health is Health.OK
        check = adb_server(newer, port)
    finally:
        run([real.path, "-P", str(port), "kill-server"], deadline=20, stop=Stop())
    assert check.health is Health.PROBLEM
    assert "adb.path" in check.remedy


def test_another_adb_that_would_restart_our_server_is_named(programs, tmp_path, monkeypatch):
    ours = fake_adb(tmp_path / "ours" / "adb", 41)
    fake_adb(programs / "adb", 41)
    assert other_adbs(ours).health is Health.OK
    sdk_root = tmp_path / "sdk"
    fake_adb(sdk_root / "platform-tools" / "adb", 39)
    monkeypatch.setenv("ANDROID_HOME", str(sdk_root))
    check = other_adbs(ours)
    assert check.health is Health.WARNING
    assert str(sdk_root) in check.found


def test_the_tools_of_the_sdk_are_found_where_it_keeps_them(programs, tmp_path, monkeypatch):
    assert {check.name: check.health for check in build_tools()} == {
        "aapt2": Health.WARNING,
        "apksigner": Health.WARNING,
    }
    for version in ("34.0.0", "35.0.1"):
        write_program(tmp_path / "build-tools" / version / "aapt2")
    monkeypatch.setenv("ANDROID_HOME", str(tmp_path))
    found = {check.name: check for check in build_tools()}
    assert "35.0.1" in found["aapt2"].found


def test_more_emulators_than_ports_are_too_many():
    assert console_ports(0).health is Health.OK
    check = console_ports(66)
    assert check.health is Health.PROBLEM
    assert "66 are needed" in check.found
