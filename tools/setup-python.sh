#!/bin/sh
# Makes .venv from the lock file, hashes checked, and installs validator into it (editable). Run by make.
set -eu
python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
  echo "setup: $python is missing or older than 3.11; install Python 3.11 or newer, or call make PYTHON=python3.12" >&2
  exit 2
}
"$python" -m venv .venv 2>/dev/null || {
  echo "setup: $python cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2
  exit 2
}
echo "setup: installing the locked Python packages into .venv (once)"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
touch .venv/.ready
