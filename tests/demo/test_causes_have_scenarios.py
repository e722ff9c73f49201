"""Every cause can be seen: a scenario of the demo brings it about, or a test of the stage that finds it."""

from pathlib import Path

import pytest

from validator.demo.scenarios.catalogue import SCENARIOS
from validator.model.causes import Cause

ROOT = Path(__file__).parents[2]

BY_A_STAGE = {
    Cause.DEPLOYMENT_MISMATCH: "tests/deploys",
    Cause.PARITY_BROKEN: "tests/e2e/test_parity.py",
}
"""Causes that no attempt can have -> where the stage that finds them is tested."""


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_has_a_scenario_or_a_test_of_its_stage(cause):
    if cause in BY_A_STAGE:
        place = ROOT / BY_A_STAGE[cause]
        files = [place] if place.is_file() else sorted(place.glob("test_*.py"))
        texts = [file.read_text(encoding="utf-8") for file in files]
        assert any(cause.name in text or cause.value in text for text in texts)
    else:
        assert any(cause in scenario.causes for scenario in SCENARIOS)


def test_no_scenario_names_a_cause_or_a_family_that_there_is_not():
    causes = {cause for scenario in SCENARIOS for cause in scenario.causes}
    families = {family for scenario in SCENARIOS for family in scenario.families}
    assert causes <= set(Cause)
    assert families <= {cause.family for cause in Cause}
