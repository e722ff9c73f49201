#!/bin/sh
# Writes requirements.lock anew from pyproject.toml: exact versions and hashes for every platform, no index addresses.
set -eu
uv pip compile pyproject.toml --extra dev --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet "$@" -o requirements.lock
