"""The team's own flows are wrong; nothing can be said about production by them."""

from __future__ import annotations

from validator.demo.scenarios.scenario import Edit, Removal, Replacement, Scenario


def _spoilt(name: str, description: str, cause: str, struck: str, edit: Edit) -> Scenario:
    """One flow cannot run as it is written, another one passes."""
    return Scenario(
        name=name,
        description=description,
        edits=(edit,),
        only=(struck, "about"),
        struck=(struck,),
        families=("flow",),
        causes=(cause,),
        decision="undecided",
        exit_codes=(3,),
    )


FLOW = (
    Scenario(
        name="bad-flow",
        description="somebody has misspelt a command in settings.yaml",
        edits=(Replacement(file="settings.yaml", old="- tapOn: Dark theme", new="- tapOnn: Dark theme"),),
        struck=("settings",),
        families=("flow",),
        causes=("flow_invalid",),
        decision="undecided",
        exit_codes=(3,),
    ),
    Scenario(
        name="missing-flow",
        description="checkout.yaml, which the gate requires, is gone",
        edits=(Removal(file="checkout.yaml"),),
        struck=("checkout",),
        decision="undecided",
        exit_codes=(4,),
    ),
    _spoilt(
        "broken-yaml",
        "somebody has pasted a line into settings.yaml that is no YAML",
        "flow_invalid",
        "settings",
        Replacement(file="settings.yaml", old="- tapOn: Dark theme", new="- tapOn: {Dark theme"),
    ),
    _spoilt(
        "missing-script",
        "a script that search.yaml runs is gone",
        "flow_invalid",
        "search",
        Removal(file="scripts/nonsense.js"),
    ),
    _spoilt(
        "unset-variable",
        "search.yaml uses a variable that nobody sets",
        "variable_missing",
        "search",
        Replacement(file="search.yaml", old="- inputText: ${QUERY}", new="- inputText: ${QUERRY}"),
    ),
    _spoilt(
        "unset-in-absence",
        "remove-from-cart.yaml asserts that a variable that nobody sets is not on screen",
        "variable_missing",
        "remove-from-cart",
        Replacement(
            file="remove-from-cart.yaml", old="- assertNotVisible: Cinnamon bun", new="- assertNotVisible: ${BUN}"
        ),
    ),
    _spoilt(
        "script-exception",
        "a script of checkout.yaml throws an exception",
        "script_failed",
        "checkout",
        Replacement(file="scripts/total.js", old="const cents", new="throw new Error('no price');\nconst cents"),
    ),
)
