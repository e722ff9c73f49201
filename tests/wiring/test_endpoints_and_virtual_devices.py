"""What a configuration says about its endpoints and its virtual devices arrives where it is needed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from validator.config.environment import load_environment
from validator.config.resolvers import Resolvers
from validator.devices.adb_binary import locate_adb
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.wiring.devices import device_source
from validator.wiring.endpoints import endpoint_hosts

BASE = """\
environment: production
app: {id: com.example.shop}
deployment: {revision: abc, outputs: {api_url: "https://api.example.com"}}
build:
  command: "true"
  artifact: app.apk
  environment: {AUTH_URL: "https://id.example.org:8443/auth", MODE: release, API_TOKEN: "https://secret.example"}
  expect: {contains: [CONTAINS]}
devices: [DEVICES]
flows: {workspace: flows, environment: {SEARCH: "HTTPS://Search.Example.com", TEXT: see https://x.example}}
READINESS
"""


def resolved(folder: Path, *, devices: str = "{virtual: 1}", contains: str = "", readiness: str = ""):
    text = BASE.replace("DEVICES", devices).replace("CONTAINS", contains).replace("READINESS", readiness)
    (folder / "production.yaml").write_text(text)
    loaded = load_environment(str(folder / "production.yaml"))
    return loaded.value, Resolvers.before_deployment(folder, {}, Redactor())


def test_hosts_come_from_probes_the_apk_and_what_build_and_flows_are_given(tmp_path: Path) -> None:
    config, resolvers = resolved(
        tmp_path,
        contains='"https://api.example.com/v1", Corner Shop',
        readiness="readiness: [{url: https://status.example.com/health}]",
    )
    assert endpoint_hosts(config, resolvers) == (
        "api.example.com",
        "id.example.org",
        "search.example.com",
        "status.example.com",
    )


def test_nobody_is_left_out_where_neither_a_probe_nor_the_apk_names_an_endpoint(tmp_path: Path) -> None:
    assert endpoint_hosts(*resolved(tmp_path, contains="Corner Shop")) == ()


@pytest.mark.parametrize(
    ("devices", "abis"), [("{virtual: 1, abi: armeabi-v7a}", ("armeabi-v7a",)), ("{virtual: 1}", None)]
)
def test_virtual_devices_have_the_architecture_that_the_configuration_gives_them(
    tmp_path: Path, devices: str, abis: tuple[str, ...] | None
) -> None:
    config, resolvers = resolved(tmp_path, devices=devices)
    source = device_source(config, resolvers, locate_adb(None, os.environ), "maestro-runner 1.1.27", tmp_path, str)
    with source.open(Stop()) as found:
        assert found[0].info.abis == (abis or ("x86_64", "arm64-v8a"))
