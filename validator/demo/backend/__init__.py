"""The shop's HTTP backend: anonymous users, carts and orders, rate limits, an access log, and switches to break it.

Start it with `python -m validator.demo.backend` or, from Python, with `validator.demo.backend.process.BackendProcess`.
"""
