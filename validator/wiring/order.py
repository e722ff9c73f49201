"""`devices:`, needs and what flows usually take -> in which order they are expected to run, and for how long."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from validator.config.sections.devices import Device, VirtualDevices
from validator.farm.needs import fits, wanted
from validator.farm.order import in_order, simulate, works
from validator.model.device import DeviceInfo
from validator.model.flow import Flow
from validator.model.needs import Needs
from validator.model.plan import Expected
from validator.model.timing import Baseline, Work
from validator.wiring.accounts import device_count
from validator.wiring.devices import labels_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is expected of flows and devices."""

    places: Mapping[str, int]
    starts: Mapping[str, float]
    """Flow -> seconds after which it starts."""
    unfit: Mapping[str, str]
    """Flow -> why no configured device can be one that it may run on."""
    expected: Expected | None = field(default=None)

    def place(self, flow: Flow) -> int:
        """Where the flow stands; what cannot be run stands last."""
        return self.places.get(flow.name, len(self.places))


def expected_order(
    flows: Sequence[Flow], devices: Sequence[Device], usual: Sequence[Baseline], critical: Collection[str]
) -> Order:
    """Run the flows in thought, on devices of which only the configuration is known.

    Args:
        flows: Those that can be run.
        devices: `devices:`.
        usual: What flows usually take.
        critical: Those that are started earliest.
    """
    slots = dict(_slots(devices))
    able = {flow.name: frozenset(name for name, slot in slots.items() if slot.may_fit(flow.needs)) for flow in flows}
    asking = {flow.name: able[flow.name] for flow in flows if flow.needs}
    unfit = {flow.name: f"no device of the configuration fits: it needs {wanted(flow.needs)}" for flow in flows}
    unfit = {name: why for name, why in unfit.items() if not able[name]}
    runnable = [flow for flow in flows if flow.name not in unfit]
    slow = {work.flow: work for work in works(runnable, usual, critical)}
    order = in_order(list(slow.values()), slots, asking)
    ranked = [slow[name] for name in order]
    spans = simulate(ranked, slots, asking)
    expected = _expected(runnable, ranked, usual, asking, slots)
    return Order(
        places={span.flow: place for place, span in enumerate(spans)},
        starts={span.flow: span.start for span in spans},
        unfit=unfit,
        expected=expected,
    )


def _expected(
    flows: Sequence[Flow],
    ranked: Sequence[Work],
    usual: Sequence[Baseline],
    asking: Mapping[str, frozenset[str]],
    slots: Collection[str],
) -> Expected | None:
    known = {each.flow for each in usual} & {flow.name for flow in flows}
    if not known:
        return None
    halves = {work.flow: work for work in works(flows, [replace(each, p90=each.p50) for each in usual], ())}

    def took(order: Sequence[Work]) -> float:
        return max((span.end for span in simulate(order, slots, asking)), default=0.0)

    usually = took([halves[work.flow] for work in ranked])
    return Expected(p50=usually, p90=took(ranked), guessed=len(flows) - len(known))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slot:
    """A device before anybody has asked it."""

    labels: tuple[str, ...]
    info: DeviceInfo | None
    """What is known of it; of a device that does not run yet its labels alone."""

    def may_fit(self, needs: Needs) -> bool:
        if self.info is not None:
            return fits(needs, self.info)
        return set(needs.labels) <= set(self.labels)


def _slots(devices: Sequence[Device]) -> Iterator[tuple[str, _Slot]]:
    for number, entry in enumerate(devices):
        slot = _Slot(labels=labels_of(entry), info=_known(entry))
        yield from ((f"{number:03}/{one:03}", slot) for one in range(device_count((entry,))))


def _known(entry: Device) -> DeviceInfo | None:
    if not isinstance(entry, VirtualDevices):
        return None
    return DeviceInfo(
        serial="",
        model="",
        sdk=entry.api,
        abis=(entry.abi.value,) if entry.abi is not None else ("x86_64", "arm64-v8a"),
        kind="virtual",
        form_factor=entry.form_factor,
        labels=labels_of(entry),
    )
