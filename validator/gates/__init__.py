"""Policy and decision."""
