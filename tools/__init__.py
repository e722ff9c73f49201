"""Tools of the project itself: what `make` calls."""
