"""The on-device UI automation server of the virtual device."""

from validator.virtual.automation.server import AutomationServer

__all__ = ["AutomationServer"]
