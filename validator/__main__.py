"""`python -m validator`."""

from validator.cli.main import main

main()
