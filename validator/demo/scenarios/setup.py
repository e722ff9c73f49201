"""The environment is set up wrongly: the build, the devices, a flow's time, or what the team has not told us."""

from __future__ import annotations

from validator.demo.backend.switches import Fail, Reword, Switch
from validator.demo.scenarios.scenario import REVISION, Addition, Retouch, Scenario, added_flow

ANOTHER_APP = added_flow("another-app", "- launchApp: com.example.other\n- assertVisible: Fresh today")
PATIENT = added_flow("patient", "- extendedWaitUntil:\n    visible: A parcel at the door\n    timeout: 60000")
STOPPED = added_flow("stopped", "- killApp\n- assertVisible: Fresh today")

ARTIFACT = "  artifact: build/app-release.apk\n"
FLOW_TIMEOUT = "_emulator.py'}\n  timeout: 2m\n"
EXPECTED = "  revision: ${terraform:revision}\n"
LIVE = '  live: [{url: "${terraform:api_url}/version", path: $.revision, within: 2s}]\n'
CONTAINS = '    contains: ["${terraform:api_url}", "${terraform:revision}"]\n'
MOVED = r"""failures:
  - id: catalogue-moved
    source: http
    match: '<-- 410 .*/v1/catalogue\b'
    cause: endpoint_mismatch
    why: The catalogue has moved to v2 and answers 410 under its old address, which this app still calls.
    example: 'I okhttp.OkHttpClient: <-- 410 Gone https://api.example.com/v1/catalogue (3ms, 12-byte body)'
    near_miss: 'I okhttp.OkHttpClient: <-- 410 Gone https://api.example.com/v1/carts (3ms, 12-byte body)'
"""


def _no_build(name: str, description: str, cause: str, *changes: Retouch, baseline: str = "") -> Scenario:
    """No flow runs, because there is nothing to run it with that is the production build."""
    return Scenario(
        name=name,
        description=description,
        configuration=changes,
        baseline=baseline,
        struck=("about",),
        families=("build",),
        causes=(cause,),
        decision="blocked",
        exit_codes=(1,),
    )


def _undecided(name: str, description: str, cause: str, flow: Addition, *changes: Retouch) -> Scenario:
    """One flow says nothing about production; another one passes."""
    struck = flow.file.removesuffix(".yaml")
    return Scenario(
        name=name,
        description=description,
        configuration=changes,
        edits=(flow,),
        only=(struck, "about"),
        struck=(struck,),
        families=("unknown" if cause == "unknown" else "infrastructure",),
        causes=(cause,),
        decision="undecided",
        exit_codes=(3,),
        within=75.0,
    )


SETUP = (
    _no_build(
        "staging-build",
        "the APK was built for staging",
        "not_production",
        Retouch(old="${env:DEMO_VARIANT:-production}", new="staging"),
    ),
    _no_build(
        "previous-apk",
        "production has moved, and the APK is that of the deployment before: it asks where production was",
        "not_production",
        Retouch(old="API_URL: ${terraform:api_url}", new="API_URL: https://eu1.cornershop.example"),
        Retouch(old="REVISION: ${terraform:revision}", new="REVISION: 8c1d7e0"),
    ),
    _no_build(
        "no-apk",
        "the build leaves its APK where nobody looks for it",
        "apk_missing",
        Retouch(old=ARTIFACT, new="  artifact: build/release.apk\n"),
    ),
    _no_build(
        "broken-apk",
        "the build was cut short: half of the APK is missing",
        "apk_unreadable",
        Retouch(
            old=" --out build/app-release.apk'",
            new=" --out build/app-release.apk && truncate -s 2000 build/app-release.apk'",
        ),
    ),
    _no_build(
        "another-processor",
        "the APK holds native code for another processor than the devices have",
        "apk_incompatible",
        Retouch(old=" --out build/app-release.apk'", new=" --abi armeabi-v7a --out build/app-release.apk'"),
    ),
    Scenario(
        name="stale-apk",
        description="the build says that it is done, and what lies there is the APK of an earlier build",
        configuration=(
            Retouch(
                old=" --out build/app-release.apk'",
                new=" --out build/app-release.apk && touch -d 2026-01-01 build/app-release.apk'",
            ),
        ),
        struck=("about",),
        families=("infrastructure",),
        causes=("apk_stale",),
        decision="undecided",
        exit_codes=(3,),
    ),
    Scenario(
        name="deployment-mismatch",
        description="what answers is another revision than the one that terraform says it has deployed",
        configuration=(Retouch(old=EXPECTED, new=EXPECTED + LIVE),),
        switches=(Switch(effect=Reword(find=REVISION, replace="8c1d7e0"), path="/version"),),
        struck=("about",),
        families=("infrastructure",),
        causes=("deployment_mismatch",),
        decision="undecided",
        exit_codes=(3,),
    ),
    _no_build(
        "parity-broken",
        "staging accepts a debuggable build, production, which it has to be like, does not",
        "parity_broken",
        Retouch(old="environment: production\n", new="environment: staging\nparity: {baseline: production}\n"),
        Retouch(old=CONTAINS, new=f"    debuggable: true\n{CONTAINS}"),
        baseline="production",
    ),
    Scenario(
        name="another-app",
        description="a flow launches another app than the one under test",
        edits=(ANOTHER_APP,),
        only=("another-app", "about"),
        struck=("another-app",),
        families=("flow",),
        causes=("flow_invalid",),
        decision="undecided",
        exit_codes=(3,),
    ),
    Scenario(
        name="absent-device",
        description="the device that the configuration names is not attached",
        serials=("emulator-5584",),
        struck=("about",),
        families=("infrastructure",),
        causes=("no_device",),
        decision="undecided",
        exit_codes=(3,),
        within=60.0,
    ),
    _undecided(
        "endless-flow",
        "a flow waits for longer than one flow may take",
        "timed_out",
        PATIENT,
        Retouch(old=FLOW_TIMEOUT, new=FLOW_TIMEOUT.replace("2m", "8s")),
    ),
    _undecided("app-stopped", "a flow stops the app, and goes on as if it had not", "unknown", STOPPED),
    Scenario(
        name="moved-endpoint",
        description="an address that the app calls has moved, and a rule of the team's own knows it",
        configuration=(Retouch(old="gate: gates", new=f"{MOVED}gate: gates"),),
        switches=(Switch(effect=Fail(status=410), path="/v1/catalogue"),),
        only=("browse-catalogue",),
        struck=("browse-catalogue",),
        families=("backend",),
        causes=("endpoint_mismatch",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=75.0,
    ),
)
