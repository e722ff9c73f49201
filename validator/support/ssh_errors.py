"""What can be wrong with a connection over ssh, each with its way out."""

from __future__ import annotations

from pathlib import Path

from paramiko.pkey import PKey
from paramiko.ssh_exception import (
    AuthenticationException,
    BadHostKeyException,
    NoValidConnectionsError,
    PasswordRequiredException,
    SSHException,
)

from validator.support.host_name import HostName
from validator.support.machine import MachineError, NoRoomError
from validator.support.ssh_target import Route

FULL = "the disk of the host is full"
DISK_FULL = ("No space left on device", "Disk quota exceeded", "nearly full")


class UnknownHostKeyError(SSHException):
    """Nobody has said which key the host has."""

    def __init__(self, key: str, *, certified: bool) -> None:
        super().__init__(key)
        self.certified = certified
        """Whether a certificate authority is named for the host, which does not count."""


class RevokedHostKeyError(SSHException):
    """The host's key is marked as revoked."""


def host_line(target: HostName) -> str:
    """How `known_hosts` names the host."""
    return target.host if target.port in (0, 22) else f"[{target.host}]:{target.port}"


def explained(error: Exception, route: Route) -> MachineError:
    """The error of connecting, as people can act on it."""
    target, file = route.target, route.known_hosts
    what, remedy = _host_key(error, target, file) or _login(error, route) or _network(error, target)
    return MachineError(what, where=str(target), remedy=remedy)


def disk_full(host: str, said: str, folder: str) -> NoRoomError:
    """The disk of the host has no room for what is sent to it."""
    return NoRoomError(
        f"{FULL}: {said}",
        where=host,
        remedy=f"free space on the host: `ssh {host} df -h {folder}` shows the disk",
    )


def _host_key(error: Exception, target: HostName, file: Path) -> tuple[str, str] | None:
    name = host_line(target)
    port = f"-p {target.port} " if target.port not in (0, 22) else ""
    learn = f"`ssh-keyscan {port}{target.host} >> {file}`"
    match error:
        case UnknownHostKeyError() if error.certified:
            return (
                f"its host key is {error}; for {name} {file} names an authority only, and certificates do not count",
                f"compare this fingerprint with that of the host, then learn the key itself: {learn}",
            )
        case UnknownHostKeyError():
            return (
                f"its host key is unknown: {error}, and {file} names none for {name}",
                f"compare this fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` there, then {learn}",
            )
        case BadHostKeyException():
            now, expected = _shown(error.key), _shown(error.expected_key)
            return (
                f"its host key has changed: {now}, and {file} names {expected}; somebody may be in between",
                f"ask whoever runs the host; when it was set up anew: `ssh-keygen -R '{name}' -f {file}`, then {learn}",
            )
        case RevokedHostKeyError():
            return f"its host key is marked as revoked in {file}", "ask whoever runs the host"
        case _:
            return None


def _shown(key: PKey) -> str:
    return f"{key.get_name()} {key.fingerprint}"


def _login(error: Exception, route: Route) -> tuple[str, str] | None:
    target = route.target
    tried = ", ".join(route.keys) or "the agent's keys and those in ~/.ssh"
    locked = [key for key in route.keys if _encrypted(key)]
    match error:
        case AuthenticationException() if locked or isinstance(error, PasswordRequiredException):
            add = " ".join(["ssh-add", *locked])
            return (
                f"the key is encrypted, and no agent has it: {', '.join(locked) or tried}",
                f"`{add}` puts it into the agent, which opens it; SSH_AUTH_SOCK has to lead to that agent",
            )
        case AuthenticationException():
            file = f"~{target.user}/.ssh/authorized_keys"
            return (
                f"the host refused to let {target.user} in; tried: {tried}",
                f"add the public key to {file} on the host, or name another key; {_verbose(target)} tells more",
            )
        case OSError() if error.filename is not None:
            return (
                f"{error.filename} cannot be read: {error.strerror}",
                "correct the name of the key, or its permissions",
            )
    return None


def _encrypted(key: str) -> bool:
    try:
        PKey.from_path(key)
    except (PasswordRequiredException, TypeError):  # the latter is what the cryptography library says of PEM files
        return True
    except (SSHException, ValueError, OSError):
        return False
    return False


def _verbose(target: HostName) -> str:
    return f"`ssh -v -p {target.port} {target.user}@{target.host}`"


def _network(error: Exception, target: HostName) -> tuple[str, str]:
    reach = f"see that {target.host} is up and that sshd listens on port {target.port}"
    match error:
        case NoValidConnectionsError():
            return f"it cannot be reached: {_first(error)}", reach
        case TimeoutError():
            return "it cannot be reached: no answer in time", reach
        case OSError():
            return f"it cannot be reached: {error.strerror or error}", reach
        case EOFError():
            return (
                "it closed the connection before it was made",
                "see what sshd on the host logs; raise its MaxStartups",
            )
        case _:
            return f"ssh failed: {error}", f"{_verbose(target)} tells more"


def _first(error: NoValidConnectionsError) -> str:
    reasons = {str(each.strerror if isinstance(each, OSError) else each) for each in error.errors.values()}
    return ", ".join(sorted(reasons))
