"""A running backend and a customer's way to talk to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import httpx

from validator.demo.backend.client import SwitchClient
from validator.demo.backend.process import BackendProcess

ADMIN_TOKEN = "let-me-clean-up"


@dataclass(frozen=True)
class Shop:
    process: BackendProcess
    http: httpx.Client
    log_file: Path

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def switches(self) -> SwitchClient:
        return self.process.switches

    def sign_in(self, **headers: str) -> dict[str, str]:
        """Headers that authenticate a fresh anonymous user, marked by the headers given."""
        response = self.http.post("/v1/users/anonymous", headers=headers)
        assert response.status_code == 201, response.text
        return {"Authorization": f"Bearer {response.json()['token']}", **headers}

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]
