"""Programs on a host over ssh, against a real sshd: they get what they need, and end as they should."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

import pytest

from tests.fakes.sshd import SSHD, OtherHost, marked
from validator.support.process import Ended, ProgramMissingError
from validator.support.ssh import connected
from validator.support.ssh_forward import forwarded
from validator.support.ssh_machine import SshMachine
from validator.support.ssh_scripts import PULSE, Pulse
from validator.support.ssh_session import HeldElsewhereError, session
from validator.support.stop import Stop

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)"),
]


@contextmanager
def machine(host: OtherHost, pulse: Pulse = PULSE) -> Iterator[SshMachine]:
    with connected(host.target, host.options) as connection, session(connection, pulse=pulse) as found:
        yield found


def sh(found: SshMachine, script: str, seconds: float = 20.0, **more: object) -> object:
    return found.run(["/bin/sh", "-c", script], deadline=seconds, stop=Stop(), **more)  # type: ignore[arg-type]


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    return condition()


def test_a_program_gets_its_files_and_environment_and_its_own_come_back(host: OtherHost, tmp_path: Path) -> None:
    source, out = tmp_path / 'it\'s a "source"', tmp_path / "out"
    (source / "deep").mkdir(parents=True)
    out.mkdir()
    (source / "deep" / "nasty name; $(touch x) ü.txt").write_text("content")
    (source / "link").symlink_to(source / "deep")
    (source / "secret").write_text("hidden")
    (source / "secret").chmod(0o600)
    nasty = "it's $HOME `id` \\ \n second line"
    with machine(host) as found:
        script = (
            'cat "$1"/link/*ü.txt "$1/secret"; printf %s "$NASTY" >"$2/value"; pwd >"$2/where"; env >"$2/env"; exit 3'
        )
        done = found.run(
            ["/bin/sh", "-c", script, "sh", str(source), str(out)],
            deadline=20,
            stop=Stop(),
            env={"PATH": os.defpath, "NASTY": nasty},
            cwd=out,
            reads=[source],
            writes=[out],
        )
        assert (done.exit_code, done.ended, done.tail) == (3, Ended.EXITED, ("contenthidden",))
        assert (out / "value").read_text() == nasty
        assert found.named((out / "where").read_text()) == f"{out}\n"
        names = {line.partition("=")[0] for line in (out / "env").read_text().splitlines()} - {"PWD", "OLDPWD", "_"}
        assert names <= {"PATH", "NASTY", " second line", "VALIDATOR_SESSION", "SHLVL"}
        kept = [path.read_text() for path in (host.state / "trees").rglob("*") if path.is_file()]
        assert "content" in kept
        assert not any("hidden" in text for text in kept), "what only its owner may read is not kept"
    assert host.left() == []


def test_the_same_content_is_sent_once_and_again_when_it_was_spoilt(host: OtherHost, tmp_path: Path) -> None:
    apk = tmp_path / "app.apk"
    apk.write_bytes(os.urandom(200_000))
    with machine(host) as found:
        sh(found, "true", reads=[apk])
        kept = next(path for path in (host.state / "trees").rglob("app.apk"))
        before = kept.stat().st_ino
        sh(found, "true", reads=[apk])
        assert kept.stat().st_ino == before
        kept.write_bytes(b"broken")
        done = found.run(["cksum", str(apk)], deadline=20, stop=Stop(), reads=[apk])
        assert done.exit_code == 0
        assert kept.read_bytes() == apk.read_bytes()


def stop_when(stop: Stop, condition: Callable[[], bool]) -> None:
    eventually(condition)
    stop.set("seen")


def test_what_a_program_writes_is_here_while_it_runs(host: OtherHost, tmp_path: Path) -> None:
    stop = Stop()
    with machine(host) as found:
        watcher = threading.Thread(target=stop_when, args=(stop, (tmp_path / "log").is_file), daemon=True)
        watcher.start()
        began = time.monotonic()
        done = found.run(
            ["/bin/sh", "-c", f"echo begun >{tmp_path}/log; sleep 60"], deadline=50, stop=stop, writes=[tmp_path]
        )
        watcher.join()
    assert (tmp_path / "log").read_text() == "begun\n"
    assert done.ended is Ended.STOPPED
    assert time.monotonic() - began < 15


def test_a_program_that_ignores_sigterm_ends_with_all_that_it_started(host: OtherHost) -> None:
    with machine(host) as found:
        done = found.run(
            ["/bin/sh", "-c", "trap '' TERM; sleep 99 & setsid sleep 99 & sleep 99"],
            deadline=1.0,
            stop=Stop(),
            grace=0.5,
        )
        assert (done.ended, done.exit_code) == (Ended.TIMED_OUT, -9)
        assert done.seconds < 10
        assert [left for left in host.left() if left.isdecimal()] == []


def test_no_value_is_seen_in_the_list_of_processes_and_nothing_private_stays(host: OtherHost, tmp_path: Path) -> None:
    secret = "s3cret-" + os.urandom(8).hex()
    (tmp_path / "variables").write_text(f"TOKEN={secret}\n")
    (tmp_path / "variables").chmod(0o600)
    over = threading.Event()
    seen = set[bytes]()
    watcher = threading.Thread(target=sample_command_lines, args=(seen, over), daemon=True)
    watcher.start()
    with machine(host) as found:
        env = {"PATH": os.defpath, "TOKEN": secret}
        script = 'grep -q "$TOKEN" "$1" && sleep 1'
        done = found.run(
            ["/bin/sh", "-c", script, "sh", str(tmp_path / "variables")],
            deadline=20,
            stop=Stop(),
            env=env,
            reads=[tmp_path / "variables"],
        )
        assert done.exit_code == 0
        files = [path for path in host.home.rglob("*") if path.is_file()]
        assert not any(secret.encode() in path.read_bytes() for path in files)
    over.set()
    watcher.join()
    assert any(b"sleep" in line for line in seen)
    assert not any(secret.encode() in line for line in seen)


def sample_command_lines(seen: set[bytes], over: threading.Event) -> None:
    while not over.wait(0.005):
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                seen.add(entry.read_bytes())


def test_a_missing_program_is_told(host: OtherHost) -> None:
    with machine(host) as found, pytest.raises(ProgramMissingError, match="nonsense is not there"):
        found.run(["nonsense"], deadline=5, stop=Stop())


def test_a_cut_ends_the_wait_at_once_and_the_program_on_the_host(host: OtherHost) -> None:
    with machine(host) as found:
        timer = threading.Timer(1.0, host.cut)
        timer.start()
        done = found.run(["/bin/sh", "-c", "trap '' TERM; sleep 99"], deadline=60, stop=Stop())
        timer.join()
        assert done.ended is Ended.STOPPED
        assert done.seconds < 10
    assert eventually(lambda: host.left() == []), host.left()


def test_a_connection_that_only_falls_silent_is_given_up_by_both_sides(host: OtherHost) -> None:
    stopped: list[int] = []

    def fall_silent() -> None:
        stopped.extend(host.connections())
        for process in stopped:
            os.kill(process, signal.SIGSTOP)

    pulse = Pulse(beat=0.5, patience=3)
    with machine(host, pulse) as found:
        timer = threading.Timer(1.0, fall_silent)
        timer.start()
        done = found.run(["/bin/sh", "-c", "trap '' TERM; sleep 99"], deadline=90, stop=Stop())
        timer.join()
        assert done.ended is Ended.STOPPED
        assert 1.0 + pulse.patience <= done.seconds + 1.0 < pulse.patience + 8
        assert eventually(lambda: marked(host.home) == [], pulse.patience + 10), "though sshd there is stopped still"
        host.cut()


def test_what_killed_keepers_left_is_cleaned_by_the_next_session(host: OtherHost) -> None:
    with machine(host) as found:
        threading.Timer(1.0, kill_everything_of_sessions, [host]).start()
        found.run(["/bin/sh", "-c", "trap '' TERM HUP; sleep 99"], deadline=60, stop=Stop())
    assert [left for left in host.left() if left.isdecimal()], "the program lives on, for nobody is left to end it"
    with machine(host):
        assert [left for left in host.left() if left.isdecimal()] == []
    assert host.left() == []


def kill_everything_of_sessions(host: OtherHost) -> None:
    """Kill the scripts that stand over programs, and the connections: only the programs are left."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if command.startswith(b"sh\0-c\0") and str(host.state).encode() in command and b"umask 077" in command:
            os.kill(int(entry.name), 9)
    host.cut()


def test_a_device_is_locked_against_other_sessions_and_free_afterwards(host: OtherHost, tmp_path: Path) -> None:
    lock = PurePosixPath(tmp_path / "locks" / "emulator-5554.lock")

    with connected(host.target, host.options) as first, connected(host.target, host.options) as second:
        held = pytest.raises(HeldElsewhereError, match="in use by pid")
        with session(first, lock), held, session(second, lock, lock_seconds=1):
            pass
        with session(second, lock):
            pass


def test_a_port_of_the_host_is_reached_from_here(host: OtherHost) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        connected(host.target, host.options) as connection,
        forwarded(connection, listener.getsockname()[1]) as port,
        socket.create_connection(("127.0.0.1", port), 5) as near,
    ):
        far, _ = listener.accept()
        with far:
            near.sendall(b"there")
            assert far.recv(10) == b"there"
            far.sendall(b"back")
            assert near.recv(10) == b"back"
            host.cut()
            assert near.recv(10) == b""
