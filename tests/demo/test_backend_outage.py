"""Outages: nobody listens, connections are reset, and the port stays the backend's own."""

from __future__ import annotations

import socket
import threading
import time
from urllib.parse import urlsplit

import httpx
import pytest

from tests.demo.customer import Shop
from validator.demo.backend.switches import Delay, Refuse, Start, Switch


def _address(shop: Shop) -> tuple[str, int]:
    url = urlsplit(shop.url)
    assert url.hostname is not None
    assert url.port is not None
    return url.hostname, url.port


def test_an_outage_refuses_connections_at_once_and_ends_when_cleared(shop: Shop) -> None:
    outage = shop.switches.set(Switch(effect=Refuse()))
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{shop.url}/health")
    shop.switches.clear(outage)
    assert httpx.get(f"{shop.url}/health").status_code == 200


def test_an_outage_resets_connections_that_are_open(shop: Shop) -> None:
    with socket.create_connection(_address(shop), timeout=5) as connection:
        connection.sendall(b"GET /version HTTP/1.1\r\nHost: shop\r\n\r\n")
        received = b""
        while not received.endswith(b"}"):
            received += connection.recv(65536)
        assert received.startswith(b"HTTP/1.1 200")
        shop.switches.set(Switch(effect=Refuse()))
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_an_outage_cuts_off_a_reply_that_is_under_way(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Delay(ms=5000), path="/version"))
    outcome: list[BaseException] = []

    def ask() -> None:
        try:
            httpx.get(f"{shop.url}/version", timeout=10)
        except httpx.TransportError as error:
            outcome.append(error)

    asking = threading.Thread(target=ask)
    began = time.monotonic()
    asking.start()
    while not any(switch.applied for switch in shop.switches.all()):
        assert time.monotonic() < began + 5, "the request never arrived"
    shop.switches.set(Switch(effect=Refuse()))
    asking.join(timeout=5)
    assert len(outcome) == 1
    assert time.monotonic() - began < 4


def test_an_outage_begins_with_the_request_that_is_to_start_it(shop: Shop) -> None:
    me = shop.sign_in()
    shop.switches.set(Switch(effect=Refuse(), starts=Start(method="POST", path="/v1/cart/items", nth=2)))
    assert shop.http.post("/v1/cart/items", json={"sku": "lemons"}, headers=me).status_code == 201
    assert shop.http.get("/v1/cart", headers=me).status_code == 200
    with pytest.raises(httpx.TransportError):
        shop.http.post("/v1/cart/items", json={"sku": "lemons"}, headers=me)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{shop.url}/health")


def test_an_outage_ends_by_itself_and_carts_are_still_there(shop: Shop) -> None:
    me = shop.sign_in()
    shop.http.post("/v1/cart/items", json={"sku": "lemons"}, headers=me)
    shop.switches.set(Switch(effect=Refuse(), lasts_s=0.5))
    began = time.monotonic()
    while True:
        try:
            cart = httpx.get(f"{shop.url}/v1/cart", headers=me).json()
        except httpx.TransportError:
            assert time.monotonic() < began + 5, "the outage did not end"
        else:
            break
    assert time.monotonic() >= began + 0.4
    assert cart["count"] == 1


def test_during_an_outage_no_stranger_gets_the_port(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Refuse()))
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(_address(shop))


def test_two_outages_end_with_the_later_one(shop: Shop) -> None:
    first = shop.switches.set(Switch(effect=Refuse()))
    second = shop.switches.set(Switch(effect=Refuse()))
    shop.switches.clear(first)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{shop.url}/health")
    shop.switches.clear(second)
    assert httpx.get(f"{shop.url}/health").status_code == 200
