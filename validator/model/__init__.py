"""The values that travel between the parts: frozen dataclasses and enums, standard library only, no I/O."""
