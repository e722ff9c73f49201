"""Words to the arguments a command sees: variables, substitutions, splitting, file name patterns."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import assert_never

from validator.virtual.device.files import FileSystem
from validator.virtual.shell.arithmetic import evaluate
from validator.virtual.shell.syntax import Arithmetic, Literal, Part, Script, Substitution, Variable, Word

_PATTERN = re.compile(r"[*?\[]")
_BLANKS = " \t\n"


class Expander:
    """Expands the words of one command with the variables as they are now."""

    def __init__(
        self,
        values: Mapping[str, str],
        special: Callable[[str], str],
        capture: Callable[[Script], Awaitable[str]],
        files: FileSystem,
        directory: str,
    ) -> None:
        self._values = values
        self._special = special
        self._capture = capture
        self._files = files
        self._directory = directory

    async def text(self, word: Word) -> str:
        """The word as one piece, as in an assignment or a redirection."""
        return "".join([await self._value(part) for part in word])

    async def words(self, words: tuple[Word, ...]) -> list[str]:
        """All words, split and matched against file names."""
        return [piece for word in words for piece in await self._one(word)]

    async def _one(self, word: Word) -> list[str]:
        fields = _Fields()
        for part in word:
            value = await self._value(part)
            if part.quoted or isinstance(part, Literal):
                fields.add(value, quoted=part.quoted)
            else:
                fields.add_split(value)
        return [name for field in fields.finished() for name in self._matching(*field)]

    async def _value(self, part: Part) -> str:
        match part:
            case Literal():
                return part.text
            case Substitution():
                return await self._capture(part.script)
            case Arithmetic():
                return str(evaluate(part.expression, self._values))
            case Variable():
                return self._values.get(part.name) or self._special(part.name) or part.default
            case _:
                assert_never(part)

    def _matching(self, text: str, pattern: str) -> list[str]:
        """File names matching the pattern, or the text itself when there are none, as in every POSIX shell."""
        if not pattern:
            return [text]
        parent, name = posixpath.split(text)
        folder = parent if text.startswith("/") else posixpath.join(self._directory, parent)
        try:
            names = self._files.listing(folder)
        except OSError:
            return [text]
        matching = fnmatch.filter(sorted(names), posixpath.split(pattern)[1])
        shown = [entry for entry in matching if not entry.startswith(".") or name.startswith(".")]
        return [posixpath.join(parent, entry) for entry in shown] or [text]


class _Fields:
    """Collects the fields of one word, each as its text and, when it has unquoted `*?[`, as a pattern."""

    def __init__(self) -> None:
        self._done: list[tuple[str, str]] = []
        self._text: str | None = None
        self._pattern = ""
        self._special = False

    def add(self, value: str, *, quoted: bool) -> None:
        if not value and not quoted:
            return
        self._text = (self._text or "") + value
        self._pattern += re.sub(r"([*?\[])", r"[\1]", value) if quoted else value
        self._special |= not quoted and _PATTERN.search(value) is not None

    def add_split(self, value: str) -> None:
        if value[:1] and value[0] in _BLANKS:
            self._break()
        for number, piece in enumerate(value.split()):
            if number:
                self._break()
            self.add(piece, quoted=False)
        if value[-1:] and value[-1] in _BLANKS:
            self._break()

    def finished(self) -> list[tuple[str, str]]:
        self._break()
        return self._done

    def _break(self) -> None:
        if self._text is not None:
            self._done.append((self._text, self._pattern if self._special else ""))
        self._text, self._pattern, self._special = None, "", False
