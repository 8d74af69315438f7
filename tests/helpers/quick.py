"""Which tests are quick: `pytest -m quick` answers within a minute on two cores."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.helpers.frameworks import FRAMEWORKS
from tests.helpers.root import ROOT

PAGES = ("ui", "e2e")
"""Folders of tests that draw pages or start a browser."""

STARTS_A_PROCESS = {
    "AppTest", "NotebookClient", "Pool", "Popen", "Process", "Server", "get_pool", "subprocess",
}  # fmt: skip
"""What a file of tests names where one of its tests starts a process or waits for one."""

CHECKS_CHARTS = {"altair", "nn_core.charts.converter"}
"""What takes a tenth of a second a chart: to check it against its schema, and to draw it."""

FIXTURES = {"framework", "pool"}
"""Fixtures of `conftest.py` that start a process, or import a framework."""

LARGE = {"mnist", "slow"}
"""Marks of tests that read 60,000 images, or take minutes."""


@cache
def _names_in(path: Path) -> frozenset[str]:
    """All names in a file and in the helpers that it imports; a framework counts if imported."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                found.add(name)
            case ast.Import(names=names):
                found |= {f"import {alias.name.split('.')[0]}" for alias in names}
            case ast.ImportFrom(module=str(module)):
                found |= {f"import {module.split('.')[0]}", f"import {module}"}
                helper = ROOT / f"{module.replace('.', '/')}.py"
                if module.startswith("tests.helpers."):
                    found |= _names_in(helper)
    return frozenset(found)


def may_be_quick(path: Path) -> bool:
    """Whether a file of tests may have quick ones: it starts no process and loads no framework."""
    if not path.is_relative_to(ROOT / "tests"):
        return True  # the examples in docstrings
    if path.relative_to(ROOT / "tests").parts[0] in PAGES:
        return False
    names = _names_in(path)
    slow = STARTS_A_PROCESS | {f"import {name}" for name in FRAMEWORKS | CHECKS_CHARTS}
    return names.isdisjoint(slow)


def is_quick(item: pytest.Item) -> bool:
    """Whether a test is quick: in a file that may be, on NumPy alone, and not for 100 examples."""
    if not may_be_quick(item.path) or any(item.get_closest_marker(name) for name in LARGE):
        return False
    if not FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
        return False
    if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
        return False
    parameters = getattr(item, "callspec", None)
    values = parameters.params.values() if parameters else ()
    return FRAMEWORKS.isdisjoint(value for value in values if isinstance(value, str))
