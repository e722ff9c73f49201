"""The machine that runs the flows fails; production and the devices are healthy."""

from __future__ import annotations

from validator.demo.scenarios.scenario import Sabotage, Scenario, Target, on_tap
from validator.demo.scenarios.steps import WAIT_FOR_NOTHING
from validator.virtual.faults import FaultKind

HOST = (
    Scenario(
        name="validator-killed",
        description="validator itself is killed after three flows, and goes on with --resume",
        killed_after=3,
    ),
    Scenario(
        name="validator-killed-broken-app",
        description="validator is killed after three flows while the app is broken, and goes on with --resume",
        killed_after=3,
        faults=(on_tap(FaultKind.CRASH, "Place order"),),
        struck=("checkout",),
        families=("product",),
        causes=("app_crash",),
        decision="blocked",
        exit_codes=(1,),
        broken=True,
        within=60,
    ),
    Scenario(
        name="adb-server-killed",
        description="somebody ends the adb server in the middle of a flow",
        sabotage=Sabotage(target=Target.ADB_SERVER_ENDS, times=1),
        edits=(WAIT_FOR_NOTHING,),
        only=("wait-for-nothing",),
        struck=("wait-for-nothing",),
        families=("infrastructure",),
        causes=("device_lost",),
        decision="undecided",
        exit_codes=(3,),
    ),
    Scenario(
        name="runner-killed",
        description="the flow runner is killed in the middle of a flow, every time",
        sabotage=Sabotage(target=Target.RUNNER_DIES),
        edits=(WAIT_FOR_NOTHING,),
        only=("wait-for-nothing",),
        struck=("wait-for-nothing",),
        families=("infrastructure",),
        causes=("runner_failed",),
        decision="undecided",
        exit_codes=(3,),
    ),
    Scenario(
        name="runner-killed-once",
        description="the flow runner is killed in the middle of a flow, once",
        sabotage=Sabotage(target=Target.RUNNER_DIES, times=1),
        edits=(WAIT_FOR_NOTHING,),
        only=("wait-for-nothing",),
        struck=("wait-for-nothing",),
        families=("infrastructure",),
        causes=("runner_failed",),
    ),
    Scenario(
        name="runner-hung",
        description="the flow runner stops in the middle of a flow, once, and never says a word again",
        sabotage=Sabotage(target=Target.RUNNER_HANGS, times=1),
        edits=(WAIT_FOR_NOTHING,),
        only=("wait-for-nothing",),
        struck=("wait-for-nothing",),
        families=("infrastructure",),
        causes=("runner_failed",),
        within=105,
    ),
)
