"""The command line of the stand-in: the options of `maestro` and `maestro test` (App.kt, TestCommand.kt)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_FLAGS = {"--no-ansi", "--ansi", "--verbose", "--flatten-debug-output", "--no-reinstall-driver"}
_VALUES = {
    *("--device", "--udid", "--platform", "-p", "--format", "--output", "--test-output-dir", "--debug-output"),
    *("-e", "--env", "--include-tags", "--exclude-tags", "--config", "--test-suite-name"),
}


class CommandLineError(Exception):
    """Picocli's `ParameterException`: told with the usage, exit code 2."""


@dataclass(kw_only=True)
class Call:
    """What Java was started with."""

    properties: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    env: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)

    @property
    def flow(self) -> str:
        return self.words[-1]


def parse(argv: Sequence[str]) -> Call:
    """Split the Java machine's own options from those of the program.

    Raises:
        CommandLineError: An option is unknown, or has no value.
    """
    call, rest = Call(), list(argv)
    while rest and rest[0] != "maestro.cli.AppKt":
        word = rest.pop(0)
        if word.startswith("-D"):
            name, _, value = word[2:].partition("=")
            call.properties[name] = value
        elif word == "-classpath":
            rest.pop(0)
    call.raw = rest[1:]
    _read_options(call, list(call.raw))
    return call


def _read_options(call: Call, rest: list[str]) -> None:
    while rest:
        word = rest.pop(0)
        option, joined, value = word.partition("=")
        if joined and option in _VALUES:
            word = option
            rest.insert(0, value)
        if word in _VALUES:
            if not rest:
                raise CommandLineError(f"Missing required parameter for option '{word}'")
            value = rest.pop(0)
            if word in ("-e", "--env"):
                name, text = _pair(value)
                call.env[name] = text
            call.options[word] = value
        elif word in _FLAGS or word in ("--version", "-v"):
            call.options[word] = ""
        elif word.startswith("-"):
            raise CommandLineError(f"Unknown option: '{word}'")
        else:
            call.words.append(word)


def _pair(value: str) -> tuple[str, str]:
    name, sign, text = value.partition("=")
    if not sign:
        raise CommandLineError(f"Value for option '--env' should be in KEY=VALUE format but was {value}")
    return name, text
