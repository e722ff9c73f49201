"""The access log and the metrics: who asked for what, and whether it was test traffic."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.customer import Shop
from validator.demo.backend.marks import MAX_RUN_LENGTH, read_mark
from validator.demo.backend.metrics import route_of

RUN = "synthetic_request=true,validator.run=run-42"


def test_each_request_leaves_one_line_before_its_reply_arrives(shop: Shop) -> None:
    me = shop.sign_in()
    shop.http.get("/v1/search", params={"q": "tea"}, headers={**me, "User-Agent": "CornerShop/1.4.2"})
    entry = shop.log()[-1]
    assert entry["method"] == "GET"
    assert entry["path"] == "/v1/search"
    assert entry["query"] == "q=tea"
    assert entry["status"] == 200
    assert entry["remote"] == "127.0.0.1"
    assert entry["agent"] == "CornerShop/1.4.2"
    assert entry["run"] == ""
    assert entry["synthetic"] is False
    assert isinstance(entry["ms"], float)
    moment = datetime.fromisoformat(str(entry["time"]))
    assert moment.tzinfo == UTC
    assert abs(datetime.now(UTC) - moment) < timedelta(seconds=10)
    assert str(entry["time"]).endswith("Z")


def test_a_user_is_named_from_sign_in_on(shop: Shop) -> None:
    user = shop.http.post("/v1/users/anonymous").json()
    shop.http.get("/v1/cart", headers={"Authorization": f"Bearer {user['token']}"})
    shop.http.get("/v1/cart")
    assert [entry["user"] for entry in shop.log()] == [user["id"], user["id"], ""]
    assert user["token"] not in shop.log_file.read_text(encoding="utf-8")


def test_the_mark_is_copied_from_baggage_and_from_the_plain_header(shop: Shop) -> None:
    shop.sign_in(baggage=RUN)
    shop.sign_in(**{"X-Validator-Run": "run-43"})
    shop.sign_in(baggage="synthetic_request=true")
    shop.sign_in(baggage="session=7;p=1, other=x")
    assert [(entry["run"], entry["synthetic"]) for entry in shop.log()] == [
        ("run-42", True),
        ("run-43", True),
        ("", True),
        ("", False),
    ]
    assert shop.log()[0]["baggage"] == RUN


def test_the_request_id_is_the_callers_when_it_is_harmless(shop: Shop) -> None:
    given_id = shop.http.get("/version", headers={"X-Request-Id": "abc-1.2"})
    forged = shop.http.get("/version", headers={"X-Request-Id": "abc 1"})
    assert given_id.headers["x-request-id"] == "abc-1.2"
    assert forged.headers["x-request-id"] != "abc 1"
    assert [entry["request_id"] for entry in shop.log()] == [
        given_id.headers["x-request-id"],
        forged.headers["x-request-id"],
    ]


def test_nothing_that_a_client_sends_breaks_a_line(shop: Shop) -> None:
    url = urlsplit(shop.url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as connection:
        connection.sendall(
            b"GET /version?x=%0A%1b[31m HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
            b"baggage: validator.run=%0a%1b[2J%22}\r\nUser-Agent: \xff\xe2\x80\xa8" + b"A" * 5000 + b"\r\n\r\n"
        )
        while connection.recv(65536):
            pass
    (line,) = shop.log_file.read_text(encoding="utf-8").splitlines()
    entry = json.loads(line)
    assert entry["run"] == '\n\x1b[2J"}'
    assert "\x1b" not in line
    assert len(line) < 10_000


def test_refused_and_failed_requests_are_logged_too(shop: Shop) -> None:
    shop.http.get("/v1/cart")
    shop.http.get("/nowhere")
    assert [entry["status"] for entry in shop.log()] == [401, 404]


def test_metrics_count_by_route_status_and_mark(shop: Shop) -> None:
    me = shop.sign_in(baggage=RUN)
    shop.http.get("/v1/catalogue/lemons", headers=me)
    shop.http.get("/v1/catalogue/baguette", headers=me)
    shop.http.get("/v1/catalogue/lemons")
    shop.http.get("/made/up/by/a/stranger")
    lines = shop.http.get("/metrics").text.splitlines()
    counts = [line for line in lines if line.startswith("shop_requests_total")]
    assert counts == [
        'shop_requests_total{method="GET",route="/v1/catalogue/{sku}",status="200",synthetic="true"} 2',
        'shop_requests_total{method="GET",route="/v1/catalogue/{sku}",status="401",synthetic="false"} 1',
        'shop_requests_total{method="GET",route="other",status="404",synthetic="false"} 1',
        'shop_requests_total{method="POST",route="/v1/users/anonymous",status="201",synthetic="true"} 1',
    ]
    assert "shop_anonymous_users 1" in lines
    assert not any("run-42" in line for line in lines)


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/v1/cart/items/lemons", "/v1/cart/items/{sku}"),
        ("/v1/cart/items", "/v1/cart/items"),
        ("/v1/cart/items/a/b", "other"),
        ("/v1/catalogue/", "other"),
        ("", "other"),
    ],
)
def test_paths_are_counted_under_their_route(path: str, route: str) -> None:
    assert route_of(path) == route


@given(st.dictionaries(st.sampled_from(["baggage", "x-validator-run"]), st.text()))
def test_no_header_breaks_the_reading_of_marks(headers: dict[str, str]) -> None:
    mark = read_mark(headers)
    assert len(mark.run) <= MAX_RUN_LENGTH
    assert mark.synthetic or not mark.run
