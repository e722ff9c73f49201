"""What runs on a host: scripts for any `sh` with coreutils, util-linux (flock, setsid) and tar.

One process (`KEEP`) holds a session's locks for as long as we are heard of, and one (`RUN`) stands over each program.
Both end what is theirs when our heartbeat stops, whatever it was that stopped it. What even they could not end, because
the host itself was cut off or they were killed, the next session finds by what was written down (`CLEAN`).

A session is a folder: `alive` (locked while it lives), `groups/MARK` (the leader of each process group and when it
started), `adb` and `forwards` (the device, and the forwards that were there before), `tmp`, and `root`, which holds
what was sent under the paths that it has with us.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARK_NAME: Final = "VALIDATOR_SESSION"
"""The environment variable that tells to which program of ours a process belongs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """How each side knows that the other one is there."""

    beat: float = 4.0
    """Seconds from one sign of life to the next."""
    patience: int = 20
    """Seconds without one until a side gives the other one up."""


PULSE: Final = Pulse()
LOCK_SECONDS: Final = PULSE.patience + 5
"""How long a device's lock is waited for: a session that was cut off holds it until its patience is over."""
OLD_TIME: Final = 946_684_800
"""When the files that were sent seem to have been changed last, as Unix time: the beginning of 2000. What bears another
time was written by a program there."""
_GRACE_TENTHS: Final = 50

_SHARED: Final = f"""
umask 077
export LC_ALL=C
started() {{ sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }}
end_group() {{  # FILE TENTHS: SIGTERM, SIGKILL after so long; only while it is the process that was written down
  read -r pid since <"$1" 2>/dev/null || return 0
  [ -n "$since" ] && [ "$(started "$pid")" = "$since" ] || return 0
  kill -s TERM -- "-$pid" 2>/dev/null
  left=$2
  while [ "$left" -gt 0 ] && [ "$(started "$pid")" = "$since" ]; do sleep 0.1; left=$((left - 1)); done
  kill -s KILL -- "-$pid" 2>/dev/null
}}
sweep() {{  # MARK: whatever left its group; twice, because one may start another while we look
  for round in 1 2; do
    for file in $(grep -lF "{MARK_NAME}=$1" /proc/[0-9]*/environ 2>/dev/null); do
      file=${{file#/proc/}}; kill -s KILL "${{file%/environ}}" 2>/dev/null
    done
  done
}}
clean() {{  # FOLDER of a session that is over
  for file in "$1"/groups/*; do
    [ -f "$file" ] || continue
    end_group "$file" {_GRACE_TENTHS}; sweep "${{file##*/}}"
  done
  if {{ read -r serial && read -r adb && read -r port; }} <"$1/adb" 2>/dev/null; then
    timeout 10 "$adb" -P "$port" forward --list </dev/null 2>/dev/null | while read -r name here there; do
      [ "$name" = "$serial" ] && ! grep -qxF "$name $here $there" "$1/forwards" 2>/dev/null || continue
      timeout 10 "$adb" -P "$port" -s "$name" forward --remove "$here" </dev/null >/dev/null 2>&1
    done
  fi
  rm -rf "$1"
}}
beats() {{  # ACT: reads our beats, calls ACT with any other line, returns when there are none for $patience seconds
  while line=$(timeout "$patience" sh -c 'IFS= read -r line && printf %s "$line"'); do
    if [ "$line" = beat ]; then echo alive >&2; else "$1" "$line"; fi
  done
}}
"""

CLEAN: Final = (
    _SHARED
    + """
# $1 state folder. Ends and removes what sessions have left whose keeper is no more; prints their names.
for folder in "$1"/sessions/*; do
  [ -d "$folder" ] || continue
  ( flock -n 9 || exit 0; clean "$folder"; echo "${folder##*/}" ) 9>>"$folder/alive"
done
find "$1/trees" -mindepth 1 -maxdepth 1 -mtime +14 -exec rm -rf {} + 2>/dev/null
:
"""
)

KEEP: Final = (
    _SHARED
    + """
# $1 state folder, $2 session, $3 lock file of the device or nothing, $4 who we are, $5 seconds to wait for the lock,
# $6 seconds without a beat until we are given up
dir=$1/sessions/$2 patience=$6
trap '' HUP PIPE TERM INT
mkdir -p "$1/trees" "$dir/groups" "$dir/tmp" "$dir/root" || exit 1
exec 9>"$dir/alive" && flock -n 9 && printf '%s\\n' "$4" >"$dir/who" || exit 1
if [ -n "$3" ]; then
  mkdir -p "${3%/*}" && [ -O "${3%/*}" ] && [ ! -L "${3%/*}" ] && exec 8>>"$3" || { rm -rf "$dir"; exit 1; }
  if ! flock -n 8; then
    # A run on the host itself does not go away by being cut off, as a session does: it is not waited for.
    { read -r holder <"$3" && tr '\\0' ' ' <"/proc/$holder/cmdline" 2>/dev/null | grep -qF "$1"; } ||
      set -- "$1" "$2" "$3" "$4" 0
  fi
  if ! flock -w "$5" 8; then echo "held $(head -n 1 "$3")" >&2; rm -rf "$dir"; exit 3; fi
  printf '%s\\n' "$$" >"$3"
fi
echo ready >&2
nothing() { :; }
beats nothing 8>&- 9>&-
clean "$dir"
"""
)

RUN: Final = (
    _SHARED
    + f"""
# $1 session's folder, $2 mark, $3 seconds without a beat until we are given up. Input: lines that prepare the program
# and make it "$@", up to the mark; a word to put around what it prints, which nobody there can know; then our beats.
dir=$1 mark=$2 patience=$3
trap '' HUP PIPE TERM INT
setup=
while IFS= read -r line && [ "$line" != "$mark" ]; do setup="$setup$line
"; done
[ "$line" = "$mark" ] && IFS= read -r finish && : >"$dir/groups/$mark" || exit 1
printf %s "$finish"
{{
  (
    trap - HUP PIPE TERM INT
    eval "$setup" || {{ echo "missing it cannot be prepared" >&3; exit 127; }}
    command -v -- "$1" >/dev/null || {{ echo "missing $1 is not there, or is no program" >&3; exit 127; }}
    export {MARK_NAME}="$mark"
    exec setsid sh -c '
      sed "s/.*) //" /proc/$$/stat | cut -d" " -f20 | sed "s/^/$$ /" >"$0" && [ -s "$0" ] ||
        {{ echo "missing the disk of the host is full" >&3; exit 127; }}
      exec "$@" 3>&-' "$dir/groups/$mark" "$@"
  ) 3>&2 2>&1 &
  wait $!
  code=$?
  sweep "$mark"
  printf %s "$finish"
  echo "exit $code" >&2
}} </dev/null &
exec >/dev/null
act() {{ [ "${{line%% *}}" = end ] && end_group "$dir/groups/$mark" "${{line#end }}"; }}
beats act
end_group "$dir/groups/$mark" {_GRACE_TENTHS}
sweep "$mark"
rm -f "$dir/groups/$mark"
"""
)

PLACE: Final = (
    _SHARED
    + """
# $1 state folder, $2 digest, $3 where to. Input: a tar of what is not kept. Status 44: the content is not here yet.
tree=$1/trees/$2
[ -d "$tree/files" ] || exit 44
( cd "$tree/files" && { [ ! -s ../sums ] || sha256sum -c ../sums >/dev/null 2>&1; } ) || { rm -rf "$tree"; exit 44; }
touch "$tree" && mkdir -p "$3" && cp -R "$tree/files/." "$3/" && tar -xpf - -C "$3" &&
  find "$3" -type f -exec touch -d @"""
    + f"{OLD_TIME} {{}} +\n"
)

RECEIVE: Final = (
    _SHARED
    + """
# $1 state folder, $2 digest, $3 session. Input: a compressed tar with `files` and `sums`.
part=$1/trees/.$2.$3
rm -rf "$part"
mkdir -p "$part" && tar -xzpf - -C "$part" || { rm -rf "$part"; exit 1; }
mv -T "$part" "$1/trees/$2" 2>/dev/null || rm -rf "$part"  # somebody else has just sent the same
[ -d "$1/trees/$2" ]
"""
)

ABOUT: Final = """
# Says where the state goes, how much room there is (KiB), who the user is; then the environment, with NUL between.
state=${XDG_CACHE_HOME:-$HOME/.cache}/validator
mkdir -p "$state" || exit 1
for program in flock setsid timeout tar sha256sum find; do
  command -v $program >/dev/null || missing="$missing $program"
done
printf '%s\\n' "$state" "$(df -Pk "$state" | tail -n 1 | tr -s ' ' | cut -d' ' -f4)" "$(id -u)" "$missing"
[ -d /proc/self ] || echo "no /proc" >&2
cat /proc/self/environ
"""
