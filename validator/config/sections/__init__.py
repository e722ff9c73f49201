"""The sections of an environment's file, one module each. Keys are read by somebody, or they are not here."""
