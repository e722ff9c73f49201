"""The errors of the automation server, in the words and with the statuses of appium-uiautomator2-server 9.

Source: app/src/main/java/io/appium/uiautomator2/common/exceptions of github.com/appium/appium-uiautomator2-server.
"""

from __future__ import annotations


class AutomationError(Exception):
    """A request that failed: the HTTP status and the W3C error code to answer with."""

    status = 500
    code = "unknown error"


class NoSuchElementError(AutomationError):
    """Nothing on the screen matches."""

    status = 404
    code = "no such element"

    def __init__(self) -> None:
        super().__init__("An element could not be located on the page using the given search parameters")


class StaleElementError(AutomationError):
    """An element that was found earlier is not on the screen any more."""

    status = 404
    code = "stale element reference"

    def __init__(self, description: str) -> None:
        super().__init__(f"The element '{description}' does not exist in DOM anymore")


class InvalidSelectorError(AutomationError):
    """A selector that cannot be read."""

    status = 400
    code = "invalid selector"


class InvalidArgumentError(AutomationError):
    """A request whose body is not as the command wants it."""

    status = 400
    code = "invalid argument"


class InvalidElementStateError(AutomationError):
    """A command that does not suit the element."""

    status = 400
    code = "invalid element state"


class NoSuchSessionError(AutomationError):
    """A command without a session."""

    status = 404
    code = "invalid session id"

    def __init__(self) -> None:
        super().__init__("A session is either terminated or not started")


class NoSuchAlertError(AutomationError):
    """There is no dialog in front."""

    status = 404
    code = "no such alert"

    def __init__(self) -> None:
        super().__init__("An attempt was made to operate on a modal dialog when one was not open")


class UnknownCommandError(AutomationError):
    """There is no such route."""

    status = 404
    code = "unknown command"

    def __init__(self) -> None:
        super().__init__(
            "The requested resource could not be found, or a request was received using an HTTP method "
            "that is not supported by the mapped resource"
        )
