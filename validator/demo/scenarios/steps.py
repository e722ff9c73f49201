"""One short flow for each kind of step that the sample's own flows do not end with."""

from __future__ import annotations

from validator.demo.scenarios.scenario import PACKAGE, Addition, added_flow

_PROFILE = f"- tapOn:\n    id: {PACKAGE}:id/tab_profile\n- assertVisible: Guest account"

NOTHING_SOLD_OUT = added_flow(
    "nothing-sold-out", "- assertVisible: Fresh today\n" + "- assertNotVisible: Sold out\n" * 6
)
"""Ends in steps that are content with an empty screen."""

SHELVES_FILL = added_flow(
    "shelves-fill",
    """
- extendedWaitUntil:
    visible: .* products on our shelves
    timeout: 3000
- tapOn: Fresh today
""",
)
"""Waits with a time of its own, which is short."""

SALE = added_flow(
    "sale",
    """
- assertVisible: Fresh today
- runFlow:
    when:
      visible: Today only
    commands:
      - tapOn: Today only
""",
)
"""Ends in a step that is skipped when its condition is not met."""

WAIT_FOR_NOTHING = added_flow(
    "wait-for-nothing",
    """
- assertVisible: Fresh today
- runFlow:
    when:
      visible: Closed today
    commands:
      - tapOn: Closed today
- runFlow:
    when:
      visible: Closed tomorrow
    commands:
      - tapOn: Closed tomorrow
- assertVisible: Fresh today
""",
)
"""Passes, and takes two seconds more for it: time for the runner to be struck."""

OPEN_SETTINGS = added_flow("open-settings", f"{_PROFILE}\n- tapOn: Settings")
"""Ends with a tap, after which nobody looks."""

REOPENED = added_flow(
    "reopened",
    f"""
{_PROFILE}
- tapOn: Settings
- launchApp:
    clearState: false
- assertVisible: Signed in as guest-.*
""",
)
"""Launches the app anew after a tap, which wipes what Android recorded about its end."""

DARK_THEME = added_flow(
    "dark-theme",
    f"""
{_PROFILE}
- tapOn: Settings
- tapOn: Dark theme
- extendedWaitUntil:
    visible: The lights are off
    timeout: 3000
""",
)
"""Taps, and waits shortly for what comes of it."""

FIRST_ORDERS = added_flow(
    "first-orders",
    f"""
- tapOn:
    id: {PACKAGE}:id/tab_profile
- extendedWaitUntil:
    visible: No orders yet
    timeout: 3000
""",
)
"""Waits shortly for what the backend says."""


SIGN_IN_SHORTLY = Addition(
    file="sign-in-shortly.yaml",
    content=f"""appId: {PACKAGE}
name: Sign in shortly
tags:
  - production
---
- launchApp:
    clearState: true
- tapOn: Continue as guest
- extendedWaitUntil:
    visible: Signed in as guest-.*
    timeout: 3000
""",
)
"""Signs in, and does not wait long for it."""

SIGN_IN_TWICE = Addition(
    file="sign-in-twice.yaml",
    content=f"""appId: {PACKAGE}
name: Sign in twice
tags:
  - production
---
- launchApp:
    clearState: true
- tapOn: Continue as guest
- assertVisible: Signed in as guest-.*
- launchApp:
    clearState: true
- tapOn: Continue as guest
- extendedWaitUntil:
    visible: Signed in as guest-.*
    timeout: 3000
""",
)
"""Signs in as one guest and then as another."""
