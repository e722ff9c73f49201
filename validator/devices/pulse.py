"""What a watch asks of a device each second, and how its answer is read. Pure."""

from __future__ import annotations

from validator.devices.heartbeat import Answered, Network

QUESTION = 'echo "boot $(cat /proc/sys/kernel/random/boot_id 2>/dev/null)"; echo "up $(cat /proc/uptime 2>/dev/null)"'
NETWORK_SECONDS = 2
NETWORK_QUESTION = (
    f'echo "net $(dumpsys -t {NETWORK_SECONDS} connectivity 2>/dev/null | grep "Active default network")"'
)
"""ConnectivityService.dump prints the number of the default network, or `none`; `-t` keeps a slow one from looking like
a frozen device."""
AIRPLANE_QUESTION = "settings get global airplane_mode_on"


def read_answer(text: str, *, forwarded: bool) -> Answered:
    """The answer to the questions, as far as it makes sense."""
    said = {name: words.strip() for name, _, words in (line.partition(" ") for line in text.splitlines())}
    return Answered(
        boot_id=said.get("boot", ""),
        forwarded=forwarded,
        uptime=_seconds(said.get("up", "")),
        network=read_network(said.get("net", "")),
    )


def read_network(line: str) -> Network:
    """`Active default network: 100` or `Active default network: none`."""
    name = line.partition(":")[2].strip()
    if not name:
        return Network.NOT_ASKED
    return Network.GONE if name == "none" else Network.THERE


def _seconds(words: str) -> float:
    """The first number of `/proc/uptime`."""
    first = words.partition(" ")[0]
    whole, _, fraction = first.partition(".")
    plain = len(first) < 20 and whole.isascii() and whole.isdecimal() and (not fraction or fraction.isdecimal())
    return float(first) if plain and first.isascii() else 0.0
