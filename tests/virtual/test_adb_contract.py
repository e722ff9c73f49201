"""What adb's users rely on, asked through a real adb."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.virtual.host import DRIVERS, Adb, Fleet, wait_for

SETTINGS_APK = DRIVERS / "settings_apk-debug.apk"
SETTINGS = "io.appium.settings"


@pytest.fixture
def settings_app(adb: Adb):
    assert adb("install", "-r", str(SETTINGS_APK)).returncode == 0
    yield SETTINGS
    adb("uninstall", SETTINGS)


def test_the_device_is_there_and_booted(adb: Adb):
    assert adb.state() == "device"
    assert adb.shell("getprop sys.boot_completed") == "1"
    assert adb.shell("getprop ro.build.version.sdk") == "34"
    assert adb.shell("getprop ro.product.cpu.abilist") == "x86_64,arm64-v8a"


def test_the_devices_are_listed_with_their_model(fleet: Fleet, adb: Adb):
    listed = adb("devices", "-l").stdout
    assert all(serial in listed for serial in fleet.serials)
    assert "model:sdk_gphone64_x86_64" in listed


@pytest.mark.parametrize(("script", "code"), [("true", 0), ("false", 1), ("exit 42", 42), ("nonsense", 127)])
def test_the_exit_code_of_a_command_reaches_the_host(adb: Adb, script: str, code: int):
    assert adb("shell", script).returncode == code


def test_output_and_errors_stay_apart(adb: Adb):
    done = adb("shell", "echo good; echo bad >&2")
    assert (done.stdout, done.stderr) == ("good\n", "bad\n")


def test_an_unknown_command_is_reported_as_mksh_reports_it(adb: Adb):
    assert adb("shell", "screenrecord /sdcard/x.mp4").stderr == (
        "/system/bin/sh: screenrecord: inaccessible or not found\n"
    )


def test_standard_input_reaches_the_command(adb: Adb):
    assert adb("shell", "cat", data=b"from the host\n").stdout == "from the host\n"


def test_a_terminal_merges_errors_and_has_its_own_line_ends(adb: Adb):
    done = adb("shell", "-tt", "echo one; echo two >&2")
    assert done.stdout == "one\r\ntwo\r\n"


def test_an_interactive_shell_answers_and_leaves_with_exit(adb: Adb):
    with adb.running("shell", "-tt") as shell:
        output, _ = shell.communicate("echo $((1)) >/dev/null; echo to$(echo gether)\nexit\n", timeout=10)
    assert "together" in output


def test_exec_out_hands_over_bytes_as_they_are(adb: Adb):
    picture = adb.raw("exec-out", "screencap", "-p").stdout
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.endswith(b"IEND\xaeB`\x82")


def test_a_streamed_install_and_uninstall(adb: Adb):
    assert "Success" in adb("install", "-r", "-g", str(SETTINGS_APK)).stdout
    assert f"package:{SETTINGS}" in adb.shell("pm list packages")
    assert adb.shell(f"pm path {SETTINGS}").endswith("/base.apk")
    assert adb("uninstall", SETTINGS).stdout == "Success\n"
    assert SETTINGS not in adb.shell("pm list packages")
    assert adb("uninstall", SETTINGS).returncode == 1


def test_an_install_by_push(adb: Adb):
    done = adb("install", "--no-streaming", "-r", str(SETTINGS_APK))
    assert "Success" in done.stdout
    assert adb.shell("ls /data/local/tmp") == ""
    adb("uninstall", SETTINGS)


def test_an_install_session(adb: Adb):
    done = adb("install-multiple", "-r", str(SETTINGS_APK))
    assert (done.returncode, "Success" in done.stdout) == (0, True)
    adb("uninstall", SETTINGS)


def test_the_large_driver_installs(adb: Adb):
    done = adb("install", "-r", "-g", str(DRIVERS / "appium-uiautomator2-server-v9.11.1.apk"))
    assert "Success" in done.stdout
    dumped = adb.shell("dumpsys package io.appium.uiautomator2.server | grep version")
    assert "versionCode=253" in dumped
    assert "versionName=9.11.1" in dumped


def test_what_is_no_package_is_refused_with_androids_words(adb: Adb, tmp_path: Path):
    text = tmp_path / "text.apk"
    text.write_text("no package at all")
    cut = tmp_path / "cut.apk"
    cut.write_bytes(SETTINGS_APK.read_bytes()[:100_000])
    for path in (text, cut):
        done = adb("install", str(path))
        assert done.returncode != 0
        assert "INSTALL_PARSE_FAILED_NOT_APK" in done.stdout + done.stderr


def test_an_installed_package_can_be_pulled_back(adb: Adb, settings_app: str, tmp_path: Path):
    path = adb.shell(f"pm path {settings_app}").removeprefix("package:")
    adb("pull", path, str(tmp_path / "back.apk"))
    assert (tmp_path / "back.apk").read_bytes() == SETTINGS_APK.read_bytes()


def test_files_go_there_and_back(adb: Adb, tmp_path: Path):
    original = tmp_path / "a.bin"
    original.write_bytes(bytes(range(256)) * 9000)
    assert adb("push", str(original), "/sdcard/Download/a.bin").returncode == 0
    assert adb("pull", "/sdcard/Download/a.bin", str(tmp_path / "b.bin")).returncode == 0
    assert (tmp_path / "b.bin").read_bytes() == original.read_bytes()
    adb.shell("rm /sdcard/Download/a.bin")


def test_pushing_makes_the_folders_above(adb: Adb, tmp_path: Path):
    (tmp_path / "p.png").write_bytes(b"picture")
    assert adb("push", str(tmp_path / "p.png"), "/sdcard/Pictures/New/p.png").returncode == 0
    assert adb.shell("ls /sdcard/Pictures/New") == "p.png"
    adb.shell("rm -r /sdcard/Pictures/New")


def test_a_folder_is_pulled_whole(adb: Adb, tmp_path: Path):
    adb.shell("mkdir -p /sdcard/d/e; echo 1 > /sdcard/d/one; echo 2 > /sdcard/d/e/two")
    assert adb("pull", "/sdcard/d", str(tmp_path)).returncode == 0
    assert (tmp_path / "d" / "e" / "two").read_text() == "2\n"
    adb.shell("rm -r /sdcard/d")


def test_what_cannot_be_pushed_or_pulled_is_an_error(adb: Adb, tmp_path: Path):
    missing = adb("pull", "/sdcard/none", str(tmp_path))
    assert "No such file" in missing.stdout + missing.stderr
    (tmp_path / "x").write_text("x")
    refused = adb("push", str(tmp_path / "x"), "/system/x")
    assert refused.returncode != 0
    assert "couldn't create file" in refused.stderr + refused.stdout


def test_large_output_arrives_whole(adb: Adb, tmp_path: Path):
    big = tmp_path / "big.txt"
    big.write_bytes(b"0123456789abcdef" * 200_000)
    adb("push", str(big), "/data/local/tmp/big.txt")
    assert adb.raw("shell", "cat /data/local/tmp/big.txt").stdout == big.read_bytes()
    adb.shell("rm /data/local/tmp/big.txt")


def test_a_reverse_forward_leads_to_the_host(adb: Adb):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=_echo_once, args=(listening,), daemon=True).start()
        assert adb("reverse", "tcp:8081", f"tcp:{listening.getsockname()[1]}").returncode == 0
        assert "tcp:8081" in adb("reverse", "--list").stdout
        assert adb("shell", "nc 127.0.0.1 8081", data=b"hello").stdout == "HELLO"
    adb("reverse", "--remove-all")
    assert adb("shell", "nc 127.0.0.1 8081").returncode == 1


def _echo_once(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.sendall(connection.recv(100).upper())


def test_a_forward_to_a_port_where_nothing_listens_is_refused(adb: Adb):
    port = int(adb("forward", "tcp:0", "tcp:6790").stdout)
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.settimeout(5)
        assert connection.recv(1) == b""
    adb("forward", "--remove-all")


def test_root_is_refused_as_on_a_production_build(adb: Adb):
    assert "cannot run as root" in adb("root").stdout


def test_a_log_that_is_followed_shows_new_lines(adb: Adb):
    with adb.running("logcat", "-s", "marker") as logcat:
        wait_for(lambda: adb("shell", "log -t marker ready; log -t other no").returncode == 0, "logging")
        assert logcat.stdout is not None
        lines = [logcat.stdout.readline(), logcat.stdout.readline()]
        assert any("I marker  : ready" in line for line in lines)


def test_a_log_is_dumped_cleared_and_cut(adb: Adb):
    adb.shell("logcat -c; for i in 1 2 3 4; do log -t counted $i; done")
    assert [line.rsplit(" ", 1)[1] for line in adb("logcat", "-d", "-s", "counted").stdout.splitlines()[1:]] == list(
        "1234"
    )
    assert adb("logcat", "-d", "-t", "2", "-v", "raw").stdout.splitlines()[1:] == ["3", "4"]
    adb("logcat", "-c")
    assert "counted" not in adb("logcat", "-d").stdout


def test_a_reboot_brings_a_new_boot_and_forgets_what_does_not_persist(adb: Adb):
    boot_id = "cat /proc/sys/kernel/random/boot_id"
    before = adb.shell(f"{boot_id}; setprop debug.x 1; setprop persist.y 2; settings put global z 3").splitlines()[0]
    assert adb("reboot").returncode == 0
    wait_for(lambda: adb.shell(boot_id) not in ("", before), "a new boot")
    assert adb.shell("getprop debug.x") == ""
    assert adb.shell("getprop persist.y; settings get global z") == "2\n3"
    adb.shell("setprop persist.y ''; settings delete global z")


def test_two_devices_are_two_devices(fleet: Fleet, adb: Adb):
    adb.shell("settings put global who first")
    assert fleet.adb(1).shell("settings get global who") == "null"
    adb.shell("settings delete global who")
