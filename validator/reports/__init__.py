"""Events in, files and console out."""
