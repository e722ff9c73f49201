"""`devices: [{avd: …}]`: sizes, and options that are not the team's to give."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from validator.config.sections.devices import AvdDevice


def avd(**keys: object) -> AvdDevice:
    return AvdDevice.model_validate({"avd": "pixel"} | keys)


@pytest.mark.parametrize(("text", "megabytes"), [("2048M", 2048), ("6G", 6144), ("6GB", 6144)])
def test_sizes_are_written_with_a_unit(text: str, megabytes: int):
    assert avd(disk=text, memory=text).disk == megabytes


@pytest.mark.parametrize("text", ["6", 6, "0G", "-1G", "6g", "1.5G", "six", "", True, "${env:DISK}"])
def test_what_is_no_size_is_a_mistake(text: object):
    with pytest.raises(ValidationError):
        avd(disk=text)


@pytest.mark.parametrize("option", ["-port", "-avd", "@pixel", "-read-only", "-qemu", "-snapshot", "-no-snapshot"])
def test_options_that_other_keys_stand_for_are_refused(option: str):
    with pytest.raises(ValidationError, match="is not for you to say"):
        avd(options=(option,))


@pytest.mark.parametrize("proxy", ["http://me:hunter2@proxy:8080", "me:hunter2@proxy:8080"])
def test_a_password_among_the_options_would_be_seen_by_everybody(proxy: str):
    with pytest.raises(ValidationError, match="password") as refused:
        avd(options=("-http-proxy", proxy))
    assert "hunter2" not in str(refused.value.errors(include_input=False))


def test_options_of_the_emulator_pass():
    assert avd(options=("-gpu", "host", "-dns-server", "10.0.0.2", "-accel", "off")).options[0] == "-gpu"
