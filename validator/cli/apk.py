"""`validator apk`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from validator.model.decision import ExitCode

if TYPE_CHECKING:
    from validator.builds.apk.strings import Hit
    from validator.builds.tools import Tools
    from validator.model.build import Apk

_WIDEST = 400
_NAME_WIDTH = 13


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--find", "texts", multiple=True, metavar="TEXT", help="Where in the APK is this text? Repeatable.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def command(file: Path, texts: tuple[str, ...], as_json: bool) -> ExitCode:
    """What an APK says of itself: package, signers, network, and which texts are in it.

    Everything is read from the file, without Android's own tools. Where apksigner and aapt2 are installed they are
    asked, too, and it is told whether they say the same.

    Exits with 0 when the APK could be read, with 3 when not, and with 1 when one of those tools says something else.
    """
    import json
    import os

    from validator.builds.expect import essence
    from validator.builds.inspect import describe
    from validator.builds.tools import find_tools, verify
    from validator.cli.signals import stopping
    from validator.support.stop import Stop

    wanted = tuple(dict.fromkeys(text for text in map(essence, texts) if text))
    found = describe(file, wanted)
    tools, stop = find_tools(os.environ), Stop()
    with stopping(stop):
        apk = replace(found.apk, checks=verify(tools, found.apk, file, stop))
    if stop.is_set:
        return ExitCode.INTERRUPTED
    if as_json:
        click.echo(json.dumps({**asdict(apk), "hits": [asdict(hit) for hit in found.hits]}, indent=2))
    else:
        click.echo("\n".join(_shown(name, value) for name, value in _facts(apk, wanted, found.hits, tools)))
    return ExitCode.BLOCKED if any(check.agrees is False for check in apk.checks) else ExitCode.OPEN


def _shown(name: str, value: str) -> str:
    from validator.support.text import one_line

    return f"{name:<{_NAME_WIDTH}} {one_line(value, _WIDEST)}"


def _facts(apk: Apk, wanted: Sequence[str], hits: Sequence[Hit], tools: Tools) -> Iterator[tuple[str, str]]:
    yield "package", f"{apk.package} {apk.version_name} ({apk.version_code})"
    yield "sha256", apk.sha256
    yield "size", f"{apk.size:,} bytes, {apk.unpacked:,} unpacked"
    yield "Android", f"API {apk.min_sdk} or newer, made for {apk.target_sdk}"
    yield "ABIs", ", ".join(apk.abis) or "any: no native code"
    yield "build", ", ".join(_kinds(apk)) or "release"
    yield "launches", ", ".join(apk.launchable) or "nothing"
    for signature in apk.signatures:
        yield "signed", f"{signature.scheme}: {', '.join(signature.certificates)}"
    if not apk.signatures:
        yield "signed", "not at all"
    yield from _network(apk)
    for permission in apk.permissions:
        yield "permission", permission
    for text in wanted:
        yield "text", f"{text}: {_places([hit for hit in hits if hit.text == text])}"
    yield from _verified(apk, tools)


def _kinds(apk: Apk) -> Iterator[str]:
    if apk.debuggable:
        yield "debuggable"
    if apk.test_only:
        yield "for tests only"
    if apk.debug_signed:
        yield "signed with a debug certificate"


def _network(apk: Apk) -> Iterator[tuple[str, str]]:
    network = apk.network
    yield "network", network.configuration or "no configuration of its own"
    for name, hosts in (
        ("cleartext", network.cleartext),
        ("user CAs", network.user_authorities),
        ("own CAs", network.own_authorities),
        ("pinned", network.pinned),
    ):
        yield name, ", ".join("every host" if host == "*" else host for host in hosts) or "no host"


def _places(hits: Sequence[Hit]) -> str:
    return ", ".join(hit.entry if hit.whole else f"{hit.entry} (something longer)" for hit in hits) or "nowhere"


def _verified(apk: Apk, tools: Tools) -> Iterator[tuple[str, str]]:
    for check in apk.checks:
        yield check.tool, check.detail
    if tools.apksigner is None:
        yield "apksigner", "not installed, so the signature was read and not verified"
    if tools.aapt2 is None:
        yield "aapt2", "not installed, so the manifest was read by this program alone"
