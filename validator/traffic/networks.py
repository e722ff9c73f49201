"""IP addresses and networks: which are ours, and how much of a stranger's may be shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

from validator.model.errors import UsageError

_Network: TypeAlias = IPv4Network | IPv6Network
_SHOWN: Final = {4: 24, 6: 48}
"""Bits of a stranger's address that are shown: its network, and not the person."""
_REMEMBERED: Final = 10_000
_LONGEST: Final = 64


def checked_networks(addresses: Iterable[str]) -> tuple[str, ...]:
    """The addresses and networks, each once, as they are usually written.

    Raises:
        UsageError: One is neither.
    """
    found = (_network(address) for address in addresses)
    return tuple(dict.fromkeys(str(net.network_address) if net.num_addresses == 1 else str(net) for net in found))


def _network(text: str) -> _Network:
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        remedy = "write it as 203.0.113.7 or 203.0.113.0/24"
        raise UsageError(f"{text[:100]!r} is no address and no network", where="address", remedy=remedy) from None


@dataclass(slots=True)
class Networks:
    """Some networks, and a memory of the addresses that were looked for in them."""

    names: tuple[str, ...]
    _networks: tuple[_Network, ...] = field(init=False)
    _known: dict[str, bool] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Read the names."""
        self._networks = tuple(_network(name) for name in self.names)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._networks)

    def __contains__(self, text: str) -> bool:
        """Whether an address, as a log writes it, lies in one of them."""
        found = self._known.get(text)
        if found is None:
            address = _address(text)
            found = address is not None and any(address in network for network in self._networks)
            if len(self._known) < _REMEMBERED and len(text) <= _LONGEST:
                self._known[text] = found
        return found


def network_of(text: str) -> str:
    """The network that a stranger's address lies in; empty for what is no address."""
    address = _address(text)
    return "" if address is None else str(ip_network((address, _SHOWN[address.version]), strict=False))


def _address(text: str) -> IPv4Address | IPv6Address | None:
    if len(text) > _LONGEST:
        return None
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return address if mapped is None else mapped
