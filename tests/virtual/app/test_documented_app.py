"""The complete app of docs/virtual-app.md does what the page says."""

import pytest

from tests.virtual.app.backend import Answer, Backend
from tests.virtual.app.phone import System, documented_app, open_app

pytestmark = pytest.mark.anyio

PRODUCTS = [{"sku": f"s{n}", "name": f"Product {n}", "price_cents": 100 * n + 50} for n in range(1, 31)]


@pytest.fixture
def shop(backend: Backend) -> Backend:
    backend.routes["POST /v1/users/anonymous"] = Answer(201, {"id": "u1", "token": "secret-token"})
    backend.routes["GET /v1/products"] = Answer(200, {"items": PRODUCTS})
    return backend


async def test_a_user_signs_in_browses_and_signs_out(shop: Backend):
    phone = await open_app(documented_app(), extras={"runId": "run-7"}, API_URL=shop.url, RELEASE="1.4.2")
    await phone.tap("Continue as guest")
    await phone.shows("30 products")
    assert phone.node("product_s1").clickable
    assert "$1.50" in phone.texts
    await phone.tap("Product 2")
    assert "Product 2 added" in phone.texts
    await phone.tap("Sign out")
    assert phone.texts[-2:] == ["Sign out", "Stay"] or "Your cart will be lost." in phone.texts
    await phone.tap("button1")
    assert "Welcome to Mini Shop" in phone.texts
    await phone.app.close()


async def test_all_of_its_traffic_carries_the_mark_and_the_token(shop: Backend):
    system = System(properties={"debug.validator.run": "run-9"})
    phone = await open_app(documented_app(), system, API_URL=shop.url, RELEASE="1.4.2")
    await phone.tap("Continue as guest")
    await phone.shows("30 products")
    signed_in, listed = shop.asked
    assert signed_in.headers["X-Validation-Run"] == listed.headers["X-Validation-Run"] == "run-9"
    assert "Authorization" not in signed_in.headers
    assert listed.headers["Authorization"] == "Bearer secret-token"
    assert listed.headers["User-Agent"] == "okhttp/4.12.0 validator/run-9"
    assert not any("secret-token" in line for line in system.lines)
    await phone.app.close()


async def test_a_user_stays_signed_in_until_the_data_is_cleared(shop: Backend):
    system = System()
    phone = await open_app(documented_app(), system, API_URL=shop.url, RELEASE="1")
    await phone.tap("Continue as guest")
    await phone.shows("30 products")
    await phone.app.close()
    phone = await open_app(documented_app(), system, API_URL=shop.url, RELEASE="1")
    await phone.shows("30 products")
    await phone.app.close()
    system.storage.clear()
    phone = await open_app(documented_app(), system, API_URL=shop.url, RELEASE="1")
    assert "Welcome to Mini Shop" in phone.texts
    await phone.app.close()


async def test_without_a_backend_it_says_so():
    phone = await open_app(documented_app(), API_URL="http://127.0.0.1:9", RELEASE="1")
    await phone.tap("Continue as guest")
    await phone.shows("No connection")
    assert "I okhttp.OkHttpClient: <-- HTTP FAILED: java.net.ConnectException: Failed to connect to /127.0.0.1:9" in (
        phone.system.lines
    )
    await phone.app.close()
