"""One reading tells every mistake of a file, once each, from top to bottom."""

from pathlib import Path

import pytest

from tests.config.documents import Complain, Load
from validator.config.environment import load_environment
from validator.config.errors import ConfigError

MANY = """\
enviroment: production
tenant: 010
adb: {server_port: "5037"}
app: {id: shop}
devices: [{serail: x}, {virtual: 0}]
flows:
  workspace: w
  timeout: 5
  timeout: 6
"""


def test_mistakes_of_every_kind_come_together_in_the_order_of_the_file(complain: Complain) -> None:
    first_lines = [line for line in complain(MANY).splitlines() if not line.startswith("  ->")]
    assert first_lines == [
        "1:1: enviroment: unknown key (did you mean 'environment'?)",
        "2:9: 010 begins with a zero: YAML 1.1 reads it as an octal number",
        "3:20: adb.server_port: a whole number is wanted, not the text '5037'",
        "4:11: app.id: 'shop' is not an application id",
        "5:11: devices[0]: needs 'serial', 'avd' or 'virtual' ('serail': did you mean 'serial'?)",
        "5:34: devices[1].virtual: must be at least 1, not the number 0",
        "8:12: flows.timeout: 5 has no unit",
        "9:3: the key 'timeout' is already there, on line 8",
    ]


def test_the_error_holds_its_problems_as_values(load: Load) -> None:
    with pytest.raises(ConfigError) as refused:
        load("deadline: 5\ntenants: x")
    error = refused.value
    assert [(problem.line, problem.column, problem.path) for problem in error.problems] == [
        (1, 11, "deadline"),
        (2, 1, "tenants"),
    ]
    assert error.problems[0].file == str(Path("configs") / "x.yaml")
    assert error.problems[0].message == "5 has no unit"
    assert error.problems[0].remedy == "write 5s for seconds or 5m for minutes"


def test_the_error_in_one_line_names_the_first_problem_and_how_many_follow(load: Load) -> None:
    with pytest.raises(ConfigError) as refused:
        load("deadline: 5\ntenants: x")
    assert str(refused.value) == "deadline: 5 has no unit (and 1 more)"
    assert refused.value.where == "configs/x.yaml:1:11"
    assert refused.value.remedy == "write 5s for seconds or 5m for minutes"


def test_a_path_is_shown_as_it_was_given(project: Path) -> None:
    file = project / "configs" / "y.yaml"
    file.write_text("tenant: a\n")
    for given in (str(file), "configs/y.yaml", "./configs/../configs/y.yaml"):
        with pytest.raises(ConfigError) as refused:
            load_environment(given)
        assert refused.value.problems[0].file == str(Path(given))
