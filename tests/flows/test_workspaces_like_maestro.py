"""`flows list` over generated workspaces says what an oracle says that was written from Maestro's documentation."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from tests.flows.maestro_oracle import Workspace, Written, expected, is_taken
from validator.cli.flows_list import command

SEEDS = range(200)
STEMS = [
    *("login", "checkout", "wip-cart", "a b", "it's", 'quo"te', "semi;colon", "com,ma", "br[1]", "cur{l}y", "ünï"),
    *(
        "日本",
        "post:default",
        "-dash",
        "$HOME",
        "#hash",
        "%41",
        "back\\slash",
        "star*",
        "what?",
        "new\nline",
        ".hidden",
    ),
    *(
        "myconfig",
        "café",
        "🛒",
        "(1)",
        "a&b",
        "`tick`",
        "dot.dot",
        "pay.ios",
        "pay.android",
        "~",
        "!not",
        "x" * 80,
        "\udcff",
    ),
]
FOLDERS = ["", "", "", "sub", "sub/deep er", "helpers", "[x]", "sub.yaml", "ünter"]
TAGS = ["smoke", "wip", "ios", "android", "no"]
PATTERNS = [
    *("*", "**", "*.yaml", "**/*.yml", "sub/*", "sub/**", "helpers/*", "l*", "?.yaml", "{login,checkout}.y*", "[ab]*"),
    *(
        "[!w]*",
        "**/login.yaml",
        "br[1].yaml",
        "**/*[er]*",
        "!wip*",
        "!**/wip*",
        "!sub/**",
        "!{login,a b}*",
        "it's.yaml",
    ),
    *("ünter/*", "*;*", "nothing/here/*", "!*", "**/deep er/*"),
]
ENCODINGS = ["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1"]


class Maker:
    """Writes one workspace, and notes what it wrote."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder, self.random = folder, Random(seed)  # noqa: S311 - not for secrets
        self.made = Workspace(files=[])

    def make(self) -> Workspace:
        paths = self._paths()
        for path in paths:
            self._file(path, paths)
        self._links(paths)
        if self.random.random() < 0.8:
            self._config()
        return self.made

    def _paths(self) -> list[str]:
        found = dict.fromkeys(
            f"{Path(self.random.choice(FOLDERS), self.random.choice(STEMS))}{self._ending()}"
            for _ in range(self.random.randint(1, 16))
        )
        return [path for path in found if path.lower() not in ("config.yaml", "config.yml")]

    def _ending(self) -> str:
        return self.random.choices([".yaml", ".yml", ".YAML", ".txt"], [10, 4, 1, 1])[0]

    def _file(self, path: str, others: list[str]) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        stem = Path(path).stem
        if not path.lower().endswith((".yaml", ".yml")):
            target.write_text("appId: x\n---\n- back\n")
            return
        file = Written(path=path, stem=stem)
        kind = self.random.random()
        if stem.endswith("config") and kind < 0.5:
            target.write_text("includeTags: [a]\n")
            file.configures = True
        elif kind < 0.08:
            target.write_bytes(self.random.choice([b"- [", b"", b"\x00", b"\xff\xfe", b"appId: x\n", b"a: b: c"]))
            file.unreadable = True
        else:
            target.write_bytes(self._flow(file, others))
        file.unreadable |= path.endswith(".YAML")
        self.made.files.append(file)

    def _flow(self, file: Written, others: list[str]) -> bytes:
        header: dict[str, object] = {"appId": "com.example.shop"}
        if self.random.random() < 0.3:
            header["name"] = file.name = f"{self.random.choice(['Buy: now', 'É'])} {len(self.made.files)}"
        if self.random.random() < 0.6:
            file.tags = tuple(self.random.sample(TAGS, self.random.randint(1, 2)))
            header["tags"] = list(file.tags)
            file.elsewhere = "ios" in file.tags and "android" not in file.tags
        if self.random.random() < 0.1:
            del header["appId"]
            header["url"] = "https://example.com"
            file.elsewhere = True
        file.elsewhere |= file.stem == "pay.ios"
        commands: list[object] = ["launchApp", {"assertVisible": "é"}]
        if self.random.random() < 0.4:
            called = self.random.choice([other for other in others if other.isprintable()] or ["gone"])
            file.calls = (called,)
            commands.append({"runFlow": os.path.relpath(called, Path(file.path).parent)})
        text = "\n".join(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in header.items())
        body = "\n".join(f"- {json.dumps(each, ensure_ascii=True)}" for each in commands)
        encoding = self.random.choice(ENCODINGS)
        file.unreadable = encoding in ("utf-16", "latin-1")
        return f"# é\n{text}\n---\n{body}\n".encode(encoding)

    def _links(self, paths: list[str]) -> None:
        if self.random.random() < 0.3:
            outside = self.folder.parent / "outside.yaml"
            outside.write_text("appId: x\n---\n- back\n")
            for name, to in (("out.yaml", "../outside.yaml"), ("round.yml", "round.yml"), ("gone.yaml", "nothing")):
                (self.folder / name).symlink_to(to)
                self.made.files.append(Written(path=name, stem=Path(name).stem, unreadable=True))
        if self.random.random() < 0.3:
            for name, to in (("again", "."), ("elsewhere", "..")):
                (self.folder / name).symlink_to(to, target_is_directory=True)
                self.made.links.append(name)

    def _config(self) -> None:
        made = self.made
        made.config = self.random.choice(["config.yaml", "config.yml"])
        made.patterns = self.random.sample(PATTERNS, self.random.randint(0, 4))
        made.include_tags = self.random.choice([[], [], ["smoke"], ["smoke", "no"]])
        made.exclude_tags = self.random.choice([[], [], ["wip"]])
        counts = Counter(file.called for file in made.files)
        known = [name for name, count in counts.items() if count == 1 and name.isprintable()]
        made.order = self.random.sample([*known, "nobody"], self.random.randint(0, len(known)))
        document = {
            "flows": made.patterns or None,
            "includeTags": made.include_tags,
            "excludeTags": made.exclude_tags,
            "executionOrder": {"continueOnFailure": self.random.random() < 0.5, "flowsOrder": made.order},
        }
        (self.folder / made.config).write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def listed(folder: Path) -> dict[str, object]:
    done = CliRunner().invoke(command, [str(folder), "--json"], standalone_mode=False)
    assert done.exception is None, done.exception
    document: dict[str, object] = json.loads(done.output)
    return document


@pytest.mark.parametrize("seed", SEEDS)
def test_the_list_is_that_of_the_oracle(tmp_path: Path, seed: int) -> None:
    folder = tmp_path / "flöws [x]"
    folder.mkdir()
    oracle = expected(Maker(folder, seed).make())

    found = listed(folder)

    files = [flow["file"] for flow in found["flows"]]  # type: ignore[attr-defined]  # JSON
    passed = {each["file"]: each["why"] for each in found["passed_over"]}  # type: ignore[attr-defined]  # JSON
    assert files[: len(oracle.ordered)] == oracle.ordered
    assert set(files[len(oracle.ordered) :]) == oracle.rest
    assert len(files) == len(set(files))
    assert passed == oracle.passed_over


def test_the_text_shows_every_file_too(tmp_path: Path) -> None:
    for seed in range(20):
        folder = tmp_path / str(seed) / "ws"
        folder.mkdir(parents=True)
        oracle = expected(Maker(folder, seed).make())

        done = CliRunner().invoke(command, [str(folder), "--tree"], standalone_mode=False)

        assert done.exception is None, done.exception
        count = len(oracle.ordered) + len(oracle.rest)
        assert done.output.splitlines()[-1] == f"{count} flows; {len(oracle.passed_over)} files passed over"


def test_the_generator_makes_what_it_is_for(tmp_path: Path) -> None:
    """An oracle that is only asked easy questions proves nothing."""
    whys: Counter[str] = Counter()
    ordered = rest = 0
    for seed in SEEDS:
        folder = tmp_path / str(seed) / "ws"
        folder.mkdir(parents=True)
        oracle = expected(Maker(folder, seed).make())
        whys.update(oracle.passed_over.values())
        ordered, rest = ordered + (len(oracle.ordered) > 1), rest + len(oracle.rest)
    assert set(whys) == {"subflow", "pattern", "tags", "platform", "configuration", "link"}
    assert min(whys.values()) >= 10
    assert min(ordered, rest) >= 20


@pytest.mark.parametrize(
    ("patterns", "taken", "not_taken"),
    [
        ([], ["a.yaml"], ["x/a.yaml"]),
        (["**"], ["a.yaml", "x/y/a.yaml"], []),
        (["x/*"], ["x/a.yaml"], ["a.yaml", "x/y/a.yaml"]),
        (["{a,b}?.yaml", "!b*"], ["a1.yaml"], ["b1.yaml", "a.yaml"]),
        (["[ab].yaml"], ["a.yaml"], ["c.yaml"]),
    ],
)
def test_the_oracle_knows_the_documented_examples(patterns: list[str], taken: list[str], not_taken: list[str]) -> None:
    assert [path for path in (*taken, *not_taken) if is_taken(patterns, path)] == taken
