"""The shop's app against the real backend: what its screens say when the backend is well, and when it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.demo.customer import ADMIN_TOKEN, Shop
from tests.virtual.app.phone import Phone, System
from validator.demo.backend.switches import (
    Challenge,
    Fail,
    Limit,
    Maintenance,
    Refuse,
    RefuseSignIn,
    Switch,
    WrongTotal,
)
from validator.demo.project import APP_SOURCES
from validator.demo.sources import app_assets
from validator.virtual.app import start_app

UNREACHABLE = "We cannot reach the shop right now"


def _use(shop: Shop, use: Callable[[Phone], Awaitable[None]], *, system: System | None = None, bug: str = "") -> System:
    """Launch the app, use it, and stop it."""
    phone_system = system or System()
    constants = {"API_URL": shop.url, "ENVIRONMENT": "production", "REVISION": "abc1234", "VERSION_NAME": "1.4.2"}
    assets = {f"assets/{name}": data for name, data in app_assets(APP_SOURCES, constants, unmarked=bug).items()}

    async def session() -> None:
        app = await start_app(assets, phone_system, {})
        try:
            await use(Phone(phone_system, app))
        finally:
            await app.close()

    asyncio.run(session())
    return phone_system


async def _sign_in(phone: Phone) -> None:
    await phone.tap("Continue as guest")
    await phone.until(lambda: any(text.startswith("Signed in as guest-") for text in phone.texts))
    await phone.shows("32 products on our shelves")


async def _fill_cart(phone: Phone) -> None:
    await _sign_in(phone)
    await phone.tap("tab_catalogue")
    await phone.shows("Sourdough loaf")
    await phone.tap("product_sourdough-loaf")
    await phone.shows("Add to cart")
    await phone.until(lambda: phone.node("Add to cart").enabled)
    await phone.tap("Add to cart")
    await phone.shows("1 item in your cart")
    await phone.tap("View cart")
    await phone.shows("Total €4.80")


async def _type(phone: Phone, field: str, text: str) -> None:
    await phone.tap(field)
    await phone.app.type_text(text)


async def _order(phone: Phone) -> None:
    await _fill_cart(phone)
    await phone.tap("Go to checkout")
    await _type(phone, "delivery_name", "Ada")
    await _type(phone, "delivery_address", "1 Example Street")
    await phone.tap("Place order")


def test_a_guest_is_created_once_and_remembered(shared_shop: Shop) -> None:
    before = shared_shop.switches.user_count()
    system = _use(shared_shop, _sign_in)
    assert any("'signed in', { id: 'anon-" in line for line in system.lines)

    async def comes_back(phone: Phone) -> None:
        await phone.shows("32 products on our shelves")
        assert "Continue as guest" not in phone.texts

    _use(shared_shop, comes_back, system=system)
    assert shared_shop.switches.user_count() == before + 1


def test_an_order_is_confirmed_with_its_number_and_total(shared_shop: Shop) -> None:
    async def orders(phone: Phone) -> None:
        await _order(phone)
        await phone.shows("Your order is confirmed")
        assert "Paid €4.80" in phone.texts
        assert any(text.startswith("Order number CS-") for text in phone.texts)
        await phone.tap("Keep shopping")
        await phone.tap("tab_profile")
        await phone.until(lambda: any(text.startswith("Last order CS-") for text in phone.texts))

    _use(shared_shop, orders)


def test_a_wrong_total_shows(shop: Shop) -> None:
    shop.switches.set(Switch(effect=WrongTotal(cents=100), method="POST", path="/v1/orders"))

    async def orders(phone: Phone) -> None:
        await _order(phone)
        await phone.shows("Paid €5.80")

    _use(shop, orders)


@pytest.mark.parametrize(
    ("switch", "title", "detail"),
    [
        (Switch(effect=Refuse()), UNREACHABLE, "java.net.ConnectException"),
        (Switch(effect=Fail(status=500)), UNREACHABLE, "500"),
        (Switch(effect=Fail(status=502), path="/v1/catalogue"), UNREACHABLE, "502"),
        (Switch(effect=Fail(status=503)), UNREACHABLE, "503"),
        (Switch(effect=Maintenance(), lasts_s=90), "The shop is closed for maintenance", "come back in 90 seconds"),
        (Switch(effect=Fail(status=429, retry_after_s=7)), "Too many requests", "try again in 7 seconds"),
        (Switch(effect=Challenge()), "Access to the shop was denied", "firewall"),
        (Switch(effect=RefuseSignIn()), "We could not sign you in", "Anonymous sign-ins are disabled"),
    ],
    ids=lambda value: getattr(getattr(value, "effect", None), "kind", ""),
)
def test_every_trouble_has_its_words_and_a_way_out(shop: Shop, switch: Switch, title: str, detail: str) -> None:
    async def meets_trouble(phone: Phone) -> None:
        shop.switches.set(switch)
        await phone.tap("Continue as guest")
        await phone.shows(title)
        assert detail in phone.node("problem_detail").text
        await asyncio.to_thread(shop.switches.clear_all)
        await phone.tap("Try again")
        if "Continue as guest" in phone.texts:
            await phone.tap("Continue as guest")
        await phone.shows("32 products on our shelves")

    system = _use(shop, meets_trouble)
    assert any(line.startswith("W ReactNativeJS: ") and title in line for line in system.lines)


def test_too_many_accounts_are_told_from_an_outage(shop: Shop) -> None:
    async def meets_the_limit(phone: Phone) -> None:
        shop.switches.set(Switch(effect=Limit(accounts_per_hour=1, never_lifts=True)))
        shop.sign_in()
        await phone.tap("Continue as guest")
        await phone.shows("Too many requests")

    system = _use(shop, meets_the_limit)
    assert any("<-- 429" in line for line in system.lines)
    assert any("retry-after: " in line.lower() for line in system.lines)


def test_an_outage_while_ordering_is_no_lost_cart(shop: Shop) -> None:
    async def orders(phone: Phone) -> None:
        await _fill_cart(phone)
        await phone.tap("Go to checkout")
        await _type(phone, "delivery_name", "Ada")
        await _type(phone, "delivery_address", "here")
        outage = await asyncio.to_thread(shop.switches.set, Switch(effect=Refuse()))
        await phone.tap("Place order")
        await phone.shows(UNREACHABLE)
        await asyncio.to_thread(shop.switches.clear, outage)
        await phone.tap("Try again")
        await phone.tap("Place order")
        await phone.shows("Your order is confirmed")

    _use(shop, orders)


def test_a_session_that_the_shop_has_forgotten_ends_at_the_welcome_screen(shop: Shop) -> None:
    async def is_forgotten(phone: Phone) -> None:
        await _sign_in(phone)
        await asyncio.to_thread(
            shop.http.delete, "/v1/users/anonymous", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"}
        )
        await phone.tap("tab_cart")
        await phone.shows("Your session has ended")
        await _sign_in(phone)

    _use(shop, is_forgotten)


@pytest.mark.parametrize("name", ["debug.validator.run", "validator_run"])
def test_a_run_set_on_the_device_marks_every_request(shop: Shop, name: str) -> None:
    _use(shop, _fill_cart, system=System(properties={name: "run-42"}))
    entries = shop.log()
    assert len(entries) >= 5
    assert {entry["run"] for entry in entries} == {"run-42"}
    assert {entry["synthetic"] for entry in entries} == {True}
    assert {entry["agent"] for entry in entries} == {"okhttp/4.12.0 CornerShop/1.4.2 validator/run-42"}


def test_without_a_run_nothing_is_marked(shop: Shop) -> None:
    _use(shop, _sign_in)
    assert {(entry["run"], entry["baggage"], entry["agent"]) for entry in shop.log()} == {
        ("", "", "okhttp/4.12.0 CornerShop/1.4.2")
    }


def test_a_build_with_the_bug_forgets_the_mark_on_one_call(shop: Shop) -> None:
    _use(shop, _sign_in, system=System(properties={"debug.validator.run": "run-42"}), bug="/v1/catalogue")
    assert [(entry["path"], entry["run"]) for entry in shop.log()] == [
        ("/v1/users/anonymous", "run-42"),
        ("/v1/catalogue", ""),
    ]


def test_settings_outlive_a_restart(shared_shop: Shop) -> None:
    async def darkens(phone: Phone) -> None:
        await _sign_in(phone)
        await phone.tap("tab_profile")
        await phone.tap("Settings")
        await phone.tap("Dark theme")
        await phone.shows("The lights are off")

    async def looks(phone: Phone) -> None:
        await phone.tap("tab_profile")
        await phone.tap("Settings")
        assert "The lights are off" in phone.texts

    _use(shared_shop, looks, system=_use(shared_shop, darkens))


def test_a_removal_asks_first(shared_shop: Shop) -> None:
    async def removes(phone: Phone) -> None:
        await _fill_cart(phone)
        await phone.tap("Remove Sourdough loaf")
        assert "Total €4.80" not in phone.texts
        await phone.tap("Keep it")
        assert "Total €4.80" in phone.texts
        await phone.tap("Remove Sourdough loaf")
        await phone.tap("Yes, remove it")
        await phone.shows("Your cart is empty")

    _use(shared_shop, removes)
