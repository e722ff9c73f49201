"""Every scenario of the demo through the command line: the right verdict, the right cause, in time, nothing left over.

Slow, and together the longest suite (`make test-matrix`): each scenario boots two devices, an adb server and a backend,
and many wait for what never appears.
"""

import pytest

from tests.e2e.commands import validator
from validator.demo.scenarios.catalogue import SCENARIOS
from validator.demo.scenarios.reading import read_reports
from validator.demo.scenarios.verdict import complaints

pytestmark = pytest.mark.timeout(240)

HEALTHY = "none"
MATRIX = (pytest.mark.slow, pytest.mark.matrix)

every_scenario = pytest.mark.parametrize(
    "scenario",
    [pytest.param(each, id=each.name, marks=() if each.name == HEALTHY else MATRIX) for each in SCENARIOS],
)


@every_scenario
def test_a_scenario_comes_out_as_it_says(tmp_path, scenario):
    done = validator(tmp_path, "demo", "--fault", scenario.name, seconds=180)
    assert "Traceback" not in done.output + done.errors
    seen = read_reports(done.reports, done.exit_code)
    assert complaints(scenario, seen) == (), done.output + done.errors
    if scenario.decision:
        assert done.decision["decision"] == scenario.decision
    assert done.orphans == []
    assert done.seconds < scenario.within


def test_there_are_at_least_thirty_scenarios_and_each_has_a_name_of_its_own():
    names = [each.name for each in SCENARIOS]
    assert len(names) == len(set(names)) >= 30
