"""A JUnit file of one flow, as the official Maestro CLI writes it. Pure.

Read with expat itself, because all that is wanted is one test case: no tree is built, and a document type declaration,
the way in for entity bombs, is refused before anything is expanded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NoReturn
from xml.parsers import expat

_DEEPEST: Final = 50
_MAX_TEXT: Final = 20_000


class JunitError(ValueError):
    """The file is not a JUnit report that can be believed; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the report says about its one test case."""

    passed: bool
    failure: str
    """The text of `<failure>` or `<error>`; empty when it passed."""


def read(data: bytes) -> Verdict:
    """Read a report of exactly one test case.

    Raises:
        JunitError: It is not XML, has no test case or several, or its numbers contradict them.
    """
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")  # whatever it declares: an unknown encoding is an error of its own kind
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise JunitError(f"not XML: {error}") from error
    return reader.verdict()


class _Reader:
    def __init__(self) -> None:
        self._depth = 0
        self._cases = 0
        self._claims: list[tuple[str, str]] = []
        self._statuses: list[str] = []
        self._failures = 0
        self._inside = False
        self._words: list[str] = []
        self._room = _MAX_TEXT

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise JunitError(f"nested more than {_DEEPEST} levels deep")
        match name:
            case "testsuite":
                self._claims += [(key, attributes[key]) for key in ("tests", "failures", "errors") if key in attributes]
            case "testcase":
                self._cases += 1
                self._statuses.append(attributes.get("status", ""))
            case "failure" | "error" | "skipped":
                self._failures += 1
                self._inside = True
                self.text(attributes.get("message", ""))
            case _:
                pass

    def end(self, name: str) -> None:
        self._depth -= 1
        self._inside = self._inside and name not in ("failure", "error", "skipped")

    def text(self, words: str) -> None:
        if self._inside and self._room > 0:
            self._words.append(words[: self._room])
            self._room -= len(words)

    def doctype(self, *_: object) -> NoReturn:
        raise JunitError("it declares a document type, which no test report needs")

    def verdict(self) -> Verdict:
        if self._cases != 1:
            raise JunitError(f"it is about {self._cases} test cases, not about one")
        failed = self._failures > 0
        for name, said in self._claims:
            wanted = ("1",) if name == "tests" else ("1", "0") if failed else ("0",)
            if said not in wanted:
                raise JunitError(f"its one test case {'failed' if failed else 'passed'}, and it says {name}={said!r}")
        if not failed and self._statuses[0] not in ("", "SUCCESS"):
            raise JunitError(f"its test case has no failure and the status {self._statuses[0]!r}")
        return Verdict(passed=not failed, failure="".join(self._words).strip() or ("failed" if failed else ""))
