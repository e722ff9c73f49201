"""The only code that touches processes, ssh, http, clocks, randomness, files and redaction. Knows no domain word."""
