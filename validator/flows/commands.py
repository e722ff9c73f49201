"""The commands that runners know: https://docs.maestro.dev, and `pkg/flow/step.go` of maestro-runner 1.1.27. Pure."""

from __future__ import annotations

import difflib
from typing import Final

_LOOKING: Final = frozenset(
    {
        *("tapOn", "doubleTapOn", "longPressOn", "assertVisible", "assertNotVisible", "assertTrue", "assertScreenshot"),
        *("assertDarkMode", "assertLightMode"),
        *("assertNoDefectsWithAI", "assertWithAI", "extractTextWithAI", "extendedWaitUntil", "scrollUntilVisible"),
        *("copyTextFrom", "runScript", "evalScript"),
    }
)
"""What can fail by what the app shows, or by a script's word."""
_ACTING: Final = frozenset(
    {
        *(
            "launchApp",
            "stopApp",
            "killApp",
            "clearState",
            "clearKeychain",
            "setPermissions",
            "openLink",
            "openBrowser",
        ),
        *("back", "hideKeyboard", "pressKey", "scroll", "swipe", "drag", "action", "waitForAnimationToEnd"),
        *("inputText", "inputRandomText", "inputRandomNumber", "inputRandomEmail", "inputRandomPersonName"),
        *("inputRandomCityName", "inputRandomCountryName", "inputRandomColorName", "eraseText", "pasteText"),
        *("setClipboard", "setLocation", "travel", "setOrientation", "setAirplaneMode", "toggleAirplaneMode"),
        *("setDarkMode", "toggleDarkMode", "hide keyboard"),
        *("takeScreenshot", "startRecording", "stopRecording", "addMedia", "runFlow", "repeat", "retry"),
    }
)
_OF_MAESTRO_RUNNER: Final = frozenset(
    {
        *("tapOnPoint", "openNotifications", "acceptAlert", "dismissAlert", "inputRandom", "assertCondition"),
        *("evalBrowserScript", "runBrowserScript", "evalWebViewScript", "runWebViewScript", "getConsoleLogs"),
        *("clearConsoleLogs", "assertNoJSErrors", "setCookies", "getCookies", "saveAuthState", "loadAuthState"),
        *("uploadFile", "waitForDownload", "grantPermissions", "resetPermissions", "openTab", "switchTab", "closeTab"),
        *("mockNetwork", "blockNetwork", "setNetworkConditions", "waitForRequest", "clearNetworkMocks"),
        *("removeMedia", "defineVariables", "dragAndDrop", "runShell"),
    }
)
_REFUSED_BY_MAESTRO_RUNNER: Final = frozenset(
    {"action", "drag", "hide keyboard", "inputRandomCityName", "inputRandomColorName", "inputRandomCountryName"}
)
"""Commands of Maestro 2.8 that `maestro-runner lint` of version 1.1.27 calls unknown (measured)."""
KNOWN: Final = _LOOKING | _ACTING | _OF_MAESTRO_RUNNER
"""By any of the runners. Which version knows which is for the runner to say."""


def is_unchecking(name: str) -> bool:
    """Whether the command cannot fail by what the app shows."""
    return name in _ACTING


def is_refused_by_maestro_runner(name: str) -> bool:
    """Whether maestro-runner refuses a file with this command, which Maestro knows."""
    return name in _REFUSED_BY_MAESTRO_RUNNER


def meant(name: str) -> str:
    """The known command that an unknown one may stand for; empty when none is close."""
    lower = {known.lower(): known for known in sorted(KNOWN)}
    return next((lower[near] for near in difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.7)), "")
