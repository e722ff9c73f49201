"""What the shop's API does for its app."""

from __future__ import annotations

import httpx
import pytest

from tests.demo.customer import ADMIN_TOKEN, Shop


def test_each_sign_in_makes_another_user(shop: Shop) -> None:
    users = [shop.http.post("/v1/users/anonymous").json() for _ in range(3)]
    assert len({user["id"] for user in users}) == 3
    assert len({user["token"] for user in users}) == 3
    assert all(user["name"].startswith("guest-") for user in users)
    assert shop.switches.user_count() == 3


def test_search_finds_by_name_and_category_ignoring_case(shared_shop: Shop) -> None:
    me = shared_shop.sign_in()
    by_name = shared_shop.http.get("/v1/search", params={"q": "CHOCO"}, headers=me).json()["products"]
    by_category = shared_shop.http.get("/v1/search", params={"q": "bakery"}, headers=me).json()["products"]
    nothing = shared_shop.http.get("/v1/search", params={"q": "moon dust"}, headers=me).json()["products"]
    assert [product["name"] for product in by_name] == ["Dark chocolate"]
    assert len(by_category) == 4
    assert nothing == []


def test_a_cart_adds_up_and_becomes_an_order(shared_shop: Shop) -> None:
    me = shared_shop.sign_in()
    shared_shop.http.post("/v1/cart/items", json={"sku": "baguette", "quantity": 2}, headers=me)
    shared_shop.http.post("/v1/cart/items", json={"sku": "baguette"}, headers=me)
    cart = shared_shop.http.post("/v1/cart/items", json={"sku": "lemons"}, headers=me).json()
    assert (cart["count"], cart["total_cents"]) == (4, 3 * 220 + 210)

    order = shared_shop.http.post("/v1/orders", json={"name": "Ada", "address": "1 Example Street"}, headers=me)
    assert order.status_code == 201
    assert order.json()["total_cents"] == 870
    assert shared_shop.http.get("/v1/cart", headers=me).json()["items"] == []
    assert [o["number"] for o in shared_shop.http.get("/v1/orders", headers=me).json()["orders"]] == [
        order.json()["number"]
    ]


def test_removing_takes_every_piece_out_of_the_cart(shared_shop: Shop) -> None:
    me = shared_shop.sign_in()
    shared_shop.http.post("/v1/cart/items", json={"sku": "lemons", "quantity": 5}, headers=me)
    shared_shop.http.post("/v1/cart/items", json={"sku": "oat-milk"}, headers=me)
    assert shared_shop.http.delete("/v1/cart/items/lemons", headers=me).json()["count"] == 1
    assert shared_shop.http.delete("/v1/cart", headers=me).json()["count"] == 0


def test_carts_of_two_users_are_apart(shared_shop: Shop) -> None:
    one, other = shared_shop.sign_in(), shared_shop.sign_in()
    shared_shop.http.post("/v1/cart/items", json={"sku": "lemons"}, headers=one)
    assert shared_shop.http.get("/v1/cart", headers=other).json()["count"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v1/catalogue/moon-dust", None, 404),
        ("POST", "/v1/cart/items", b'{"sku": "moon-dust"}', 404),
        ("POST", "/v1/cart/items", b'{"sku": "lemons", "quantity": 0}', 422),
        ("POST", "/v1/cart/items", b'{"sku": "lemons", "quantity": 100}', 422),
        ("POST", "/v1/cart/items", b'{"sku": "lemons", "quantity": true}', 422),
        ("POST", "/v1/cart/items", b'{"sku": 5}', 422),
        ("POST", "/v1/cart/items", b'["lemons"]', 400),
        ("POST", "/v1/cart/items", b'{"sku": ', 400),
        ("POST", "/v1/cart/items", b"\xff\xfe", 400),
        ("POST", "/v1/cart/items", b"[" * 60_000, 400),
        ("POST", "/v1/cart/items", b" " * 70_000, 413),
        ("POST", "/v1/orders", b'{"name": "Ada", "address": "x"}', 422),
        ("PUT", "/v1/cart", b"{}", 405),
        ("GET", "/v2/anything", None, 404),
    ],
)
def test_nonsense_gets_problem_details(
    shared_shop: Shop, method: str, path: str, body: bytes | None, status: int
) -> None:
    response = shared_shop.http.request(method, path, content=body, headers=shared_shop.sign_in())
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["detail"]


def test_without_a_token_there_is_no_shop(shared_shop: Shop) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic abc"}):
        response = shared_shop.http.get("/v1/cart", headers=headers)
        assert response.status_code == 401
        assert response.headers["www-authenticate"] == "Bearer"


def test_only_administrators_delete_users(shop: Shop) -> None:
    me = shop.sign_in()
    assert shop.http.delete("/v1/users/anonymous", headers=me).status_code == 403
    assert shop.switches.user_count() == 1
    deleted = shop.http.delete("/v1/users/anonymous", headers={"Authorization": f"Bearer {ADMIN_TOKEN}"})
    assert deleted.json() == {"deleted": 1}
    assert shop.http.get("/v1/cart", headers=me).status_code == 401


def test_only_administrators_see_the_users_of_a_run_and_of_a_time(shop: Shop) -> None:
    shop.http.post("/v1/users/anonymous", headers={"baggage": "validator.run=r1"})
    shop.sign_in()
    admin = {"Authorization": f"Bearer {ADMIN_TOKEN}"}

    def users(query: str, headers: dict[str, str] = admin) -> httpx.Response:
        return shop.http.get(f"/admin/users?{query}", headers=headers)

    assert users("run=r1", {}).status_code == 403
    (user,) = users("run=r1").json()["users"]
    assert user["id"].startswith("anon-")
    assert users("run=r2").json() == users("run=").json() == {"users": []}
    assert users("run=r1&since=2999-01-01").json() == users("run=r1&until=1999-01-01").json() == {"users": []}
    assert len(users("run=r1&since=1999-01-01T00:00:00Z&until=2999-01-01").json()["users"]) == 1
    assert users("run=r1&since=yesterday").status_code == 400


def test_probes_need_no_user(shared_shop: Shop) -> None:
    assert shared_shop.http.get("/health").json()["status"] == "ok"
    assert shared_shop.http.get("/version").json() == {"version": "1.4.2", "revision": "abc1234"}
