"""`flows.needs` and labels: what can be asked for, and how mistakes look."""

from __future__ import annotations

import pytest

from tests.config.documents import Complain, Load
from validator.config.sections.needs import ApiLevels
from validator.model.needs import FormFactor

LAB = "devices: [{serial: x, labels: [tablet-lab, eu]}, {virtual: 2, form_factor: tablet, api: 31, labels: [eu]}]"


def needs(entry: str) -> str:
    return f"flows: {{workspace: w, needs: [{entry}]}}\n{LAB}"


def test_everything_that_can_be_asked_for(load: Load) -> None:
    found = load(needs("{flows: ['tablet/*'], tags: [big], api: 31, abi: x86_64, form_factor: tablet, labels: [eu]}"))
    (entry,) = found.value.flows.needs
    assert [pattern.source for pattern in entry.flows] == ["tablet/*"]
    assert [tag.source for tag in entry.tags] == ["big"]
    assert (entry.api, entry.abi, entry.form_factor) == (ApiLevels(31, 31), "x86_64", FormFactor.TABLET)
    assert [label.source for label in entry.labels] == ["eu"]


@pytest.mark.parametrize(
    ("written", "levels"),
    [
        ("34", ApiLevels(34, 34)),
        ("'34'", ApiLevels(34, 34)),
        ("==34", ApiLevels(34, 34)),
        ("'>=30'", ApiLevels(30, 0)),
        ("'> 30'", ApiLevels(31, 0)),
        ("<=30", ApiLevels(0, 30)),
        ("<30", ApiLevels(0, 29)),
        ("'>=30, <35'", ApiLevels(30, 34)),
        ("'>=30, >=32, <40, <=36'", ApiLevels(32, 36)),
    ],
)
def test_api_levels_are_read_as_bounds(load: Load, written: str, levels: ApiLevels) -> None:
    assert load(needs(f"{{api: {written}}}")).value.flows.needs[0].api == levels


@pytest.mark.parametrize(
    "written", ["new", "'>=30 <35'", "'>='", "0", "<1", "-3", "'30, '", "30.5", "true", "[30]", "9999"]
)
def test_what_names_no_api_level_is_refused(complain: Complain, written: str) -> None:
    assert "1:37: flows.needs[0].api: " in complain(needs(f"{{api: {written}}}"))


def test_bounds_that_leave_no_level_are_refused(complain: Complain) -> None:
    assert "no API level is >=35, <30" in complain(needs("{api: '>=35, <30'}"))


MISTAKES = {
    "label of no device": (
        "{labels: [tablet_lab]}",
        "no device has the label 'tablet_lab' (did you mean 'tablet-lab'?)",
        "the devices have: tablet-lab, eu; or add labels: [tablet_lab] to an entry of devices",
    ),
    "nothing asked for": ("{flows: [a]}", "says which flows, and not what they need", "add api, abi"),
    "form misspelled": ("{form_factor: tabelt}", "did you mean 'tablet'?", "write one of: phone, tablet"),
    "key misspelled": ("{formFactor: tablet}", "unknown key (did you mean 'form_factor'?)", "write form_factor"),
    "label that is no word": ("{labels: ['a b']}", "'a b' cannot be a label", "use at most 63 letters"),
    "label from a reference": ("{labels: ['${env:A}']}", "cannot be a label", "use at most 63 letters"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_told_with_their_place_and_remedy(complain: Complain, mistake: str) -> None:
    written, message, remedy = MISTAKES[mistake]
    said = complain(needs(written))
    assert said.startswith("1:")
    assert message in said
    assert remedy in said


def test_a_label_that_no_device_has_because_none_has_any(complain: Complain) -> None:
    said = complain("flows: {workspace: w, needs: [{labels: [eu]}]}")
    assert "1:41: flows.needs[0].labels[0]: no device has the label 'eu'" in said
    assert "add labels: [eu] to an entry of devices" in said
