"""A stand-in for the SDK's `emulator`, run as a program: boots one virtual device on a pair of ports.

What the virtual device cannot stand for is Android itself. What is taken from the documentation of the real program:
its command line, its console's protocol, the questions `-list-avds`, `-accel-check` and `-version`, the files of an
AVD and the locks on them (see `validator/devices/avd/folder.py`), and its words when it cannot start.

An AVD's folder may hold `stand-in.json`: what goes wrong, by the number of the boot or `*` for each:
`{"1": {"dies": true}, "*": {"boot_seconds": 3}}`.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import secrets
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

from validator.virtual.adb_server import AdbServer
from validator.virtual.daemon.listener import bind
from validator.virtual.device.device import Device
from validator.virtual.device.profile import DeviceProfile
from validator.virtual.faults import Event, Fault, FaultKind, Trigger
from validator.virtual.fleet_device import FleetDevice
from validator.virtual.virtual_device import power_on

WITH_VALUE = frozenset({"-avd", "-port", "-gpu", "-snapshot", "-memory", "-accel", "-dns-server", "-cores"})
ALONE = frozenset(
    {
        *("-no-window", "-no-audio", "-no-boot-anim", "-no-snapshot", "-no-snapshot-save", "-read-only"),
        *("-list-avds", "-accel-check", "-version", "-verbose", "-no-accel"),
    }
)
ACCELERATION = {
    "": (0, "KVM (version 12) is installed and usable."),
    "permission": (11, "This user doesn't have permissions to use KVM (/dev/kvm)."),
    "missing": (8, "/dev/kvm is not found: VT disabled in BIOS or KVM kernel module not loaded"),
}
INSTANT = {
    "storage_full": FaultKind.STORAGE_FULL,
    "no_network": FaultKind.NO_NETWORK,
    "dialog": FaultKind.FOREIGN_DIALOG,
    "stuck_dialog": FaultKind.SYSTEM_DIALOG,
}


def main() -> int:
    options = _options(sys.argv[1:])
    if "-list-avds" in options:
        print("INFO    | Storing crashdata in: /tmp/android/emu-crash.db, detection is enabled")
        print("\n".join(sorted(path.stem for path in home().glob("*.ini"))))
        return 0
    if "-accel-check" in options:
        code, words = ACCELERATION[os.environ.get("STAND_IN_ACCELERATION", "")]
        print(f"accel:\n{code}\n{words}\naccel")
        return code
    if "-version" in options:
        print("Android emulator version 34.1.19.0 (build_id 11525734) (CL:N/A)")
        return 0
    return asyncio.run(Instance(options).run())


def _options(words: list[str]) -> dict[str, str]:
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word not in WITH_VALUE | ALONE:
            _fail(f"unknown option: {word}\nplease use -help for a list of valid options")
        options[word] = next(rest) if word in WITH_VALUE else ""
    return options


def home() -> Path:
    return Path(os.environ.get("ANDROID_AVD_HOME") or Path.home() / ".android" / "avd")


def _fail(words: str) -> NoReturn:
    print(words, flush=True)
    sys.exit(1)


class Instance:
    """One emulator that runs."""

    def __init__(self, options: dict[str, str]) -> None:
        self.name = options.get("-avd", "")
        self.port = int(options.get("-port", "5554"))
        self.read_only = "-read-only" in options
        self.folder = home() / f"{self.name}.avd"
        if not self.folder.is_dir():
            _fail(f"ERROR   | Unknown AVD name [{self.name}], use -list-avds to see valid list.")
        self.lock = self._lock()
        self.wrong = self._what_goes_wrong()
        self.over = asyncio.Event()

    def _lock(self) -> IO[str]:
        lock = (self.folder / "multiinstance.lock").open("w")
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if self.read_only else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            _fail(
                "ERROR   | Running multiple emulators with the same AVD is an experimental feature.\n"
                "Please use -read-only flag to enable this feature."
            )
        if not self.read_only:
            (self.folder / "hardware-qemu.ini.lock").write_text(f"{os.getpid()}", encoding="ascii")
        return lock

    def _what_goes_wrong(self) -> dict[str, float]:
        with (self.folder / "boots").open("a+", encoding="utf-8") as boots:
            fcntl.flock(boots, fcntl.LOCK_EX)
            boots.write(" ".join(sys.argv[1:]) + "\n")
            boots.seek(0)
            number = len(boots.readlines())
        file = self.folder / "stand-in.json"
        told = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
        return {**told.get("*", {}), **told.get(str(number), {})}

    async def run(self) -> int:
        if "panic" in self.wrong:
            _fail("PANIC: Cannot find AVD system path. Please define ANDROID_SDK_ROOT")
        (self.folder / "userdata-qemu.img").touch()
        try:
            await asyncio.start_server(self._console, "127.0.0.1", self.port)
            adbd = bind(self.port + 1)
        except OSError as error:
            _fail(f"ERROR   | could not bind a console or adb port: {error}")
        self._listen_to_signals()
        virtual = await power_on(DeviceProfile(boot_seconds=self.wrong.get("boot_seconds", 0.3)), adbd)
        for word in INSTANT.keys() & self.wrong.keys():
            virtual.device.inflict(Fault(kind=INSTANT[word]))
        _let_force_stop_close_dialogs(virtual.device)
        device = FleetDevice(
            0, virtual, AdbServer(port=int(os.environ.get("ANDROID_ADB_SERVER_PORT", "5037"))), emulator=True
        )
        print(f"INFO    | emulator-{self.port} starts {self.name}", flush=True)
        work = asyncio.create_task(self._live(device))
        await self.over.wait()
        work.cancel()
        (self.folder / "hardware-qemu.ini.lock").unlink(missing_ok=True)
        return 0

    def _listen_to_signals(self) -> None:
        if "deaf" not in self.wrong:
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.over.set)
            return

        def ignore(number: int, frame: FrameType | None) -> None:
            print(f"signal {number} is ignored", flush=True)

        signal.signal(signal.SIGTERM, ignore)

    async def _live(self, device: FleetDevice) -> None:
        system, listener = device.virtual.device, device.virtual.listener
        if "dies" in self.wrong:
            system.inflict(Fault(kind=FaultKind.DROP, trigger=Trigger(event=Event.LAUNCH, delay_s=0.3)))
        elif "freezes" in self.wrong:
            system.inflict(Fault(kind=FaultKind.FREEZE, trigger=Trigger(event=Event.LAUNCH, delay_s=0.3)))
        await device.attach()
        if "offline" in self.wrong:
            await system.power.booted.wait()
            listener.drop()
        elif "dies" in self.wrong:
            while listener.listening:
                await asyncio.sleep(0.02)
            os.kill(os.getpid(), signal.SIGKILL)

    async def _console(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """developer.android.com/studio/run/emulator-console, as far as it is needed."""
        token = _token()
        trusted = False
        _say(
            writer,
            "Android Console: Authentication required",
            "Android Console: type 'auth <auth_token>' to authenticate",
            "Android Console: you can find your <auth_token> in ",
            f"'{_token_file()}'",
            "OK",
        )
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            command, _, rest = line.partition(" ")
            match command:
                case "auth":
                    trusted = secrets.compare_digest(rest, token)
                    _say(writer, "OK" if trusted else "KO: authentication token does not match")
                case "help":
                    _say(writer, "Android console commands:", "    help|h|?", "    auth", "    avd", "    kill", "OK")
                case "ping":
                    _say(writer, "I am alive!", "OK")
                case "quit" | "exit":
                    break
                case "avd" if trusted and rest == "name":
                    _say(writer, self.name, "OK")
                case "kill" if trusted:
                    print("INFO    | told by the console to end", flush=True)
                    _say(writer, "OK: killing emulator, bye bye")
                    await writer.drain()
                    if "deaf" not in self.wrong:
                        self.over.set()
                case _:
                    _say(writer, "KO: unknown command, try 'help'")
        writer.close()


def _let_force_stop_close_dialogs(device: Device) -> None:
    """As Android does for ordinary apps: with the process goes the dialog about it."""
    stop = device.apps.force_stop

    async def force_stop(package: str, caller_pid: int) -> None:
        await stop(package, caller_pid)
        if package != "com.android.systemui":
            device.screen.dismiss_about(package)

    setattr(device.apps, "force_stop", force_stop)  # noqa: B010 - of this one device, which is ours


def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())


def _token_file() -> Path:
    return Path.home() / ".emulator_console_auth_token"


def _token() -> str:
    """As the emulator does: made by whoever needs it first."""
    file = _token_file()
    if not file.exists():
        file.write_text(secrets.token_urlsafe(12), encoding="ascii")
    return file.read_text(encoding="ascii").strip()


if __name__ == "__main__":
    sys.exit(main())
