#!/bin/sh
# The slow suites compare with the SDK's own tools and with an older adb; Debian has them. Nothing is done where they are.
set -eu
missing=""
for pair in aapt:aapt apksigner:apksigner zipalign:zipalign adb:adb sshd:openssh-server; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -z "$missing" ] && exit 0
command -v apt-get >/dev/null 2>&1 || {
  echo "test-all: the slow suites need$missing; install the Android SDK build tools and platform tools" >&2
  exit 2
}
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
echo "setup: installing$missing from Debian (once)"
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends $missing >/dev/null
