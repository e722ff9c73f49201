"""Every cause can be seen: a scenario of the demo brings it about."""

import pytest

from validator.demo.scenarios.catalogue import SCENARIOS
from validator.model.causes import Cause


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_has_a_scenario(cause):
    assert any(cause in scenario.causes for scenario in SCENARIOS)


def test_no_scenario_names_a_cause_or_a_family_that_there_is_not():
    causes = {cause for scenario in SCENARIOS for cause in scenario.causes}
    families = {family for scenario in SCENARIOS for family in scenario.families}
    assert causes <= set(Cause)
    assert families <= {cause.family for cause in Cause}
