"""What kind of thing a device is, from what it says about itself. Pure."""

from __future__ import annotations

import re
from typing import Final

from validator.model.needs import FormFactor

TABLET_DP: Final = 600
"""From this smallest width, in dp, on apps lay themselves out for a tablet
(developer.android.com/guide/topics/large-screens/support-different-screen-sizes)."""
HINGE: Final = "android.hardware.sensor.hinge_angle"
"""The feature that devices have which fold (PackageManager.FEATURE_SENSOR_HINGE_ANGLE); their build says nothing."""
_BASELINE_DPI: Final = 160

_SAID: Final = {
    "tablet": FormFactor.TABLET,
    "tv": FormFactor.TV,
    "watch": FormFactor.WATCH,
    "automotive": FormFactor.AUTOMOTIVE,
    "car": FormFactor.AUTOMOTIVE,
    "foldable": FormFactor.FOLDABLE,
}
"""Words of `ro.build.characteristics`. `default`, `nosdcard` and `emulator` stand on phones and tablets alike."""
_NUMBERS: Final = r"(\d{1,5})"


def screen(size: str, density: str) -> str:
    """`1080x2400@420`, from what `wm size` and `wm density` say; empty where they do not. Overrides win."""
    sizes = re.findall(f"size: {_NUMBERS}x{_NUMBERS}", size)
    densities = re.findall(f"density: {_NUMBERS}", density)
    return f"{sizes[-1][0]}x{sizes[-1][1]}@{densities[-1]}" if sizes and densities else ""


def form_factor(characteristics: str, screen: str, *, folds: bool) -> FormFactor | None:
    """What the device is; None where it tells too little.

    Args:
        characteristics: `ro.build.characteristics`.
        screen: As `screen` gives it.
        folds: Whether it has a hinge.
    """
    said = [_SAID[word] for word in characteristics.lower().replace(",", " ").split() if word in _SAID]
    if folds or said:
        return FormFactor.FOLDABLE if folds else said[0]
    found = re.fullmatch(f"{_NUMBERS}x{_NUMBERS}@{_NUMBERS}", screen, re.ASCII)
    width, height, density = map(int, found.groups() if found is not None else (0, 0, 0))
    if not density or not width or not height:
        return None
    return FormFactor.TABLET if min(width, height) * _BASELINE_DPI >= TABLET_DP * density else FormFactor.PHONE
