"""Writes what is generated in the documentation: `make docs`. A test holds the pages against what this would write.

The picture of the demo is made from a real run and differs with every run, so it is written only when asked for with
`--picture`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from pydantic import BaseModel

from validator.config.environment import EnvironmentConfig
from validator.config.reference import keys_markdown, reference_markdown
from validator.config.schema import json_schema
from validator.failures.reference import causes_markdown
from validator.gates.file import GateFile
from validator.history.journal import read_journal
from validator.model.decision import ExitCode
from validator.reports.console import run_picture
from validator.support.clock import SystemClock

ROOT = Path(__file__).parents[1]
OPENING, CLOSING = "<!-- exit codes: written by `make docs` -->\n", "<!-- /exit codes -->\n"

GATES = """
# Gate policies

A file in `gates/`, named by `gate:` in an environment. Without one, the defaults below hold.

"""


def configuration() -> str:
    """docs/configuration.md: the keys of environments and of gates."""
    gates = keys_markdown(json_schema(GateFile))
    return reference_markdown() + GATES + gates


def schema(model: type[BaseModel], title: str) -> str:
    """A JSON Schema for editors, which complete and check a file by it while it is written."""
    return json.dumps({**json_schema(model), "title": title}, indent=2) + "\n"


def readme(text: str) -> str:
    """The README with its table of exit codes as the program has them."""
    before, _, rest = text.partition(OPENING)
    _, _, after = rest.partition(CLOSING)
    rows = "".join(f"| {code.value} | {code.sentence} |\n" for code in ExitCode)
    return f"{before}{OPENING}| exit code | meaning |\n|---|---|\n{rows}{CLOSING}{after}"


def pages() -> dict[Path, str]:
    """Every generated page and its content."""
    old = (ROOT / "README.md").read_text(encoding="utf-8")
    docs = ROOT / "docs"
    return {
        docs / "configuration.md": configuration(),
        docs / "causes.md": causes_markdown(),
        docs / "schemas" / "environment.schema.json": schema(EnvironmentConfig, "An environment of validator"),
        docs / "schemas" / "gate.schema.json": schema(GateFile, "A gate policy of validator"),
        ROOT / "README.md": readme(old),
    }


def picture() -> str:
    """The SVG of a demo whose app crashes at the checkout, as a terminal of 100 columns shows it."""
    with tempfile.TemporaryDirectory() as name:
        demo = [sys.executable, "-m", "validator", "demo", "--fault", "crash"]
        subprocess.run(demo, cwd=name, capture_output=True, timeout=300, check=False)
        folder = Path(name, "reports", "latest")
        records = list(read_journal(folder / "events.jsonl"))
    return run_picture(records, SystemClock(), title="validator demo --fault crash", folder=f"reports/{records[0].run}")


def main() -> None:
    """Write the pages, and the picture when asked for."""
    for path, content in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    if "--picture" in sys.argv[1:]:
        (ROOT / "docs" / "demo.svg").write_text(picture(), encoding="utf-8")


if __name__ == "__main__":
    main()
