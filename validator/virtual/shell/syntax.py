"""What a script means once read: the tree that the parser builds and the interpreter walks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """Characters that stand for themselves; when not `quoted`, `*`, `?` and `[` match file names."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """`$NAME`; when not `quoted`, its value is split at blanks. `default` is that of `${NAME:-default}`."""

    name: str
    quoted: bool
    default: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Substitution:
    """`$(script)`: replaced by what the script prints, without its last line ends."""

    script: Script
    quoted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """`$((expression))`: replaced by its value."""

    expression: str
    quoted: bool


Part = Literal | Variable | Substitution | Arithmetic
Word = tuple[Part, ...]


class RedirectKind(StrEnum):
    """What happens to a file descriptor."""

    READ = "<"
    WRITE = ">"
    APPEND = ">>"
    DUPLICATE = ">&"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """`2>file`, `>>file`, `<file`, `2>&1`; `target` is a file, or a descriptor number for `DUPLICATE`."""

    descriptor: int
    kind: RedirectKind
    target: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """A command with its words: assignments before it, redirections around it."""

    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """`( list )`, `isolated` from the variables of the shell around it, or `{ list; }`."""

    body: Script
    isolated: bool
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop:
    """`while` (or `until`, when `negated`) the condition holds, do the body."""

    condition: Script
    body: Script
    negated: bool
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForEach:
    """`for name in words; do body; done`."""

    name: str
    words: tuple[Word, ...]
    body: Script
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`if … then … elif … else … fi`."""

    branches: tuple[tuple[Script, Script], ...]
    otherwise: Script
    redirects: tuple[Redirect, ...]


Command = Simple | Group | Loop | ForEach | Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """`a | b | c`; `negated` by a leading `!`."""

    commands: tuple[Command, ...]
    negated: bool


class Joint(StrEnum):
    """When the next pipeline runs, seen from the one before it."""

    ALWAYS = ";"
    IF_OK = "&&"
    IF_FAILED = "||"


@dataclass(frozen=True, slots=True, kw_only=True)
class AndOr:
    """Pipelines joined by `&&` and `||`; in the `background` when `&` follows."""

    steps: tuple[tuple[Joint, Pipeline], ...]
    background: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Lists that run one after the other."""

    items: tuple[AndOr, ...]


class SyntaxProblemError(Exception):
    """The script cannot be read; the text is what mksh would print after its name."""
