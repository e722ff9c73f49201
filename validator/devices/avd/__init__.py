"""Emulators: AVDs that are created, booted, watched over and replaced."""
