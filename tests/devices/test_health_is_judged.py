"""What a device says of its health is read and judged; anything else is survived."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.devices.health import NEEDED_MB, check, focused_package, focused_window, read_health
from validator.model.causes import Cause
from validator.model.errors import StageError

HEALTHY = """\
1
@@validator@@
package:/system/framework/framework-res.apk
@@validator@@
Filesystem       1K-blocks    Used Available Use% Mounted on
/dev/block/dm-5    6082144 1010136   5055624  17% /data
@@validator@@
  mCurrentFocus=Window{a1b2c3 u0 com.google.android.apps.nexuslauncher/.NexusLauncherActivity}
"""


def test_a_healthy_device_passes() -> None:
    health = read_health(HEALTHY)
    assert health.up
    assert health.free_mb == 4937
    assert health.window == "com.google.android.apps.nexuslauncher/.NexusLauncherActivity"
    assert not health.covered
    check(health, "S")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("1\n@@", "\n@@", "has not booted"),
        ("package:/system/framework/framework-res.apk", "Error: Could not access it", "package manager"),
        ("5055624", "12288", f"12 MB free on /data, {NEEDED_MB} MB needed"),
        ("com.google.android.apps.nexuslauncher/.NexusLauncherActivity",
         "Application Not Responding: com.android.systemui", "Application Not Responding: com.android.systemui"),
        ("com.google.android.apps.nexuslauncher/.NexusLauncherActivity", "Application Error: x", "Error"),
        ("com.google.android.apps.nexuslauncher/.NexusLauncherActivity", "NotificationShade", "locked"),
    ],
)  # fmt: skip
def test_an_unfit_device_is_refused_with_what_is_wrong(old: str, new: str, told: str) -> None:
    assert old in HEALTHY
    with pytest.raises(StageError, match=told) as raised:
        check(read_health(HEALTHY.replace(old, new)), "emulator-5554")
    assert raised.value.cause is Cause.DEVICE_UNHEALTHY
    assert raised.value.remedy


@given(st.text(alphabet=st.sampled_from("1@validtor\n package:5 %/mCurrentFocus=Window{}u0 "), max_size=300))
def test_any_answer_about_health_is_survived(answer: str) -> None:
    read_health(answer)


def test_storage_that_cannot_be_read_is_not_held_against_a_device() -> None:
    health = read_health(HEALTHY.replace("5055624", "much"))
    assert health.free_mb is None
    check(health, "S")


@pytest.mark.parametrize(
    ("dumped", "window", "package"),
    [
        ("  mCurrentFocus=Window{a u0 com.example.shop/com.example.shop.MainActivity}",
         "com.example.shop/com.example.shop.MainActivity", "com.example.shop"),
        ("mCurrentFocus=null\nmCurrentFocus=Window{a u10 com.shop/.Main}", "com.shop/.Main", "com.shop"),
        ("mCurrentFocus=Window{a u0 Application Not Responding: com.example.shop}",
         "Application Not Responding: com.example.shop", "Application Not Responding: com.example.shop"),
        ("mCurrentFocus=Window{a com.old/.Android4}", "com.old/.Android4", "com.old"),
        ("mCurrentFocus=null", "", ""),
    ],
)  # fmt: skip
def test_the_focused_window_is_found(dumped: str, window: str, package: str) -> None:
    assert focused_window(dumped) == window
    assert focused_package(dumped) == package
