"""What must be shown beyond a status: values, certificates, names, ports. Real sockets, real certificates."""

import json
from functools import partial

import pytest

from tests.fakes.certificates import Authority
from tests.fakes.site import Page, site
from tests.fakes.tcp import closed_port
from validator.config.environment import load_environment
from validator.config.errors import ConfigError
from validator.config.resolvers import Resolvers
from validator.deploys.demands import Demands
from validator.deploys.readiness import Readiness, probe, wait_until_ready
from validator.model.causes import Cause
from validator.model.errors import UsageError
from validator.support.clock import SystemClock
from validator.support.http import get
from validator.support.json_path import JsonPath
from validator.support.redact import Redactor
from validator.support.stop import Stop
from validator.wiring.readiness import readiness

ASK = partial(get, follow=False)


def wanting(url, path="$.status", equals="ok", **more):
    return Readiness(url=url, within=3.0, demands=Demands(path=JsonPath.parse(path), equals=equals, **more))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ('{"status": "ok"}', ""),
        ('{"status": "degraded"}', "$.status is 'degraded', expected 'ok'"),
        ('{"state": "ok"}', "its JSON has nothing at $.status"),
        ('{"status": {"ok": true}}', "its JSON has nothing at $.status"),
        ("<html>", "it answers no JSON, so that $.status cannot be read"),
        ("", "it answers no JSON, so that $.status cannot be read"),
        ("[" * 100_000, "it answers no JSON, so that $.status cannot be read"),
    ],
)
def test_a_value_must_be_what_is_expected(body, why):
    with site({"/health": Page(body)}) as server:
        found = probe(wanting(f"{server.url}/health"), ASK)
    assert found.ready is (not why)
    assert found.detail.endswith(why)


@pytest.mark.parametrize(("value", "equals"), [("true", "true"), ("3", "3"), ('"3"', "3")])
def test_numbers_and_truth_values_are_compared_as_they_are_written(value, equals):
    with site({"/health": Page(f'{{"status": {value}}}')}) as server:
        assert probe(wanting(f"{server.url}/health", equals=equals), ASK).ready


def test_a_value_is_waited_for_and_the_last_one_is_told():
    with site({"/health": Page('{"status": "ok"}')}) as server:
        server.first = [Page('{"status": "starting"}')] * 2
        found = wait_until_ready(wanting(f"{server.url}/health"), ASK, SystemClock(), Stop())
        assert (found.ready, found.attempts) == (True, 3)
        server.pages["/health"] = Page('{"status": "broken"}')
        short = Readiness(url=f"{server.url}/health", within=0.3, demands=wanting("").demands)
        found = wait_until_ready(short, ASK, SystemClock(), Stop())
    assert not found.ready
    assert "'broken'" in found.detail


@pytest.fixture
def authority(tmp_path, monkeypatch):
    made = Authority("Good Certificates")
    (tmp_path / "trusted.pem").write_text(made.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    return made


@pytest.mark.parametrize(("days", "ready"), [(40, True), (10, False)])
def test_a_certificate_must_be_good_for_long_enough(authority, tmp_path, days, ready):
    with site({"/": Page()}, authority.server(tmp_path, "server", days=days)) as server:
        found = probe(Readiness(url=f"{server.url}/", within=3.0, demands=Demands(tls_days=21)), ASK)
    assert found.ready is ready
    assert ready or "its certificate expires in 9 days" in found.detail
    assert found.cause is (None if ready else Cause.TLS_INVALID)


def test_a_certificate_that_was_not_issued_for_the_host_is_not_ready(authority, tmp_path):
    with site({"/": Page()}, authority.server(tmp_path, "server"), host="127.0.0.2") as server:
        found = probe(Readiness(url=f"{server.url}/", within=3.0, demands=Demands(tls_days=1)), ASK)
    assert (found.ready, found.cause) == (False, Cause.TLS_INVALID), found.detail


def test_a_port_that_accepts_is_ready_and_one_that_does_not_is_waited_for():
    with site({}) as server:
        port = server.url.rpartition(":")[2]
        assert probe(Readiness(url=f"tcp://127.0.0.1:{port}", within=1.0), ASK).ready
        assert server.asked == [], "nothing is sent"
    closed = Readiness(url=f"tcp://127.0.0.1:{closed_port()}", within=0.6)
    found = wait_until_ready(closed, ASK, SystemClock(), Stop())
    assert (found.ready, found.detail) == (False, "connection refused")
    assert found.attempts >= 2


def test_a_name_that_resolves_is_ready_and_one_that_does_not_is_not():
    found = probe(Readiness(url="dns:localhost", within=1.0), ASK)
    assert found.ready
    assert found.detail.startswith("resolves to ")
    missing = probe(Readiness(url="dns:shop.invalid", within=1.0), ASK)
    assert not missing.ready
    assert "does not resolve" in missing.detail


def configured(folder, *probes):
    config = {
        "environment": "production",
        "app": {"id": "com.example.shop"},
        "build": {"file": "app.apk"},
        "devices": [{"virtual": 1}],
        "flows": {"workspace": "flows"},
        "readiness": probes,
    }
    file = folder / "production.yaml"
    file.write_text(json.dumps(config))
    resolvers = Resolvers.before_deployment(folder, {}, Redactor())
    return [readiness(probe, resolvers) for probe in load_environment(str(file)).value.readiness]


def test_probes_of_all_kinds_are_configured_side_by_side(tmp_path):
    found = configured(
        tmp_path,
        {"url": "https://api.example.com/health", "path": "$.status", "equals": "ok", "tls_days": 14},
        {"tcp": "db.example.com:5432", "within": "5s"},
        {"dns": "api.example.com"},
    )
    assert [each.url for each in found] == [
        "https://api.example.com/health",
        "tcp://db.example.com:5432",
        "dns:api.example.com",
    ]
    assert (found[0].demands.equals, found[0].demands.tls_days, found[1].within) == ("ok", 14, 5.0)


@pytest.mark.parametrize("lone", [{"equals": "ok"}, {"path": "$.status"}])
def test_a_value_without_its_place_and_a_place_without_its_value_are_mistakes(tmp_path, lone):
    with pytest.raises(ConfigError, match=r"equals|where it stands|must stand there"):
        configured(tmp_path, {"url": "https://api.example.com/health", **lone})


@pytest.mark.parametrize("place", ["db.example.com", ":5432", "db:0", "db:65536", "http://db:80", "a b:80"])
def test_what_is_no_port_of_a_host_is_refused(tmp_path, place):
    with pytest.raises(UsageError, match="not a host and a port"):
        configured(tmp_path, {"tcp": place})
