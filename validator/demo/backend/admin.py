"""The switches over HTTP, on a port of their own that an outage does not touch."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from validator.demo.backend.problems import problem
from validator.demo.backend.requestbody import read_bounded
from validator.demo.backend.shop import Shop
from validator.demo.backend.switchboard import ArmedSwitch, Switchboard
from validator.demo.backend.switches import SwitchError, switch_from_json, switch_to_json


@dataclass(frozen=True, slots=True)
class Admin:
    """The endpoints behind the counter."""

    board: Switchboard
    shop: Shop
    clock: Callable[[], float]
    changed: Callable[[], Awaitable[None]]
    """Called after every change, so that the doors follow the switches before the caller gets its reply."""

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/switches", self.list_switches, methods=["GET"]),
                Route("/switches", self.add_switch, methods=["POST"]),
                Route("/switches", self.clear_switches, methods=["DELETE"]),
                Route("/switches/{id:int}", self.clear_switch, methods=["DELETE"]),
                Route("/state", self.get_state, methods=["GET"]),
            ]
        )

    async def list_switches(self, request: Request) -> Response:  # noqa: ARG002 - the router passes it
        """All switches that are set."""
        return JSONResponse({"switches": [self._described(armed) for armed in self.board.armed()]})

    async def add_switch(self, request: Request) -> Response:
        """Set the switch in the body."""
        try:
            switch = switch_from_json(await read_bounded(request))
        except SwitchError as error:
            return problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        armed = self.board.arm(switch, now=self.clock())
        await self.changed()
        return JSONResponse(self._described(armed), status_code=HTTPStatus.CREATED)

    async def clear_switches(self, request: Request) -> Response:  # noqa: ARG002 - the router passes it
        """Take all switches off."""
        cleared = self.board.clear_all()
        await self.changed()
        return JSONResponse({"cleared": cleared})

    async def clear_switch(self, request: Request) -> Response:
        """Take one switch off."""
        found = self.board.clear(request.path_params["id"])
        await self.changed()
        if not found:
            return problem(HTTPStatus.NOT_FOUND, f"no switch has the id {request.path_params['id']}")
        return JSONResponse({"cleared": 1})

    async def get_state(self, request: Request) -> Response:  # noqa: ARG002 - the router passes it
        """What the shop holds now."""
        return JSONResponse({"users": self.shop.user_count, "orders": self.shop.orders_placed})

    def _described(self, armed: ArmedSwitch) -> dict[str, object]:
        return {
            "id": armed.id,
            "switch": json.loads(switch_to_json(armed.switch)),
            "begun": armed.began_at is not None,
            "in_force": armed.in_force(self.clock()),
            "applied": armed.applied,
        }
