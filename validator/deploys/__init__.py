"""What is live now: infrastructure outputs and readiness."""
