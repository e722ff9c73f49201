"""`python -m validator.demo.build`: make the shop's APK, as `gradle assembleRelease` would in a real project.

What differs between builds comes from the environment: `API_URL` is the production variant's backend, `REVISION` the
commit. The staging variant has a backend of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from validator.demo.apk.keystore import KeystoreError, Signer, SigningKey, signing_key
from validator.demo.apk.manifest import AppIdentity
from validator.demo.apk.package import ABIS, Package, write_apk
from validator.demo.project import APP_SOURCES
from validator.demo.sources import SourceError, app_assets

APPLICATION_ID = "com.example.cornershop"
VERSION_NAME = "1.4.2"
STAGING_URL = "https://staging.cornershop.example"


class Variant(StrEnum):
    """Which build of the app. All have the same application id: only a look inside tells them apart."""

    PRODUCTION = "production"
    STAGING = "staging"
    """Debuggable, signed with the debug key, talking to the staging backend."""


class BuildError(Exception):
    """The build cannot be made as asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOptions:
    """What to build."""

    variant: Variant
    keystore: Path
    """The folder of the signing keys, made when missing."""
    api_url: str = ""
    """The production variant's backend."""
    revision: str = "unknown"
    version_name: str = VERSION_NAME
    abis: tuple[str, ...] = ()
    unmarked: str = ""
    """A bug to build in: calls whose path begins so do not send the test-traffic mark."""


def build(options: BuildOptions, out: Path) -> SigningKey:
    """Write the APK and return the key that signed it.

    Raises:
        BuildError: No backend is given, or a file cannot be read or written; the message says what to do.
    """
    constants = _constants(options)
    package = Package(
        app=_identity(options, constants),
        assets=_assets(options, constants),
        constants=constants,
        abis=options.abis,
    )
    try:
        key = signing_key(options.keystore, _signer(options.variant))
        write_apk(out, package, key)
    except KeystoreError as error:
        raise BuildError(str(error)) from error
    except OSError as error:
        raise BuildError(f"{out}: {error.strerror}. Give a path that can be written with --out.") from error
    return key


def signer_digest(keystore: Path, variant: Variant) -> str:
    """SHA-256 of the certificate that signs this variant, in lower-case hex.

    Raises:
        KeystoreError: The keystore cannot be written, or holds no key.
    """
    return signing_key(keystore, _signer(variant)).digest


def _signer(variant: Variant) -> Signer:
    return Signer.RELEASE if variant is Variant.PRODUCTION else Signer.DEBUG


def _constants(options: BuildOptions) -> dict[str, str]:
    url = STAGING_URL if options.variant is Variant.STAGING else options.api_url
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise BuildError(
            f"API_URL is {url!r}, no http address. Set it to the deployed backend, as terraform outputs it."
        )
    return {
        "API_URL": url.rstrip("/"),
        "APPLICATION_ID": APPLICATION_ID,
        "BUILD_TYPE": "release" if options.variant is Variant.PRODUCTION else "debug",
        "ENVIRONMENT": options.variant.value,
        "REVISION": options.revision,
        "VERSION_NAME": options.version_name,
    }


def _identity(options: BuildOptions, constants: Mapping[str, str]) -> AppIdentity:
    url = urlsplit(constants["API_URL"])
    return AppIdentity(
        package=APPLICATION_ID,
        label="Corner Shop",
        version_name=options.version_name,
        version_code=_version_code(options.version_name),
        debuggable=options.variant is Variant.STAGING,
        cleartext_hosts=(url.hostname,) if url.scheme == "http" and url.hostname else (),
    )


def _version_code(name: str) -> int:
    """`1.4.2` is 10402."""
    parts = name.split(".")
    if len(parts) != 3 or not all(part.isdecimal() and int(part) < 100 for part in parts):
        raise BuildError(f"the version {name!r} is not of the form 1.4.2, each part below 100")
    major, minor, patch = map(int, parts)
    return major * 10_000 + minor * 100 + patch


def _assets(options: BuildOptions, constants: Mapping[str, str]) -> dict[str, bytes]:
    try:
        return app_assets(APP_SOURCES, constants, unmarked=options.unmarked)
    except SourceError as error:
        raise BuildError(str(error)) from error


def main(arguments: list[str] | None = None) -> int:
    """Build; 0 when the APK is there, 1 when it could not be made."""
    given = _parser().parse_args(arguments)
    options = BuildOptions(
        variant=given.variant,
        keystore=given.keystore,
        api_url=os.environ.get("API_URL", ""),
        revision=os.environ.get("REVISION", "unknown"),
        version_name=given.version_name,
        abis=tuple(given.abi),
        unmarked=given.forget_mark,
    )
    try:
        key = build(options, given.out)
    except BuildError as error:
        sys.stderr.write(f"Build failed: {error}\n")
        return 1
    sys.stdout.write(f"{given.out} ({options.variant}, signed by sha256:{key.digest})\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m validator.demo.build",
        description="Build Corner Shop's APK. $API_URL and $REVISION are baked in.",
    )
    parser.add_argument("--variant", type=Variant, choices=list(Variant), default=Variant.PRODUCTION)
    parser.add_argument("--out", type=Path, required=True, help="where to write the APK")
    parser.add_argument(
        "--keystore", type=Path, default=Path("keystore"), help="folder of the signing keys (%(default)s)"
    )
    parser.add_argument("--version-name", default=VERSION_NAME, metavar="X.Y.Z")
    parser.add_argument("--abi", action="append", default=[], choices=ABIS, help="include a native library; repeatable")
    parser.add_argument(
        "--forget-mark", default="", metavar="PATH", help="build in a bug: these calls carry no run mark"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
