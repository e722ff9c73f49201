"""The shapes that a store has had. Kept here so that asking a store for its shape loads no database library."""

from __future__ import annotations

REVISIONS = ("0001", "0002", "0003", "0004", "0005")
"""Every committed revision, oldest first."""
NEWEST = REVISIONS[-1]
