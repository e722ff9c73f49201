"""The smallest configuration, and texts made from it."""

from collections.abc import Callable
from typing import TypeAlias

from validator.config.document import Loaded, parse_document
from validator.config.environment import EnvironmentConfig
from validator.config.errors import ConfigError, Problem
from validator.config.resolvers import Resolvers
from validator.config.source_text import decode_source

MINIMAL = """\
environment: production
app: {id: com.example.shop}
build: {file: app.apk}
devices: [{serial: emulator-5554}]
flows: {workspace: .maestro}
"""

Load: TypeAlias = Callable[[str], Loaded[EnvironmentConfig]]
Complain: TypeAlias = Callable[[str], str]
MakeResolvers: TypeAlias = Callable[..., Resolvers]


def with_lines(lines: str) -> str:
    """The smallest configuration below these lines; a top-level key among them takes the place of the one there."""
    keys = {line.partition(":")[0] for line in lines.splitlines() if line[:1].isalpha()}
    kept = [line for line in MINIMAL.splitlines() if line.partition(":")[0] not in keys]
    return "\n".join([lines.rstrip("\n"), *kept, ""])


def problems(content: bytes) -> tuple[Problem, ...]:
    """What is wrong with the bytes of a file; nothing when they are a configuration."""
    try:
        parse_document(decode_source("x.yaml", content), EnvironmentConfig)
    except ConfigError as error:
        return error.problems
    return ()


def complaints(content: bytes) -> list[str]:
    """As `problems`, each as it is printed."""
    return [str(problem) for problem in problems(content)]
