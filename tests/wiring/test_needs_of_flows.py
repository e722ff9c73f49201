"""`flows.needs` finds the flows that it is about, and an entry that is about none is a mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from validator.config.document import parse_document
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError
from validator.config.resolvers import Resolvers
from validator.config.source_text import decode_source
from validator.flows.workspace import Selection
from validator.model.flow import Flow
from validator.model.needs import FormFactor, Needs
from validator.model.timing import Baseline
from validator.support.redact import Redactor
from validator.wiring.needs import with_needs
from validator.wiring.order import expected_order

FLOWS = (
    Flow(name="Checkout", file="shop/checkout.yaml", tags=("pay",)),
    Flow(name="Pay [EU]", file="shop/pay.yaml", tags=("pay", "eu")),
    Flow(name="Two panes", file="tablet/panes.yaml"),
    Flow(name="broken", file="tablet/broken.yaml", problem="tablet/broken.yaml:1:1: no"),
)
SELECTION = Selection(flows=FLOWS, known=(*(flow.name for flow in FLOWS), "Left out by tags"))
TABLET, EU, NEW = Needs(form_factors=(FormFactor.TABLET,)), Needs(labels=("eu",)), Needs(min_api=30, max_api=34)


def config(needs: str, devices: str = "[{virtual: 1, labels: [eu]}]") -> EnvironmentConfig:
    text = f"""\
environment: production
app: {{id: com.example.shop}}
build: {{file: app.apk}}
devices: {devices}
flows:
  workspace: .maestro
  needs: {needs}
"""
    return parse_document(decode_source("x.yaml", text.encode()), EnvironmentConfig)[0]


def selected(needs: str, tmp_path: Path, *, narrowed: bool = False) -> dict[str, Needs]:
    resolvers = Resolvers.before_deployment(tmp_path, {}, Redactor())
    found = with_needs(SELECTION, config(needs).flows.needs, resolvers, narrowed=narrowed)
    return {flow.name: flow.needs for flow in found.flows if flow.needs}


def test_flows_are_found_by_name_by_file_and_by_tag(tmp_path: Path) -> None:
    assert set(selected("[{flows: [Checkout], labels: [eu]}]", tmp_path)) == {"Checkout"}
    assert set(selected("[{flows: ['shop/*'], labels: [eu]}]", tmp_path)) == {"Checkout", "Pay [EU]"}
    assert set(selected("[{flows: ['Pay [EU]'], labels: [eu]}]", tmp_path)) == {"Pay [EU]"}
    assert set(selected("[{tags: [eu], labels: [eu]}]", tmp_path)) == {"Pay [EU]", "broken"}
    assert set(selected("[{flows: ['*Pay*'], tags: [pay], labels: [eu]}]", tmp_path)) == {"Pay [EU]"}
    assert set(selected("[{labels: [eu]}]", tmp_path)) == {flow.name for flow in FLOWS}


def test_all_entries_about_a_flow_hold_together(tmp_path: Path) -> None:
    found = selected("[{api: '>=30'}, {tags: [pay], api: '<35'}, {flows: ['Pay*'], labels: [eu]}]", tmp_path)
    assert found["Pay [EU]"] == Needs(min_api=30, max_api=34, labels=("eu",))
    assert found["Checkout"] == NEW
    assert found["Two panes"] == Needs(min_api=30)


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        (
            "[{flows: [Chekout], api: 30}]",
            "x.yaml:7:20: flows.needs[0].flows[0]: no flow has the name or file 'Chekout' (did",
        ),
        ("[{flows: ['tablets/*'], api: 30}]", "no flow has the name or file 'tablets/*'"),
        ("[{flows: ['shop/*'], tags: [big], api: 30}]", "no flow of these names has the tag 'big'"),
    ],
)
def test_an_entry_that_is_about_no_flow_is_a_mistake(tmp_path: Path, needs: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        selected(needs, tmp_path)
    assert said in refused.value.diagnostics()


def test_a_flow_that_only_the_command_line_or_a_tag_left_out_is_no_mistake(tmp_path: Path) -> None:
    assert selected("[{flows: ['Left out*'], api: 30}]", tmp_path) == {}
    assert selected("[{flows: [Other], api: 30}]", tmp_path, narrowed=True) == {}


def flow(name: str, needs: Needs = Needs(), after: str = "") -> Flow:  # noqa: B008 - frozen
    return Flow(name=name, file=f"{name}.yaml", needs=needs, after=after)


def usual(**seconds: float) -> list[Baseline]:
    return [Baseline(flow=name, p50=p90 / 2, runs=4, p90=p90) for name, p90 in seconds.items()]


def test_the_plan_runs_the_flows_on_the_configured_devices_in_thought() -> None:
    devices = config("[]", "[{virtual: 1}, {virtual: 1, form_factor: tablet}]").devices
    flows = [flow("a"), flow("b"), flow("t", TABLET), flow("u", TABLET)]
    order = expected_order(flows, devices, usual(a=60, b=20, t=30, u=10), ())
    assert order.expected is not None
    assert (order.expected.p90, order.expected.p50, order.expected.guessed) == (60.0, 30.0, 0)
    assert order.starts["a"] == 0.0
    assert order.unfit == {}


def test_what_no_configured_device_can_be_is_told_and_takes_no_time() -> None:
    devices = config("[]", "[{virtual: 2, api: 33}]").devices
    order = expected_order([flow("a"), flow("tv", Needs(form_factors=(FormFactor.TV,)))], devices, usual(a=60), ())
    assert order.unfit == {"tv": "no device of the configuration fits: it needs tv"}
    assert order.expected is not None
    assert order.expected.p90 == 60.0


def test_a_device_that_nobody_has_asked_yet_may_be_anything_but_what_its_labels_exclude() -> None:
    devices = config("[]", "[{serial: emulator-5554, labels: [lab]}]").devices
    assert expected_order([flow("a", TABLET)], devices, (), ()).unfit == {}
    assert set(expected_order([flow("a", EU)], devices, (), ()).unfit) == {"a"}


def test_critical_flows_stand_first_and_those_that_wait_for_others_behind_them() -> None:
    devices = config("[]", "[{virtual: 1}]").devices
    flows = [flow("long"), flow("vital"), flow("last", after="long")]
    order = expected_order(flows, devices, usual(long=60, vital=5, last=90), ("vital",))
    assert [each.name for each in sorted(flows, key=order.place)] == ["vital", "long", "last"]
    assert order.starts == {"vital": 0.0, "long": 5.0, "last": 65.0}
