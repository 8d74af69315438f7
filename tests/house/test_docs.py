"""What is written in README.md, .ci/run and docs is true."""

import doctest
import re
import runpy
from datetime import date

import pytest

from tests.helpers.root import ROOT
from tests.helpers.sources import SOURCES
from ui.links.page_list import PAGES

README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = {
    str(path.relative_to(ROOT)): path
    for path in [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]
}
TEXTS = {name: path.read_text("utf-8") for name, path in DOCUMENTS.items()}
ENVIRONMENT = TEXTS["docs/environment.md"]
CI = (ROOT / ".ci" / "run").read_text("utf-8")
RUN_COMMAND, TEST_COMMAND = re.findall(r"```sh\n(.+?)\n```", README, re.DOTALL)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
TABLES = runpy.run_path(str(ROOT / "docs" / "tables.py"))
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


def test_the_readme_is_short():
    assert len(README.splitlines()) <= 100


@pytest.mark.parametrize("name", TABLES["TABLES"])
def test_a_table_of_the_documents_is_current(name):
    assert TABLES["rewritten"](name) == TEXTS[f"docs/{name}.md"], "run `python docs/tables.py`"


def test_the_documents_name_the_variables_that_are_read():
    ours = [*SOURCES.values(), *(ROOT / "tests").rglob("*.py")]
    read = set().union(*(VARIABLE.findall(path.read_text("utf-8")) for path in ours))
    assert set(VARIABLE.findall(ENVIRONMENT)) == read
    assert set(VARIABLE.findall("".join(TEXTS.values()))) == read
    assert set(VARIABLE.findall(CI)) <= read


def test_every_link_leads_somewhere():
    lost = [
        f"{name}: {target}"
        for name, text in TEXTS.items()
        for target in re.findall(r"\]\(([^)#]+)\)", text)
        if "://" not in target and not (DOCUMENTS[name].parent / target).exists()
    ]
    assert not lost


def test_the_readme_links_to_every_document():
    linked = set(re.findall(r"\]\(([^)#]+)\)", README))
    assert {*DOCUMENTS} - {"README.md"} <= linked


def test_every_picture_is_taken_by_the_script():
    script = (ROOT / "docs" / "screenshots.py").read_text("utf-8")
    (table,) = re.findall(r"^PICTURES.+?= {\n(.+?)^}", script, re.MULTILINE | re.DOTALL)
    taken = re.findall(r'^    "(\w+)":', table, re.MULTILINE)
    guide = TEXTS["docs/guide.md"]
    assert sorted(re.findall(r"\(screenshots/(\w+)\.png", guide)) == sorted(taken)
    assert {*re.findall(r"\(docs/screenshots/(\w+)\.png", README)} < {*taken}


def test_the_readme_and_the_guide_name_the_pages_in_their_order():
    pages = [page.title for page in PAGES]
    assert re.findall(r"^- \*\*(\w+)\*\* ", README, re.MULTILINE) == pages
    assert re.findall(r"^### (\w+)$", TEXTS["docs/guide.md"], re.MULTILINE) == pages


def test_decisions_are_numbered_without_gaps():
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    assert numbers


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_a_date_and_its_parts_and_fits_on_a_page(path):
    lines = path.read_text("utf-8").splitlines()
    assert re.fullmatch(rf"# {int(path.name[:4])}\. .+", lines[0])
    assert lines[1] == lines[3] == ""
    assert date.fromisoformat(lines[2].removeprefix("Date: ")).isoformat() in lines[2]
    assert lines[2].startswith("Date: ")
    assert [line for line in lines if line.startswith("## ")] == [
        "## Context",
        "## Decision",
        "## Consequences",
        "## What would change our mind",
    ]
    assert len(lines) <= 60


@pytest.mark.parametrize("name", ["README.md", "docs/python.md"])
def test_the_examples_of_the_documents_run(name):
    blocks = re.findall(r"```python\n(.+?)```", TEXTS[name], re.DOTALL)
    example = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, name, None, 0)
    assert example.examples
    report = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    failures = runner.run(example, out=report.append).failed
    assert not failures, "".join(report)


def test_the_changelog_has_no_line_twice_and_each_entry_ends_with_a_full_stop():
    entries = re.split(r"^- ", TEXTS["CHANGELOG.md"], flags=re.MULTILINE)[1:]
    entries = [entry.partition("\n\n")[0].strip() for entry in entries]
    assert len(entries) == len(set(entries))
    for entry in entries:
        assert entry.endswith("."), entry
        assert all(line.startswith("  ") for line in entry.splitlines()[1:]), entry
    lines = [line for entry in entries for line in entry.splitlines()]
    assert len(lines) == len(set(lines))
