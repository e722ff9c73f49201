"""A changed deployment and a comparison are told on the console and among the warnings."""

from tests.fakes.builders import opening, records
from validator.model.observed import DeploymentChanged, ParityCompared
from validator.model.parity import Comparison, Importance, Parity, Status
from validator.reports.console_lines import lines
from validator.reports.state import fold

WARNED = Comparison(
    name="outputs.replicas", status=Status.DIFFERS, left="1", right="", importance=Importance.WARNING, remedy="apply it"
)
ALIKE = Comparison(name="outputs.api_url", status=Status.MATCH, left="a", right="a")
PARITY = Parity(left="staging", right="production", comparisons=(WARNED, ALIKE))


def test_both_are_warnings_of_the_run():
    told = records([*opening(), (5.0, ParityCompared(parity=PARITY)), (9.0, DeploymentChanged(changes=("x is y",)))])
    assert fold(told).warnings == (
        "outputs.replicas: 1 in staging, not there in production",
        "the deployment changed while flows ran: x is y",
    )
    said = [text.plain for record in told[-2:] for text in lines(record, fold(told))]
    assert said[0].split()[0] == "parity"
    assert "2 compared with production; differences: 0 critical, 1 warning, 0 info" in said[0]
    assert said[2].startswith("deployment CHANGED while flows ran: x is y")
