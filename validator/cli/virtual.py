"""`validator virtual`: virtual devices for trying flows by hand, and for programs that need devices."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from validator.virtual.fleet import Fleet, FleetOptions

_OLDEST_SDK, _NEWEST_SDK = 26, 36


@click.command()
@click.option("--port", type=click.IntRange(1024, 65535), help="Port of the first device; the others follow.")
@click.option("--devices", type=click.IntRange(1, 64), default=1, show_default=True, help="How many devices.")
@click.option(
    "--adb", "adb_path", metavar="PATH", help="The adb program. Default: the one on PATH, else adbutils' own."
)
@click.option(
    "--adb-server-port",
    type=click.IntRange(1, 65535),
    help="Attach to the adb server that runs on this port, instead of starting a private one.",
)
@click.option(
    "--private-adb-port",
    type=click.IntRange(1, 65535),
    help="Start the private adb server on this port, such as 5037, instead of on a free one.",
)
@click.option("--abi", "abis", multiple=True, help="An ABI of the devices, best first. Default: x86_64 and arm64-v8a.")
@click.option("--sdk", type=click.IntRange(_OLDEST_SDK, _NEWEST_SDK), default=34, show_default=True, help="API level.")
@click.option(
    "--form-factor",
    type=click.Choice(["phone", "tablet", "foldable", "tv", "watch", "automotive"]),
    default="phone",
    show_default=True,
    help="What kind of device they say they are; the display stays the same.",
)
@click.option(
    "--serial-style",
    type=click.Choice(["tcp", "emulator"]),
    default="tcp",
    show_default=True,
    help="Serials like 127.0.0.1:21001, or like emulator-21000.",
)
@click.option("--json", "as_json", is_flag=True, help="Say where the devices are in one line of JSON.")
@click.option("--exit-with-parent", is_flag=True, help="End when the parent process or standard input ends.")
def command(
    port: int | None,
    devices: int,
    adb_path: str | None,
    adb_server_port: int | None,
    private_adb_port: int | None,
    abis: tuple[str, ...],
    sdk: int,
    form_factor: str,
    serial_style: str,
    as_json: bool,
    exit_with_parent: bool,
) -> None:
    """Boot virtual Android devices and leave them attached to adb.

    They run until Ctrl-C. Nothing of Android has to be installed.
    """
    from validator.virtual.device.profile import DeviceProfile
    from validator.virtual.fleet import FleetOptions, SerialStyle

    profile = DeviceProfile(sdk=sdk, form_factor=form_factor)
    profile = replace(profile, abis=abis) if abis else profile
    options = FleetOptions(
        adb=_adb(adb_path, needed=adb_server_port is None),
        devices=devices,
        port=port,
        server_port=adb_server_port,
        private_port=private_adb_port,
        profile=profile,
        style=SerialStyle(serial_style),
    )
    asyncio.run(_serve(options, as_json=as_json, exit_with_parent=exit_with_parent))


def _adb(given: str | None, *, needed: bool) -> Path | None:
    from validator.virtual.adb_binary import find_adb

    if given is not None:
        if not Path(given).is_file():
            raise click.BadParameter(f"there is no file {given}", param_hint="'--adb'")
        return Path(given).absolute()
    found = find_adb()
    if found is None and needed:
        raise click.UsageError("no adb program found; install platform-tools, or name one with --adb")
    return found


async def _serve(options: FleetOptions, *, as_json: bool, exit_with_parent: bool) -> None:
    from validator.virtual.fleet import FleetError, running_fleet
    from validator.virtual.lifetime import until_told

    with until_told(exit_with_parent=exit_with_parent) as told:
        try:
            async with running_fleet(options) as fleet:
                click.echo(_line(fleet) if as_json else _guide(fleet))
                await told.wait()
        except FleetError as problem:
            raise click.UsageError(str(problem)) from None


def _line(fleet: Fleet) -> str:
    return json.dumps(
        {
            "serials": fleet.serials,
            "adb": str(fleet.adb) if fleet.adb else "adb",
            "adb_server_port": fleet.server_port,
            "control": fleet.control_url,
        }
    )


def _guide(fleet: Fleet) -> str:
    first = fleet.serials[0]
    lines = [
        f"{len(fleet.devices)} virtual device{'s' * (len(fleet.devices) > 1)}: {' '.join(fleet.serials)}",
        "",
        "In another terminal:",
        f"  export ANDROID_ADB_SERVER_PORT={fleet.server_port}",
        f'  export PATH="{fleet.adb.parent if fleet.adb else "."}:$PATH"',
        "  adb devices",
        f"  adb -s {first} install app.apk",
        f"  maestro-runner --device {first} test flow.yaml",
        "",
        "Make a device fail, and heal it:",
        f'  curl -X POST {fleet.control_url}/faults -d \'{{"device": 0, "kind": "crash"}}\'',
        f"  curl -X DELETE {fleet.control_url}/faults",
        "",
        "Ctrl-C ends them.",
    ]
    return "\n".join(lines)
