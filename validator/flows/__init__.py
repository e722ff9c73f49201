"""Maestro workspaces and the runners that drive their flows."""
