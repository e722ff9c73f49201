"""What an emulator that ends while it boots says, and what to do about it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_REMEDIES = (
    (r"hardware acceleration|/dev/kvm|\bKVM\b", "run `emulator -accel-check`, and give this user /dev/kvm"),
    (r"enough (disk )?space|No space left", "free space where the AVDs lie, or give the AVD a smaller `disk`"),
    (
        r"multiple emulators with the same AVD",
        "shut the other emulator down, or boot several of it with `count`",
    ),
    (
        r"system path|system image|engine program",
        "install the AVD's image and the emulator anew: `sdkmanager --install emulator IMAGE`",
    ),
    (r"[Uu]nknown (AVD|option)", "correct `avd` or `options` in the configuration"),
    (r"snapshot", "name a snapshot that `emulator -avd NAME -snapshot-list` shows, or leave `snapshot` out"),
    (r"libGL|Vulkan|libpulse|shared libraries", "install what the emulator links to; `emulator -gpu` has other modes"),
    (r"[Oo]ut of memory|bad_alloc|Cannot allocate", "free memory, or give the AVD less `memory` or a lower `count`"),
)
"""Words of the emulator (ReactiveCircus/android-emulator-runner's issues, developer.android.com's troubleshooting)."""
_DEFAULT = "run the emulator by hand with this AVD to see more; its whole output is in the run's folder `devices`"


def remedy_for(lines: Sequence[str]) -> str:
    """What to do about an emulator whose last lines were these."""
    said = "\n".join(lines)
    return next((remedy for pattern, remedy in _REMEDIES if re.search(pattern, said)), _DEFAULT)
