"""What pyproject.toml declares is what the code imports and what the requirements files install."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest

from tests.helpers.root import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
BASE = set(PROJECT["dependencies"])
EXTRAS = PROJECT["optional-dependencies"]
FRAMEWORKS = ("torch", "tensorflow", "keras", "jax", "autograd")
OURS = {"app", "pages", "ui", "nn_core", "backprop_live"}
ELSEWHERE = {"mxnet"}
"""Declared in requirements-mxnet.txt, for a Python of its own."""


def requirements(name: str) -> list[str]:
    """The lines of a requirements file, without comments."""
    lines = (ROOT / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def with_extras(wanted: list[str]) -> set[str]:
    """These requirements, with those of each extra of our own that they name."""
    found = set()
    for requirement in wanted:
        if own := re.fullmatch(r"backprop-live\[(.+)\]", requirement):
            for extra in own[1].split(","):
                found |= with_extras(EXTRAS[extra])
        else:
            found.add(requirement)
    return found


def distribution(requirement: str) -> str:
    """The name of a package, as all of its spellings are compared."""
    name = re.match(r"[\w.-]+", requirement)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def imported() -> dict[str, set[str]]:
    """Each package that the app imports anywhere, and the files that do."""
    paths = [ROOT / "app.py"]
    for folder in sorted(OURS - {"app"}):
        paths += (ROOT / folder).rglob("*.py")
    found: dict[str, set[str]] = {}
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    modules = [alias.name for alias in names]
                case ast.ImportFrom(module=str(module)):
                    modules = [module]
                case _:
                    modules = []
            for module in modules:
                found.setdefault(module.split(".")[0], set()).add(str(path.relative_to(ROOT)))
    return {
        name: files
        for name, files in found.items()
        if name not in OURS | ELSEWHERE | set(sys.stdlib_module_names)
    }


def test_requirements_txt_is_the_project_with_all_its_frameworks():
    listed = requirements("requirements.txt")
    assert len(listed) == len(set(listed))
    assert set(listed) == BASE | with_extras(["backprop-live[all]"])


def test_requirements_dev_txt_is_the_extra_dev():
    first, *tools = requirements("requirements-dev.txt")
    assert first == "-r requirements.txt"
    assert len(tools) == len(set(tools))
    assert BASE | with_extras(EXTRAS["dev"]) == {*requirements("requirements.txt"), *tools}


def test_every_framework_is_an_extra_and_none_is_a_base_dependency():
    assert set(EXTRAS) == {*FRAMEWORKS, "all", "dev"}
    assert with_extras(EXTRAS["all"]) == set().union(*(with_extras(EXTRAS[f]) for f in FRAMEWORKS))
    for framework in FRAMEWORKS:
        assert framework in {distribution(line) for line in EXTRAS[framework]}
    assert not {distribution(line) for line in BASE} & set(FRAMEWORKS)


def test_every_import_is_declared():
    declared = {distribution(line) for line in BASE}
    of_frameworks = {distribution(line) for line in with_extras(EXTRAS["all"])}
    providers = packages_distributions()
    missing = {}
    for module, files in imported().items():
        names = {distribution(name) for name in providers.get(module, [module])}
        allowed = declared
        if all("/frameworks/" in file or "/backends/" in file for file in files):
            allowed = declared | of_frameworks
        if not names & allowed:
            missing[module] = sorted(files)
    assert not missing


@pytest.mark.parametrize("requirement", sorted(BASE | with_extras(EXTRAS["dev"])))
def test_a_requirement_is_bounded_above(requirement):
    assert re.search(r"==|<", requirement)


def test_the_version_is_read_from_the_package_that_prints_it():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["hatch"]["version"]["path"] == "backprop_live/__init__.py"
