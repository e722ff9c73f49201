"""A correct file becomes typed values that cannot change."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from tests.config.documents import Load, MakeResolvers
from validator.config.environment import EnvironmentConfig, load_environment
from validator.config.reference import EXAMPLE
from validator.config.sections.alerts import SlackTarget
from validator.config.sections.build import CommandBuild, FileBuild
from validator.config.sections.deployment import TerraformDirectory, TerraformOutputsFile
from validator.config.sections.devices import Abi, AvdDevice, SerialDevice, VirtualDevices
from validator.config.sections.flows import FreshUser, MarkChannel, Runner


def test_what_is_not_written_has_its_default(load: Load) -> None:
    config = load("").value
    assert config.environment == "production"
    assert config.tenant == "default"
    assert (config.adb.path, config.adb.server_port) == (None, 5037)
    assert (config.deployment.id, config.deployment.revision, config.deployment.terraform) == (None, None, None)
    assert (config.readiness, config.alerts, config.gate) == ((), (), None)
    assert (config.flows.required, config.flows.runner, config.flows.fresh_user) == (
        "all",
        Runner.AUTO,
        FreshUser.CLEAR,
    )
    assert (config.flows.timeout, config.flows.between) == (timedelta(minutes=5), None)
    assert config.traffic.mark == (MarkChannel.PROPERTY, MarkChannel.HEADER, MarkChannel.ARGUMENT)
    assert config.reports.template.literal == "reports"
    assert config.deadline == timedelta(hours=1)


def test_a_build_is_a_command_or_a_file(load: Load) -> None:
    by_file = load("build: {file: app.apk, expect: {debuggable: true}}").value.build
    by_command = load("build: {command: make apk, artifact: out/app.apk, timeout: 10m}").value.build
    assert isinstance(by_file, FileBuild)
    assert by_file.expect.debuggable
    assert isinstance(by_command, CommandBuild)
    assert by_command.timeout == timedelta(minutes=10)
    assert not by_command.expect.debuggable


def test_devices_are_of_several_kinds(load: Load) -> None:
    devices = load(
        "devices: [{serial: 'emulator-5554'}, {avd: pixel, count: 2}, {virtual: 3, abi: x86_64}]"
    ).value.devices
    assert [type(device) for device in devices] == [SerialDevice, AvdDevice, VirtualDevices]
    assert isinstance(devices[1], AvdDevice)
    assert (devices[1].count, devices[1].boot_timeout) == (2, timedelta(minutes=5))
    assert isinstance(devices[2], VirtualDevices)
    assert (devices[2].virtual, devices[2].abi) == (3, Abi.X86_64)


@pytest.mark.parametrize(
    ("written", "kind"),
    [("{directory: infra}", TerraformDirectory), ("{outputs_file: out.json}", TerraformOutputsFile)],
)
def test_terraform_is_asked_or_its_saved_answer_read(load: Load, written: str, kind: type) -> None:
    assert isinstance(load(f"deployment: {{terraform: {written}}}").value.deployment.terraform, kind)


def test_required_flows_are_all_or_named(load: Load, resolvers: MakeResolvers) -> None:
    required = load('flows: {workspace: w, required: [checkout, "${env:MORE}"]}').value.flows.required
    assert required != "all"
    assert [flow.resolve(resolvers(MORE="search")) for flow in required] == ["checkout", "search"]


def test_variables_keep_the_order_of_the_file(load: Load, resolvers: MakeResolvers) -> None:
    environment = load('flows: {workspace: w, environment: {B: "1", A: "", C: "${env:C}"}}').value.flows.environment
    assert list(environment.resolve(resolvers(C="3")).items()) == [("B", "1"), ("A", ""), ("C", "3")]


def test_the_example_of_the_documentation_loads(project: Path) -> None:
    (project / "configs" / "production.yaml").write_text(EXAMPLE, encoding="utf-8")
    config = load_environment("production").value
    assert config.build.expect.never_contains[1].literal == "localhost"
    assert isinstance(config.alerts[0], SlackTarget)
    assert config.alerts[0].slack.channel.literal == "#prod-alerts"


def test_the_example_of_the_folder_loads(project: Path) -> None:
    readme = Path(__file__).parents[2] / "configs" / "README.md"
    example = readme.read_text(encoding="utf-8").partition("```yaml\n")[2].partition("```")[0]
    (project / "configs" / "production.yaml").write_text(example, encoding="utf-8")
    assert load_environment("production").value.environment == "production"


def test_what_was_loaded_cannot_change(load: Load) -> None:
    config = load("").value
    with pytest.raises(ValidationError, match="frozen"):
        config.tenant = "other"  # type: ignore[misc]  # the point of the test


def test_null_means_as_if_not_written(load: Load) -> None:
    assert load("gate: null\nadb: {path: ~}").value == load("").value


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(project: Path, load: Load) -> None:
    expected = load("").value
    file = project / "configs" / "x.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert load_environment("x").value == expected
    assert isinstance(expected, EnvironmentConfig)
