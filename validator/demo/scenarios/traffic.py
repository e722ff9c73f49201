"""Whether production can tell the flows' requests from those of its customers."""

from __future__ import annotations

from validator.demo.scenarios.scenario import Retouch, Scenario

_PROVED = Retouch(
    old="gate: gates/frontend.yaml\n",
    new="traffic: {prove: {access_log: access.log, unmarked: undecided}}\ngate: gates/frontend.yaml\n",
)
"""`access.log` is what the shop's backend writes."""

TRAFFIC = (
    Scenario(
        name="marks-proved",
        description="the backend's access log shows the mark of the run on each of its requests",
        configuration=(_PROVED,),
        only=("search", "add-to-cart"),
    ),
    Scenario(
        name="mark-forgotten",
        description="a build of the app forgets the mark on one call, and the access log shows it",
        configuration=(
            _PROVED,
            Retouch(
                old=" --out build/app-release.apk'",
                new=" --forget-mark /v1/search --out build/app-release.apk'",
            ),
        ),
        only=("search", "about"),
        struck=("search",),
        decision="undecided",
        exit_codes=(3,),
    ),
)
