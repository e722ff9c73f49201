"""Which host is meant, and how it is reached: `user@host:port`, and what OpenSSH's configuration says about it."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, replace
from pathlib import Path

from paramiko import SSHConfig
from paramiko.ssh_exception import ConfigParseError, CouldNotCanonicalize

from validator.model.errors import UsageError
from validator.support.host_name import HostName, parse_host

CONNECT_SECONDS = 10.0
_PORT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class SshOptions:
    """How a host is reached. What is None is as OpenSSH has it."""

    key: Path | None = None
    """A private key. None: those that OpenSSH's configuration names, the agent's, and those in `~/.ssh`."""
    known_hosts: Path | None = None
    """The file with the keys of hosts. None: `~/.ssh/known_hosts`."""
    jump: str = ""
    """The host that it is reached through; empty: directly, or as `ProxyJump` says."""
    config: Path | None = None
    """OpenSSH's configuration. None: `~/.ssh/config`, where there is one."""
    seconds: float = CONNECT_SECONDS
    """How long the host may take to answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where to connect to, with everything looked up."""

    target: HostName
    """With user and port, and the name or address that is really connected to."""
    keys: tuple[str, ...]
    known_hosts: Path
    jump: Route | None = None
    seconds: float = CONNECT_SECONDS
    """How long it may take to answer."""


def route(text: str, options: SshOptions) -> Route:
    """Look up how a host is reached.

    Of OpenSSH's configuration count `HostName`, `User`, `Port`, `IdentityFile`, `UserKnownHostsFile` and a `ProxyJump`
    of one host.

    Raises:
        UsageError: The text is no host, or OpenSSH's configuration cannot be read.
    """
    target = parse_host(text)
    known = _lookup(target.host, options.config or Path.home() / ".ssh" / "config")
    real = HostName(
        host=known.get("hostname", target.host),
        user=target.user or known.get("user", "") or getpass.getuser(),
        port=target.port or int(known.get("port", _PORT)),
    )
    jump = options.jump or known.get("proxyjump", "")
    hosts_file = options.known_hosts or Path(known.get("userknownhostsfile", "~/.ssh/known_hosts").split()[0])
    return Route(
        target=real,
        keys=(str(options.key),) if options.key is not None else tuple(known.get("identityfile", "").splitlines()),
        known_hosts=hosts_file.expanduser(),
        jump=route(jump, replace(options, jump="none")) if jump and jump != "none" else None,
        seconds=options.seconds,
    )


def _lookup(host: str, file: Path) -> dict[str, str]:
    """What the file says about a host; several keys come one a line."""
    if not file.is_file():
        return {}
    try:
        found = SSHConfig.from_path(str(file)).lookup(host)
        return {name: "\n".join(value) if name == "identityfile" else str(value) for name, value in found.items()}
    except (OSError, UnicodeError, ConfigParseError, CouldNotCanonicalize, ImportError) as error:
        raise UsageError(
            f"it cannot be read: {error}", where=str(file), remedy="correct it; `ssh -G HOST` shows what OpenSSH reads"
        ) from error
