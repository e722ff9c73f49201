"""A device belongs to one process at a time, and to nobody when that is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from validator.devices.lease import lease, lock_folder
from validator.model.causes import Cause
from validator.model.errors import StageError

HOLDER = """
import sys
from pathlib import Path
from validator.devices.lease import lease
with lease("emulator-5554", Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_user_is_told_who_holds_the_device(tmp_path: Path) -> None:
    held, again = lease("127.0.0.1:5555", tmp_path), lease("127.0.0.1:5555", tmp_path)
    with held, pytest.raises(StageError, match=f"in use by pid {os.getpid()}") as raised, again:
        pytest.fail("leased twice")
    assert raised.value.cause is Cause.NO_DEVICE
    assert raised.value.remedy


def test_different_devices_do_not_disturb_one_another(tmp_path: Path) -> None:
    with lease("emulator-5554", tmp_path), lease("emulator-5556", tmp_path):
        pass


def test_a_device_is_free_again_after_use(tmp_path: Path) -> None:
    for _ in range(3):
        with lease("emulator-5554", tmp_path):
            pass


def test_the_lease_of_a_killed_process_is_free_and_that_of_a_living_one_is_not(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StageError, match=f"in use by pid {holder.pid}"), lease("emulator-5554", tmp_path):
            pytest.fail("leased twice")
        holder.kill()
        holder.wait()
        with lease("emulator-5554", tmp_path):
            pass


def test_a_holder_that_only_stands_still_is_alive_and_keeps_the_device(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        with pytest.raises(StageError, match=f"in use by pid {holder.pid}"), lease("emulator-5554", tmp_path):
            pytest.fail("taken from the living")
        holder.kill()


def test_a_child_does_not_keep_the_lease_alive(tmp_path: Path) -> None:
    with lease("emulator-5554", tmp_path):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    with child:
        with lease("emulator-5554", tmp_path):
            pass
        child.kill()


def test_the_locks_of_a_user_lie_in_one_private_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = lock_folder()
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert lock_folder() == before
    with lease("emulator-5554", tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StageError, match="no lock can be made") as raised, lease("emulator-5554", tmp_path / "file"):
        pytest.fail("leased")
    assert "file" in raised.value.where
