"""Readers of one APK: its archive, manifest, signers and strings. Pure: bytes in, values out, within bounds."""
