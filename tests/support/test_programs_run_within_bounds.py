"""Children end in time, as a whole group, and what they print stays within bounds."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from validator.support.process import Completed, Ended, NotReadyError, ProgramMissingError, Spawned, run
from validator.support.stop import Stop


def sh(script: str, deadline: float = 20.0, **options: object) -> Completed:
    return run(["sh", "-c", script], deadline=deadline, stop=Stop(), **options)  # type: ignore[arg-type]  # passed on


def python(script: str) -> Sequence[str]:
    return [sys.executable, "-S", "-c", script]


def test_a_program_s_exit_status_and_both_output_streams_are_reported() -> None:
    completed = sh("echo out; echo err >&2; exit 3")
    assert (completed.exit_code, completed.ended) == (3, Ended.EXITED)
    assert sorted(completed.tail) == ["err", "out"]
    assert 0 < completed.seconds < 5
    assert completed.problem == ""


def test_a_program_that_dies_of_a_signal_reports_the_signal() -> None:
    assert sh("kill -SEGV $$").exit_code == -signal.SIGSEGV


def test_output_that_comes_right_before_the_exit_is_not_lost() -> None:
    completed = sh("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done")
    assert completed.tail[-1] == "line 1999"
    assert len(completed.tail) == 40


def test_an_unfinished_last_line_counts_as_a_line() -> None:
    assert sh("printf 'a\\nb'").tail == ("a", "b")


def test_a_program_that_ignores_sigterm_dies_after_the_grace(is_gone: Callable[..., bool]) -> None:
    started = time.monotonic()
    completed = sh("trap '' TERM; echo $$; while :; do sleep 0.05; done", deadline=0.3, grace=0.3)
    assert completed.ended is Ended.TIMED_OUT
    assert completed.exit_code == -signal.SIGKILL
    assert is_gone(int(completed.tail[0]), 0)
    assert time.monotonic() - started < 5


def test_a_program_gets_the_chance_to_clean_up_after_sigterm(tmp_path: Path) -> None:
    done = tmp_path / "cleaned"
    completed = sh(f"trap 'touch {done}; exit 7' TERM; while :; do sleep 0.02; done", deadline=0.3)
    assert done.exists()
    assert (completed.ended, completed.exit_code) == (Ended.TIMED_OUT, 7)


def test_a_stopped_program_is_killed_too() -> None:
    completed = sh("kill -STOP $$", deadline=0.2, grace=0.1)
    assert completed.exit_code == -signal.SIGKILL


def test_a_grandchild_that_holds_the_pipe_neither_hangs_us_nor_survives(is_gone: Callable[..., bool]) -> None:
    completed = sh("sleep 300 & echo $!")
    assert completed.ended is Ended.EXITED
    assert completed.seconds < 1.0
    assert is_gone(int(completed.tail[0]))


def test_a_grandchild_that_left_the_group_with_the_pipe_does_not_hang_us() -> None:
    script = "import os, sys; print(os.getpid(), flush=True); os.setsid(); import time; time.sleep(300)"
    launcher = (
        f"import os, subprocess, sys; p = subprocess.Popen([sys.executable, '-S', '-c', {script!r}]); "
        "[None for _ in iter(lambda: os.getsid(p.pid) == p.pid, True)]"
    )
    completed = run(python(launcher), deadline=20, stop=Stop())
    os.kill(int(completed.tail[0]), signal.SIGKILL)
    assert completed.ended is Ended.EXITED
    assert 0.5 < completed.seconds < 5


def test_a_stop_ends_the_program_at_once() -> None:
    stop = Stop()
    completed = run(["sh", "-c", "echo up; sleep 300"], deadline=60, stop=stop, on_line=stop.set)
    assert completed.ended is Ended.STOPPED
    assert completed.seconds < 3
    assert stop.reason == "up"


def test_a_program_is_not_started_when_the_stop_is_set_already(tmp_path: Path) -> None:
    stop = Stop()
    stop.set("interrupted")
    completed = run(["touch", str(tmp_path / "ran")], deadline=5, stop=stop)
    assert (completed.ended, completed.exit_code) == (Ended.STOPPED, None)
    assert not (tmp_path / "ran").exists()


def test_a_hundred_megabytes_of_output_stay_within_bounds(tmp_path: Path) -> None:
    log = tmp_path / "log"
    printing = python("import os\nfor i in range(1600): os.write(1, (b'x' * 63 + b'\\n') * 1024)\nprint('the end')")
    tracemalloc.start()
    completed = run(printing, deadline=50, stop=Stop(), output=log, max_output=1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert completed.exit_code == 0
    assert completed.tail[-1] == "the end"
    assert log.stat().st_size < 1_010_000
    assert log.read_bytes().startswith(b"x" * 63 + b"\n")
    assert log.read_text().endswith("the end\n")
    assert "more bytes were printed" in completed.problem
    assert peak < 5_000_000


def test_a_line_without_end_is_cut() -> None:
    printing = python("import os\nfor i in range(300): os.write(1, b'y' * 65536)\nos.write(1, b'\\nnext\\n')")
    long, following = run(printing, deadline=50, stop=Stop()).tail
    assert len(long) == 65_536
    assert following == "next"


def test_bytes_that_are_not_text_do_no_harm(tmp_path: Path) -> None:
    log = tmp_path / "log"
    completed = sh(r"printf 'a\377\000b\r\n'", output=log)
    assert completed.tail == ("a�\0b",)
    assert log.read_bytes() == b"a\377\0b\r\n"


def test_every_line_is_handed_on_in_order() -> None:
    lines: list[str] = []
    sh("for i in 1 2 3; do echo $i; done", on_line=lines.append)
    assert lines == ["1", "2", "3"]


def test_an_error_of_the_line_reader_ends_the_program_and_is_raised() -> None:
    def refuse(line: str) -> None:
        raise ValueError(line)

    started = time.monotonic()
    with pytest.raises(ValueError, match="first"):
        sh("echo first; sleep 300", on_line=refuse)
    assert time.monotonic() - started < 5


def test_a_full_disk_does_not_end_the_program() -> None:
    completed = sh("i=0; while [ $i -lt 9000 ]; do echo $i; i=$((i+1)); done; exit 4", output=Path("/dev/full"))
    assert completed.exit_code == 4
    assert "No space left" in completed.problem


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("no-such-program-anywhere", "cannot be started: No such file"),
        ("/dev/null", "Permission denied"),
        ("/", "Permission denied"),
    ],
)
def test_a_program_that_cannot_be_started_is_named(program: str, told: str) -> None:
    with pytest.raises(ProgramMissingError, match=told) as raised:
        run([program], deadline=5, stop=Stop())
    assert program in raised.value.diagnostics()
    assert raised.value.remedy


def test_a_missing_working_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProgramMissingError, match=r"working directory .*/gone does not exist"):
        run(["true"], deadline=5, stop=Stop(), cwd=tmp_path / "gone")


def test_the_environment_is_the_given_one() -> None:
    lines = sh("/usr/bin/env", env={"ONLY": "this"}).tail
    names = {line.split("=")[0] for line in lines}
    assert names - {"PWD", "SHLVL", "_"} == {"ONLY", "VALIDATOR_GUARD"}


def test_many_programs_run_at_once_and_leave_no_descriptor_open() -> None:
    sh("true")  # starts the watchdog, which keeps one
    before = len(list(Path("/proc/self/fd").iterdir()))
    with ThreadPoolExecutor(12) as pool:
        results = list(pool.map(lambda number: sh(f"echo {number}; exit {number}"), range(60)))
    assert [result.exit_code for result in results] == list(range(60))
    assert [result.tail for result in results] == [(str(number),) for number in range(60)]
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("output of", "exit of"))]


def test_a_spawned_child_is_awaited_by_its_ready_line_and_ended_with_the_block() -> None:
    child = Spawned(["sh", "-c", "echo starting; echo ready on 7; sleep 300"], ready=lambda line: "ready" in line)
    with child:
        assert child.wait_ready(10, Stop()) == "ready on 7"
        assert not child.exited
        assert not child.wait(0.01, Stop())
    assert child.exit_code == -signal.SIGTERM
    assert child.tail == ("starting", "ready on 7")


def test_a_spawned_child_that_ends_before_it_is_ready_says_its_last_words() -> None:
    with Spawned(["sh", "-c", "echo port taken; exit 1"], ready=lambda line: "ready" in line) as child:
        with pytest.raises(NotReadyError, match=r"sh ended; its last lines: port taken"):
            child.wait_ready(10, Stop())
        assert child.exited


def test_a_spawned_child_that_does_not_get_ready_is_not_awaited_for_ever() -> None:
    with Spawned(["sleep", "300"], ready=bool) as child:
        with pytest.raises(NotReadyError, match=r"did not get ready within 0.1 s"):
            child.wait_ready(0.1, Stop())
        stop = Stop()
        stop.set("interrupted")
        with pytest.raises(NotReadyError, match="interrupted"):
            child.wait_ready(60, stop)


def test_ending_a_spawned_child_twice_does_nothing_more() -> None:
    with Spawned(["sleep", "300"]) as child:
        child.terminate()
        child.terminate()
        assert child.exit_code == -signal.SIGTERM
