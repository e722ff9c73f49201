"""How the mistakes that people make look to them: every message as it is printed."""

import pytest

from tests.config.documents import Complain

MISTAKES = {
    "key misspelled": (
        "flows: {workspace: w, include_tag: [a]}",
        "1:23: flows.include_tag: unknown key (did you mean 'include_tags'?)",
        "write include_tags, or remove it",
    ),
    "key in the wrong place": (
        "workspace: .maestro",
        "1:1: workspace: unknown key here (did you mean 'flows.workspace'?)",
        "it belongs at flows.workspace",
    ),
    "key with several places": (
        "timeout: 5m",
        "1:1: timeout: unknown key here",
        "it belongs at build.timeout or flows.between.timeout or flows.timeout or telemetry.otlp.timeout",
    ),
    "key from nowhere": (
        "traffic: {visitors: {per_hour: 30}}",
        "1:11: traffic.visitors: unknown key",
        "keys that can stand here: mark, addresses, accounts, pace, prove",
    ),
    "key of another kind": (
        "devices: [{serial: x, count: 2}]",
        "1:23: devices[0].count: does not go with the other keys here",
        "keys that can stand here: serial, host, labels",
    ),
    "required key missing": (
        "flows: {timeout: 5m}",
        "1:8: flows.workspace: is required",
        "add workspace: … The folder with the Maestro flows, such as `.maestro`.",
    ),
    "key twice": (
        "tenant: a\ntenant: b",
        "2:1: the key 'tenant' is already there, on line 1",
        "remove it here or on line 1",
    ),
    "number where a text is wanted": (
        "deployment: {revision: 1234567}",
        "1:24: deployment.revision: a text is wanted, not the number 1234567",
        'put it in quotes: "1234567"',
    ),
    "version read as a number": (
        "deployment: {id: 1.10}",
        "1:18: deployment.id: a text is wanted, not the number 1.10",
        'put it in quotes: "1.10"',
    ),
    "date where a text is wanted": (
        "deployment: {id: 2026-11-21}",
        "1:18: deployment.id: a text is wanted, not the date 2026-11-21",
        'put it in quotes: "2026-11-21"',
    ),
    "boolean where a text is wanted": (
        "flows: {workspace: w, environment: {SKIP_DATA_CLEANUP: true}}",
        "1:56: flows.environment.SKIP_DATA_CLEANUP: a text is wanted, not true",
        'put it in quotes: "true"',
    ),
    "text where a number is wanted": (
        'adb: {server_port: "5037"}',
        "1:20: adb.server_port: a whole number is wanted, not the text '5037'",
        "write it without quotes",
    ),
    "text where a list is wanted": (
        "flows: {workspace: w, include_tags: production}",
        "1:37: flows.include_tags: a list is wanted, not the text 'production'",
        "write a list: [production]",
    ),
    "text where a section is wanted": (
        "app: com.example.shop",
        "1:6: app: a mapping (key: value) is wanted, not the text 'com.example.shop'",
        "write a mapping (key: value)",
    ),
    "nothing where a section is wanted": (
        "flows:",
        "1:7: flows: a mapping (key: value) is wanted, not nothing",
        "give it a value, or remove the key",
    ),
    "number out of bounds": (
        "adb: {server_port: 70000}",
        "1:20: adb.server_port: must be at most 65535, not the number 70000",
        "correct the value",
    ),
    "word that is not offered": (
        "flows: {workspace: w, fresh_user: claer}",
        "1:35: flows.fresh_user: must be 'clear' or 'flow', not the text 'claer' (did you mean 'clear'?)",
        "write one of: clear, flow",
    ),
    "one required flow without brackets": (
        "flows: {workspace: w, required: checkout}",
        "1:33: flows.required: 'checkout' is neither all nor a list",
        "write all, or a list of names: [checkout]",
    ),
    "no device": (
        "devices: []",
        "1:10: devices: needs at least 1 entry",
        "add what is missing",
    ),
    "device on another host": (
        "devices: [{host: ci@emu1, avd: pixel, emulator: sdk/emulator}]",
        "1:49: devices[0].emulator: names a program of this machine",
        "name the host's program as `emulator:` in `hosts:`",
    ),
    "host that is none": (
        "devices: [{host: 'ssh://emu1', serial: a}]",
        "1:18: devices[0].host: 'ssh://emu1' is not a host",
        "write user@host or user@host:port; user and port may be left out",
    ),
    "host without a device": (
        "devices: [{host: ci@emu1, serial: a}]\nhosts: [{host: ci@emu2}]",
        "2:16: hosts[0].host: no device is attached to 'ci@emu2' (did you mean 'ci@emu1'?)",
        "name it as `host:` of a device, or remove this entry",
    ),
    "build of two kinds": (
        "build: {command: make, artifact: a, file: b}",
        "1:8: build: has 'command' and 'file', which exclude one another",
        "keep one of: command, file",
    ),
    "build of no kind": (
        "build: {comand: make, artifact: a}",
        "1:8: build: needs 'command', 'file', 'github_release' or 'url' ('comand': did you mean 'command'?)",
        "add exactly one of them",
    ),
    "duration without unit": (
        "deadline: 90",
        "1:11: deadline: 90 has no unit",
        "write 90s for seconds or 90m for minutes",
    ),
    "duration in words": (
        "deadline: 5 minutes",
        "1:11: deadline: '5 minutes' is not a duration",
        "write a number with a unit, such as 500ms, 90s, 5m, 1h30m or 2d",
    ),
    "duration of nothing": (
        "deadline: 0s",
        "1:11: deadline: must be longer than nothing",
        "write a number with a unit, such as 90s, 5m or 1h30m",
    ),
    "address without scheme": (
        "readiness: [{url: api.example.com/health}]",
        "1:19: readiness[0].url: 'api.example.com/health' is not an address",
        "begin it with https:// and a host name",
    ),
    "name with a space": (
        "environment: my production",
        "1:14: environment: 'my production' cannot be a name",
        "use at most 63 letters, digits, '.', '_' and '-', beginning with a letter or digit",
    ),
    "application id of one word": (
        "app: {id: shop}",
        "1:11: app.id: 'shop' is not an application id",
        "write one such as com.example.shop",
    ),
    "certificate digest as keytool shows it": (
        "build: {file: a, expect: {signer: 'AB:CD'}}",
        "1:35: build.expect.signer: 'AB:CD' is not the SHA-256 digest of a certificate",
        "write sha256: and 64 lower-case hexadecimal digits, as apksigner verify --print-certs shows them",
    ),
    "variable name with a dash": (
        "flows: {workspace: w, environment: {API-URL: x}}",
        "1:46: flows.environment.API-URL: 'API-URL' cannot be the name of a variable",
        "use letters, digits and _",
    ),
    "empty text": (
        "flows: {workspace: ''}",
        "1:20: flows.workspace: is empty",
        "give it a value, or remove the key",
    ),
    "reference where none can stand": (
        "deadline: ${env:DEADLINE}",
        "1:11: deadline: this key takes no references",
        "write the value itself",
    ),
    "device twice": (
        "devices:\n  - serial: emulator-5554\n  - serial: emulator-5554",
        "3:13: devices[1].serial: 'emulator-5554' is already there, on line 2",
        "name each device once",
    ),
}
"""What stands in the file, how the mistake is told, and what is advised."""


@pytest.mark.parametrize(("lines", "message", "remedy"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_place_and_its_remedy(
    complain: Complain, lines: str, message: str, remedy: str
) -> None:
    assert complain(lines) == f"{message}\n  -> {remedy}"
