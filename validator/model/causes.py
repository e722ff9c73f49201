"""Why an attempt did not pass: the closed list of causes, each in one family."""

from __future__ import annotations

from enum import StrEnum


class Family(StrEnum):
    """Who has to act, and what the gate makes of it."""

    PRODUCT = "product"
    BACKEND = "backend"
    THROTTLED = "throttled"
    INFRASTRUCTURE = "infrastructure"
    BUILD = "build"
    FLOW = "flow"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why an attempt did not pass."""

    APP_ASSERTION = "app_assertion"
    APP_CRASH = "app_crash"
    APP_ANR = "app_anr"
    SIGNIN_FAILED = "signin_failed"
    BACKEND_UNAVAILABLE = "backend_unavailable"
    TLS_INVALID = "tls_invalid"
    ENDPOINT_MISMATCH = "endpoint_mismatch"
    DEPLOYMENT_MISMATCH = "deployment_mismatch"
    PARITY_BROKEN = "parity_broken"
    RATE_LIMITED = "rate_limited"
    SECURITY_BLOCKED = "security_blocked"
    NO_DEVICE = "no_device"
    DEVICE_LOST = "device_lost"
    DEVICE_UNHEALTHY = "device_unhealthy"
    DEVICE_NETWORK = "device_network"
    DRIVER_FAILED = "driver_failed"
    RUNNER_FAILED = "runner_failed"
    TIMED_OUT = "timed_out"
    APK_STALE = "apk_stale"
    APK_MISSING = "apk_missing"
    APK_UNREADABLE = "apk_unreadable"
    APK_INCOMPATIBLE = "apk_incompatible"
    NOT_PRODUCTION = "not_production"
    FLOW_INVALID = "flow_invalid"
    SCRIPT_FAILED = "script_failed"
    VARIABLE_MISSING = "variable_missing"
    UNKNOWN = "unknown"

    @property
    def family(self) -> Family:
        """The family that this cause belongs to."""
        return _FAMILY[self]

    @property
    def meaning(self) -> str:
        """The cause in a few words for a person at 3 a.m."""
        return _MEANING[self]


_FAMILY = {
    Cause.APP_ASSERTION: Family.PRODUCT,
    Cause.APP_CRASH: Family.PRODUCT,
    Cause.APP_ANR: Family.PRODUCT,
    Cause.SIGNIN_FAILED: Family.PRODUCT,
    Cause.BACKEND_UNAVAILABLE: Family.BACKEND,
    Cause.TLS_INVALID: Family.BACKEND,
    Cause.ENDPOINT_MISMATCH: Family.BACKEND,
    Cause.DEPLOYMENT_MISMATCH: Family.INFRASTRUCTURE,
    Cause.PARITY_BROKEN: Family.BUILD,
    Cause.RATE_LIMITED: Family.THROTTLED,
    Cause.SECURITY_BLOCKED: Family.THROTTLED,
    Cause.NO_DEVICE: Family.INFRASTRUCTURE,
    Cause.DEVICE_LOST: Family.INFRASTRUCTURE,
    Cause.DEVICE_UNHEALTHY: Family.INFRASTRUCTURE,
    Cause.DEVICE_NETWORK: Family.INFRASTRUCTURE,
    Cause.DRIVER_FAILED: Family.INFRASTRUCTURE,
    Cause.RUNNER_FAILED: Family.INFRASTRUCTURE,
    Cause.TIMED_OUT: Family.INFRASTRUCTURE,
    Cause.APK_STALE: Family.INFRASTRUCTURE,
    Cause.APK_MISSING: Family.BUILD,
    Cause.APK_UNREADABLE: Family.BUILD,
    Cause.APK_INCOMPATIBLE: Family.BUILD,
    Cause.NOT_PRODUCTION: Family.BUILD,
    Cause.FLOW_INVALID: Family.FLOW,
    Cause.SCRIPT_FAILED: Family.FLOW,
    Cause.VARIABLE_MISSING: Family.FLOW,
    Cause.UNKNOWN: Family.UNKNOWN,
}

_MEANING = {
    Cause.APP_ASSERTION: "the app did not show what the flow expects",
    Cause.APP_CRASH: "the app crashed",
    Cause.APP_ANR: "the app stopped responding",
    Cause.SIGNIN_FAILED: "the app could not create its anonymous user",
    Cause.BACKEND_UNAVAILABLE: "the backend did not answer, or answered with server errors",
    Cause.TLS_INVALID: "the backend's TLS certificate was not accepted",
    Cause.ENDPOINT_MISMATCH: "the app talks to another endpoint than the one deployed",
    Cause.DEPLOYMENT_MISMATCH: "what is live is not the deployment that was expected",
    Cause.PARITY_BROKEN: "the environment is not set up as its baseline is",
    Cause.RATE_LIMITED: "production limited the rate of our requests",
    Cause.SECURITY_BLOCKED: "production's protection refused our requests",
    Cause.NO_DEVICE: "no device was available",
    Cause.DEVICE_LOST: "the device went away or stopped answering",
    Cause.DEVICE_UNHEALTHY: "the device is not fit to run a flow",
    Cause.DEVICE_NETWORK: "the device has no network",
    Cause.DRIVER_FAILED: "the automation driver on the device failed",
    Cause.RUNNER_FAILED: "the flow runner itself failed",
    Cause.TIMED_OUT: "the flow did not end within its deadline",
    Cause.APK_STALE: "the build left the APK of an earlier build",
    Cause.APK_MISSING: "there is no APK to test",
    Cause.APK_UNREADABLE: "the APK cannot be read",
    Cause.APK_INCOMPATIBLE: "the APK cannot be installed on the devices",
    Cause.NOT_PRODUCTION: "the APK is not the production build of this deployment",
    Cause.FLOW_INVALID: "the flow file is not valid",
    Cause.SCRIPT_FAILED: "a script of the flow failed",
    Cause.VARIABLE_MISSING: "the flow uses a variable that has no value",
    Cause.UNKNOWN: "no rule recognised the failure",
}
