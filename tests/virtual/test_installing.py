"""What `pm install` takes and refuses, and what belongs to an installed app."""

from __future__ import annotations

import pytest

from tests.virtual.apks import PACKAGE, element, main_activity, manifest, odd, tiny
from tests.virtual.console import a_device, out, run
from validator.demo.apk.keystore import Signer
from validator.virtual.device.device import Device
from validator.virtual.device.installed import InstalledApp, InstallOptions
from validator.virtual.device.profile import DeviceProfile

pytestmark = pytest.mark.anyio


async def install(device: Device, data: bytes, *flags: str) -> str:
    """The one line that `pm install` prints."""
    script = f"pm install -S {len(data)} {' '.join(flags)}"
    return (await run(device, script, stdin=data)).out.strip()


def installed(device: Device) -> InstalledApp:
    """The app, which must be there."""
    app = device.installed.get(PACKAGE)
    assert app is not None
    return app


async def test_an_app_is_installed_and_listed():
    async with a_device() as device:
        assert await install(device, tiny()) == "Success"
        assert await out(device, "pm list packages -3") == f"package:{PACKAGE}"
        assert "versionCode=12 minSdk=24 targetSdk=34" in await out(device, f"dumpsys package {PACKAGE}")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (
            tiny(abis=("armeabi-v7a",)),
            "[INSTALL_FAILED_NO_MATCHING_ABIS: Failed to extract native libraries, res=-113]",
        ),
        (tiny(min_sdk=35), "[INSTALL_FAILED_OLDER_SDK: Requires newer sdk version #35 (current version is #34)]"),
        (
            tiny(target_sdk=22, min_sdk=21),
            "[INSTALL_FAILED_DEPRECATED_SDK_VERSION: App package must target at least SDK version 23, but found 22]",
        ),
        (
            odd(manifest(testOnly=True)),
            "[INSTALL_FAILED_TEST_ONLY: Failed to install test-only apk. Did you forget to add -t?]",
        ),
        (
            odd(element("manifest", element("application"), split="config.en")),
            "[INSTALL_FAILED_INVALID_APK: Full install must include a base package]",
        ),
    ],
)
async def test_what_does_not_fit_the_device_is_refused_in_androids_words(data: bytes, refusal: str):
    async with a_device() as device:
        done = await run(device, f"pm install -S {len(data)}", stdin=data)
    assert (done.code, done.out) == (1, f"Failure {refusal}\n")


async def test_a_test_only_app_is_installed_when_that_is_asked_for():
    async with a_device() as device:
        assert await install(device, odd(manifest(testOnly=True)), "-t") == "Success"


async def test_translated_code_is_taken_only_by_a_device_that_translates():
    arm = tiny(abis=("arm64-v8a",))
    async with a_device() as device:
        assert await install(device, arm) == "Success"
    async with a_device(DeviceProfile(abis=("x86_64",))) as device:
        assert "NO_MATCHING_ABIS" in await install(device, arm)


async def test_an_update_by_another_signer_is_refused_and_changes_nothing():
    async with a_device() as device:
        await install(device, tiny())
        refused = await install(device, tiny(signer=Signer.DEBUG, version_code=13))
        assert refused == (
            f"Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: Existing package {PACKAGE} signatures do not match "
            "newer version; ignoring!]"
        )
        assert "versionCode=12 " in await out(device, f"dumpsys package {PACKAGE}")


async def test_an_older_version_is_refused_unless_both_the_user_and_the_app_allow_it():
    async with a_device() as device:
        await install(device, tiny(version_code=5))
        assert "Update version code 4 is older than current 5" in await install(device, tiny(version_code=4))
        assert "VERSION_DOWNGRADE" in await install(device, tiny(version_code=4), "-d")
        await install(device, tiny(version_code=6, debuggable=True))
        assert await install(device, tiny(version_code=4, debuggable=True), "-d") == "Success"


async def test_installing_again_can_be_forbidden():
    async with a_device() as device:
        await install(device, tiny())
        assert "INSTALL_FAILED_ALREADY_EXISTS" in await install(device, tiny(), "-R")


async def test_a_full_device_refuses_and_keeps_what_it_has():
    async with a_device(DeviceProfile(storage_bytes=20_000)) as device:
        assert await install(device, tiny()) == "Success"
        free = device.storage.free
        big = odd(manifest(), more=())
        device.storage.full = True
        assert "INSUFFICIENT_STORAGE: Failed to override installation location" in await install(device, big)
        device.storage.full = False
        assert device.storage.free == free


async def test_updating_and_removing_give_the_space_back():
    async with a_device() as device:
        free = device.storage.free
        await install(device, tiny())
        await install(device, tiny(abis=("x86_64",)))
        assert await out(device, f"pm uninstall {PACKAGE}") == "Success"
        assert device.storage.free == free


async def test_data_survives_an_update_and_is_gone_with_the_app():
    async with a_device() as device:
        await install(device, tiny())
        installed(device).data["k"] = "v"
        await install(device, tiny(version_code=13))
        assert installed(device).data == {"k": "v"}
        await out(device, f"pm uninstall -k {PACKAGE}")
        await install(device, tiny())
        assert installed(device).data == {"k": "v"}
        await out(device, f"pm uninstall {PACKAGE}")
        await install(device, tiny())
        assert installed(device).data == {}


async def test_clearing_wipes_the_app_and_leaves_the_device_alone():
    async with a_device() as device:
        await install(device, tiny(), "-g")
        installed(device).data["k"] = "v"
        script = f"setprop debug.validator.run r1; settings put global validator_run r1; pm clear {PACKAGE}"
        assert await out(device, script) == "Success"
        assert installed(device).data == {}
        assert installed(device).granted == set()
        assert await out(device, "getprop debug.validator.run; settings get global validator_run") == "r1\nr1"
        assert (await run(device, "pm clear com.none")).code == 1


async def test_splits_are_installed_with_their_base_by_a_session():
    base, split = odd(manifest()), odd(element("manifest", element("application"), split="config.en"))
    async with a_device() as device:
        created = await out(device, f"pm install-create -S {len(base) + len(split)}")
        session = created.partition("[")[2].rstrip("]")
        for name, data in (("base.apk", base), ("split.apk", split)):
            written = await run(device, f"pm install-write -S {len(data)} {session} {name} -", stdin=data)
            assert written.out == f"Success: streamed {len(data)} bytes\n"
        assert await out(device, f"pm install-commit {session}") == "Success"
        assert len((await out(device, f"pm path {PACKAGE}")).splitlines()) == 2
        assert (await run(device, f"pm install-commit {session}")).code == 255


async def test_an_abandoned_session_installs_nothing():
    async with a_device() as device:
        session = (await out(device, "pm install-create")).partition("[")[2].rstrip("]")
        assert await out(device, f"pm install-abandon {session}") == "Success"
        assert await out(device, "pm list packages -3") == ""


async def test_permissions_are_granted_only_when_they_were_requested():
    permission = "android.permission.POST_NOTIFICATIONS"
    sdk = element("uses-sdk", minSdkVersion=24, targetSdkVersion=34)
    asks = element("uses-permission", name=permission)
    app = odd(element("manifest", sdk, asks, element("application"), versionCode=1, versionName="1"))
    async with a_device() as device:
        await install(device, app)
        assert (await run(device, f"pm grant {PACKAGE} {permission}")).code == 0
        assert f"{permission}: granted=true" in await out(device, f"dumpsys package {PACKAGE}")
        assert (await run(device, f"pm revoke {PACKAGE} {permission}")).code == 0
        refused = await run(device, f"pm grant {PACKAGE} android.permission.CAMERA")
        assert refused.code == 255
        assert "has not requested permission android.permission.CAMERA" in refused.err
        assert "Unknown package: com.none" in (await run(device, f"pm grant com.none {permission}")).err


async def test_a_launchable_activity_is_resolved():
    async with a_device() as device:
        await install(device, tiny())
        resolve = "cmd package resolve-activity --brief -a android.intent.action.MAIN"
        assert await out(device, f"{resolve} {PACKAGE} | tail -n 1") == f"{PACKAGE}/.MainActivity"
        assert await out(device, f"{resolve} com.none") == "No activity found"


async def test_a_file_on_the_device_is_installed():
    async with a_device() as device:
        device.files.write("/data/local/tmp/a.apk", tiny())
        assert await out(device, "pm install -r -t /data/local/tmp/a.apk") == "Success"
        assert "Unable to open file" in (await run(device, "pm install /data/local/tmp/none.apk")).err


async def test_an_upload_that_ends_early_is_refused():
    data = tiny()
    async with a_device() as device:
        done = await run(device, f"pm install -S {len(data)}", stdin=data[:-100])
    assert done.out.startswith("Failure [INSTALL_PARSE_FAILED_NOT_APK")


async def test_two_base_packages_at_once_are_refused():
    async with a_device() as device:
        number = device.installer.create_session(InstallOptions())
        device.installer.sessions[number].files.update(
            {"a": odd(manifest()), "b": odd(manifest(main_activity(exported=True)))}
        )
        assert "INSTALL_FAILED_INVALID_APK" in await out(device, f"pm install-commit {number}")
