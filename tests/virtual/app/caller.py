"""An app whose button makes one HTTP call and whose text tells what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from tests.virtual.app.phone import Phone, System, app, open_app

STATE = "{told}|{saved|json}|{loading}"
OK_TAG = "I okhttp.OkHttpClient: "


def tell(branch: str) -> list[dict[str, object]]:
    return [{"do": "set", "values": {"told": f"{branch} {{response.status}}{{response.error}}"}}]


async def caller(
    call: Mapping[str, object], base_url: str, system: System | None = None, http: Mapping[str, object] | None = None
) -> Phone:
    """An app whose button makes the call and whose text tells what came of it."""
    elements: list[object] = [
        {"type": "button", "text": "Call", "on_tap": [{"do": "http", **call}]},
        {"type": "text", "text": STATE},
    ]
    variables = {"told": "nothing", "saved": None, "loading": False, "token": "secret"}
    description = app(elements, variables=variables, http={"base_url": base_url, **(http or {})})
    return await open_app(description, system)


def okhttp(phone: Phone) -> list[str]:
    return [line.removeprefix(OK_TAG) for line in phone.system.lines if line.startswith(OK_TAG)]


async def outcome(phone: Phone) -> str:
    await phone.tap("Call")
    await phone.until(lambda: not phone.texts[-1].startswith("nothing|"))
    told = phone.texts[-1]
    await phone.app.close()
    return told
