"""Every misbehaviour that can be switched on, seen from a customer."""

from __future__ import annotations

import contextlib
import ssl
import time

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.customer import Shop
from validator.demo.backend.client import BackendUnreachableError, SwitchClient
from validator.demo.backend.expired import ExpiredAddress
from validator.demo.backend.switchboard import Switchboard
from validator.demo.backend.switches import (
    Challenge,
    Delay,
    Fail,
    Maintenance,
    Redirect,
    RefuseSignIn,
    Reword,
    Start,
    Switch,
    SwitchError,
    WrongTotal,
    switch_from_json,
    switch_to_json,
)


def test_errors_strike_the_chosen_share_of_the_chosen_path_the_same_each_time(shop: Shop) -> None:
    me = shop.sign_in()

    def statuses() -> list[int]:
        switch = shop.switches.set(Switch(effect=Fail(status=503, share=0.3, seed=7), path="/v1/cart"))
        seen = [shop.http.get("/v1/cart", headers=me).status_code for _ in range(40)]
        shop.switches.clear(switch)
        return seen

    first = statuses()
    assert 4 <= first.count(503) <= 20
    assert first.count(200) == 40 - first.count(503)
    assert statuses() == first
    assert shop.http.get("/v1/catalogue", headers=me).status_code == 200


def test_a_random_429_says_when_to_come_back(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Fail(status=429, retry_after_s=3), path="/v1/"))
    response = shop.http.get("/v1/catalogue")
    assert (response.status_code, response.headers["retry-after"]) == (429, "3")


def test_latency_is_added(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Delay(ms=300), path="/version"))
    began = time.perf_counter()
    shop.http.get("/version")
    assert 0.3 <= time.perf_counter() - began < 2


def test_a_firewall_asks_for_a_browser(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Challenge(), path="/v1"))
    response = shop.http.post("/v1/users/anonymous")
    assert response.status_code == 403
    assert response.headers["content-type"].startswith("text/html")
    assert "Checking your browser" in response.text
    assert shop.switches.user_count() == 0


def test_sign_in_can_be_refused_while_signed_in_users_go_on(shop: Shop) -> None:
    me = shop.sign_in()
    shop.switches.set(Switch(effect=RefuseSignIn()))
    refused = shop.http.post("/v1/users/anonymous")
    assert refused.status_code == 422
    assert refused.json()["error_code"] == "anonymous_provider_disabled"
    assert shop.http.get("/v1/cart", headers=me).status_code == 200


def test_maintenance_says_how_long_and_ends_by_itself(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Maintenance(), lasts_s=1.0))
    closed = shop.http.get("/health")
    assert (closed.status_code, closed.headers["retry-after"]) == (503, "1")
    deadline = time.monotonic() + 5
    while shop.http.get("/health").status_code != 200:
        assert time.monotonic() < deadline, "maintenance did not end"


def test_totals_come_out_wrong_only_where_asked(shop: Shop) -> None:
    shop.switches.set(Switch(effect=WrongTotal(cents=100), path="/v1/orders", method="POST"))
    me = shop.sign_in()
    cart = shop.http.post("/v1/cart/items", json={"sku": "baguette"}, headers=me).json()
    order = shop.http.post("/v1/orders", json={"name": "Ada", "address": "here"}, headers=me)
    assert cart["total_cents"] == 220
    assert order.json()["total_cents"] == 320
    assert int(order.headers["content-length"]) == len(order.content)


def test_texts_can_be_changed_in_replies(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Reword(find="Sourdough", replace='Sour"dough'), path="/v1/catalogue"))
    products = shop.http.get("/v1/catalogue", headers=shop.sign_in()).json()["products"]
    assert products[0]["name"] == 'Sour"dough loaf'


def test_a_path_can_lead_elsewhere(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Redirect(to="https://elsewhere.invalid"), path="/v1/orders"))
    moved = shop.http.get("/v1/orders", follow_redirects=False)
    assert (moved.status_code, moved.headers["location"]) == (307, "https://elsewhere.invalid/v1/orders")
    assert shop.http.get("/health").status_code == 200


def test_a_certificate_that_has_expired_is_refused_by_who_trusts_its_signer() -> None:
    with ExpiredAddress() as address:
        url = address.url
        trusting = ssl.create_default_context(cadata=ssl.get_server_certificate(("127.0.0.1", port_of(url))))
        with pytest.raises(httpx.ConnectError, match="expired"):
            httpx.get(url, verify=trusting)
    with pytest.raises(httpx.ConnectError, match="refused"):
        httpx.get(url)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def test_a_switch_can_begin_with_the_nth_request_of_a_kind(shop: Shop) -> None:
    me = shop.sign_in()
    start = Start(method="GET", path="/v1/search", nth=2)
    armed = shop.switches.set(Switch(effect=Fail(), starts=start))
    assert not armed.begun
    calls = ["/v1/cart", "/v1/search", "/v1/cart", "/v1/search", "/v1/cart"]
    assert [shop.http.get(path, headers=me).status_code for path in calls] == [200, 200, 200, 500, 500]
    assert shop.switches.all()[0].in_force


def test_a_switch_can_end_after_some_requests(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Fail(), times=2))
    assert [shop.http.get("/version").status_code for _ in range(4)] == [500, 500, 200, 200]


def test_clearing_all_switches_leaves_a_healthy_shop(shop: Shop) -> None:
    for effect in (Fail(), Challenge(), Maintenance()):
        shop.switches.set(Switch(effect=effect))
    shop.switches.clear_all()
    assert shop.http.get("/version").status_code == 200
    assert shop.switches.all() == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"effect": {"kind": "explode"}}',
        '{"effect": {"kind": "fail", "status": 200}}',
        '{"effect": {"kind": "fail", "share": 1.5}}',
        '{"effect": {"kind": "fail", "share": "all"}}',
        '{"effect": {"kind": "fail"}, "path": 7}',
        '{"effect": {"kind": "fail"}, "lasts_s": -1}',
        '{"effect": {"kind": "fail"}, "colour": "red"}',
        '{"effect": {"kind": "refuse", "status": 500}}',
        '{"effect": {"kind": "fail"}, "starts": {"nth": 0}}',
    ],
)
def test_a_switch_that_makes_no_sense_is_refused_with_the_place(shared_shop: Shop, body: str) -> None:
    response = httpx.post(f"{shared_shop.switches.admin_url}/switches", content=body)
    assert response.status_code == 422
    assert response.json()["detail"]
    assert shared_shop.switches.all() == []
    with pytest.raises(SwitchError):
        switch_from_json(body)


def test_the_client_says_so_when_the_backend_is_gone(shop: Shop) -> None:
    shop.process.stop()
    with pytest.raises(BackendUnreachableError, match="still running"):
        shop.switches.clear_all()


def test_the_client_says_so_when_another_server_answers(shop: Shop) -> None:
    with pytest.raises(SwitchError, match="Not Found"):
        SwitchClient(shop.url).clear_all()


effects = st.one_of(
    st.builds(Fail, status=st.integers(400, 599), share=st.floats(0, 1), retry_after_s=st.integers(0, 10**6)),
    st.builds(Delay, ms=st.integers(0, 600_000)),
    st.builds(Reword, find=st.text(min_size=1), replace=st.text()),
    st.builds(WrongTotal, cents=st.integers()),
    st.just(Challenge()),
)
switches = st.builds(
    Switch,
    effect=effects,
    path=st.text(),
    starts=st.none() | st.builds(Start, path=st.text(), nth=st.integers(1, 99)),
    lasts_s=st.floats(0, 1e6),
    times=st.integers(0, 99),
)


@given(switches)
def test_a_switch_survives_the_wire(switch: Switch) -> None:
    assert switch_from_json(switch_to_json(switch)) == switch


@given(st.binary())
def test_any_bytes_are_a_switch_or_refused(data: bytes) -> None:
    # Anything else that is raised fails the test.
    with contextlib.suppress(SwitchError):
        switch_from_json(data)


@given(nth=st.integers(1, 20), requests=st.integers(0, 40), times=st.integers(0, 20))
def test_a_switch_applies_from_the_nth_request_on_and_so_many_times(nth: int, requests: int, times: int) -> None:
    board = Switchboard()
    board.arm(Switch(effect=Fail(), starts=Start(path="/a", nth=nth), times=times), now=0)
    struck = [bool(board.arrive("GET", "/a", now=float(i))) for i in range(requests)]
    expected = [i + 1 >= nth and (not times or i + 1 < nth + times) for i in range(requests)]
    assert struck == expected
