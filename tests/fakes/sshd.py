"""A real sshd on loopback that plays another host: keys, a home and an adb server port of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from validator.support.ssh_target import SshOptions

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin") or ""
SFTP = "internal-sftp"


@dataclass(frozen=True, kw_only=True)
class OtherHost:
    """The host, as somebody sees it who may log in."""

    folder: Path
    port: int
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    """The last one is the one that runs."""

    @property
    def process(self) -> subprocess.Popen[bytes]:
        return self.servers[-1]

    @property
    def user(self) -> str:
        return pwd.getpwuid(os.getuid()).pw_name

    @property
    def target(self) -> str:
        return f"{self.user}@127.0.0.1:{self.port}"

    @property
    def key(self) -> Path:
        return self.folder / "id"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def options(self) -> SshOptions:
        """How it is reached, whatever the configuration of this machine says."""
        return SshOptions(key=self.key, known_hosts=self.known_hosts, config=Path("/dev/null"))

    @property
    def home(self) -> Path:
        """The user's home on the host."""
        return self.folder / "home"

    @property
    def state(self) -> Path:
        """Where sessions leave what they need."""
        return self.home / ".cache" / "validator"

    def cut(self) -> None:
        """End every connection at once, the way a host does whose network is gone: by SIGKILL."""
        for process in self.connections():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def go_away(self) -> None:
        """End every connection, and take no more."""
        if self.process.poll() is not None:
            return
        os.kill(self.process.pid, signal.SIGSTOP)  # so that nobody comes in between
        self.cut()
        self.process.kill()
        self.process.wait(10)

    def come_back(self) -> None:
        """Take connections (again)."""
        with (self.folder / "sshd.log").open("ab") as log:
            command = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]
            self.servers.append(subprocess.Popen(command, stdout=log, stderr=log))
        _await_port(self.port)

    def connections(self) -> list[int]:
        """The processes of sshd that serve connections, and not one of what they started."""
        listed = subprocess.run(["ps", "-eo", "pid,ppid,comm"], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
        found = {self.process.pid}
        for _ in rows:
            found |= {int(pid) for pid, parent, name in rows if int(parent) in found and name.startswith("sshd")}
        return sorted(found - {self.process.pid})

    def left(self) -> list[str]:
        """What sessions have left on the host: their folders, and processes that carry a session's mark."""
        sessions = self.state / "sessions"
        folders = [path.name for path in sessions.iterdir()] if sessions.is_dir() else []
        return folders + [str(pid) for pid in marked(self.home)]


def marked(home: Path) -> list[int]:
    """Processes with a session's mark whose home is that of the host."""
    wanted = f"HOME={home}".encode()
    found = []
    for entry in Path("/proc").iterdir():
        with suppress(OSError, ValueError):
            environment = (entry / "environ").read_bytes().split(b"\0")
            if wanted in environment and any(value.startswith(b"VALIDATOR_SESSION=") for value in environment):
                found.append(int(entry.name))
    return found


def command_of(process: int) -> str:
    """The command line of a process; empty when it is no more."""
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return ""


@contextmanager
def other_host(folder: Path, environment: Mapping[str, str] | None = None) -> Iterator[OtherHost]:
    """Start sshd; whoever logs in gets this environment besides a home of the host's own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "home").mkdir(exist_ok=True)
    for name in ("host_key", "id"):
        _keygen(folder / name)
    shutil.copy(folder / "id.pub", folder / "authorized_keys")
    port = _free_port()
    variables = {"HOME": str(folder / "home"), **(environment or {})}
    (folder / "sshd_config").write_text(_configuration(folder, port, variables))
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where its privilege separation looks
    host = OtherHost(folder=folder, port=port)
    try:
        host.come_back()
        key = (folder / "host_key.pub").read_text().split()[:2]
        host.known_hosts.write_text(f"[127.0.0.1]:{port} {' '.join(key)}\n")
        yield host
    finally:
        host.go_away()


def _configuration(folder: Path, port: int, environment: Mapping[str, str]) -> str:
    values = " ".join(f'"{name}={value}"' for name, value in environment.items())
    lines = (
        f"ListenAddress 127.0.0.1:{port}",
        f"HostKey {folder}/host_key",
        f"AuthorizedKeysFile {folder}/authorized_keys",
        f"PidFile {folder}/sshd.pid",
        "UsePAM no",
        "StrictModes no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "MaxStartups 100",
        f"Subsystem sftp {SFTP}",
        f"SetEnv {values}",
    )
    return "\n".join((*lines, ""))


def _keygen(file: Path) -> None:
    for path in (file, file.with_suffix(".pub")):
        path.unlink(missing_ok=True)
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_port(port: int) -> None:
    ends = time.monotonic() + 10
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as probe:
                probe.settimeout(2)
                assert probe.recv(4) == b"SSH-"
                return
        except OSError:
            assert time.monotonic() < ends, "sshd does not answer"
            time.sleep(0.02)
