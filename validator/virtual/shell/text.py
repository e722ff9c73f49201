"""Commands that make and filter text."""

from __future__ import annotations

import asyncio
import re

from validator.virtual.shell.command import Command, Commands, Invocation
from validator.virtual.shell.options import number, split
from validator.virtual.shell.pipes import Source, read_all

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", "a": "\a", "b": "\b", "e": "\x1b"}


async def _echo(call: Invocation) -> int:
    words = list(call.args)
    newline, escapes = True, False
    while words and re.fullmatch(r"-[neE]+", words[0]):
        option = words.pop(0)
        newline = newline and "n" not in option
        escapes = escapes or "e" in option
    text = " ".join(words)
    shown = _unescaped(text) if escapes else text
    await call.stdout.write((shown + ("\n" if newline else "")).encode("utf-8", "surrogateescape"))
    return 0


async def _printf(call: Invocation) -> int:
    """`%s`, `%d` and `%%`, each taking one word; the format is used once."""
    if not call.args:
        return await call.fail("printf: needs 1 argument")
    values = list(call.args[1:])
    shown = re.sub(
        r"%([sd%])",
        lambda found: "%" if found[1] == "%" else (values.pop(0) if values else ""),
        _unescaped(call.args[0]),
    )
    await call.stdout.write(shown.encode("utf-8", "surrogateescape"))
    return 0


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), text)


async def _cat(call: Invocation) -> int:
    status = 0
    for name in call.args or ("-",):
        if name == "-":
            while piece := await call.stdin.read():
                await call.stdout.write(piece)
            continue
        try:
            await call.stdout.write(call.device.files.read(call.path(name)))
        except OSError as problem:
            status = await call.fail(f"cat: {name}: {problem.strerror}")
    return status


async def _grep(call: Invocation) -> int:
    options = split(call.args, valued=("-e", "-m"))
    patterns = options.all("-e") or list(options.rest[:1])
    files = options.rest if options.all("-e") else options.rest[1:]
    letters = {letter for flag in options.flags for letter in flag.lstrip("-")}
    if not patterns:
        return await call.fail("grep: no REGEX", 2)
    try:
        pattern = re.compile("|".join(_regex(one, letters) for one in patterns), re.IGNORECASE if "i" in letters else 0)
    except re.error as problem:
        return await call.fail(f"grep: bad REGEX: {problem}", 2)
    text = "".join([await _content(call, name) for name in files or ("-",)])
    lines = [line for line in text.splitlines() if bool(pattern.search(line)) is ("v" not in letters)]
    lines = lines[: number(options.last("-m") or "", len(lines))]
    await _show_matches(call, lines, pattern, letters)
    return 0 if lines else 1


async def _show_matches(call: Invocation, lines: list[str], pattern: re.Pattern[str], letters: set[str]) -> None:
    if "q" in letters:
        return
    if "c" in letters:
        await call.print(str(len(lines)))
    elif "o" in letters:
        for line in lines:
            for found in pattern.finditer(line):
                await call.print(found[0])
    elif lines:
        await call.print("\n".join(lines))


def _regex(pattern: str, letters: set[str]) -> str:
    if "F" in letters:
        pattern = re.escape(pattern)
    elif "E" not in letters:
        # In basic expressions `\|`, `\(` and the like are operators and the bare characters are not.
        pattern = re.sub(r"\\?[|(){}+?]", lambda found: found[0][1:] if len(found[0]) > 1 else "\\" + found[0], pattern)
    if "w" in letters:
        pattern = rf"\b(?:{pattern})\b"
    return rf"^(?:{pattern})$" if "x" in letters else pattern


async def _content(call: Invocation, name: str) -> str:
    if name == "-":
        return (await read_all(call.stdin)).decode("utf-8", "surrogateescape")
    try:
        return call.device.files.read(call.path(name)).decode("utf-8", "surrogateescape")
    except OSError as problem:
        await call.complain(f"{call.name}: {name}: {problem.strerror}")
        return ""


async def _head(call: Invocation) -> int:
    wanted, file = _count(call.args)
    lines = await _first_lines(call.stdin, wanted) if file is None else (await _content(call, file)).splitlines(True)
    await call.stdout.write("".join(lines[:wanted]).encode("utf-8", "surrogateescape"))
    return 0


async def _first_lines(source: Source, wanted: int) -> list[str]:
    """Stops reading as soon as there are enough, so that `logcat | head -1` ends."""
    data = bytearray()
    while data.count(b"\n") < wanted and (piece := await source.read()):
        data += piece
    return data.decode("utf-8", "surrogateescape").splitlines(True)


async def _tail(call: Invocation) -> int:
    wanted, file = _count(call.args)
    lines = (await _content(call, file or "-")).splitlines(True)
    await call.stdout.write("".join(lines[-wanted:] if wanted else []).encode("utf-8", "surrogateescape"))
    return 0


def _count(args: tuple[str, ...]) -> tuple[int, str | None]:
    """`-n 5`, `-n5` or `-5`, and the file."""
    wanted, file = 10, None
    words = list(args)
    while words:
        word = words.pop(0)
        if word == "-n" and words:
            word = "-" + words.pop(0)
        if word.startswith("-") and (digits := word.lstrip("-n+")).isdecimal():
            wanted = int(digits)
        else:
            file = word
    return wanted, file


async def _wc(call: Invocation) -> int:
    options = split(call.args)
    text = "".join([await _content(call, name) for name in options.rest or ("-",)])
    counts = {"-l": text.count("\n"), "-w": len(text.split()), "-c": len(text.encode("utf-8", "surrogateescape"))}
    chosen = [counts[flag] for flag in counts if flag in options.flags] or list(counts.values())
    await call.print(" ".join([*map(str, chosen), *options.rest]))
    return 0


async def _tr(call: Invocation) -> int:
    options = split(call.args)
    text = (await read_all(call.stdin)).decode("utf-8", "surrogateescape")
    sets = [_unescaped(word) for word in options.rest]
    if "-d" in options.flags and sets:
        changed = text.translate({ord(character): None for character in sets[0]})
    elif len(sets) == 2 and sets[1]:
        target = sets[1].ljust(len(sets[0]), sets[1][-1])
        changed = text.translate(str.maketrans(sets[0], target[: len(sets[0])]))
    else:
        return await call.fail("tr: needs SET1 SET2 or -d SET1")
    await call.stdout.write(changed.encode("utf-8", "surrogateescape"))
    return 0


async def _sort(call: Invocation) -> int:
    options = split(call.args)
    lines = "".join([await _content(call, name) for name in options.rest or ("-",)]).splitlines()
    lines = sorted(set(lines) if "-u" in options.flags else lines, reverse="-r" in options.flags)
    if lines:
        await call.print("\n".join(lines))
    return 0


async def _seq(call: Invocation) -> int:
    numbers = [number(word, 1) for word in call.args]
    first, last = (numbers[0], numbers[-1]) if len(numbers) > 1 else (1, numbers[0] if numbers else 0)
    step = numbers[1] if len(numbers) == 3 else 1
    if step == 0 or abs(last - first) > 100_000:
        return await call.fail("seq: too many numbers")
    for value in range(first, last + (1 if step > 0 else -1), step):
        await call.print(str(value))
    return 0


async def _sleep(call: Invocation) -> int:
    found = re.fullmatch(r"([0-9]*\.?[0-9]+)([smhd]?)", call.args[0] if call.args else "")
    if found is None:
        return await call.fail("sleep: bad number")
    await asyncio.sleep(float(found[1]) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]])
    return 0


COMMANDS: Commands = {
    "cat": Command(run=_cat),
    "echo": Command(run=_echo),
    "grep": Command(run=_grep),
    "head": Command(run=_head),
    "printf": Command(run=_printf),
    "seq": Command(run=_seq),
    "sleep": Command(run=_sleep),
    "sort": Command(run=_sort),
    "tail": Command(run=_tail),
    "tr": Command(run=_tr),
    "wc": Command(run=_wc),
}
