"""The app that runs on the virtual device: described in an APK's assets, see docs/virtual-app.md."""

from validator.virtual.app.crash import java_crash_text, native_crash_text
from validator.virtual.app.process import start_app
from validator.virtual.app.reading import App, AppSpecError, read_app

__all__ = ["App", "AppSpecError", "java_crash_text", "native_crash_text", "read_app", "start_app"]
