"""The simulated Android system: storage, settings, processes, windows, log. It knows no protocol."""
