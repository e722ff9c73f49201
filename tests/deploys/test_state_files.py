"""A local state of Terraform: its outputs, its lineage, its serial, and nothing of its resources."""

import json
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from validator.deploys.outputs import OutputsError, parse_state
from validator.deploys.terraform import StateFile
from validator.model.errors import UsageError
from validator.support.stop import Stop

STATE = {
    "version": 4,
    "terraform_version": "1.11.4",
    "serial": 12,
    "lineage": "0d0c8f66-8d3c-4b0c-8e65-ae4a2c1f0f4e",
    "outputs": {
        "api_url": {"value": "https://api.example.com", "type": "string"},
        "token": {"value": "hunter2-and-more", "type": "string", "sensitive": True},
    },
    "resources": [{"type": "db", "instances": [{"attributes": {"password": "of-a-resource"}}]}],
    "check_results": None,
}


class Hidden(list[str]):
    def __call__(self, value: str, name: str) -> None:
        self.append(value)


@pytest.fixture
def state(tmp_path):
    def write(**changes):
        file = tmp_path / "terraform.tfstate"
        kept = {key: value for key, value in {**STATE, **changes}.items() if value != "none"}
        file.write_text(json.dumps(kept), encoding="utf-8")
        return StateFile(path=file, hide=Hidden())

    return write


def test_outputs_lineage_and_serial_are_read_and_secrets_hidden(state):
    file = state()
    found = file.read(Stop())
    assert (found.lineage, found.serial) == ("0d0c8f66-8d3c-4b0c-8e65-ae4a2c1f0f4e", 12)
    assert found.values == {"api_url": "https://api.example.com", "token": "hunter2-and-more"}
    assert [(output.name, output.value) for output in found.outputs] == [
        ("api_url", "https://api.example.com"),
        ("token", ""),
    ]
    assert file.hide == ["hunter2-and-more"]
    assert "hunter2" not in repr(found) + repr(file)
    assert "of-a-resource" not in repr(found)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"version": 3}, "not a state of version 4"),
        ({"outputs": "none"}, "not a state of version 4"),
        ({"outputs": {}}, "nothing was applied, or all is destroyed"),
        ({"outputs": {"a": 1}}, "an output in it has no value"),
        ({"lineage": "none"}, "without lineage and serial"),
        ({"serial": "12"}, "without lineage and serial"),
        ({"serial": True}, "without lineage and serial"),
        ({"encrypted_data": "…"}, "encrypted"),
        ({"backend": {"type": "s3"}}, "only says where the state is kept"),
    ],
)
def test_what_is_no_such_state_says_why(state, changes, why):
    with pytest.raises(UsageError) as refused:
        state(**changes).read(Stop())
    assert why in refused.value.what
    assert "deployment.terraform.directory" in refused.value.remedy


def test_a_state_that_is_not_there_names_the_way_around(tmp_path):
    with pytest.raises(UsageError, match="it does not exist") as refused:
        StateFile(path=tmp_path / "terraform.tfstate", hide=Hidden()).read(Stop())
    assert "deployment.terraform.directory" in refused.value.remedy


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damaged_states_are_read_or_refused(noise, place, cut):
    text = json.dumps(STATE).encode()
    damaged = (text[:place] + noise + text[place + cut :]).decode("utf-8", "replace")
    try:
        found = parse_state(damaged, source="s", hide=Hidden())
    except OutputsError as error:
        said = str(error)
    else:
        said = found.lineage
    assert said
    assert "hunter2" not in said


@pytest.mark.skipif(shutil.which("terraform") is None, reason="needs the real terraform")
def test_the_state_that_the_real_program_writes_is_read_and_its_serial_grows(tmp_path):
    (tmp_path / "main.tf").write_text('output "api_url" { value = "https://api.example.com" }\n', "utf-8")
    file = StateFile(path=tmp_path / "terraform.tfstate", hide=Hidden())
    serials = []
    for value in ("https://api.example.com", "https://b.example.com"):
        (tmp_path / "main.tf").write_text(f'output "api_url" {{ value = "{value}" }}\n', "utf-8")
        for command in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false"]):
            subprocess.run(["terraform", *command], cwd=tmp_path, check=True, capture_output=True, timeout=50)
        found = file.read(Stop())
        assert found.values == {"api_url": value}
        serials.append(found.serial or 0)
    assert serials[1] > serials[0]
