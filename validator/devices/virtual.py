"""The built-in virtual devices, in a process of their own that ends with the block."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from validator.devices.adb import Adb
from validator.devices.android import AndroidDevice
from validator.devices.handset import Handset
from validator.devices.introduction import opened
from validator.devices.lease import lease
from validator.devices.several import all_opened
from validator.model.causes import Cause
from validator.model.device import AdbAddress
from validator.model.errors import StageError
from validator.support.process import NotReadyError, ProgramMissingError, Spawned
from validator.support.stop import Stop

_START_SECONDS = 30.0
_BOOT_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """What `validator virtual --json` says about its devices on its first line."""

    serials: tuple[str, ...]
    adb: AdbAddress
    control: str
    """The address at which their faults are switched; empty when there is none."""


class VirtualSource:
    """Implements `DeviceSource` for virtual devices, which are started for it, with an adb server of their own."""

    def __init__(  # noqa: PLR0913 - nearly all by keyword, with a default
        self,
        count: int,
        *,
        abi: str = "",
        sdk: int = 34,
        form_factor: str = "",
        labels: Sequence[str] = (),
        adb_path: str | None = None,
        redact: Callable[[str], str] = str,
        log: Path | None = None,
        boot_seconds: float = _BOOT_SECONDS,
        locks: Path | None = None,
    ) -> None:
        """Take what `open` needs.

        Args:
            count: How many devices to start.
            abi: The only architecture whose apps they install; the devices' own choice when empty.
            sdk: Their API level.
            form_factor: What kind of device they say they are; the devices' own choice when empty.
            labels: What the configuration calls them.
            adb_path: The adb program; the devices' own choice when None.
            redact: Takes secrets out of every log line that is kept.
            log: A file for what the devices' process prints.
            boot_seconds: Deadline for booting.
            locks: The folder of the leases, this user's when None.
        """
        self._count = count
        self._options = ["--sdk", str(sdk)]
        self._options += ["--abi", abi] if abi else []
        self._options += ["--form-factor", form_factor] if form_factor else []
        self._labels = tuple(labels)
        self._adb_path = adb_path
        self._redact = redact
        self._log = log
        self._boot_seconds = boot_seconds
        self._locks = locks

    @contextmanager
    def open(self, stop: Stop) -> Iterator[Sequence[AndroidDevice]]:
        """Start the devices; see the port."""
        argv = [sys.executable, "-m", "validator", "virtual", "--devices", str(self._count), "--json"]
        argv += ["--exit-with-parent", *(["--adb", self._adb_path] if self._adb_path else [])]
        argv += self._options
        with ExitStack() as stack:
            try:
                if self._log is not None:
                    self._log.parent.mkdir(parents=True, exist_ok=True)
                child = stack.enter_context(Spawned(argv, log=self._log, ready=lambda line: line.startswith("{")))
                fleet = read_fleet(child.wait_ready(_START_SECONDS, stop))
            except (NotReadyError, ProgramMissingError) as error:
                raise _not_started(error.what) from error
            except OSError as error:
                raise _not_started(f"{self._log}: {error.strerror}") from error
            yield stack.enter_context(all_opened([self._one(fleet, serial, stop) for serial in fleet.serials]))

    @contextmanager
    def _one(self, fleet: Fleet, serial: str, stop: Stop) -> Iterator[AndroidDevice]:
        handset = Handset(adb=Adb(fleet.adb), serial=serial)
        with lease(serial, self._locks):
            device = opened(
                handset,
                stop,
                redact=self._redact,
                kind="virtual",
                labels=self._labels,
                boot_seconds=self._boot_seconds,
            )
            with device as found:
                yield found


def read_fleet(line: str) -> Fleet:
    """Read the line.

    Raises:
        StageError: `no_device` when it is not what it should be.
    """
    try:
        said = json.loads(line)
        serials = tuple(str(serial) for serial in said["serials"])
        address = AdbAddress(path=str(said["adb"]), server_port=int(said["adb_server_port"]))
        return Fleet(serials=serials, adb=address, control=str(said.get("control", "")))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _not_started(f"they said {line[:200]!r}") from error


def _not_started(why: str) -> StageError:
    return StageError(
        Cause.NO_DEVICE,
        f"the virtual devices did not start: {why}",
        remedy="run `validator virtual` by hand to see more",
    )
