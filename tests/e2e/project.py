"""A small project of a team, for tests to run and to spoil."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.commands import Ended, validator
from validator.demo.build import BuildOptions, Variant, build

PACKAGE = "com.example.cornershop"
API = "http://127.0.0.1:9"
FLOW = f"appId: {PACKAGE}\ntags: [production]\n---\n- launchApp\n"


@dataclass(frozen=True)
class Project:
    """A project that needs nothing but a device, until a test spoils it."""

    root: Path

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def write_defaults(self) -> None:
        self.write("flows/a.yaml", FLOW)
        self.config()

    def config(self, **changes: object) -> Path:
        keys: dict[str, object] = {
            "environment": "production",
            "app": {"id": PACKAGE},
            "build": {
                "file": "app.apk",
                "expect": {"contains": [API], "never_contains": ["staging.cornershop.example"]},
            },
            "devices": [{"serial": "emulator-5999"}],
            "adb": {"server_port": 15999},
            "flows": {"workspace": "flows", "runner": "maestro-runner"},
        }
        return self.write("configs/production.yaml", json.dumps(keys | changes))

    def apk(self, variant: Variant = Variant.PRODUCTION, api_url: str = API) -> Path:
        options = BuildOptions(variant=variant, keystore=self.root / "keys", api_url=api_url, revision="abc")
        build(options, self.root / "app.apk")
        return self.root / "app.apk"

    def run(self, *options: str, **environment: str) -> Ended:
        done = validator(self.root, "run", "-c", "production", *options, seconds=50, **environment)
        assert "Traceback" not in done.output + done.errors
        assert done.exit_code != 70, done.errors
        return done
