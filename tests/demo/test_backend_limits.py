"""Rate limits per address, and how the backend speaks of them."""

from __future__ import annotations

import json

import httpx
from hypothesis import given
from hypothesis import strategies as st

from tests.demo.conftest import StartShop
from tests.demo.customer import Shop
from validator.demo.backend.buckets import NEVER_S, Buckets, Quota
from validator.demo.backend.process import BackendOptions
from validator.demo.backend.switches import Limit, Switch

times = st.lists(st.floats(min_value=0, max_value=100_000, allow_nan=False), max_size=60).map(sorted)
quotas = st.builds(
    Quota,
    name=st.just("accounts"),
    capacity=st.integers(0, 40),
    per_second=st.one_of(st.just(0.0), st.floats(min_value=0.001, max_value=50)),
)


@given(quota=quotas, arrivals=times)
def test_no_window_lets_more_through_than_capacity_and_refill(quota: Quota, arrivals: list[float]) -> None:
    buckets = Buckets(quota)
    passed = [now for now in arrivals if buckets.take("a", now=now).allowed]
    for first, begin in enumerate(passed):
        for last in range(first, len(passed)):
            most = quota.capacity + (passed[last] - begin) * quota.per_second
            assert last - first + 1 <= most + 1e-6


@given(quota=quotas, arrivals=times)
def test_waiting_as_told_is_enough(quota: Quota, arrivals: list[float]) -> None:
    buckets = Buckets(quota)
    for now in arrivals:
        verdict = buckets.take("a", now=now)
        if not verdict.allowed and verdict.wait_s < NEVER_S and quota.capacity:
            # Asking spends nothing when refused, so the told wait still holds.
            assert buckets.take("a", now=now + verdict.wait_s).allowed
            break


@given(quota=quotas)
def test_addresses_have_buckets_of_their_own(quota: Quota) -> None:
    buckets = Buckets(quota)
    for _ in range(quota.capacity + 1):
        buckets.take("a", now=0)
    assert buckets.take("b", now=0).allowed is (quota.capacity > 0)


def test_one_account_too_many_is_answered_with_429_and_when_to_come_back(start_shop: StartShop) -> None:
    shop = start_shop(BackendOptions(revision="abc1234", accounts_per_hour=3))
    for left in (2, 1, 0):
        allowed = shop.http.post("/v1/users/anonymous")
        assert allowed.status_code == 201
        assert f'"accounts";r={left};t=' in allowed.headers["ratelimit"]
        assert "retry-after" not in allowed.headers

    refused = shop.http.post("/v1/users/anonymous")
    assert refused.status_code == 429
    assert 1190 <= int(refused.headers["retry-after"]) <= 1200
    assert '"accounts";q=3;w=3600' in refused.headers["ratelimit-policy"]
    assert f'"accounts";r=0;t={refused.headers["retry-after"]}' in refused.headers["ratelimit"]
    problem = refused.json()
    assert refused.headers["content-type"] == "application/problem+json"
    assert problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert problem["violated-policies"] == ["accounts"]
    assert shop.switches.user_count() == 3


def test_a_spent_account_budget_leaves_the_rest_of_the_shop_open(start_shop: StartShop) -> None:
    shop = start_shop(BackendOptions(revision="abc1234", accounts_per_hour=1))
    me = shop.sign_in()
    assert shop.http.post("/v1/users/anonymous").status_code == 429
    assert shop.http.get("/v1/catalogue", headers=me).status_code == 200


def test_limits_are_counted_for_each_address(start_shop: StartShop) -> None:
    shop = start_shop(BackendOptions(revision="abc1234", accounts_per_hour=1))
    shop.sign_in()
    assert shop.http.post("/v1/users/anonymous", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 429
    with httpx.Client(base_url=shop.url, transport=httpx.HTTPTransport(local_address="127.0.0.2")) as elsewhere:
        assert elsewhere.post("/v1/users/anonymous").status_code == 201


def test_a_burst_of_requests_is_cut_off_and_probes_are_not(start_shop: StartShop) -> None:
    shop = start_shop(BackendOptions(revision="abc1234", requests_burst=5, requests_per_second=0.01))
    me = shop.sign_in()
    statuses = [shop.http.get("/v1/cart", headers=me).status_code for _ in range(6)]
    assert statuses == [200] * 4 + [429] * 2
    assert shop.http.get("/health").status_code == 200
    assert "ratelimit" not in shop.http.get("/version").headers


def test_limits_can_be_changed_at_run_time_and_put_back(shop: Shop) -> None:
    limit = shop.switches.set(Switch(effect=Limit(accounts_per_hour=1, never_lifts=True)))
    shop.sign_in()
    refused = shop.http.post("/v1/users/anonymous")
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == NEVER_S
    shop.switches.clear(limit)
    shop.sign_in()


def test_a_limit_that_lifts_soon_lets_through_who_waits(shop: Shop) -> None:
    shop.switches.set(Switch(effect=Limit(requests_burst=1, requests_per_second=20)))
    answers = [shop.http.get("/v1/catalogue") for _ in range(3)]
    assert [answer.status_code for answer in answers][:2] == [401, 429]
    assert json.loads(answers[1].content)["violated-policies"] == ["requests"]
    assert answers[1].headers["retry-after"] == "1"
