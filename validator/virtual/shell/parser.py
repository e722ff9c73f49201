"""Tokens to a script: the part of the POSIX shell grammar that people type after `adb shell`."""

from __future__ import annotations

import re
from collections.abc import Callable

from validator.virtual.shell import lexer
from validator.virtual.shell.lexer import Token, UnfinishedError
from validator.virtual.shell.syntax import (
    AndOr,
    Choice,
    Command,
    ForEach,
    Group,
    Joint,
    Loop,
    Pipeline,
    Redirect,
    RedirectKind,
    Script,
    Simple,
    SyntaxProblemError,
    Word,
)
from validator.virtual.shell.words import read_word

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_REDIRECTS = {"<", ">", ">>", ">&", "<&", "&>"}
_CLOSERS = frozenset({"then", "elif", "else", "fi", "do", "done", "}"})
_DEEPEST = 40
"""Nesting beyond which a script is refused, well inside what Python's own stack allows."""


def parse(script: str, depth: int = 0) -> Script:
    """Read a script.

    Raises:
        SyntaxProblemError: it is not one; the message is worded as mksh words it.
    """
    if depth > _DEEPEST:
        raise SyntaxProblemError("syntax error: nested too deeply")
    try:
        found = lexer.tokens(script)
    except UnfinishedError as problem:
        raise SyntaxProblemError(f"no closing quote: {problem}") from None
    except RecursionError:  # thousands of open brackets, seen by the lexer before the parser can count them
        raise SyntaxProblemError("syntax error: nested too deeply") from None
    parser = _Parser(found, depth)
    result = parser.script()
    parser.expect_end()
    return result


class _Parser:
    def __init__(self, found: list[Token], depth: int) -> None:
        self._tokens = found
        self._at = 0
        self._depth = depth

    def script(self) -> Script:
        """Lists up to a closing word or bracket, which is left standing."""
        items: list[AndOr] = []
        self._skip(";", "\n")
        while not self._closing():
            items.append(self._and_or())
            self._skip(";", "\n")
        return Script(items=tuple(items))

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise self._unexpected()

    def _and_or(self) -> AndOr:
        steps = [(Joint.ALWAYS, self._pipeline())]
        while self._peek_operator() in (Joint.IF_OK, Joint.IF_FAILED):
            joint = Joint(self._next().text)
            self._skip("\n")
            steps.append((joint, self._pipeline()))
        background = self._take("&")
        if not background and not self._closing() and self._peek_operator() not in (";", "\n"):
            raise self._unexpected()
        return AndOr(steps=tuple(steps), background=background)

    def _pipeline(self) -> Pipeline:
        negated = self._take_word("!")
        commands = [self._command()]
        while self._take("|"):
            self._skip("\n")
            commands.append(self._command())
        return Pipeline(commands=tuple(commands), negated=negated)

    def _command(self) -> Command:
        compound = self._compound()
        if compound is None:
            return self._simple()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxProblemError("syntax error: nested too deeply")
        try:
            return compound()
        finally:
            self._depth -= 1

    def _compound(self) -> Callable[[], Command] | None:
        if self._take("("):
            return self._subshell
        for word, reader in (
            ("{", self._braces),
            ("while", self._while),
            ("until", self._until),
            ("for", self._for),
            ("if", self._if),
        ):
            if self._take_word(word):
                return reader
        return None

    def _subshell(self) -> Command:
        body = self.script()
        if not self._take(")"):
            raise self._unexpected()
        return Group(body=body, isolated=True, redirects=self._redirects())

    def _braces(self) -> Command:
        body = self.script()
        self._expect_word("}")
        return Group(body=body, isolated=False, redirects=self._redirects())

    def _while(self) -> Command:
        return self._loop(negated=False)

    def _until(self) -> Command:
        return self._loop(negated=True)

    def _loop(self, *, negated: bool) -> Command:
        condition = self.script()
        body = self._do_block()
        return Loop(condition=condition, body=body, negated=negated, redirects=self._redirects())

    def _for(self) -> Command:
        name = self._next().text
        words: list[Word] = []
        self._expect_word("in")
        while not self._done() and not self._current().operator:
            words.append(self._word())
        self._skip(";", "\n")
        body = self._do_block()
        return ForEach(name=name, words=tuple(words), body=body, redirects=self._redirects())

    def _do_block(self) -> Script:
        self._expect_word("do")
        body = self.script()
        self._expect_word("done")
        return body

    def _if(self) -> Command:
        branches: list[tuple[Script, Script]] = []
        while True:
            condition = self.script()
            self._expect_word("then")
            branches.append((condition, self.script()))
            if not self._take_word("elif"):
                break
        otherwise = self.script() if self._take_word("else") else Script(items=())
        self._expect_word("fi")
        return Choice(branches=tuple(branches), otherwise=otherwise, redirects=self._redirects())

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while not self._done():
            if (redirect := self._redirect()) is not None:
                redirects.extend(redirect)
            elif self._current().operator:
                break
            elif not words and _ASSIGNMENT.match(self._current().text):
                name, _, value = self._next().text.partition("=")
                assignments.append((name, read_word(value, self._sub_parse)))
            else:
                words.append(self._word())
        if not (assignments or words or redirects):
            raise self._unexpected()
        return Simple(assignments=tuple(assignments), words=tuple(words), redirects=tuple(redirects))

    def _redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        while (redirect := self._redirect()) is not None:
            found.extend(redirect)
        return tuple(found)

    def _redirect(self) -> tuple[Redirect, ...] | None:
        if self._done():
            return None
        descriptor, operator = self._descriptor(), self._peek_operator()
        if operator not in _REDIRECTS:
            return None
        self._at += 1 if descriptor is None else 2
        if self._done() or self._current().operator:
            raise self._unexpected()
        target = self._word()
        return _redirect_of(operator, descriptor, target)

    def _descriptor(self) -> int | None:
        """The `2` of `2>file`: a lone digit right before the operator."""
        token = self._current()
        following = self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else None
        touching = following is not None and following.operator and following.at == token.at + 1
        if touching and token.text in ("0", "1", "2") and following and following.text in _REDIRECTS:
            return int(token.text)
        return None

    def _word(self) -> Word:
        return read_word(self._next().text, self._sub_parse)

    def _sub_parse(self, script: str) -> Script:
        return parse(script, self._depth + 1)

    def _done(self) -> bool:
        return self._at >= len(self._tokens)

    def _closing(self) -> bool:
        if self._done():
            return True
        token = self._current()
        return token.text in (")", ";;") if token.operator else token.text in _CLOSERS

    def _current(self) -> Token:
        return self._tokens[self._at]

    def _next(self) -> Token:
        if self._done():
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1]

    def _peek_operator(self) -> str:
        if self._done():
            return ""
        offset = self._at + (0 if self._descriptor() is None else 1)
        token = self._tokens[offset]
        return token.text if token.operator else ""

    def _take(self, operator: str) -> bool:
        matches = not self._done() and self._current().operator and self._current().text == operator
        self._at += matches
        return matches

    def _take_word(self, word: str) -> bool:
        matches = not self._done() and not self._current().operator and self._current().text == word
        self._at += matches
        return matches

    def _expect_word(self, word: str) -> None:
        self._skip(";", "\n")
        if not self._take_word(word):
            raise self._unexpected()

    def _skip(self, *operators: str) -> None:
        while any(self._take(operator) for operator in operators):
            pass

    def _unexpected(self) -> SyntaxProblemError:
        if self._done():
            return SyntaxProblemError("syntax error: unexpected EOF")
        shown = "newline" if self._current().text == "\n" else f"'{self._current().text}'"
        return SyntaxProblemError(f"syntax error: unexpected {shown}")


def _redirect_of(operator: str, descriptor: int | None, target: Word) -> tuple[Redirect, ...]:
    match operator:
        case "<":
            return (Redirect(descriptor=descriptor or 0, kind=RedirectKind.READ, target=target),)
        case ">" | ">>" | ">&":
            number = 1 if descriptor is None else descriptor
            return (Redirect(descriptor=number, kind=RedirectKind(operator), target=target),)
        case "<&":
            return (Redirect(descriptor=descriptor or 0, kind=RedirectKind.DUPLICATE, target=target),)
        case _:  # &>file: both outputs
            return (
                Redirect(descriptor=1, kind=RedirectKind.WRITE, target=target),
                Redirect(descriptor=2, kind=RedirectKind.APPEND, target=target),
            )
