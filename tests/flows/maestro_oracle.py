"""Which files of a workspace Maestro runs, written from its documentation alone; shares no code with the product.

https://docs.maestro.dev, "Workspace configuration" and "Sequential execution". What is a flow: a regular file that ends
in `.yaml` or `.yml`. Which are run: those that a pattern of `flows` matches (default `*`), less those of a pattern with
`!`, with one of `includeTags` and none of `excludeTags`. In which order: `executionOrder.flowsOrder`, by name.

Where the product is stricter than Maestro so that no test is lost, that is marked STRICTER here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Written:
    """A file as the generator wrote it: the oracle reads no file."""

    path: str
    stem: str
    name: str = ""
    tags: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    """Paths from the workspace."""
    flow: bool = True
    configures: bool = False
    elsewhere: bool = False
    """For the web or for iOS."""
    unreadable: bool = False
    """No UTF-8, no YAML, no file, or out of the workspace."""

    @property
    def called(self) -> str:
        """The `name:` of its header where that can be read, or its file name."""
        return self.stem if self.unreadable or not self.name else self.name


@dataclass(kw_only=True)
class Workspace:
    """What was written, and what its `config.yaml` says."""

    files: list[Written]
    config: str = ""
    patterns: list[str] = field(default_factory=list)
    include_tags: list[str] = field(default_factory=list)
    exclude_tags: list[str] = field(default_factory=list)
    order: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    """Folders that are links."""


@dataclass(kw_only=True)
class Expected:
    """What `flows list` has to say."""

    ordered: list[str]
    rest: set[str]
    passed_over: dict[str, str]


def expected(workspace: Workspace) -> Expected:
    """What is run, and why the rest is not."""
    files = {file.path: file for file in workspace.files}
    taken = {path for path, file in files.items() if not file.configures and is_taken(workspace.patterns, path)}
    run = {path for path in taken if _wanted(files[path], workspace)}
    names = {files[path].called: path for path in sorted(run)}
    ordered = [names[name] for name in dict.fromkeys(workspace.order) if name in names]
    called = set(_called(run, files))
    passed = {path: _why(files[path], taken, called) for path in files.keys() - run}
    passed |= {f"{path}/": "link" for path in workspace.links}
    if workspace.config:
        passed[workspace.config] = "configuration"
    return Expected(ordered=ordered, rest=run - set(ordered), passed_over=passed)


def _wanted(file: Written, workspace: Workspace) -> bool:
    if file.unreadable:
        return True  # STRICTER: Maestro refuses the whole workspace; here it is expected, and has a problem
    if file.elsewhere:
        return False
    tags = set(file.tags)
    included = not workspace.include_tags or bool(tags & set(workspace.include_tags))
    return included and not tags & set(workspace.exclude_tags)


def _why(file: Written, taken: set[str], called: set[str]) -> str:
    if file.path in taken:
        return "platform" if file.elsewhere else "tags"
    if file.path in called:
        return "subflow"
    return "configuration" if file.configures else "pattern"


def _called(run: set[str], files: dict[str, Written]) -> Iterator[str]:
    waiting, seen = list(run), set()
    while waiting:
        file = files.get(waiting.pop())
        for call in file.calls if file and not file.unreadable else ():
            if call not in seen:
                seen.add(call)
                waiting.append(call)
                yield call


def is_taken(patterns: Sequence[str], path: str) -> bool:
    """Whether `flows` takes the file."""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")] or ["*"]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(_glob(p, path) for p in wanted) and not any(_glob(p, path) for p in unwanted)


def _glob(pattern: str, path: str) -> bool:
    return any(_match(tuple(choice), path) for choice in _choices(pattern))


def _choices(pattern: str) -> Iterator[list[str]]:
    """The pattern without braces, once for each of what they offer, as a list of signs and characters."""
    start = pattern.find("{")
    if start < 0:
        yield list(_signs(pattern))
        return
    end = pattern.index("}", start)
    for choice in pattern[start + 1 : end].split(","):
        yield from _choices(pattern[:start] + choice + pattern[end + 1 :])


def _signs(pattern: str) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        size = 1
        if pattern.startswith("**/", at):
            size = 3
        elif pattern.startswith("**", at):
            size = 2
        elif pattern[at] == "[":
            size = pattern.index("]", at) - at + 1
        yield pattern[at : at + size]
        at += size


def _match(signs: tuple[str, ...], path: str) -> bool:
    if not signs:
        return not path
    sign, rest = signs[0], signs[1:]
    match sign:
        case "**/":  # STRICTER: for Java's globs it is never nothing, for everybody else it may be
            ends = [at + 1 for at, sign in enumerate(path) if sign == "/"]
            return any(_match(rest, path[end:]) for end in (0, *ends))
        case "**":
            return any(_match(rest, path[end:]) for end in range(len(path) + 1))
        case "*":
            length = len(path.split("/", maxsplit=1)[0])
            return any(_match(rest, path[end:]) for end in range(length + 1))
        case _:
            pass
    if not path:
        return False
    if sign == "?":
        return path[0] != "/" and _match(rest, path[1:])
    if sign[0] == "[" and len(sign) > 1:
        inner = sign[1:-1]
        hit = path[0] not in inner[1:] if inner[0] == "!" else path[0] in inner
        return hit and path[0] != "/" and _match(rest, path[1:])
    return path[0] == sign and _match(rest, path[1:])
