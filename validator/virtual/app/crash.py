"""The texts that Android writes to its crash buffer."""

from __future__ import annotations

_FRAMES = (
    "com.facebook.react.bridge.CatalystInstanceImpl$1.run(CatalystInstanceImpl.java:154)",
    "android.os.Handler.handleCallback(Handler.java:958)",
    "android.os.Handler.dispatchMessage(Handler.java:99)",
    "android.os.Looper.loopOnce(Looper.java:205)",
    "android.os.Looper.loop(Looper.java:294)",
    "android.app.ActivityThread.main(ActivityThread.java:8177)",
)
_RULE = "*** *** *** *** *** *** *** *** *** *** *** *** *** *** *** ***"


def java_crash_text(package: str, pid: int, exception: str, message: str) -> str:
    """An uncaught exception as `AndroidRuntime` logs it (com.android.internal.os.RuntimeInit.LoggingHandler)."""
    headline = f"{exception}: {message}" if message else exception
    frames = "\n".join(f"\tat {frame}" for frame in _FRAMES)
    return f"FATAL EXCEPTION: main\nProcess: {package}, PID: {pid}\n{headline}\n{frames}"


def native_crash_text(package: str, pid: int, message: str) -> str:
    """A tombstone's head as `crash_dump` logs it (system/core/debuggerd/libdebuggerd/tombstone_proto_to_text.cpp)."""
    lines = [
        _RULE,
        "Build fingerprint: 'validator/virtual/virtual:14/UP1A.231005.007/1:userdebug/test-keys'",
        "ABI: 'x86_64'",
        f"pid: {pid}, tid: {pid}, name: main  >>> {package} <<<",
        "signal 6 (SIGABRT), code -1 (SI_QUEUE), fault addr --------",
        *([f"Abort message: '{message}'"] if message else []),
        "backtrace:",
        "      #00 pc 000000000005c8ca  /apex/com.android.runtime/lib64/bionic/libc.so (abort+186)",
    ]
    return "\n".join(lines)
