"""Setting the backend's switches from another process: blocking, with deadlines, the standard library only."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

from validator.demo.backend.switches import Switch, SwitchError, switch_to_json

TIMEOUT_S = 5.0


class BackendUnreachableError(Exception):
    """The backend's admin port does not answer: the process has ended, or never started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchStatus:
    """A switch that was set, and how far it has come."""

    id: int
    begun: bool
    in_force: bool
    applied: int
    """Requests it has applied to."""


@dataclass(frozen=True, slots=True)
class SwitchClient:
    """The switches of the backend whose admin port is at `admin_url`.

    Every method raises `BackendUnreachableError` when there is no answer within five seconds.
    """

    admin_url: str

    def set(self, switch: Switch) -> SwitchStatus:
        """Set a switch; when this returns it is in force, or waits for the request that starts it.

        Raises:
            SwitchError: The backend refuses it.
        """
        return _status_of(self._call("POST", "/switches", switch_to_json(switch)))

    def all(self) -> list[SwitchStatus]:
        """The switches that are set, oldest first."""
        listed = self._call("GET", "/switches")
        switches = listed.get("switches")
        return [_status_of(item) for item in switches] if isinstance(switches, list) else []

    def clear(self, switch: SwitchStatus) -> None:
        """Take one switch off."""
        self._call("DELETE", f"/switches/{switch.id}")

    def clear_all(self) -> None:
        """Take all switches off."""
        self._call("DELETE", "/switches")

    def user_count(self) -> int:
        """How many anonymous users the shop has now."""
        return _whole(self._call("GET", "/state").get("users"))

    def _call(self, method: str, path: str, body: bytes = b"") -> dict[str, object]:
        address = urlsplit(self.admin_url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            answer: object = json.loads(response.read())
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise BackendUnreachableError(
                f"{method} {self.admin_url}{path}: {error}. Is the backend still running?"
            ) from error
        finally:
            connection.close()
        if not isinstance(answer, dict):
            raise BackendUnreachableError(f"{method} {self.admin_url}{path}: {answer!r} is not what the backend says")
        if response.status >= HTTPStatus.BAD_REQUEST:
            raise SwitchError(str(answer.get("detail", response.reason)))
        return answer


def _status_of(value: object) -> SwitchStatus:
    fields = value if isinstance(value, dict) else {}
    return SwitchStatus(
        id=_whole(fields.get("id")),
        begun=fields.get("begun") is True,
        in_force=fields.get("in_force") is True,
        applied=_whole(fields.get("applied")),
    )


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
