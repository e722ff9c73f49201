"""What kind of device is simulated."""

from __future__ import annotations

from dataclasses import dataclass

GIBIBYTE = 1024**3
_RELEASES = {30: "11", 31: "12", 32: "12", 33: "13", 34: "14", 35: "15", 36: "16"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceProfile:
    """An emulator image like Google's `sdk_gphone64_x86_64` (Android 14, API 34), which also translates arm64 code.

    Sizes are in pixels, `density` in dots per inch, storage in bytes; `boot_seconds` is how long `sys.boot_completed`
    stays empty.
    """

    sdk: int = 34
    abis: tuple[str, ...] = ("x86_64", "arm64-v8a")
    model: str = "sdk_gphone64_x86_64"
    form_factor: str = "phone"
    """`phone`, `foldable` (it has a hinge), or `tablet`, `tv`, `watch`, `automotive` in `ro.build.characteristics`."""
    width: int = 1080
    height: int = 1920
    density: int = 420
    storage_bytes: int = 6 * GIBIBYTE
    boot_seconds: float = 0.0

    @property
    def release(self) -> str:
        """Android's marketing version, such as 14 for API 34."""
        return _RELEASES.get(self.sdk, str(self.sdk - 20))

    @property
    def features(self) -> tuple[str, ...]:
        """What `pm list features` says."""
        hinge = ("android.hardware.sensor.hinge_angle",) if self.form_factor == "foldable" else ()
        return ("android.hardware.touchscreen", "android.hardware.wifi", *hinge)

    @property
    def _characteristics(self) -> str:
        return "emulator" if self.form_factor in ("phone", "foldable") else f"emulator,{self.form_factor}"

    def properties(self) -> dict[str, str]:
        """The read-only system properties of the image."""
        abis = ",".join(self.abis)
        build = f"google/{self.model}/emu64x:{self.release}/UE1A.230829.050/12077443:user/release-keys"
        return {
            "init.svc.bootanim": "stopped",
            "net.bt.name": "Android",
            "persist.sys.locale": "en-US",
            "persist.sys.timezone": "GMT",
            "qemu.hw.mainkeys": "0",
            "ro.boot.qemu": "1",
            "ro.build.characteristics": self._characteristics,
            "ro.build.fingerprint": build,
            "ro.build.id": "UE1A.230829.050",
            "ro.build.tags": "release-keys",
            "ro.build.type": "user",
            "ro.build.version.codename": "REL",
            "ro.build.version.release": self.release,
            "ro.build.version.sdk": str(self.sdk),
            "ro.build.version.security_patch": "2024-04-05",
            "ro.debuggable": "0",
            "ro.hardware": "ranchu",
            "ro.kernel.qemu": "1",
            "ro.product.brand": "google",
            "ro.product.cpu.abi": self.abis[0],
            "ro.product.cpu.abilist": abis,
            "ro.product.cpu.abilist64": ",".join(abi for abi in self.abis if "64" in abi),
            "ro.product.device": "emu64x",
            "ro.product.locale": "en-US",
            "ro.product.manufacturer": "Google",
            "ro.product.model": self.model,
            "ro.product.name": self.model,
            "ro.secure": "1",
            "ro.sf.lcd_density": str(self.density),
        }
