"""What is written in README.md, .ci/run and docs is true."""

import doctest
import re
import runpy

import pytest

from tests.helpers.root import ROOT
from tests.helpers.sources import SOURCES

README = (ROOT / "README.md").read_text("utf-8")
CI = (ROOT / ".ci" / "run").read_text("utf-8")
RUN_COMMAND, TEST_COMMAND = re.findall(r"```sh\n(.+?)\n```", README, re.DOTALL)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
VARIABLE = re.compile(r"BACKPROP_LIVE_[A-Z]+(?:_[A-Z]+)*")


def steps(command: str) -> list[str]:
    return command.split(" && ")


def files_in(command: str) -> list[str]:
    return re.findall(r"[\w-]+\.(?:py|txt)", command)


def test_the_readme_has_two_commands_of_one_line_each():
    for command in (RUN_COMMAND, TEST_COMMAND):
        assert "\n" not in command
        assert steps(command)[:2] == ["python -m venv .venv", ". .venv/bin/activate"]
    assert steps(RUN_COMMAND)[2:] == ["pip install -r requirements.txt", "streamlit run app.py"]


@pytest.mark.parametrize("name", sorted({*files_in(RUN_COMMAND), *files_in(TEST_COMMAND)}))
def test_the_files_of_the_commands_are_there(name):
    assert (ROOT / name).is_file()


def test_what_is_installed_for_tests_includes_what_the_app_needs():
    assert "-r requirements.txt" in (ROOT / "requirements-dev.txt").read_text("utf-8").splitlines()


def test_ci_runs_the_commands_of_the_readme():
    lines = CI.splitlines()
    install, test = steps(TEST_COMMAND)[2:]
    assert install.startswith("pip install ")
    installs = [line for line in lines if line.startswith("pip install ")]
    assert len(installs) == 1
    assert installs[0].split()[-2:] == install.split()[-2:]
    tests = [line.removesuffix(" --durations=15") for line in lines if line.startswith(test)]
    assert tests == [test, f"{test} -m slow"]
    assert lines[-1].startswith(test), "the last line printed is the summary of pytest"


def test_ci_stops_at_the_first_failure_and_can_be_executed():
    assert "set -euo pipefail" in CI.splitlines()
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o100
    assert not re.search(r"https?://|\|\| true|/(home|root|tmp|work)/", CI)


def test_the_tables_of_the_readme_are_current():
    tables = runpy.run_path(str(ROOT / "docs" / "tables.py"))
    assert tables["rewritten"](README) == README, "run `python docs/tables.py`"


def test_the_readme_names_the_variables_that_are_read():
    ours = [*SOURCES.values(), *(ROOT / "tests").rglob("*.py")]
    read = set().union(*(VARIABLE.findall(path.read_text("utf-8")) for path in ours))
    assert set(VARIABLE.findall(README)) == read
    assert set(VARIABLE.findall(CI)) <= read


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", README))))
def test_a_link_of_the_readme_leads_somewhere(target):
    assert "://" in target or (ROOT / target).exists()


def test_every_picture_of_the_readme_is_taken_by_the_script():
    script = (ROOT / "docs" / "screenshots.py").read_text("utf-8")
    (table,) = re.findall(r"^PICTURES.+?= {\n(.+?)^}", script, re.MULTILINE | re.DOTALL)
    taken = re.findall(r'^    "(\w+)":', table, re.MULTILINE)
    assert sorted(re.findall(r"docs/screenshots/(\w+)\.png", README)) == sorted(taken)


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    assert numbers


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_parts_and_fits_on_a_page(path):
    lines = path.read_text("utf-8").splitlines()
    assert re.fullmatch(rf"# {int(path.name[:4])}\. .+", lines[0])
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
        "## What would change our mind",
    ]
    assert len(lines) <= 60


def test_the_examples_of_the_readme_run():
    blocks = re.findall(r"```python\n(.+?)```", README, re.DOTALL)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", None, 0)
    assert example.examples
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failures = runner.run(example, out=report.append).failed
    assert not failures, "".join(report)
