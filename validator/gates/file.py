"""`gates/*.yaml` -> Policy."""
