"""Logging in to a host over ssh, against a real sshd: who is let in, and what is refused and why."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.sshd import SSHD, OtherHost, other_host
from validator.support.machine import MachineError
from validator.support.ssh import connected
from validator.support.ssh_target import SshOptions

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)"),
]


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name leaves room in the address of a socket (108 bytes, unix(7))."""
    with tempfile.TemporaryDirectory(prefix="agent-") as folder:
        yield Path(folder)


def refusal(target: str, way: SshOptions) -> MachineError:
    with pytest.raises(MachineError) as caught, connected(target, way):
        pass
    return caught.value


def test_an_unknown_host_key_is_refused_with_the_way_to_learn_it(host: OtherHost, tmp_path: Path) -> None:
    error = refusal(host.target, replace(host.options, known_hosts=tmp_path / "none"))
    assert "its host key is unknown: ssh-ed25519 SHA256:" in error.what
    assert f"ssh-keyscan -p {host.port} 127.0.0.1 >> {tmp_path / 'none'}" in error.remedy


def test_a_changed_host_key_is_refused_with_a_warning(host: OtherHost, tmp_path: Path) -> None:
    other = (host.folder / "id.pub").read_text().split()[1]
    (tmp_path / "known").write_text(f"[127.0.0.1]:{host.port} ssh-ed25519 {other}\n")
    error = refusal(host.target, replace(host.options, known_hosts=tmp_path / "known"))
    assert "its host key has changed" in error.what
    assert "somebody may be in between" in error.what
    assert f"ssh-keygen -R '[127.0.0.1]:{host.port}'" in error.remedy


def test_a_revoked_host_key_is_refused(host: OtherHost, tmp_path: Path) -> None:
    line = host.known_hosts.read_text()
    (tmp_path / "known").write_text(f"{line}@revoked * {' '.join(line.split()[1:3])}\n")
    assert "revoked" in refusal(host.target, replace(host.options, known_hosts=tmp_path / "known")).what


def test_a_key_that_the_host_does_not_know_is_refused(host: OtherHost) -> None:
    error = refusal(host.target, replace(host.options, key=host.folder / "host_key"))
    assert f"the host refused to let {host.user} in" in error.what
    assert "authorized_keys" in error.remedy


@contextmanager
def agent(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An ssh agent of our own, and no other."""
    address = folder / "agent"
    command = ["ssh-agent", "-D", "-a", str(address)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # it listens
            monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
            yield
        finally:
            process.terminate()


def encrypted(host: OtherHost, folder: Path) -> Path:
    """The key that the host knows, with the passphrase `secret`."""
    key = folder / "encrypted"
    shutil.copy(host.key, key)
    key.chmod(0o600)
    command = ["ssh-keygen", "-q", "-p", "-P", "", "-N", "secret", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True, timeout=20)
    return key


def give_to_agent(key: Path, folder: Path) -> None:
    ask = folder / "ask"
    ask.write_text("#!/bin/sh\necho secret\n")
    ask.chmod(0o755)
    environment = {**os.environ, "SSH_ASKPASS": str(ask), "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}
    subprocess.run(["ssh-add", "-q", str(key)], check=True, capture_output=True, timeout=20, env=environment)


def test_an_agent_opens_an_encrypted_key(
    host: OtherHost, tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = encrypted(host, tmp_path)
    with agent(short_folder, monkeypatch):
        give_to_agent(key, tmp_path)
        for way in (replace(host.options, key=key), replace(host.options, key=None)):
            with connected(host.target, way) as connection:
                assert connection.ask("echo well", seconds=10).text == "well\n"


def test_an_encrypted_key_that_no_agent_has_is_told(
    host: OtherHost, tmp_path: Path, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = encrypted(host, tmp_path)
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    without = refusal(host.target, replace(host.options, key=key))
    with agent(short_folder, monkeypatch):
        give_to_agent(host.folder / "host_key", tmp_path)
        with_another = refusal(host.target, replace(host.options, key=key))
    for error in (without, with_another):
        assert f"the key is encrypted, and no agent has it: {key}" in error.what
        assert f"`ssh-add {key}`" in error.remedy


def test_a_key_that_is_not_there_is_told(host: OtherHost, tmp_path: Path) -> None:
    error = refusal(host.target, replace(host.options, key=tmp_path / "nothing"))
    assert f"{tmp_path / 'nothing'} cannot be read" in error.what


def test_a_host_where_nothing_listens_is_not_reached(host: OtherHost) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        error = refusal(f"{host.user}@127.0.0.1:{probe.getsockname()[1]}", host.options)
    assert "it cannot be reached" in error.what


def test_a_host_that_says_nothing_is_given_up_in_time(host: OtherHost) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        error = refusal(f"{host.user}@127.0.0.1:{silent.getsockname()[1]}", replace(host.options, seconds=1.0))
    assert "ssh failed" in error.what
    assert time.monotonic() - began < 8


def test_a_host_is_reached_through_another_one(host: OtherHost, tmp_path: Path) -> None:
    with other_host(tmp_path / "jump") as jump:
        both = tmp_path / "both"
        both.write_text(host.known_hosts.read_text() + jump.known_hosts.read_text())
        (jump.folder / "authorized_keys").write_text((host.folder / "id.pub").read_text())
        way = replace(host.options, known_hosts=both, jump=jump.target)
        with connected(host.target, way) as connection:
            assert connection.ask("echo $HOME", seconds=10).text.strip() == str(host.home)
            assert len(jump.connections()) > 0


def test_what_the_configuration_of_openssh_says_counts(host: OtherHost, tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text(
        f"Host emu1\n  HostName 127.0.0.1\n  Port {host.port}\n  User {host.user}\n"
        f"  IdentityFile {host.key}\n  UserKnownHostsFile {host.known_hosts}\n"
    )
    with connected("emu1", SshOptions(config=file)) as connection:
        assert connection.ask("echo well", seconds=10).text == "well\n"
