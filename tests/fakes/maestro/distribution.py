"""A distribution of the official Maestro CLI, in its shape, with a stand-in inside.

Laid out as its archive is: `bin/maestro` is a start script as Gradle makes them for `applicationName = "maestro"`
(maestro-cli/build.gradle.kts), which reads JAVA_OPTS and MAESTRO_OPTS as a shell would and starts
`$JAVA_HOME/bin/java`. The Java machine beside it is ours: it runs `tests.fakes.maestro.cli`.

Honest is what it says of its making: no official CLI was at hand. What it does is written down from Maestro's source,
2.8.0, file by file, and each row of `table.json` names the file that it was taken from.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
VERSION = "2.8.0"

START_SCRIPT = """#!/bin/sh
# In the shape of a start script that Gradle makes.
APP_HOME=$(cd -P "$(dirname "$0")/.." && pwd -P) || exit
DEFAULT_JVM_OPTS='"--enable-native-access=ALL-UNNAMED"'
if [ -n "$JAVA_HOME" ] ; then JAVACMD=$JAVA_HOME/bin/java ; else JAVACMD=java ; fi
if ! command -v "$JAVACMD" >/dev/null 2>&1 ; then
    echo "ERROR: JAVA_HOME is not set and no 'java' command could be found in your PATH." >&2
    exit 1
fi
set -- -classpath "$APP_HOME/lib/*" maestro.cli.AppKt "$@"
eval "set -- $(printf '%s\\n' "$DEFAULT_JVM_OPTS $JAVA_OPTS $MAESTRO_OPTS" | xargs -n1 |
    sed ' s~[^-[:alnum:]+,./:=@_]~\\\\&~g; ' | tr '\\n' ' ')" '"$@"'
exec "$JAVACMD" "$@"
"""
JAVA = """#!{python} -IS
import sys
sys.path.insert(0, {root!r})
from tests.fakes.maestro.cli import main
sys.exit(main(sys.argv[1:], {settings!r}))
"""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the stand-in is to do; read by it from a file, because nothing of its environment is its own."""

    version: str = VERSION
    case: str = ""
    """The row of the table to play."""
    table: str = ""
    """Another table than the one beside this file."""
    runner: str = ""
    """maestro-runner, to drive the flow on a device in its place; empty: play the case."""
    makers: str = ""
    """Where its reports of errors would go if nobody said otherwise."""
    seconds: float = 0.0
    """How long the flow takes."""
    flat: bool = False
    """The artefacts as they were before 2.7."""


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """An installed stand-in."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "bin" / "maestro"

    @property
    def java_home(self) -> Path:
        return self.folder / "jdk"

    def witnessed(self) -> list[dict[str, object]]:
        """What each start of it saw and did."""
        file = self.folder / "lib" / "witness.jsonl"
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []

    def set(self, settings: Settings) -> None:
        """What its next start does."""
        (self.folder / "lib" / "settings.json").write_text(json.dumps(vars(settings)), encoding="utf-8")


def install(folder: Path, settings: Settings) -> Distribution:
    """Unpack it; JAVA_HOME has to be set to its `java_home` for it to start."""
    for name in ("bin", "lib", "jdk/bin"):
        (folder / name).mkdir(parents=True)
    java = JAVA.format(python=sys.executable, root=str(ROOT), settings=str(folder / "lib" / "settings.json"))
    for name, text in (("bin/maestro", START_SCRIPT), ("jdk/bin/java", java)):
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    made = Distribution(folder=folder)
    made.set(settings)
    return made
