"""What a policy is recorded and digested as: one that uses nothing new is, byte for byte, what it always was."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.gates.table import policy_from
from validator.gates.policy import (
    Durations,
    FlowRules,
    GateLimits,
    Policy,
    Quarantine,
    WhenSlow,
    WhenUndecided,
)
from validator.support.codec import decode

FIRST_DIGEST = "sha256:f4360965dc389e984dbcd4fc7b0cd3c27d82948309626eb8465759e57cd205fc"
"""Of the default policy, as the first runs recorded it."""
FIRST_KEYS = ["name", "blocks", "limits", "undecided", "expires", "override", "rollback"]
ENTRY = Quarantine(flow="b", owner="@shop", ticket="SHOP-12", until=date(2027, 1, 15))

NEWER = {
    "quarantine": replace(Policy(), quarantine=(ENTRY,)),
    "critical": replace(Policy(), flows=FlowRules(critical=("b",))),
    "durations": replace(Policy(), durations=Durations()),
    "freshness": replace(Policy(), freshness=timedelta(hours=6)),
    "requires": replace(Policy(), requires=("unit-tests",)),
    "infrastructure": replace(Policy(), limits=GateLimits(infrastructure=1)),
    "throttled": replace(Policy(), limits=GateLimits(throttled=1)),
    "flow": replace(Policy(), limits=GateLimits(flow=1)),
    "unknown": replace(Policy(), limits=GateLimits(unknown=1)),
}


def test_the_default_policy_has_the_digest_that_it_always_had():
    assert Policy().ref.digest == FIRST_DIGEST
    assert policy_from("").ref.digest == replace(Policy(), name="frontend").ref.digest


def test_a_policy_of_the_first_days_is_read_and_written_as_it_was():
    recorded = Policy().canonical
    assert list(json.loads(recorded)) == FIRST_KEYS
    assert list(json.loads(recorded)["limits"]) == ["product", "backend", "flaky", "consecutive_infrastructure"]
    assert decode(Policy, recorded) == Policy()
    assert decode(Policy, recorded).canonical == recorded


@pytest.mark.parametrize("name", NEWER)
def test_whatever_decides_is_in_the_digest_and_is_read_back(name: str):
    policy = NEWER[name]
    assert policy.ref.digest != FIRST_DIGEST
    assert decode(Policy, policy.canonical) == policy


def test_a_gate_file_says_all_of_it():
    policy = policy_from(
        "limits: {infrastructure: 1, throttled: 2, flow: 3, unknown: 4}\n"
        'quarantine: [{flow: b, owner: "@shop", ticket: SHOP-12, until: 2027-01-15}]\n'
        "flows: {critical: [Checkout], informational: [Search]}\n"
        "durations: {slower_than: 3, at_least: 5s, runs: 7, then: block}\n"
        "freshness: 6h\n"
        "requires: [unit-tests, terraform-apply]\n"
    )
    assert policy == Policy(
        name="frontend",
        limits=GateLimits(infrastructure=1, throttled=2, flow=3, unknown=4),
        quarantine=(ENTRY,),
        flows=FlowRules(critical=("Checkout",), informational=("Search",)),
        durations=Durations(slower_than=3.0, at_least=timedelta(seconds=5), runs=7, then=WhenSlow.BLOCK),
        freshness=timedelta(hours=6),
        requires=("unit-tests", "terraform-apply"),
    )


counts = st.integers(0, 3)
names = st.lists(st.sampled_from(["a", "b", "ü"]), max_size=2).map(tuple)
policies = st.builds(
    Policy,
    limits=st.builds(GateLimits, product=counts, infrastructure=counts, throttled=counts, flow=counts, unknown=counts),
    undecided=st.sampled_from(WhenUndecided),
    quarantine=st.sampled_from([(), (ENTRY,)]),
    flows=st.builds(FlowRules, critical=names, informational=names),
    durations=st.none() | st.builds(Durations, then=st.sampled_from(WhenSlow)),
    freshness=st.none() | st.timedeltas(timedelta(seconds=1), timedelta(days=9)),
    requires=names,
)


@given(policies, policies)
def test_two_policies_have_one_digest_only_if_they_are_the_same(one: Policy, two: Policy):
    assert decode(Policy, one.canonical) == one
    assert (one.ref.digest == two.ref.digest) == (one == two)
