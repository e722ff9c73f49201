"""Devices: adb, emulators, health, leases, logcat and screenshots."""
