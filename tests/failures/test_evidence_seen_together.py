"""Some causes take two pieces of evidence to see: which app it was, whose host, and what the device's clock says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from validator.failures.classify import classify
from validator.failures.rules import built_in_rules
from validator.failures.together import CLOCK_TOLERANCE, of_endpoints
from validator.model.attempt import (
    AppEvidence,
    AttemptOutcome,
    DeviceEvidence,
    DeviceState,
    Evidence,
    RunnerEnd,
    RunnerReport,
    Scene,
)
from validator.model.causes import Cause
from validator.model.deployment import ProbeResult

APP = "com.example.shop"
SHOP = "https://api.example.com"
FAILED = RunnerReport(
    runner="maestro-runner 1.1.27",
    end=RunnerEnd.EXITED,
    exit_code=1,
    passed=False,
    complete=True,
    message="Element not visible: context deadline exceeded: no such element",
)
PASSED = replace(FAILED, passed=True, exit_code=0, message="")
READY = ProbeResult(url=f"{SHOP}/health", ready=True, detail="HTTP 200 in 3 ms")
DOWN = ProbeResult(url=f"{SHOP}/health", ready=False, detail="connection refused")
CALL = "1795231614.540  4242  4250 I okhttp.OkHttpClient: <-- {}"
UNTIMELY = CALL.format("HTTP FAILED: javax.net.ssl.SSLHandshakeException: Chain validation failed")
NO_ANCHOR = CALL.format(
    "HTTP FAILED: javax.net.ssl.SSLHandshakeException: java.security.cert.CertPathValidatorException: "
    "Trust anchor for certification path not found."
)
NO_ROUTE = CALL.format(
    "HTTP FAILED: java.net.ConnectException: failed to connect to api.example.com/203.0.113.7 (port 443) from /:: "
    "(port 0) after 10000ms: connect failed: ENETUNREACH (Network is unreachable)"
)
ABORTED = CALL.format("HTTP FAILED: java.net.SocketException: Software caused connection abort")


def cause(
    report: RunnerReport = FAILED,
    *probes: ProbeResult,
    app: AppEvidence | None = None,
    scene: Scene | None = None,
    hosts: tuple[str, ...] = (),
) -> Cause | None:
    device = DeviceEvidence(state=DeviceState.HEALTHY)
    evidence = Evidence(
        runner=report, device=device, app=app or AppEvidence(package=APP), scene=scene, backend=probes, hosts=hosts
    )
    failure = classify(evidence, built_in_rules()).failure
    return failure.cause if failure is not None else None


def calls(*lines: str) -> AppEvidence:
    return AppEvidence(package=APP, http_log=lines)


def test_a_pass_whose_crash_records_could_not_be_read_is_no_pass() -> None:
    unread = AppEvidence(package=APP, unread="its records of the app: no answer within 5 s")
    evidence = Evidence(runner=PASSED, device=DeviceEvidence(state=DeviceState.HEALTHY), app=unread)
    found = classify(evidence, built_in_rules())
    assert found.outcome is AttemptOutcome.ERROR
    assert found.failure is not None
    assert found.failure.cause is Cause.DEVICE_UNHEALTHY


def test_a_crash_that_was_read_outranks_what_was_not() -> None:
    seen = AppEvidence(package=APP, unread="its log", exit_info=(f"process={APP} reason=4 (APP CRASH(EXCEPTION))",))
    assert cause(PASSED, app=seen) is Cause.APP_CRASH


def launching(package: str) -> RunnerReport:
    said = f"launchApp: all launch methods failed for '{package}'. The app may not be installed"
    return replace(FAILED, message=said)


@pytest.mark.parametrize(
    ("package", "there", "expected"),
    [
        ("com.example.other", "installed", Cause.FLOW_INVALID),
        ("com.example.shop.staging", "installed", Cause.FLOW_INVALID),
        (APP, "missing", Cause.DEVICE_UNHEALTHY),
        (APP, "", Cause.DEVICE_UNHEALTHY),
        (APP, "installed", Cause.APK_INCOMPATIBLE),
    ],
)
def test_who_is_to_blame_for_an_app_that_is_not_there_depends_on_whose_it_is(
    package: str, there: str, expected: Cause
) -> None:
    assert cause(launching(package), READY, scene=Scene(app=there)) is expected


def test_a_flow_that_names_another_app_is_told_what_to_write() -> None:
    evidence = Evidence(runner=launching("com.other"), device=DeviceEvidence(state=DeviceState.HEALTHY))
    failure = classify(evidence, built_in_rules()).failure
    assert failure is not None
    assert "appId: ${APP_ID}" in failure.why


@pytest.mark.parametrize("off", [-63_072_000, -CLOCK_TOLERANCE - 1, CLOCK_TOLERANCE + 1, 86_400])
def test_a_certificate_that_a_wrong_clock_refuses_is_the_devices(off: int) -> None:
    assert cause(FAILED, READY, app=calls(UNTIMELY), scene=Scene(clock_off=off)) is Cause.DEVICE_UNHEALTHY


@pytest.mark.parametrize(
    ("off", "line", "probe"),
    [
        (0, UNTIMELY, READY),
        (CLOCK_TOLERANCE, UNTIMELY, READY),
        (None, UNTIMELY, READY),
        (86_400, NO_ANCHOR, READY),
        (86_400, UNTIMELY, DOWN),
    ],
    ids=["right clock", "nearly right", "clock unknown", "refused for something else", "our probe failed too"],
)
def test_any_other_refused_certificate_stays_the_backends(off: int | None, line: str, probe: ProbeResult) -> None:
    assert cause(FAILED, probe, app=calls(line), scene=Scene(clock_off=off)) is Cause.TLS_INVALID


def test_a_wrong_clock_alone_does_not_hide_what_the_app_does_wrong() -> None:
    assert cause(FAILED, READY, scene=Scene(clock_off=86_400)) is Cause.APP_ASSERTION


@pytest.mark.parametrize("line", [NO_ROUTE, ABORTED])
def test_a_device_without_a_way_to_the_network_is_not_the_backends_failure(line: str) -> None:
    assert cause(FAILED, READY, app=calls(line)) is Cause.DEVICE_NETWORK
    assert cause(FAILED, DOWN, app=calls(line)) is Cause.BACKEND_UNAVAILABLE


def test_a_refused_connection_stays_the_backends() -> None:
    refused = CALL.format("HTTP FAILED: java.net.ConnectException: Failed to connect to /203.0.113.7:443")
    assert cause(FAILED, READY, app=calls(refused)) is Cause.BACKEND_UNAVAILABLE


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("Application Not Responding: com.vendor.messages", Cause.DEVICE_UNHEALTHY),
        ("Application Error: com.vendor.launcher:remote", Cause.DEVICE_UNHEALTHY),
        ("Application Error: com.example.shop.staging", Cause.DEVICE_UNHEALTHY),
        ("com.android.vending", Cause.DEVICE_UNHEALTHY),
        ("Application Not Responding: com.example.shop", Cause.APP_ASSERTION),
        ("Application Error: com.example.shop:push", Cause.APP_ASSERTION),
        ("com.google.android.apps.nexuslauncher", Cause.APP_ASSERTION),
        ("com.google.android.permissioncontroller", Cause.APP_ASSERTION),
        ("com.android.chrome", Cause.APP_ASSERTION),
        (APP, Cause.APP_ASSERTION),
    ],
)
def test_what_another_app_has_put_in_front_is_not_the_apps_doing(window: str, expected: Cause) -> None:
    """Launcher, browser and permission dialogs come because the app left, opened a link, or asked."""
    assert cause(FAILED, READY, app=AppEvidence(package=APP, focused_package=window)) is expected


OURS = ("api.example.com",)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("503 Service Unavailable https://stats.example.net/v1/events (3ms)", Cause.APP_ASSERTION),
        ("403 Forbidden https://maps.example.net/tiles (3ms)", Cause.APP_ASSERTION),
        ("429 Too Many Requests https://stats.example.net/v1/events (3ms)", Cause.APP_ASSERTION),
        ("503 Service Unavailable https://notapi.example.com/v1 (3ms)", Cause.APP_ASSERTION),
        ("HTTP FAILED: java.net.ConnectException: no [GET https://stats.example.net/]", Cause.APP_ASSERTION),
        ("HTTP FAILED: java.net.ConnectException: no [GET https://api.example.com/]", Cause.BACKEND_UNAVAILABLE),
        ("HTTP FAILED: java.net.ConnectException: no", Cause.BACKEND_UNAVAILABLE),
        ("503 Service Unavailable https://API.example.com:8443/v1 (3ms)", Cause.BACKEND_UNAVAILABLE),
        ("503 Service Unavailable https://eu.api.example.com/v1 (3ms)", Cause.BACKEND_UNAVAILABLE),
        ("429 Too Many Requests https://id.example.org/auth/v1/signup (3ms)", Cause.RATE_LIMITED),
    ],
)
def test_only_the_hosts_of_the_endpoints_count_and_whoever_signs_the_app_in(answer: str, expected: Cause) -> None:
    assert cause(FAILED, READY, app=calls(CALL.format(answer)), hosts=OURS) is expected


def test_every_host_counts_where_nobody_has_named_one() -> None:
    broken = calls(CALL.format("503 Service Unavailable https://stats.example.net/v1/events (3ms)"))
    assert cause(FAILED, READY, app=broken) is Cause.BACKEND_UNAVAILABLE


def test_this_machine_is_one_host_by_whatever_name_an_emulator_calls_it() -> None:
    line = CALL.format("503 Service Unavailable http://10.0.2.2:8080/v1 (3ms)")
    assert of_endpoints([line], ["127.0.0.1"]) == (line,)


def test_what_stands_below_a_reply_goes_its_way() -> None:
    wait = "1.0  1  2 I okhttp.OkHttpClient: retry-after: 7"
    theirs = CALL.format("429 Too Many Requests https://stats.example.net/v1 (3ms)")
    ours = CALL.format("429 Too Many Requests https://api.example.com/v1 (3ms)")
    console = "1.0  1  2 E ReactNativeJS: [TypeError: Network request failed]"
    assert of_endpoints([theirs, wait, console, ours, wait], OURS) == (console, ours, wait)
