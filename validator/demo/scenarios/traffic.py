"""Whether production can tell the flows' requests from those of its customers."""

from __future__ import annotations

from validator.demo.backend.switches import Limit, Switch
from validator.demo.scenarios.scenario import Retouch, Scenario

_PROVED = Retouch(
    old="gate: gates/frontend.yaml\n",
    new="traffic: {prove: {access_log: access.log, unmarked: undecided}}\ngate: gates/frontend.yaml\n",
)
"""`access.log` is what the shop's backend writes."""

_FEW_AT_ONCE = Switch(effect=Limit(accounts_per_hour=1200, accounts_burst=2))
"""Two sign-ins at once, and one more every three seconds."""


def _accounts(limits: str, pace: str) -> Retouch:
    return Retouch(
        old="gate: gates/frontend.yaml\n",
        new=f"traffic: {{accounts: {{{limits}}}, pace: {pace}}}\ngate: gates/frontend.yaml\n",
    )


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
    Scenario(
        name="accounts-refused",
        description="ten flows need more new accounts than the backend allows in an hour: refused, nothing is run",
        configuration=(_accounts("per_hour: 4, address: 192.0.2.1", "none"),),
        decision="",
        exit_codes=(2,),
    ),
    Scenario(
        name="accounts-paced",
        description="the backend allows two new accounts in six seconds: the flows' starts are spread, and all pass",
        switches=(_FEW_AT_ONCE,),
        configuration=(_accounts("burst: {most: 2, within: 6s}, settling: 2s, address: 192.0.2.2", "auto"),),
        only=("about", "search", "settings", "guest-sign-in", "product-details"),
    ),
)
