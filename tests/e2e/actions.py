"""A small interpreter of GitHub workflows: it runs their shell lines as GitHub documents that it does.

Covered is what the examples use: `needs`, `if`, `env`, `with`, outputs, `$GITHUB_PATH`, reusable workflows, and
composite actions. A shell that is not named is `bash -e`, one that is named `bash` is `bash -eo pipefail` (GitHub
Actions, "Workflow syntax", `steps[*].shell`).
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

Yaml = Mapping[str, Any]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_SHELLS = {"": ["bash", "-e"], "bash": ["bash", "--noprofile", "--norc", "-eo", "pipefail"]}


class Ended(StrEnum):
    """How a job, or a step, ended."""

    SUCCESS = "success"
    FAILURE = "failure"
    SKIPPED = "skipped"


def document(path: Path) -> Yaml:
    """A workflow or an action."""
    found: Yaml = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


@dataclass(kw_only=True)
class Ran:
    """What a shell step printed and left."""

    name: str
    ended: Ended
    output: str
    outputs: dict[str, str]
    summary: str


@dataclass(kw_only=True)
class Machine:
    """Where workflows run: a checkout, a PATH, and what `uses:` stands for."""

    checkout: Path
    temp: Path
    path: list[str]
    environment: dict[str, str]
    secrets: dict[str, str]
    github: dict[str, str]
    actions: dict[str, Path]
    """Composite actions by the name that they are used by, without the version."""
    workflows: dict[str, Path]
    ran: list[Ran] = field(default_factory=list)
    used: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Actions of others that would have been run, with their inputs."""

    def workflow(self, path: Path, inputs: Mapping[str, str] | None = None) -> dict[str, Ended]:
        """Run a workflow; how each job ended. Jobs stand in the file in the order of their needs."""
        ended: dict[str, Ended] = {}
        for name, job in document(path)["jobs"].items():
            needs = [job["needs"]] if isinstance(job.get("needs"), str) else job.get("needs", [])
            before = Scope(self, inputs or {}, [ended[need] for need in needs])
            ended[name] = self._job(job, before) if before.allows(job.get("if", "success()")) else Ended.SKIPPED
        return ended

    def _job(self, job: Yaml, scope: Scope) -> Ended:
        if "uses" in job:
            given = {name: scope.text(value) for name, value in job.get("with", {}).items()}
            parts = self.workflow(self.workflows[job["uses"]], given).values()
            return Ended.FAILURE if Ended.FAILURE in parts else Ended.SUCCESS
        inner = Scope(self, scope.inputs, [])
        return self._steps(job["steps"], inner, scope.each(job.get("env", {})))

    def _steps(self, steps: list[Yaml], scope: Scope, environment: Mapping[str, str]) -> Ended:
        for step in steps:
            if scope.allows(step.get("if", "success()")):
                given = {**environment, **scope.each(step.get("env", {}))}
                scope.before.append(self._step(step, scope, given))
        return Ended.FAILURE if Ended.FAILURE in scope.before else Ended.SUCCESS

    def _step(self, step: Yaml, scope: Scope, environment: Mapping[str, str]) -> Ended:
        if "run" in step:
            ran = self._shell(step, scope.text(step["run"]), environment)
            scope.steps[step.get("id", "")] = ran.outputs
            return ran.ended
        name, given = step["uses"].split("@")[0], scope.each(step.get("with", {}))
        if name not in self.actions:
            self.used.append((name, given))
            return Ended.SUCCESS
        action = document(self.actions[name] / "action.yml")
        unknown = given.keys() - action["inputs"].keys()
        assert not unknown, f"{name} has no inputs {unknown}"
        filled = {key: given.get(key, str(value["default"])) for key, value in action["inputs"].items()}
        return self._steps(action["runs"]["steps"], Scope(self, filled, [], self.actions[name]), environment)

    def _shell(self, step: Yaml, script: str, environment: Mapping[str, str]) -> Ran:
        files = {name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        code = self.temp / "script.sh"
        code.write_text(script)
        done = subprocess.run(
            [*_SHELLS[step.get("shell", "")], str(code)],
            cwd=self.checkout,
            env={
                **self.environment,
                **environment,
                **{name: str(file) for name, file in files.items()},
                "PATH": os.pathsep.join(self.path),
                "GITHUB_ACTIONS": "true",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=200,
            check=False,
        )
        self.path[:0] = files["GITHUB_PATH"].read_text().split()
        ran = Ran(
            name=step.get("name", script),
            ended=Ended.SUCCESS if done.returncode == 0 else Ended.FAILURE,
            output=done.stdout,
            outputs=dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines()),
            summary=files["GITHUB_STEP_SUMMARY"].read_text(),
        )
        self.ran.append(ran)
        return ran


@dataclass(kw_only=False)
class Scope:
    """What expressions see."""

    machine: Machine
    inputs: Mapping[str, str]
    before: list[Ended]
    """How what came before ended."""
    action: Path | None = None
    steps: dict[str, dict[str, str]] = field(default_factory=dict)

    def allows(self, condition: str) -> bool:
        """Whether an `if` holds. Without a status function in it, nothing before may have failed."""
        inner = _EXPRESSION.sub(r"\1", condition)
        if not re.search(r"\b(always|success|failure|cancelled)\(\)", inner):
            inner = f"success() && {inner}"
        return all(self._holds(part.strip()) for part in inner.split("&&"))

    def each(self, values: Mapping[str, Any]) -> dict[str, str]:
        return {name: self.text(value) for name, value in values.items()}

    def text(self, value: object) -> str:
        return _EXPRESSION.sub(lambda found: self._value(found[1]), str(value))

    def _holds(self, part: str) -> bool:
        negated, part = part.startswith("!") and not part.startswith("!="), part.removeprefix("!").strip()
        compared = re.fullmatch(r"(\S+) (==|!=) '(.*)'", part)
        if compared:
            return (self._value(compared[1]) == compared[3]) == (compared[2] == "==")
        failed = Ended.FAILURE in self.before
        skipped = Ended.SKIPPED in self.before
        known = {"always()": True, "cancelled()": False, "failure()": failed, "success()": not (failed or skipped)}
        return known[part] != negated

    def _value(self, path: str) -> str:
        match path.split("."):
            case ["inputs", name]:
                return self.inputs[name]
            case ["secrets", name]:
                return self.machine.secrets[name]
            case ["steps", step, "outputs", name]:
                return self.steps[step][name]
            case ["runner", "temp"]:
                return str(self.machine.temp)
            case ["github", "action_path"]:
                return str(self.action)
            case ["github", name]:
                return self.machine.github[name]
            case _:
                raise AssertionError(f"the examples use {path}, which this interpreter does not know")
