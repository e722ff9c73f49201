"""Which lines of `known_hosts` are about a host, against a real sshd and what OpenSSH's own tools write."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fakes.sshd import SSHD, OtherHost
from validator.support.machine import MachineError
from validator.support.ssh import connected
from validator.support.ssh_known_hosts import known_keys

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGhvc3RrZXlob3N0a2V5aG9zdGtleWhvc3RrZXlob3N0"

with_sshd = pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)")


@pytest.mark.parametrize(
    ("names", "host", "meant"),
    [
        ("emu1", "emu1", True),
        ("emu1,emu2", "emu2", True),
        ("EMU1", "emu1", True),
        ("emu", "emu1", False),
        ("*.example.com", "emu1.example.com", True),
        ("*.example.com", "example.com", False),
        ("emu?", "emu1", True),
        ("emu?", "emu12", False),
        ("*,!emu1", "emu1", False),
        ("!emu1,*", "emu2", True),
        ("!emu2", "emu1", False),
        ("[emu1]:2222", "[emu1]:2222", True),
        ("[emu1]:2222", "emu1", False),
        ("[*.example.com]:2222", "[emu1.example.com]:2222", True),
        ("[emu1]:*", "[emu1]:22022", True),
        ("e[lm]u1", "emu1", False),
        ("|1|no base64|at all", "emu1", False),
        ("|1|", "emu1", False),
    ],
)
def test_a_line_is_about_the_hosts_that_its_patterns_name(tmp_path: Path, names: str, host: str, meant: bool) -> None:
    (tmp_path / "known").write_text(f"{names} {KEY} comment\n")
    assert bool(known_keys(tmp_path / "known", host).keys) is meant


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="openssh-client is not installed")
@pytest.mark.parametrize("host", ["emu1.example.com", "[emu1]:2222"])
def test_names_that_openssh_has_hashed_are_recognised(tmp_path: Path, host: str) -> None:
    file = tmp_path / "known"
    file.write_text(f"{host} {KEY}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True, timeout=20)
    assert "emu1" not in file.read_text()
    assert len(known_keys(file, host).keys) == 1
    assert known_keys(file, "emu2").keys == ()


def test_marks_are_no_keys(tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"@cert-authority *.example.com {KEY}\n@revoked * {KEY}\n# emu1 {KEY}\n\nemu1\n")
    known = known_keys(tmp_path / "known", "emu1.example.com")
    assert (known.keys, known.authority, known.revoked) == ((), True, frozenset({KEY.split()[1]}))
    assert not known_keys(tmp_path / "known", "emu1").authority


@with_sshd
@pytest.mark.parametrize("names", ["[127.0.0.*]:*", "hashed"])
def test_a_real_host_is_let_pass_by_a_pattern_and_by_a_hashed_name(host: OtherHost, tmp_path: Path, names: str) -> None:
    known = tmp_path / "known"
    given, _, key = host.known_hosts.read_text().partition(" ")
    known.write_text(f"{given if names == 'hashed' else names} {key}")
    if names == "hashed":
        subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(known)], check=True, capture_output=True, timeout=20)
    with connected(host.target, replace(host.options, known_hosts=known)) as connection:
        assert connection.ask("echo well", seconds=10).text == "well\n"


@with_sshd
def test_an_authority_does_not_count_and_that_is_said(host: OtherHost, tmp_path: Path) -> None:
    (tmp_path / "known").write_text(f"@cert-authority [127.0.0.1]:* {KEY}\n")
    way = replace(host.options, known_hosts=tmp_path / "known")
    with pytest.raises(MachineError, match="names an authority only") as caught, connected(host.target, way):
        pass
    assert "ssh-keyscan" in caught.value.remedy
