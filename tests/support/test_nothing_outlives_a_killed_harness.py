"""Whatever a harness dies of, its children die with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from validator.support.guard import MARK_NAME, Guard

PRELUDE = """
import os, sys, threading
from validator.support.guard import GUARD
from validator.support.process import Spawned, run
from validator.support.stop import Stop
def say(*what): sys.stdout.write(" ".join(map(str, what)) + "\\n"); sys.stdout.flush()
"""


@contextmanager
def harness(script: str) -> Iterator[tuple[subprocess.Popen[str], Callable[[], list[str]]]]:
    """A process that works like ours, and a way to read the words of its next line."""
    with subprocess.Popen([sys.executable, "-c", PRELUDE + script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = process.stdout
        try:
            yield process, lambda: lines.readline().split()
        finally:
            process.kill()


def cmdline(pid: str) -> bytes:
    """What a child was started with. Empty for an instant after its start; the kernel tells nobody when not."""
    file, until = Path(f"/proc/{pid}/cmdline"), time.monotonic() + 5
    while not (found := file.read_bytes()) and time.monotonic() < until:
        os.sched_yield()
    return found


def watchdogs_of(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task").glob("*/children")
    found = {child for file in children for child in file.read_text().split()}
    return [int(child) for child in found if b"watchdog.py" in cmdline(child)]


RUN_IN_A_THREAD = """
def work():
    run(["sh", "-c", "sleep 300 & echo $$ $!; wait"], deadline=600, stop=Stop(), on_line=say)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def test_a_harness_killed_with_sigkill_leaves_no_child_and_no_grandchild(is_gone: Callable[..., bool]) -> None:
    with harness(RUN_IN_A_THREAD) as (process, words):
        children = [int(word) for word in words()]
        (watchdog,) = watchdogs_of(process.pid)
        process.kill()
        assert all(is_gone(child) for child in children)
        assert is_gone(watchdog)


def test_children_of_several_threads_die_together(is_gone: Callable[..., bool]) -> None:
    script = """
def work(): run(["sh", "-c", "echo $$; exec sleep 300"], deadline=600, stop=Stop(), on_line=say)
for _ in range(8): threading.Thread(target=work).start()
"""
    with harness(script) as (process, words):
        children = [int(words()[0]) for _ in range(8)]
        process.kill()
        assert all(is_gone(child) for child in children)


def test_a_child_that_left_its_group_dies_too(is_gone: Callable[..., bool]) -> None:
    script = """
run(["sh", "-c", "setsid sh -c 'echo $$; exec sleep 300' & wait"], deadline=600, stop=Stop(), on_line=say)
"""
    with harness(script) as (process, words):
        child = int(words()[0])
        process.kill()
        assert is_gone(child)


def test_an_unguarded_child_may_live_on(is_gone: Callable[..., bool]) -> None:
    script = f"""
os.environ["{MARK_NAME}"] = "a harness above us"
run(["sh", "-c", "setsid sh -c 'echo $$ ${MARK_NAME}; exec sleep 300' & wait"], deadline=600, stop=Stop(),
    on_line=say, guarded=False)
"""
    with harness("GUARD.environment({})\n" + script) as (process, words):
        (child,) = words()  # and nothing more: it carries no mark
        (watchdog,) = watchdogs_of(process.pid)
        process.kill()
        try:
            assert is_gone(watchdog)
            assert not is_gone(int(child), 0)
        finally:
            os.kill(int(child), signal.SIGKILL)


def test_a_harness_below_a_harness_takes_its_children_along(is_gone: Callable[..., bool]) -> None:
    inner = PRELUDE + RUN_IN_A_THREAD
    script = f"run([sys.executable, '-c', {inner!r}], deadline=600, stop=Stop(), on_line=say)"
    with harness(script) as (process, words):
        children = [int(word) for word in words()]
        process.kill()
        assert all(is_gone(child) for child in children)


def test_a_harness_that_ends_in_order_takes_only_its_watchdog_along(is_gone: Callable[..., bool]) -> None:
    script = """
run(["sh", "-c", "setsid sh -c 'echo $$; exec sleep 300' & wait"], deadline=0.5, stop=Stop(), on_line=say)
"""
    with harness(script) as (process, words):
        daemon = int(words()[0])
        (watchdog,) = watchdogs_of(process.pid)
        try:
            assert process.wait(10) == 0
            assert is_gone(watchdog)
            assert not is_gone(daemon, 0)
        finally:
            os.kill(daemon, signal.SIGKILL)


def test_the_watchdog_is_replaced_when_somebody_kills_it(is_gone: Callable[..., bool]) -> None:
    script = """
with Spawned(["sh", "-c", "echo $$; exec sleep 300"], on_line=say) as first:
    sys.stdin.readline()
    with Spawned(["sh", "-c", "echo $$; exec sleep 300"], on_line=say) as second:
        sys.stdin.readline()
        sys.stdin.readline()
"""
    command = [sys.executable, "-c", PRELUDE + script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        first = int(process.stdout.readline())
        (watchdog,) = watchdogs_of(process.pid)
        os.kill(watchdog, signal.SIGKILL)
        assert is_gone(watchdog)
        process.stdin.write("go on\n")
        process.stdin.flush()
        second = int(process.stdout.readline())
        process.kill()
        assert is_gone(first)
        assert is_gone(second)


def test_a_forked_child_has_a_guard_of_its_own(is_gone: Callable[..., bool]) -> None:
    """The fork holds a copy of the pipe; were it left open, the watchdog would not learn of the parent's death."""
    script = """
told = threading.Event()
with Spawned(["sh", "-c", "echo $$; exec sleep 300"], on_line=lambda line: (say(line), told.set())):
    told.wait(30)  # a fork while another thread writes would take that thread's lock on the stream with it
    sys.stdin = open(os.devnull)
    if os.fork() == 0:
        say("forked", os.getpid())
        threading.Event().wait(300)
    threading.Event().wait(300)
"""
    with harness(script) as (process, words):
        lines = [words(), words()]
        child = next(int(line[0]) for line in lines if len(line) == 1)
        forked = next(int(line[1]) for line in lines if len(line) == 2)
        try:
            process.kill()
            assert is_gone(child)
        finally:
            os.kill(forked, signal.SIGKILL)


def test_closing_a_guard_leaves_what_it_guarded_alone(is_gone: Callable[..., bool]) -> None:
    guard = Guard()
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as child:
        guard.add(child.pid)
        guard.close()
        assert not is_gone(child.pid, 0.05)
        guard.close()
        child.kill()


def ignored_signals(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1], 16) for line in lines if line.startswith("SigIgn:"))


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_meant_for_the_harness_does_not_end_its_watchdog(how: signal.Signals) -> None:
    guard = Guard()
    guard.environment({})
    watchdog = guard._watchdog
    assert watchdog is not None
    while not ignored_signals(watchdog.pid) & (1 << (how - 1)):
        os.sched_yield()  # it has not come so far yet, and nothing tells when it has
    os.kill(watchdog.pid, how)
    with pytest.raises(subprocess.TimeoutExpired):
        watchdog.wait(0.3)
    guard.close()


def test_a_killed_harness_leaves_none_of_its_private_folders(tmp_path: Path, is_gone: Callable[..., bool]) -> None:
    first, second, given_back = (tmp_path / name for name in ("a", "b\nb", "c"))
    for folder in (first, second, given_back):
        (folder / "inner").mkdir(parents=True)
        (folder / "inner" / "link").symlink_to(tmp_path)
        (folder / "secret").write_text("x", encoding="utf-8")
    folders = [str(first), str(second), str(given_back)]
    script = f"""
from pathlib import Path
first, second, given_back = map(Path, {folders!r})
GUARD.add_folder(first)
GUARD.add_folder(given_back)
GUARD._watchdog.kill()
GUARD._watchdog.wait()
GUARD.add_folder(second)
GUARD.remove_folder(given_back)
say("ready")
sys.stdin.readline()
"""
    command = [sys.executable, "-c", PRELUDE + script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        (watchdog,) = watchdogs_of(process.pid)
        process.kill()
        assert is_gone(watchdog)

    assert list(tmp_path.iterdir()) == [given_back]


def test_a_harness_that_ends_in_order_leaves_its_folders_to_their_owner(tmp_path: Path) -> None:
    script = f"from pathlib import Path; GUARD.add_folder(Path({str(tmp_path)!r})); say('ready')"
    with harness(script) as (process, words):
        assert words() == ["ready"]
        assert process.wait(10) == 0

    assert tmp_path.is_dir()
