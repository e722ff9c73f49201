"""What is wrong with single flows, and with the files that they call for."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from validator.flows.belongings import broken_belongings
from validator.flows.commands import KNOWN, is_refused_by_maestro_runner, is_unchecking, meant
from validator.flows.flow_file import Command, FlowFile
from validator.flows.library import Library, ProblemError
from validator.flows.remark import Remark, Weight
from validator.flows.survey import Candidate, yaml_files
from validator.flows.unchecked import unchecked_checks
from validator.flows.unset import Unset, unset_variables
from validator.flows.yaml_source import START, Place
from validator.support.redact_patterns import shape_spans

_PLACED: Final = re.compile(r"(\d+):(\d+): (.*)", re.DOTALL)
_REMEDIES: Final = (
    (re.compile(r"^(?:flow|script|media|image) (?P<path>.+?) (?:does not exist|is a folder)"), ""),
    (re.compile("in a circle"), "let one of them not call the next: no runner ever comes to an end with it"),
    (re.compile("^not YAML"), "correct the line: a text with `: ` or ` #` needs quotes, and tabs cannot indent"),
    (re.compile("UTF-8"), "save the file as UTF-8"),
    (re.compile("^the name "), "give one of them another `name:`"),
    (re.compile("^a link"), "copy what it leads to into the workspace"),
    (
        re.compile("^no commands|^a flow begins"),
        "write the flow, or take the file out by `!` in `flows` of config.yaml",
    ),
    (
        re.compile("not checked by this runner|cannot be looked for"),
        "move the check into the flow, or choose another runner",
    ),
)
"""Reason -> what to do; a missing file is looked for."""
_SHELL: Final = "set it in `flows.environment`, or where the runner is started; it is empty in the flow otherwise"
_ELSEWHERE: Final = "correct the line"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The variables that flows get from outside."""

    names: Collection[str]
    all: bool
    """Whether these are known to be all."""
    idle: Collection[str]
    """Those of the workspace's `config.yaml`, which reach no flow that is run alone."""


def lint_flow(one: Candidate, library: Library, given: Given) -> Iterator[Remark]:
    """What keeps one flow from being run, all of it, and the variables that nothing sets."""
    file = library.workspace / one.flow.file
    broken = broken_belongings(file, library) if one.readable else ()
    for problem in broken:
        yield Remark.of(problem, _remedy(problem, library))
    if one.flow.problem and not broken:
        problem = _own_problem(one)
        yield Remark.of(problem, _remedy(problem, library))
    for unset in _firsts(unset_variables(file, library, given.names)):
        if unset.of_the_shell:
            yield Remark.of(unset.problem, _SHELL, Weight.NOTE)
        else:
            weight = Weight.PROBLEM if given.all else Weight.NOTE
            yield Remark.of(unset.problem, _set_it(unset.problem, given), weight)


def lint_files(chosen: Sequence[Candidate], library: Library, *, app_id: str, checks_after: bool) -> Iterator[Remark]:
    """What is wrong inside the files that were read: each once, however many flows share it.

    Args:
        chosen: The flows that are run.
        library: Has read them and all that they call for, and nothing else.
        app_id: The app under test; empty when it is not known.
        checks_after: Whether the runner checks what it should (`unchecked`).
    """
    for file, flow in library.flows.items():
        yield from _no_app(library.name(file), flow)
        yield from _commands(library.name(file), flow)
        if not checks_after:
            yield from _refused(library.name(file), flow)
            yield from _separators(library.name(file), file)
        yield from _secrets(library.name(file), file)
    for one in chosen:
        if one.readable:
            yield from _of_flow(one, library, app_id)
            if not checks_after and not one.flow.problem:
                yield from _not_checked(one, library)
    yield from _run_twice(chosen, library)
    yield from _told_apart(chosen, library)


def _firsts(uses: Iterable[Unset]) -> Iterable[Unset]:
    """The first use of each variable in each file: a hundred more say nothing new."""
    firsts: dict[tuple[str, str], Unset] = {}
    for use in uses:
        firsts.setdefault((use.problem.file, use.problem.reason), use)
    return firsts.values()


def _set_it(unset: ProblemError, given: Given) -> str:
    remedy = "set it in `flows.environment` of the configuration, in `env` of the flow, or by a script before"
    if any(f"${{{name}}}" in unset.reason for name in given.idle):
        return f"config.yaml sets it, which a flow that is run alone does not get: {remedy}"
    return remedy if given.all else f"if it is given from outside, say so by `-e`; else {remedy}"


def _own_problem(one: Candidate) -> ProblemError:
    placed = _PLACED.match(one.flow.problem.removeprefix(f"{one.flow.file}:"))
    if placed is None:
        return ProblemError(one.flow.file, START, one.flow.problem)
    return ProblemError(one.flow.file, Place(line=int(placed[1]), column=int(placed[2])), placed[3])


def _remedy(problem: ProblemError, library: Library) -> str:
    for pattern, remedy in _REMEDIES:
        if (match := pattern.search(problem.reason)) is not None:
            return remedy or _nearest(match["path"], problem.file, library)
    return _ELSEWHERE


def _nearest(path: str, file: str, library: Library) -> str:
    """A file of that name, or nearly so, that lies elsewhere."""
    name = Path(path).name
    others = {library.name(other): other.name for other in yaml_files(library.workspace, deep=True)}
    near = difflib.get_close_matches(name, others.values(), n=1, cutoff=0.8)
    alike = [other for other, its_name in others.items() if near and its_name == near[0]]
    known = f"; there is {', '.join(alike[:3])}" if alike else ""
    return f"create it, or correct the path, which counts from the folder of {file}{known}"


def _commands(name: str, flow: FlowFile) -> Iterator[Remark]:
    beside: dict[Place, str] = {}
    for command in flow.all_commands:
        if command.place in beside:
            yield _beside(name, command, beside[command.place])
            continue
        beside[command.place] = command.name
        if command.name not in KNOWN:
            near = meant(command.name)
            remedy = f"did you mean `{near}`?" if near else "see https://docs.maestro.dev for what there is"
            yield Remark.at(
                name, command.place, Weight.PROBLEM, f"no runner knows the command `{command.name}`", remedy
            )


def _refused(name: str, flow: FlowFile) -> Iterator[Remark]:
    for command in flow.all_commands:
        if is_refused_by_maestro_runner(command.name):
            what = f"maestro-runner does not know the command `{command.name}`, and refuses the file"
            remedy = "write what it stands for, or set `flows.runner: maestro`"
            yield Remark.at(name, command.place, Weight.PROBLEM, what, remedy)


def _separators(name: str, file: Path) -> Iterator[Remark]:
    """What maestro-runner 1.1.27, which divides a file by its lines, takes for another document (measured)."""
    lines = [line.rstrip() for line in file.read_bytes().decode("utf-8-sig", "replace").split("\n")]
    bare = [number for number, line in enumerate(lines, start=1) if line == "---"]
    decorated = [number for number, line in enumerate(lines, start=1) if line.startswith("--- ")]
    leading = bare[:1] if len(bare) > 1 and bare[0] > 1 and not any(map(_says, lines[: bare[0] - 1])) else []
    for number in decorated + leading:
        what = "maestro-runner does not see this `---` as Maestro does, and refuses the file"
        remedy = "write `---` alone on its line, and only between the header and the commands"
        yield Remark.at(name, Place(line=number, column=1), Weight.PROBLEM, what, remedy)


def _says(line: str) -> bool:
    return bool(line.strip()) and not line.startswith(("#", "%"))


def _beside(name: str, command: Command, first: str) -> Remark:
    """A list item with two keys: Maestro 2.8 refuses the file, and maestro-runner 1.1.27 passes over the second."""
    what = f"`{command.name}` stands beside `{first}` in one command, so runners refuse it or pass over it"
    remedy = f"indent it below `{first}`, or give it a `-` of its own"
    return Remark.at(name, command.place, Weight.PROBLEM, what, remedy)


def _no_app(name: str, flow: FlowFile) -> Iterator[Remark]:
    if not flow.app_id and not flow.elsewhere:
        what = "its header names no `appId`: Maestro's own command line, by its version, refuses such a file"
        yield Remark.at(name, flow.header, Weight.NOTE, what, "write `appId: ${APP_ID}` and `---` above the commands")


def _secrets(name: str, file: Path) -> Iterator[Remark]:
    text = file.read_bytes().decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), start=1):
        for start, _ in shape_spans(line):
            place = Place(line=number, column=start + 1)
            what = "what stands here looks like a secret, and whoever can read the repository can read it"
            remedy = "revoke it, and give a new one by `flows.environment`"
            yield Remark.at(name, place, Weight.PROBLEM, what, remedy)


def _of_flow(one: Candidate, library: Library, app_id: str) -> Iterator[Remark]:
    flow = library.flow(library.workspace / one.flow.file)
    if app_id and flow.app_id and "${" not in flow.app_id and flow.app_id != app_id:
        what = f"the flow is about {flow.app_id}, and the app under test is {app_id}"
        yield Remark.at(one.flow.file, flow.header, Weight.PROBLEM, what, f"write `appId: {app_id}` or `${{APP_ID}}`")
    if not one.flow.problem and not flow.unknown_references and not any(map(_looks, _reached(one, library))):
        what = "the flow checks nothing: it passes whatever the app shows"
        yield Remark.at(one.flow.file, flow.header, Weight.NOTE, what, "end it with an `assertVisible` of what must be")


def _reached(one: Candidate, library: Library) -> Iterator[FlowFile]:
    for name in one.digests:
        known = library.known(Path(os.path.normpath(library.workspace / name)))
        if known is not None:
            yield known


def _looks(flow: FlowFile) -> bool:
    return any(not command.optional and not is_unchecking(command.name) for command in flow.all_commands)


def _not_checked(one: Candidate, library: Library) -> Iterator[Remark]:
    own = Library(library.workspace)
    file = library.workspace / one.flow.file
    if broken_belongings(file, own):
        return
    for problem in unchecked_checks(file, own):
        yield Remark.of(problem, _remedy(problem, library))


def _run_twice(chosen: Sequence[Candidate], library: Library) -> Iterator[Remark]:
    """Flows that others call: a helper that is run as a test of its own fails for want of what comes before it."""
    callers = {name: one.flow.file for one in chosen for name in one.digests if name != one.flow.file}
    for one in chosen:
        if one.flow.file in callers and one.readable:
            place = library.flow(library.workspace / one.flow.file).header
            what = f"it is run as a flow of its own, and {callers[one.flow.file]} calls it"
            remedy = "if it is a helper, move it to a folder that `flows` does not name, or exclude it by a tag"
            yield Remark.at(one.flow.file, place, Weight.NOTE, what, remedy)


def _told_apart(chosen: Sequence[Candidate], library: Library) -> Iterator[Remark]:
    """Flows that share their `name` with others."""
    for one in chosen:
        shared = one.flow.name.removesuffix(f" ({one.flow.file})")
        if shared != one.flow.name and one.readable:
            place = library.flow(library.workspace / one.flow.file).header
            what = f"another flow is called {shared!r} too, so this one is called {one.flow.name!r} in results"
            remedy = "give each a name of its own: what `required`, a policy or an order says of the shared one is lost"
            yield Remark.at(one.flow.file, place, Weight.NOTE, what, remedy)
