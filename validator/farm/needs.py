"""Which devices a flow may run on. Pure.

What a device does not say about itself it does not have: a flow that needs API 30 does not run where nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from validator.model.device import DeviceInfo
from validator.model.needs import Needs


def fits(needs: Needs, device: DeviceInfo) -> bool:
    """Whether the device has all that is needed."""
    return (
        needs.min_api <= device.sdk
        and (not needs.max_api or 0 < device.sdk <= needs.max_api)
        and set(needs.abis) <= set(device.abis)
        and all(form is device.form_factor for form in needs.form_factors)
        and set(needs.labels) <= set(device.labels)
    )


def together(several: Iterable[Needs]) -> Needs:
    """What asks for all that each of them asks for."""
    whole = Needs()
    for needs in several:
        limits = [limit for limit in (whole.max_api, needs.max_api) if limit]
        whole = Needs(
            min_api=max(whole.min_api, needs.min_api),
            max_api=min(limits, default=0),
            abis=tuple(dict.fromkeys((*whole.abis, *needs.abis))),
            form_factors=tuple(dict.fromkeys((*whole.form_factors, *needs.form_factors))),
            labels=tuple(dict.fromkeys((*whole.labels, *needs.labels))),
        )
    return whole


def wanted(needs: Needs) -> str:
    """The needs for people: `tablet, API 30 or newer, arm64-v8a, labelled eu`."""
    return ", ".join(_wanted(needs)) or "any device"


def _wanted(needs: Needs) -> Iterator[str]:
    yield from map(str, needs.form_factors)
    if needs.min_api and needs.min_api == needs.max_api:
        yield f"API {needs.min_api}"
    elif needs.min_api and needs.max_api:
        yield f"API {needs.min_api} to {needs.max_api}"
    elif needs.min_api:
        yield f"API {needs.min_api} or newer"
    elif needs.max_api:
        yield f"API {needs.max_api} or older"
    yield from needs.abis
    if needs.labels:
        yield f"labelled {' and '.join(needs.labels)}"


def offered(device: DeviceInfo) -> str:
    """A device for people: `emulator-5554 (phone, API 34, x86_64, labelled eu)`."""
    form = str(device.form_factor) if device.form_factor is not None else "of unknown form"
    api = f"API {device.sdk}" if device.sdk else "API unknown"
    labels = (f"labelled {' and '.join(device.labels)}",) if device.labels else ()
    return f"{device.serial} ({', '.join((form, api, *device.abis, *labels))})"
