"""What a device is, from what it says; and what virtual devices say over real adb."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validator.devices.form_factor import form_factor, screen
from validator.devices.virtual import VirtualSource
from validator.model.needs import FormFactor
from validator.support.stop import Stop

PHONE, TABLET = "1080x2400@420", "1600x2560@320"


@pytest.mark.parametrize(
    ("characteristics", "shown", "folds", "wanted"),
    [
        ("default", PHONE, False, FormFactor.PHONE),
        ("nosdcard", PHONE, False, FormFactor.PHONE),
        ("emulator", TABLET, False, FormFactor.TABLET),
        ("nosdcard,tablet", PHONE, False, FormFactor.TABLET),
        ("tv", "1920x1080@320", False, FormFactor.TV),
        ("nosdcard,watch", "384x384@320", False, FormFactor.WATCH),
        ("automotive", "1024x768@160", False, FormFactor.AUTOMOTIVE),
        ("nosdcard,car", "1024x768@160", False, FormFactor.AUTOMOTIVE),
        ("nosdcard", "1840x2208@420", True, FormFactor.FOLDABLE),
        ("default", "", False, None),
        ("", "1080x2400@0", False, None),
    ],
)
def test_a_device_is_what_it_says_and_else_what_its_screen_is(
    characteristics: str, shown: str, folds: bool, wanted: FormFactor | None
) -> None:
    assert form_factor(characteristics, shown, folds=folds) is wanted


def test_an_overridden_screen_is_the_one_that_apps_see() -> None:
    assert screen("Physical size: 1080x2400 Override size: 720x1600", "Physical density: 420") == "720x1600@420"
    assert screen("", "Physical density: 420") == ""


@given(st.text(), st.text(), st.text(), st.booleans())
def test_whatever_a_device_prints_it_is_something_or_nothing(said: str, size: str, density: str, folds: bool) -> None:
    assert form_factor(said, screen(size, density), folds=folds) in {*FormFactor, None}
    assert form_factor(said, size, folds=folds) in {*FormFactor, None}


@pytest.mark.parametrize("form", ["tablet", "foldable"])
def test_virtual_devices_say_what_they_were_started_as(tmp_path: Path, form: str) -> None:
    source = VirtualSource(1, sdk=31, form_factor=form, abi="arm64-v8a", labels=("eu",), locks=tmp_path)
    with source.open(Stop()) as (device,):
        info = device.info
    assert (info.form_factor, info.sdk, info.abis, info.labels) == (form, 31, ("arm64-v8a",), ("eu",))
    assert info.screen == "1080x1920@420"
