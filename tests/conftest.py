"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # how fast something is says `make bench`, on a quiet machine
settings.load_profile("untimed")
