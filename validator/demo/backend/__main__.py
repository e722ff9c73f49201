"""`python -m validator.demo.backend`: run the shop's backend until SIGTERM; one line of JSON says when it is ready."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from validator.demo.backend.backend import Backend, BackendSettings
from validator.demo.backend.routes import Release
from validator.demo.backend.switches import Limit

ADMIN_TOKEN_VARIABLE = "SHOP_ADMIN_TOKEN"  # noqa: S105 - the variable's name, not a token
_PARENT_CHECK_S = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Run a backend; 0 when it was asked to stop, 1 when it could not start."""
    parent = os.getppid()
    options = _parser().parse_args(arguments)
    try:
        asyncio.run(_serve(_settings(options), parent=parent if options.exit_with_parent else None))
    except OSError as error:
        sys.stderr.write(f"The backend cannot start: {error}. Choose another --port or --log.\n")
        return 1
    return 0


async def _serve(settings: BackendSettings, *, parent: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Backend(settings) as backend:
        ready = {"url": backend.shop_doors.url(), "admin": backend.admin_doors.url(), "pid": os.getpid()}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        while not stop.is_set() and (parent is None or os.getppid() == parent):
            try:
                await asyncio.wait_for(stop.wait(), timeout=None if parent is None else _PARENT_CHECK_S)
            except TimeoutError:
                continue


def _settings(options: argparse.Namespace) -> BackendSettings:
    return BackendSettings(
        release=Release(version=options.version, revision=options.revision),
        log=options.log,
        port=options.port,
        admin_port=options.admin_port,
        admin_token=os.environ.get(ADMIN_TOKEN_VARIABLE, ""),
        limit=Limit(
            accounts_per_hour=options.accounts_per_hour,
            requests_per_second=options.requests_per_second,
            requests_burst=options.requests_burst,
        ),
    )


def _parser() -> argparse.ArgumentParser:
    defaults = Limit()
    parser = argparse.ArgumentParser(
        prog="python -m validator.demo.backend",
        description="Corner Shop's HTTP backend.",
        epilog=f"${ADMIN_TOKEN_VARIABLE} allows DELETE /v1/users/anonymous to whoever sends it as a bearer token.",
    )
    parser.add_argument("--port", type=int, default=0, help="the shop's port on 127.0.0.1 (0: a free one)")
    parser.add_argument("--admin-port", type=int, default=0, help="the switches' port (0: a free one)")
    parser.add_argument("--version", default="1.4.2", help="what /version says (%(default)s)")
    parser.add_argument("--revision", default="unknown", help="the deployed revision, for /version")
    parser.add_argument("--log", type=Path, help="append the access log to this file, as JSON lines")
    parser.add_argument("--accounts-per-hour", type=int, default=defaults.accounts_per_hour, metavar="N")
    parser.add_argument("--requests-per-second", type=float, default=defaults.requests_per_second, metavar="N")
    parser.add_argument("--requests-burst", type=int, default=defaults.requests_burst, metavar="N")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when the process that started it ends")
    return parser


if __name__ == "__main__":
    sys.exit(main())
