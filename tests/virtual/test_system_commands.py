"""The commands of Android that tools call, and the lines that they look for."""

from __future__ import annotations

import re
import time
from xml.etree import ElementTree as ET

import pytest

from tests.virtual.apks import PACKAGE, element, main_activity, manifest, odd
from tests.virtual.console import a_device, out, run
from tests.virtual.handset import texts, with_app
from tests.virtual.host import DRIVERS
from validator.virtual.device.installed import InstallOptions
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.shell.commands import COMMANDS

pytestmark = pytest.mark.anyio
RUNNER = "io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner"


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("id -u >/dev/null; id", r"uid=2000\(shell\) gid=2000\(shell\) .*"),
        ("whoami", "shell"),
        ("uname", "Linux"),
        ("date +%Y-%m-%dT%H:%M:%S.%N", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}"),
        ("date -d @0 +%s", "0"),
        ("uptime", r" \d\d:\d\d:\d\d up 0 min,.*"),
        ("cat /proc/uptime", r"\d+\.\d\d \d+\.\d\d"),
        ("cat /proc/sys/kernel/random/boot_id", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        ("getprop ro.product.cpu.abi", "x86_64"),
        ("getprop nothing default", "default"),
        ("getprop | grep 'version.sdk'", r"\[ro.build.version.sdk\]: \[34\]"),
        ("setprop debug.a b; getprop debug.a", "b"),
        ("settings get global airplane_mode_on", "0"),
        ("settings get secure nothing", "null"),
        ("settings put system a 'b c'; settings get system a; settings list system | grep ^a=", "b c\na=b c"),
        ("settings put global a b; settings delete global a; settings get global a", "Deleted 1 rows\nnull"),
        ("cmd settings get global adb_enabled", "1"),
        ("wm size; wm density", "Physical size: 1080x1920\nPhysical density: 420"),
        ("pidof system_server com.android.systemui | wc -w", "2"),
        ("ps -A | grep -c launcher", "1"),
        ("pm path android", "package:/system/framework/android.apk"),
        ("pm list packages launcher", "package:com.google.android.apps.nexuslauncher"),
        ("dumpsys battery | grep level", "  level: 100"),
        ("dumpsys connectivity | head -1", "Active default network: 100"),
        ("cmd connectivity airplane-mode", "disabled"),
        ("cmd connectivity airplane-mode enable; settings get global airplane_mode_on; dumpsys connectivity | head -1",
         "1\nActive default network: none"),
        ("ping -c 2 8.8.8.8 | tail -1", "2 packets transmitted, 2 received, 0% packet loss, time 0ms"),
        ("df /data | tail -1", r"/dev/block/dm-42 +\d+ +\d+ +\d+ +25% /data"),
        ("df -h /sdcard/Download | tail -1", r"/dev/fuse +6\.0G +1\.5G +4\.5G +25% /storage/emulated"),
        ("df | wc -l", "5"),
        ("dumpsys window InputMethod | grep -c isOnScreen=false", "1"),
        ("dumpsys activity activities | grep -c mResumedActivity", "1"),
        ("dumpsys meminfo | head -1", r"Applications Memory Usage \(in Kilobytes\):"),
        ("content call --uri content://media --method scan_file --arg /nowhere", r"Result: Bundle\[\{uri=null\}\]"),
        ("am broadcast -a x.Y", r"Broadcasting: Intent \{ act=x.Y \}\nBroadcast completed: result=0"),
        ("sha256sum /proc/version | wc -c", "80"),
        ("mkdir -p /sdcard/a/b; touch /sdcard/a/b/c; ls -l /sdcard/a; rm -r /sdcard/a; ls /sdcard/a 2>&1",
         r"total 0\ndrwxrwx--x 1 shell shell +4096 .* b\nls: /sdcard/a: No such file or directory"),
        ("cd /sdcard; echo x > a; cp a b; mv b Download; cat Download/b; ls /sdcard/b 2>&1",
         "x\nls: /sdcard/b: No such file or directory"),
        ("svc wifi disable; settings get global wifi_on", "0"),
        ("dumpsys nothing 2>&1", "Can't find service: nothing"),
        ("cmd nothing 2>&1; echo $?", "cmd: Can't find service: nothing\n20"),
    ],
)  # fmt: skip
async def test_a_command_prints_what_android_prints(script: str, printed: str):
    async with a_device() as device:
        text = await out(device, script)
    assert re.fullmatch(printed, text), text


@pytest.mark.parametrize(
    "script",
    [
        "cat",
        "grep",
        "grep '['",
        "ls /nowhere",
        "rm /nowhere",
        "rm /sdcard",
        "mkdir /sdcard",
        "mkdir /x/y",
        "cp a",
        "touch /system/x",
        "sleep soon",
        "tr",
        "pm nonsense",
        "pm install",
        "pm path com.none",
        "pm grant a",
        "am",
        "am nonsense",
        "am start",
        "cmd connectivity nonsense",
        "settings get nonsense a",
        "settings nonsense global",
        "setprop ro.build.version.sdk 1",
        "setprop debug.a " + "x" * 92,
        "setprop",
        "input nonsense",
        "input tap 1",
        "input tap a b",
        "input keyevent NONE",
        "uiautomator",
        "uiautomator dump /system/x",
        "wm nonsense",
        "kill 1",
        "run-as com.none id",
        "nc localhost 1",
        "svc nonsense",
        "content nonsense",
        "log -p q x",
        "am instrument -w com.none/.Runner",
        "sha256sum /nowhere",
    ],
)
async def test_a_wrong_call_fails_and_never_breaks(script: str):
    async with a_device() as device:
        done = await run(device, script)
    assert done.code != 0 or script == "cat"
    assert done.err or script in ("pm path com.none", "cat")


async def test_every_command_survives_having_no_words():
    async with a_device() as device:
        for name in sorted(set(COMMANDS) - {"logcat", "reboot"}):
            assert 0 <= (await run(device, name)).code <= 255


async def test_without_network_nothing_is_reached():
    async with a_device() as device:
        await run(device, "cmd connectivity airplane-mode enable")
        done = await run(device, "ping -c 1 8.8.8.8")
    assert (done.code, done.err) == (2, "connect: Network is unreachable\n")


async def test_while_the_framework_is_away_its_commands_fail_and_the_kernels_do_not():
    async with a_device(DeviceProfile(boot_seconds=30)) as device:
        assert await out(device, "getprop sys.boot_completed") == ""
        assert (await run(device, "pm list packages")).err == "cmd: Can't find service: package\n"
        assert (await run(device, "am start x")).code == 20
        assert await out(device, "echo alive") == "alive"
        device.power.framework_up()
        assert await out(device, "getprop sys.boot_completed") == "1"
        assert (await run(device, "pm list packages")).code == 0


async def test_typing_shows_the_keyboard_and_back_hides_it_first():
    keyboard = "dumpsys window InputMethod | grep -c isOnScreen=true"
    async with with_app() as device:
        assert await out(device, keyboard) == "0"
        await run(device, "uiautomator dump /sdcard/v.xml")
        bounds = _bounds(device.files.read("/sdcard/v.xml"), f"{PACKAGE}:id/email")
        await run(device, f"input tap {bounds}; input text 'a%sb'")
        assert await out(device, keyboard) == "1"
        assert re.search(
            r"touchable region=SkRegion\(\(0,1191,1080,1920\)\)", await out(device, "dumpsys window InputMethod")
        )
        assert "a b" in texts(device)
        await run(device, "input keyevent BACK")
        assert (await out(device, keyboard), device.apps.front) == ("0", PACKAGE)


def _bounds(xml: bytes, resource_id: str) -> str:
    node = ET.fromstring(xml).find(f".//node[@resource-id='{resource_id}']")
    assert node is not None
    left, top, right, bottom = map(int, re.findall(r"\d+", node.get("bounds", "")))
    return f"{(left + right) // 2} {(top + bottom) // 2}"


async def test_a_dump_names_elements_as_uiautomator_does():
    async with with_app() as device:
        assert await out(device, "uiautomator dump") == "UI hierchary dumped to: /sdcard/window_dump.xml"
        root = ET.fromstring(device.files.read("/sdcard/window_dump.xml"))
    add = root.find(f".//node[@resource-id='{PACKAGE}:id/add']")
    assert add is not None
    assert (add.get("text"), add.get("class"), add.get("clickable")) == ("Add", "android.widget.Button", "true")


async def test_screenshots_are_written_where_they_are_wanted():
    async with with_app() as device:
        await run(device, "screencap -p /sdcard/s.png")
        assert device.files.read("/sdcard/s.png").startswith(b"\x89PNG")
        assert (await run(device, "screencap -p /system/s.png")).code == 1


async def test_a_deep_link_opens_the_app_that_answers_to_it():
    view = element(
        "intent-filter",
        element("action", name="android.intent.action.VIEW"),
        element("data", scheme="shop", host="item"),
    )
    async with a_device() as device:
        await device.installer.install([odd(manifest(main_activity(view, exported=True)))], InstallOptions())
        assert (await run(device, "am start -a android.intent.action.VIEW -d 'shop://item/7'")).code == 0
        assert (await run(device, "am start -a android.intent.action.VIEW -d 'shop://cart'")).code == 1


async def test_the_automation_server_runs_until_it_is_stopped():
    async with a_device() as device:
        for name in ("appium-uiautomator2-server-v9.11.1.apk", "appium-uiautomator2-server-debug-androidTest.apk"):
            await device.installer.install([(DRIVERS / name).read_bytes()], InstallOptions())
        await run(device, f"nohup am instrument -w -e disableAnalytics true {RUNNER} > /dev/null 2>&1 &")
        await run(device, "sleep 0.01")
        assert device.instrumentation.running
        asked = await run(device, "nc 127.0.0.1 6790", stdin=b"GET /wd/hub/status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert asked.out.startswith("HTTP/1.1 200")
        await run(device, "am force-stop io.appium.uiautomator2.server")
        assert (await run(device, "nc 127.0.0.1 6790")).code == 1


async def test_automation_needs_both_of_its_packages():
    async with a_device() as device:
        name = "appium-uiautomator2-server-debug-androidTest.apk"
        await device.installer.install([(DRIVERS / name).read_bytes()], InstallOptions())
        done = await run(device, f"am instrument -w {RUNNER}")
    assert done.code == 1
    assert "Unable to find instrumentation target package" in done.out


async def test_a_command_in_the_background_does_not_hold_up_the_shell():
    async with a_device() as device:
        begun = time.monotonic()
        assert await out(device, "(sleep 30; setprop debug.late 1) & echo started") == "started"
        assert time.monotonic() - begun < 5


async def test_run_as_kills_a_debuggable_app_by_signal():
    async with with_app() as device:
        assert (await run(device, f"run-as {PACKAGE} kill -9 1")).err == f"run-as: package not debuggable: {PACKAGE}\n"
