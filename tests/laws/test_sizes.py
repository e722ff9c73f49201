"""Files stay under 300 lines and functions under 40, so that each can be read in one sitting."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    path for folder in ("validator", "tests", "benchmarks", "tools") for path in (ROOT / folder).rglob("*.py")
)
FILE_LIMIT = 300
FUNCTION_LIMIT = 40

EXCEPTIONS: dict[str, str] = {}
"""Path -> why it may be longer. Empty is how it should be."""


def test_there_are_sources_to_measure():
    assert len(SOURCES) > 100


def test_no_file_is_longer_than_the_limit():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    too_long = {name: lines for name, lines in lengths.items() if lines > FILE_LIMIT and name not in EXCEPTIONS}
    assert too_long == {}


def test_no_function_is_longer_than_the_limit():
    too_long = {
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}": lines
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (lines := code_lines(node)) > FUNCTION_LIMIT
    }
    assert too_long == {}


def code_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of a function without its docstring."""
    lines = (node.end_lineno or node.lineno) - node.lineno + 1
    first = node.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


@pytest.mark.parametrize("path", sorted((ROOT / "validator" / "cli").glob("*.py")), ids=lambda path: path.name)
def test_a_command_line_file_holds_at_most_one_command(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    commands = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
        and any("command" in ast.unparse(decorator) for decorator in node.decorator_list)
    ]
    assert len(commands) <= 1
