"""APKs for tests: small, real, signed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from validator.demo.apk.archive import Entry, archive
from validator.demo.apk.axml import ATTRIBUTE_IDS, Element, android, binary_xml, plain
from validator.demo.apk.keystore import Signer, SigningKey, signing_key
from validator.demo.apk.manifest import AppIdentity
from validator.demo.apk.package import Package, apk_bytes
from validator.demo.apk.signature import signed

PACKAGE = "com.example.tiny"
APP = AppIdentity(package=PACKAGE, label="Tiny Shop", version_name="1.2", version_code=12)

ADD = {"do": "increment", "variable": "count"}
DESCRIPTION = {
    "format": "virtual-app/1",
    "name": "Tiny Shop",
    "variables": {"count": 0, "email": "", "visits": 0},
    "persistent": ["visits"],
    "start": [{"do": "increment", "variable": "visits"}],
    "first_screen": "home",
    "screens": {
        "home": {
            "title": "Home",
            "elements": [
                {"type": "text", "text": "Count {count}", "id": "count"},
                {"type": "text", "text": "Visit {visits}"},
                {"type": "text", "text": "Run {extra.runId}"},
                {"type": "button", "text": "Add", "id": "add", "on_tap": [ADD]},
                {"type": "input", "id": "email", "hint": "Email", "bind": "email"},
                {"type": "button", "text": "Next", "on_tap": [{"do": "go", "screen": "second"}]},
            ],
        },
        "second": {"title": "Second", "elements": [{"type": "text", "text": "The second screen"}]},
    },
}  # fmt: skip


@cache
def key(signer: Signer = Signer.RELEASE) -> SigningKey:
    """A key of the tests' own, made once."""
    return signing_key(Path(tempfile.mkdtemp(prefix="virtual-keys-")), signer)


def tiny(
    *,
    signer: Signer = Signer.RELEASE,
    abis: tuple[str, ...] = (),
    description: Mapping[str, object] = DESCRIPTION,
    **identity: Any,
) -> bytes:
    """An app with two screens."""
    app = replace(APP, **identity)
    assets = {"virtual-app.json": json.dumps(description).encode(), "app-config.json": b"{}"}
    return apk_bytes(Package(app=app, assets=assets, abis=abis), key(signer))


def odd(manifest: Element, *, more: tuple[Entry, ...] = ()) -> bytes:
    """A signed APK with any manifest and any further entries."""
    return signed(archive([Entry(name="AndroidManifest.xml", data=binary_xml(manifest)), *more]), key())


def element(name: str, /, *children: Element, split: str = "", **attributes: Any) -> Element:
    """An element with attributes of Android's namespace, where the APK writer knows them."""
    known = {key: value for key, value in attributes.items() if key in ATTRIBUTE_IDS}
    others = {key: value for key, value in attributes.items() if key not in ATTRIBUTE_IDS}
    if name == "manifest":
        others |= {"package": others.get("package", PACKAGE)}
    if split:
        others["split"] = split
    return Element(name, android(**known) + plain(**others), children)


def main_activity(*filters: Element, **attributes: Any) -> Element:
    """An activity that the launcher starts, with further filters."""
    launch = element(
        "intent-filter",
        element("action", name="android.intent.action.MAIN"),
        element("category", name="android.intent.category.LAUNCHER"),
    )
    return element("activity", launch, *filters, name=".MainActivity", **attributes)


def manifest(*application: Element, target: int = 34, minimum: int = 24, **attributes: Any) -> Element:
    """A manifest of an app with these parts."""
    sdk = element("uses-sdk", minSdkVersion=minimum, targetSdkVersion=target)
    return element("manifest", sdk, element("application", *application, **attributes), versionCode=1, versionName="1")
