"""The whole backend in one event loop: the shop behind its edge on one port, the switches on another."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from validator.demo.backend.accesslog import AccessLog
from validator.demo.backend.admin import Admin
from validator.demo.backend.doors import Doors
from validator.demo.backend.edge import Edge
from validator.demo.backend.limits import RateLimiter
from validator.demo.backend.metrics import Metrics
from validator.demo.backend.routes import Api, Release
from validator.demo.backend.shop import Shop
from validator.demo.backend.switchboard import Switchboard
from validator.demo.backend.switches import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendSettings:
    """What a backend is started with."""

    release: Release
    log: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    """0 chooses a free port."""
    admin_port: int = 0
    admin_token: str = ""
    limit: Limit = field(default_factory=Limit)


class Backend:
    """A running backend; leave the context to stop it."""

    def __init__(self, settings: BackendSettings) -> None:
        """Reserve the ports and open the log.

        Raises:
            OSError: A port is taken, or the log cannot be written.
        """
        self._board = Switchboard()
        self._reopening: asyncio.TimerHandle | None = None
        self._reconciling: asyncio.Task[None] | None = None
        shop, metrics = Shop(), Metrics()
        api = Api(shop, metrics, settings.release, settings.admin_token)
        self._log = AccessLog(settings.log)
        edge = Edge(
            inner=api.application(),
            board=self._board,
            limiter=RateLimiter.of(settings.limit),
            log=self._log,
            metrics=metrics,
            shut_doors=self._shut,
        )
        admin = Admin(self._board, shop, time.monotonic, self._follow_switches)
        self.shop_doors = Doors(edge, host=settings.host, port=settings.port)
        self.admin_doors = Doors(admin.application(), host="127.0.0.1", port=settings.admin_port)

    async def __aenter__(self) -> Self:
        await self.shop_doors.open()
        await self.admin_doors.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reopening is not None:
            self._reopening.cancel()
        self.shop_doors.close()
        self.admin_doors.close()
        # A turn of the loop lets the aborted transports close their sockets.
        await asyncio.sleep(0)
        self._log.close()

    async def _follow_switches(self) -> None:
        if self._board.refusing(now=time.monotonic()):
            self._shut()
        else:
            await self.shop_doors.open()

    def _shut(self) -> None:
        self.shop_doors.shut()
        if self._reopening is not None:
            self._reopening.cancel()
        ends = self._board.listens_again_at()
        if ends is not None:
            loop = asyncio.get_running_loop()
            self._reopening = loop.call_later(max(0.0, ends - time.monotonic()), self._reconsider)

    def _reconsider(self) -> None:
        self._reconciling = asyncio.ensure_future(self._follow_switches())
