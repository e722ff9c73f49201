"""The ways in which a demo can go wrong, as data: what to switch, and what a validation of it has to find."""
