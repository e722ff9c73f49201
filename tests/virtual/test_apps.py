"""Apps that run, and how they end."""

from __future__ import annotations

import re

import pytest

from tests.virtual.apks import PACKAGE, main_activity, manifest, odd, tiny
from tests.virtual.console import a_device, out, run
from tests.virtual.handset import exit_info, nodes, tap, texts, with_app
from validator.virtual.device.device import Device
from validator.virtual.device.installed import InstallOptions
from validator.virtual.device.log import LogBuffer
from validator.virtual.faults import Fault, FaultKind
from validator.virtual.ports import Death

pytestmark = pytest.mark.anyio
FOCUS = "dumpsys window windows | grep mCurrentFocus"


def crash_buffer(device: Device) -> str:
    return "\n".join(entry.message for entry in device.log.entries([LogBuffer.CRASH]))


async def test_the_launcher_is_in_front_until_an_app_is_started():
    async with with_app(launched=False) as device:
        assert "nexuslauncher" in await out(device, FOCUS)
        assert texts(device) == ["Tiny Shop"]
        await tap(device, "Tiny Shop")
        assert f"{PACKAGE}/{PACKAGE}.MainActivity}}" in await out(device, FOCUS)
        assert "Count 0" in texts(device)


async def test_an_app_started_by_am_gets_its_extras():
    async with with_app(launched=False) as device:
        started = await out(
            device, f"am start-activity -W -n {PACKAGE}/.MainActivity --es runId r7 --ei n 5 --ez f true"
        )
        assert "Run r7" in texts(device)
    assert re.search(
        r"Status: ok\nLaunchState: COLD\nActivity: com.example.tiny/.MainActivity\nTotalTime: \d+", started
    )


async def test_monkey_starts_an_app_and_fails_for_one_that_is_not_there():
    async with with_app(launched=False) as device:
        assert "Events injected: 1" in await out(device, f"monkey -p {PACKAGE} -c android.intent.category.LAUNCHER 1")
        assert "Count 0" in texts(device)
        missing = await run(device, "monkey -p com.none -c android.intent.category.LAUNCHER 1")
    assert (missing.code, missing.err) == (252, "** No activities found to run, monkey aborted.\n")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("-n com.none/.Main", "Error: Activity class {com.none/com.none.Main} does not exist."),
        (f"-n {PACKAGE}/.None", f"Error: Activity class {{{PACKAGE}/{PACKAGE}.None}} does not exist."),
        ("-a android.intent.action.VIEW -d shop://x", "Error: Activity not started, unable to resolve Intent"),
        ("-n nonsense", "Bad component name: nonsense"),
        ("--ei n x -n a/.B", 'For input string: "x"'),
        ("-n", 'Argument expected after "-n"'),
    ],
)
async def test_what_cannot_be_started_is_an_error(words: str, complaint: str):
    async with with_app(launched=False) as device:
        done = await run(device, f"am start {words}")
    assert done.code != 0
    assert complaint in done.err


async def test_starting_a_running_app_brings_it_to_the_front_as_it_was():
    async with with_app() as device:
        await tap(device, "Add")
        await run(device, "input keyevent KEYCODE_HOME")
        assert "nexuslauncher" in await out(device, FOCUS)
        started = await run(device, f"am start -n {PACKAGE}/.MainActivity")
        assert "brought to the front" in started.err
        assert "Count 1" in texts(device)


async def test_force_stop_ends_the_process_and_its_state_but_not_its_data():
    async with with_app() as device:
        await tap(device, "Add")
        assert (await run(device, f"am force-stop {PACKAGE}; pidof {PACKAGE}")).code == 1
        assert "reason=10 (USER REQUESTED) subreason=21 (FORCE STOP)" in await exit_info(device)
        await device.screen.launch(PACKAGE, {})
        assert {"Count 0", "Visit 2"} <= set(texts(device))


async def test_clearing_ends_the_process_and_its_data():
    async with with_app() as device:
        await run(device, f"pm clear {PACKAGE}")
        await device.screen.launch(PACKAGE, {})
        assert "Visit 1" in texts(device)


async def test_back_on_the_first_screen_leaves_the_app_running_behind_the_launcher():
    async with with_app() as device:
        await tap(device, "Next")
        await run(device, "input keyevent 4")
        assert "Count 0" in texts(device)
        await run(device, "input keyevent BACK")
        assert "nexuslauncher" in await out(device, FOCUS)
        assert await out(device, f"pidof {PACKAGE}") != ""


async def test_a_crash_is_told_as_android_tells_it():
    async with with_app() as device:
        pid = await out(device, f"pidof {PACKAGE}")
        device.inflict(Fault(kind=FaultKind.CRASH))
        assert await out(device, f"pidof {PACKAGE}") == ""
        assert "nexuslauncher" in await out(device, FOCUS)
        record, crashed = await exit_info(device), crash_buffer(device)
    assert re.search(
        rf"ApplicationExitInfo #0:\n +timestamp=\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{{3}} pid={pid} realUid=\d+ .*\n"
        rf" +process={PACKAGE} reason=4 \(APP CRASH\(EXCEPTION\)\) subreason=0 \(UNKNOWN\) status=0\n",
        record,
    )
    assert crashed.startswith(
        f"FATAL EXCEPTION: main\nProcess: {PACKAGE}, PID: {pid}\njava.lang.IllegalStateException: "
    )


async def test_a_native_crash_leaves_a_tombstone_in_the_log():
    async with with_app() as device:
        device.inflict(Fault(kind=FaultKind.NATIVE_CRASH))
        assert "reason=5 (APP CRASH(NATIVE)) subreason=0 (UNKNOWN) status=11" in await exit_info(device)
        crashed = crash_buffer(device)
    assert "Fatal signal 11 (SIGSEGV), code 1 (SEGV_MAPERR)" in crashed
    assert f">>> {PACKAGE} <<<" in crashed


@pytest.mark.parametrize(
    ("kind", "reason"),
    [(FaultKind.PROCESS_DEATH, "reason=3 (LOW_MEMORY)"), (FaultKind.APP_EXIT, "reason=1 (EXIT_SELF)")],
)
async def test_a_death_without_a_crash_is_no_crash(kind: FaultKind, reason: str):
    async with with_app() as device:
        device.inflict(Fault(kind=kind))
        assert reason in await exit_info(device)
        assert (await out(device, f"pidof {PACKAGE}"), crash_buffer(device)) == ("", "")


async def test_an_app_that_does_not_respond_is_reported_and_covered_by_a_dialog():
    async with with_app() as device:
        device.inflict(Fault(kind=FaultKind.ANR))
        assert f"ANR in {PACKAGE} ({PACKAGE}/.MainActivity)" in await out(device, "logcat -d -b system -v raw")
        assert f"Application Not Responding: {PACKAGE}" in await out(device, FOCUS)
        assert texts(device)[-3:] == ["Tiny Shop isn't responding", "Close app", "Wait"]
        await tap(device, "Wait")
        await tap(device, "Add")
        assert "Count 1" not in texts(device)
        await tap(device, "Close app")
        assert "reason=6 (ANR)" in await exit_info(device)
        assert texts(device) == ["Tiny Shop"]


async def test_where_error_dialogs_are_hidden_an_app_that_does_not_respond_is_ended():
    async with with_app() as device:
        await run(device, "settings put global hide_error_dialogs 1")
        device.inflict(Fault(kind=FaultKind.ANR))
        assert "reason=6 (ANR)" in await exit_info(device)
        assert "isn't responding" not in "".join(texts(device))


async def test_exit_records_are_forgotten_when_asked():
    async with with_app() as device:
        device.inflict(Fault(kind=FaultKind.CRASH))
        await run(device, f"cmd activity clear-exit-info {PACKAGE}")
        assert "ApplicationExitInfo" not in await exit_info(device)


async def test_only_the_last_sixteen_exits_are_kept_newest_first():
    async with with_app() as device:
        for number in range(18):
            await device.screen.launch(PACKAGE, {})
            kind = FaultKind.CRASH if number < 17 else FaultKind.PROCESS_DEATH
            device.inflict(Fault(kind=kind))
        records = device.exits.of(PACKAGE)
    assert len(records) == 16
    assert [record.death for record in records[:2]] == [Death.LOW_MEMORY, Death.CRASH]
    assert records[0].pid > records[1].pid


async def test_an_app_that_cannot_be_read_crashes_at_launch_and_says_why():
    async with a_device() as device:
        await device.installer.install([odd(manifest(main_activity(exported=True)))], InstallOptions())
        assert await device.screen.launch(PACKAGE, {})
        assert await out(device, f"pidof {PACKAGE}") == ""
        assert "reason=4 (APP CRASH(EXCEPTION))" in await exit_info(device)
        assert "virtual-app.json" in crash_buffer(device)


async def test_updating_an_app_ends_its_process():
    async with with_app() as device:
        await device.installer.install([tiny(version_code=13)], InstallOptions())
        assert await out(device, f"pidof {PACKAGE}") == ""


async def test_a_refused_update_leaves_the_process_alone():
    async with with_app() as device:
        data = tiny(version_code=1)
        assert (await run(device, f"pm install -S {len(data)}", stdin=data)).code == 1
        assert await out(device, f"pidof {PACKAGE}") != ""


async def test_a_web_link_opens_the_browser_and_back_leaves_it():
    async with with_app() as device:
        await run(device, "am start -a android.intent.action.VIEW -d 'https://shop.example/x'")
        assert "com.android.chrome" in await out(device, FOCUS)
        assert texts(device) == ["https://shop.example/x"]
        await run(device, "input keyevent BACK")
        assert "nexuslauncher" in await out(device, FOCUS)


async def test_am_kill_ends_only_what_is_in_the_background():
    async with with_app() as device:
        assert (await run(device, f"am kill {PACKAGE}; pidof {PACKAGE}")).code == 0
        assert (await run(device, f"input keyevent HOME; am kill {PACKAGE}; pidof {PACKAGE}")).code == 1


async def test_am_crash_crashes():
    async with with_app() as device:
        await run(device, f"am crash {PACKAGE}")
        assert "shell-induced crash" in crash_buffer(device)


async def test_every_element_lies_on_the_display():
    async with with_app() as device:
        width, height = device.screen.size
        for node in nodes(device.screen.tree()):
            assert 0 <= node.bounds.left < node.bounds.right <= width
            assert 0 <= node.bounds.top < node.bounds.bottom <= height
