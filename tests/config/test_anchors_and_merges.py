"""Anchors, aliases and `<<` spare people repetition; mistakes in what they repeat are told where it is written."""

from tests.config.documents import Complain, Load
from validator.config.sections.devices import AvdDevice


def test_an_alias_repeats_a_value(load: Load) -> None:
    config = load("flows: {workspace: w, include_tags: &tags [a, b], exclude_tags: *tags}").value
    assert config.flows.exclude_tags == config.flows.include_tags


def test_a_merged_mapping_gives_what_is_not_written(load: Load) -> None:
    devices = load("devices: [&first {avd: a, count: 2, boot_timeout: 9m}, {<<: *first, avd: b}]").value.devices
    first, second = devices
    assert isinstance(first, AvdDevice)
    assert isinstance(second, AvdDevice)
    assert (first.avd.literal, second.avd.literal) == ("a", "b")
    assert (second.count, second.boot_timeout) == (first.count, first.boot_timeout)


def test_of_two_merged_mappings_the_first_wins(load: Load) -> None:
    devices = load(
        "devices: [&one {avd: a, count: 2}, &two {avd: b, count: 3, boot_timeout: 9m}, {<<: [*one, *two]}]"
    ).value.devices
    last = devices[2]
    assert isinstance(last, AvdDevice)
    assert (last.avd.literal, last.count, last.boot_timeout.total_seconds()) == ("a", 2, 540)


def test_a_quoted_merge_sign_is_an_ordinary_key(complain: Complain) -> None:
    assert complain("tenant: a\ntraffic: {'<<': {mark: []}}").startswith("2:11: traffic.<<: unknown key")


def test_a_mistake_in_a_merged_key_is_told_where_it_is_written(complain: Complain) -> None:
    assert complain("devices: [&d {avd: a, cuont: 2}]").startswith("1:23: devices[0].cuont: unknown key")


def test_an_anchor_of_the_same_name_replaces_the_earlier_one(load: Load) -> None:
    flows = load("flows: {workspace: w, include_tags: [&t a, &t b], exclude_tags: [*t]}").value.flows
    assert flows.exclude_tags[0].literal == "b"
