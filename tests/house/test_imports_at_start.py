"""Neither the core nor a page brings a framework into the process of the app."""

import json
import subprocess
import sys

from tests.helpers.frameworks import FRAMEWORKS
from tests.helpers.root import ROOT
from tests.helpers.sources import SOURCES

OF_FRAMEWORKS = ("nn_core.backends.", "nn_core.autodiff.frameworks.")
CORE = sorted(
    name
    for name in SOURCES
    if name.split(".")[0] == "nn_core" and not name.startswith(OF_FRAMEWORKS)
)
PAGES = sorted(f"{name.replace('.', '/')}.py" for name in SOURCES if name.startswith("pages."))


def printed_by(code: str, *arguments: str) -> list[str]:
    """The lines that a fresh Python prints, for some code."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


IMPORTED = "sorted({name.split('.')[0] for name in sys.modules})"
OPEN_EACH_PAGE = f"""
import json, sys
from streamlit.testing.v1 import AppTest

at = AppTest.from_file("app.py", default_timeout=60).run()
for page in sys.argv[1:]:
    at.switch_page(page).run()
    assert not at.exception, (page, at.exception)
    assert len(at.title) == 1, page
    print(json.dumps([page, {IMPORTED}]))
"""


def test_importing_the_core_imports_no_framework():
    core = [f"import {name}" for name in CORE]
    code = "\n".join([*core, f"import json, sys; print(json.dumps({IMPORTED}))"])
    assert not FRAMEWORKS & set(json.loads(printed_by(code)[-1]))


def test_opening_a_page_imports_no_framework():
    opened = [json.loads(line) for line in printed_by(OPEN_EACH_PAGE, *PAGES)]
    assert [page for page, _ in opened] == PAGES
    assert not [(page, found) for page, names in opened if (found := FRAMEWORKS & set(names))]
