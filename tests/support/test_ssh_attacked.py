"""Hosts that are strange, hostile, or gone in the middle, against a real sshd: nothing waits, lies, or strays."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.fakes.sshd import SSHD, OtherHost, marked, other_host
from validator.support.machine import MachineError
from validator.support.process import Completed, Ended
from validator.support.ssh import connected
from validator.support.ssh_machine import SshMachine
from validator.support.ssh_scripts import Pulse
from validator.support.ssh_session import session
from validator.support.stop import Stop

PULSE = Pulse(beat=0.5, patience=3)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(120),
    pytest.mark.skipif(not SSHD, reason="openssh-server is not installed (`make test-all` installs it)"),
]


@contextmanager
def machine(host: OtherHost) -> Iterator[SshMachine]:
    with connected(host.target, host.options) as connection, session(connection, pulse=PULSE) as found:
        yield found


def sh(found: SshMachine, script: str, *arguments: str, reads: tuple[Path, ...] = (), out: Path) -> Completed:
    out.mkdir(exist_ok=True)
    return found.run(
        ["/bin/sh", "-c", script, "sh", *arguments], deadline=30, stop=Stop(), reads=reads, writes=[out], cwd=out
    )


def eventually(condition: Callable[[], bool], seconds: float = 15.0) -> bool:
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    return condition()


def test_whenever_the_connection_is_cut_nothing_waits_or_passes_for_whole(host: OtherHost, tmp_path: Path) -> None:
    """Cut at every tenth of a second of a run: while it begins, sends, starts, runs, brings back, ends."""
    source = tmp_path / "source"
    source.write_bytes(os.urandom(3_000_000))
    ends = set[bool]()
    for number in (0, 2, 4, 6, 8, 11, 15, 60):
        source.write_bytes(os.urandom(3_000_000))
        out = tmp_path / f"out{number}"
        timer = threading.Timer(number / 10, host.cut)
        timer.start()
        began = time.monotonic()
        done = None
        with suppress(MachineError), machine(host) as found:
            done = sh(found, 'cat "$1" >copy; sleep 0.3; echo over >last', str(source), reads=(source,), out=out)
        timer.join()
        assert time.monotonic() - began < 15
        whole = done is not None and done.ended is Ended.EXITED
        if done is not None and whole:
            assert done.exit_code == 0
            assert (out / "copy").read_bytes() == source.read_bytes()
            assert (out / "last").read_text() == "over\n"
        ends.add(whole)
        assert eventually(lambda: marked(host.home) == []), number
        assert [path.name for path in (host.state / "trees").glob(".*")] == [], "half of what was sent stays nowhere"
    with machine(host):
        pass
    assert host.left() == [], "what was sent while the host already cleaned up is found by the next session"
    assert ends == {True, False}, "some were cut in the middle, some had ended"


def test_a_login_shell_that_talks_and_a_home_with_spaces(tmp_path: Path) -> None:
    home = tmp_path / "the home of ci's"
    home.mkdir()
    (home / ".bashrc").write_text("echo 'Welcome to emu1!'; echo 'Maintenance on Sunday.' >&2\n")
    with other_host(tmp_path / "host", {"HOME": str(home)}) as host, machine(host) as found:
        assert found.place.state == f"{home}/.cache/validator"
        done = sh(found, "echo printed; echo written >file", out=tmp_path / "out")
        assert (done.exit_code, done.tail) == (0, ("printed",))
        assert (tmp_path / "out" / "file").read_text() == "written\n"
    assert eventually(lambda: list((home / ".cache" / "validator" / "sessions").iterdir()) == [])


def test_names_with_quotes_and_line_ends_arrive(host: OtherHost, tmp_path: Path) -> None:
    names = ["it's", 'a "b"', "two\nlines", "back\\slash", "-rf", " ", "$(touch pwned)", "é"]
    source = tmp_path / "it's a\nsource"
    source.mkdir()
    for name in names:
        (source / name).write_text(ascii(name))
    with machine(host) as found:
        for _ in range(2):  # the second time from what is kept, by its sums
            done = sh(found, 'cp -R "$1/." .; touch -- *', str(source), reads=(source,), out=tmp_path / "out")
            assert done.exit_code == 0, done.tail
    assert {path.name: path.read_text() for path in (tmp_path / "out").iterdir()} == {n: ascii(n) for n in names}


def test_a_file_whose_name_cannot_be_read_here_is_no_silent_loss(host: OtherHost, tmp_path: Path) -> None:
    with machine(host) as found, pytest.raises(MachineError, match="could not be read to their end"):
        sh(found, "echo lost >\"$(printf 'a\\377')\"", out=tmp_path / "out")


def test_what_comes_back_stays_in_its_folder_and_links_are_not_followed(host: OtherHost, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("ours")
    script = 'ln -s "$1" link; ln -s / root; mkfifo pipe; mkdir -p "a/.."; echo well >file; ln file hard'
    with machine(host) as found:
        done = sh(found, script, str(tmp_path / "outside"), out=tmp_path / "out")
    assert done.exit_code == 0, done.tail
    assert sorted(path.name for path in (tmp_path / "out").rglob("*")) == ["file", "hard"]
    assert (tmp_path / "outside").read_text() == "ours"


def test_a_host_cannot_fill_our_disk_or_our_memory(host: OtherHost, tmp_path: Path) -> None:
    with machine(host) as found:
        with pytest.raises(MachineError):
            found.connection.ask("yes | head -c 40000000", seconds=20)
        done = sh(found, "truncate -s 100G huge.log; head -c 40000000 /dev/zero", out=tmp_path / "out")
    kept = tmp_path / "out" / "huge.log"
    assert done.ended is Ended.EXITED
    assert kept.stat().st_size <= 81 * 1024 * 1024


def test_a_host_whose_clock_is_wrong_loses_nothing(host: OtherHost, tmp_path: Path) -> None:
    script = "echo first >a; touch -d @1000 a; echo second >b; touch -d 2090-01-01 b"
    with machine(host) as found:
        sh(found, script, out=tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"a", "b"}


def test_a_host_that_answers_slowly_is_waited_for_and_a_silent_one_is_not(host: OtherHost) -> None:
    with connected(host.target, host.options) as connection:
        assert connection.ask("sleep 1; echo well", seconds=10).text == "well\n"
        began = time.monotonic()
        with pytest.raises(MachineError, match="no answer within 1 s"):
            connection.ask("while :; do echo more; sleep 0.1; done", seconds=1)
        assert time.monotonic() - began < 3
        assert connection.ask("echo well", seconds=10).text == "well\n", "the connection is as good as before"
