"""Foreign text inside Markdown (CommonMark and GitHub's), so that it can be read and can do nothing else. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from validator.support.text import one_line, shorten, visible

LINE_LIMIT = 500

_ACTIVE = re.compile(
    r"[\\`*\[\]|~<$]"  # markup wherever it stands
    r"|(?<![^\W_])_|_(?![^\W_])"  # an underscore inside a word is none (CommonMark 6.2)
    r"|&(?=#|\w)"  # a character reference
    r"|#(?=\d)"  # a reference to an issue
    r"|^[-+=>#]"  # a list, a quotation, a heading, or the underline of one
)
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")
_AUTOLINK = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp)(:)|\b(www)(\.)")
_MENTION = re.compile(r"@(?=\w)")
_BACKTICKS = re.compile(r"`+")


def text(raw: str, limit: int = LINE_LIMIT) -> str:
    """The text as one line of running text: no markup, no HTML, no link, no mention, no list or heading."""
    line = _ACTIVE.sub(r"\\\g<0>", one_line(raw, limit))
    line = _NUMBERED.sub(r"\1\\\2", line)
    line = _AUTOLINK.sub(_as_reference, line)
    return _MENTION.sub("@&#8203;", line)  # a zero-width space: a mention is looked for in the rendered text


def _as_reference(match: re.Match[str]) -> str:
    """The same with its mark as a character reference, which is never part of a link (CommonMark 2.5)."""
    word, mark = (match[1], match[2]) if match[1] else (match[3], match[4])
    return f"{word}&#{ord(mark)};"


def code(raw: str, limit: int = LINE_LIMIT) -> str:
    """The text as a code span, which may stand in a table: nothing inside one is markup (CommonMark 6.1)."""
    line = one_line(raw, limit)
    if not line.replace("`", "").replace("|", "").strip():
        return text(line) or "-"  # a span of marks alone cannot be told from its own fence
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    # GitHub splits table cells before it looks at code, and takes the backslash away again.
    line = line.replace("\\|", "\\ |").replace("|", "\\|")
    return f"{fence}{pad}{line}{pad}{fence}"


def block(lines: Iterable[str], limit: int = LINE_LIMIT) -> str:
    """Lines as a code block whose fence no line can close (CommonMark 4.5)."""
    body = [shorten(visible(line).replace("\n", " "), limit) for line in lines]
    longest = max((len(run) for line in body for run in _BACKTICKS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}text", *body, fence])


def link(words: str, path: str, base: str) -> str:
    """A link to a file below `base`."""
    return f"[{text(words)}](<{base}{quote(path.lstrip('/'), safe='/', errors='replace')}>)"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def within(blocks: Iterable[str], limit: int) -> str:
    """The blocks as one document of at most `limit` bytes; what does not fit is counted at the end."""
    kept: list[str] = []
    size = left_out = 0
    room = limit - 200
    for each in blocks:
        length = len(each.encode()) + 2
        if size + length > room:
            left_out += 1
        else:
            kept.append(each)
            size += length
    if left_out:
        kept.append(f"*{left_out} parts left out here for their size; `index.html` and `run.json` have everything.*")
    return "\n\n".join(kept) + "\n"
