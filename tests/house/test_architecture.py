"""The floors of the house hold: imports only go down, and what is dangerous stays out."""

import ast
import json
import subprocess
import sys
import tomllib
from collections import Counter
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import nn_core
from nn_core import vocabulary
from tests.helpers.root import ROOT

FLOORS = (
    "app",
    "pages",
    "ui.lessons",
    "ui.autodiff",
    "ui.plane",
    "ui.runs",
    "ui.details",
    "ui.live",
    "ui.links",
    "ui.form",
    "ui.components",
    "ui.session",
    "nn_core.server",
    "nn_core.charts",
    "nn_core.explain",
    "nn_core.exchange",
    "nn_core.lessons",
    "nn_core.runs",
    "nn_core.differences",
    "nn_core.training",
    "nn_core.autodiff",
    "nn_core.backends",
    "nn_core.networks",
    "nn_core.datasets",
    "nn_core.experiment",
    "nn_core.seeds",
    "nn_core.vocabulary",
    "nn_core.arrays",
    "nn_core.events",
    "nn_core.errors",
)
"""The house from the roof down: what stands in a line may import what stands below it."""

FACES = ("nn_core", "ui")
"""Each `__init__` stands outside the floors: it only hands out names."""

FACE = "nn_core"
MOST_MODULES = 9
MOST_ENTRIES = {"nn_core": 20, "ui": 14}

FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "autograd", "mxnet"}
ENGINES = {name: set(engines) for name, engines in vocabulary.ENGINES.items()}
FORMULAS = {
    "nn_core.networks.activations",
    "nn_core.networks.aligned",
    "nn_core.networks.losses",
    "nn_core.networks.optimizers",
    "nn_core.vocabulary",
}
PICKLERS = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
IMPORTERS_BY_NAME = {
    "nn_core",
    "nn_core.autodiff",
    "nn_core.backends",
    "nn_core.datasets",
    "nn_core.datasets.images.packages",
    "nn_core.exchange.programs",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    module_name(path): path
    for path in [ROOT / "app.py"]
    + [path for folder in ("pages", "ui", "nn_core") for path in (ROOT / folder).rglob("*.py")]
}
TREES = {name: ast.parse(path.read_text("utf-8"), path) for name, path in SOURCES.items()}
BACKENDS = sorted(n for n in SOURCES if n.startswith("nn_core.backends."))
AUTODIFF = sorted(n for n in SOURCES if n.startswith("nn_core.autodiff.frameworks."))
OF_FRAMEWORKS = [*BACKENDS, *AUTODIFF]
PAGES = sorted(n for n in SOURCES if n.startswith("pages."))
CORE = sorted(n for n in SOURCES if n.split(".")[0] == "nn_core")


def floor_of(module: str) -> int | None:
    """The number of the line of `FLOORS` a module belongs to; None where there is none."""
    for number, name in enumerate(FLOORS):
        if module == name or module.startswith(f"{name}."):
            return number
    return None


def imports_of(module: str) -> set[str]:
    """Full names of all that a module imports, anywhere in it; ours down to the file."""
    found = set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: write imports in full, without leading dots"
            source = str(node.module)
            for alias in node.names:
                full = f"{source}.{alias.name}"
                found.add(full if full in SOURCES else source)
    return found


def ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.split(".")[0] in ("nn_core", "ui", "pages", "app")}


def packages(modules: set[str]) -> set[str]:
    return {name.split(".")[0] for name in modules}


def names_in(module: str, *wanted: str) -> set[str]:
    """Which of these names a module uses: as a name, an attribute, an argument or an import."""
    found = set()
    for node in ast.walk(TREES[module]):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found.add(name)
            case ast.keyword(arg=str(name)):
                found.add(name)
    return found & set(wanted)


def test_every_module_stands_on_a_floor():
    homeless = [name for name in SOURCES if name not in FACES and floor_of(name) is None]
    assert not homeless, "add these to FLOORS, and to the map in README.md"


def test_the_list_of_floors_names_only_what_there_is():
    there = {*SOURCES, *(name.rpartition(".")[0] for name in SOURCES)}
    assert {*FLOORS} <= there


def test_imports_only_go_down():
    upward = [
        f"{module} imports {name}"
        for module in SOURCES
        if module not in FACES
        for name in ours(imports_of(module)) - {*FACES}
        if floor_of(name) < floor_of(module)
    ]
    assert not upward


def test_no_packages_import_each_other_in_a_circle():
    # At each level of the tree, the entries of one folder.
    graphs: dict[str, dict[str, set[str]]] = {}
    for module in SOURCES:
        for name in ours(imports_of(module)) - {module}:
            one, other = module.split("."), name.split(".")
            shared = [a for a, b in zip(one, other, strict=False) if a == b]
            while shared != one[: len(shared)]:
                shared.pop()
            depth = len(shared)
            if depth and depth < min(len(one), len(other)):
                graph = graphs.setdefault(".".join(shared), {})
                graph.setdefault(one[depth], set()).add(other[depth])
    for graph in graphs.values():
        TopologicalSorter(graph).prepare()


def test_no_modules_import_each_other_in_a_circle():
    TopologicalSorter({name: ours(imports_of(name)) - {name, FACE} for name in SOURCES}).prepare()


def test_a_listing_is_short():
    for folder, most in MOST_ENTRIES.items():
        assert len([*(ROOT / folder).glob("[!_]*.py")]) < MOST_MODULES
        # Folders of byte code alone are left behind by a file that moved.
        entries = [
            path
            for path in (ROOT / folder).iterdir()
            if path.is_file() or any(file.suffix != ".pyc" for file in path.rglob("*.*"))
        ]
        assert len(entries) <= most


def test_no_two_files_have_one_name():
    paths = [path for name, path in SOURCES.items() if not name.startswith(("pages", "app"))]
    named = [
        path.name
        for path in paths
        if path.name != "__init__.py" and path.parent.name not in ("dialects", "frameworks")
    ]
    assert not [name for name, times in Counter(named).items() if times > 1]


def test_no_file_below_the_stairs_asks_the_public_face():
    asking = [name for name in CORE if name != FACE and FACE in imports_of(name)]
    assert not asking, "import from the file that has the name"


def test_streamlit_stays_upstairs():
    assert not [name for name in CORE if "streamlit" in packages(imports_of(name))]


def test_a_framework_is_imported_only_by_the_files_of_its_name():
    found = []
    for module in SOURCES:
        own = module.rpartition(".")[2] if module in OF_FRAMEWORKS else ""
        allowed = {own} | (ENGINES.get(own, set()) if module in BACKENDS else set())
        if wrong := packages(imports_of(module)) & FRAMEWORKS - allowed:
            found.append(f"{module} imports {wrong}")
    assert not found


def test_no_file_imports_the_file_of_a_framework_itself():
    found = [name for name in SOURCES if imports_of(name) & set(OF_FRAMEWORKS)]
    assert not found, "ask nn_core.backends.load or nn_core.autodiff.evaluate"


def test_a_file_of_gradients_imports_its_framework_only():
    for module in AUTODIFF:
        imported = packages(imports_of(module)) - set(sys.stdlib_module_names)
        assert imported == {module.rpartition(".")[2]}, module


def test_a_backend_imports_its_framework_and_numpy_and_formulas_only():
    for module in BACKENDS:
        name = module.rpartition(".")[2]
        others = packages(imports_of(module)) - {"nn_core"} - set(sys.stdlib_module_names)
        assert others <= {name, "numpy"} | ENGINES.get(name, set()), module
        assert ours(imports_of(module)) <= FORMULAS, module


def test_only_the_finders_import_by_name():
    importers = {n for n in SOURCES if names_in(n, "importlib", "import_module", "__import__")}
    assert importers <= IMPORTERS_BY_NAME


def test_nothing_is_pickled_and_no_text_becomes_code():
    found = []
    for module, tree in TREES.items():
        found += [f"{module}: {name}" for name in packages(imports_of(module)) & PICKLERS]
        unsafe = ("allow_pickle", "read_pickle", "to_pickle", "unsafe_load")
        found += [f"{module}: {name}" for name in names_in(module, *unsafe)]
        # What is saved for PyTorch's own users is never loaded here.
        allowed = ("save",) if module == "nn_core.backends.torch" else ()
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id="eval" | "exec" | "compile" as name)):
                    found.append(f"{module}, line {node.lineno}: {name}")
                case ast.Attribute(value=ast.Name(id="torch"), attr="load" | "save" as name):
                    if name not in allowed:
                        found.append(f"{module}, line {node.lineno}: torch.{name}")
    assert not found


def test_only_one_file_touches_the_session_and_the_query():
    found = [
        name
        for name in SOURCES
        if name != "ui.session" and names_in(name, "session_state", "query_params")
    ]
    assert not found, "ask ui.session"


RUNS_ARE_CALLED = {"run", "job", "reference", "before", "other", "again"}
OWNERS_OF_FIELDS = {
    "nn_core.runs.run": RUNS_ARE_CALLED,
    "nn_core.runs.history": {"history"},
}


def assigned(tree: ast.Module) -> list[tuple[str, ast.Attribute]]:
    """Attributes that are assigned or deleted, each behind the last name of what it belongs to."""
    return [
        (ast.unparse(node.value).rpartition(".")[2], node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
    ]


def test_only_a_run_and_its_history_assign_their_fields():
    found = [
        f"{module}, line {node.lineno}: {ast.unparse(node)}"
        for owner, names in OWNERS_OF_FIELDS.items()
        for module, tree in TREES.items()
        for name, node in assigned(tree)
        if module != owner and name in names
    ]
    assert not found, "call a method of the run that says what happened"
    at_fault = ast.parse("run.state = 'paused'\nself.run.history.snapshots += []\ndel job.phase")
    assert [name for name, _ in assigned(at_fault)] == ["run", "history", "job"]


def test_no_html_goes_to_the_browser_unchecked():
    unsafe = ("unsafe_allow_html", "unsafe_allow_javascript")
    assert not [name for name in SOURCES if names_in(name, *unsafe)]


def test_a_page_is_short_and_begins_by_letting_a_deep_link_in_and_is_in_the_contents():
    contents = SOURCES["app"].read_text("utf-8")
    for module in PAGES:
        path = f"{module.replace('.', '/')}.py"
        assert len(SOURCES[module].read_text("utf-8").splitlines()) < 80, module
        body = [n for n in TREES[module].body if not isinstance(n, ast.Import | ast.ImportFrom)]
        assert ast.unparse(body[1]) == f"session.enter('{path}')", module
        assert f'"{path}"' in contents, module


def frameworks_after(code: str, *arguments: str) -> list[str]:
    """Which frameworks a fresh Python holds after some code."""
    code += "\nimport json, sys; print(json.dumps(sorted({n.split('.')[0] for n in sys.modules})))"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return sorted(FRAMEWORKS & set(json.loads(done.stdout.splitlines()[-1])))


OPEN_A_PAGE = """
import sys
from streamlit.testing.v1 import AppTest

at = AppTest.from_file("app.py", default_timeout=60).run()
at.switch_page(sys.argv[1]).run()
assert not at.exception, at.exception
assert len(at.title) == 1
"""


def test_importing_the_core_imports_no_framework():
    core = [name for name in CORE if name not in OF_FRAMEWORKS]
    assert not frameworks_after("\n".join(f"import {name}" for name in core))


@pytest.mark.parametrize("module", PAGES)
def test_opening_a_page_imports_no_framework(module):
    assert not frameworks_after(OPEN_A_PAGE, f"{module.replace('.', '/')}.py")


def test_streamlit_does_not_collect_garbage_after_every_tick():
    from streamlit import config

    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["runner"]["postScriptGC"] is False
    config.get_option("runner.postScriptGC")  # raises where Streamlit has no such option


def is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def test_the_public_face_shows_what_it_names():
    assert sorted(dir(nn_core)) == sorted(nn_core.__all__)
    for name in nn_core.__all__:
        assert getattr(nn_core, name) is not None
    made_here = {node.id for node in ast.walk(TREES[FACE]) if is_stored(node)}
    made_here |= {node.name for node in TREES[FACE].body if isinstance(node, ast.FunctionDef)}
    assert all(name.startswith("_") for name in made_here)
    with pytest.raises(AttributeError, match="nothing_of_the_kind"):
        nn_core.nothing_of_the_kind  # noqa: B018


BROWSER_TESTS = sorted((ROOT / "tests" / "e2e").glob("*.py"))
READS_ONCE = {
    "all_inner_texts", "all_text_contents", "bounding_box", "evaluate", "evaluate_all",
    "get_attribute", "inner_text", "input_value", "is_checked", "is_disabled", "is_enabled",
    "is_hidden", "is_visible", "text_content",
}  # fmt: skip


def test_what_a_browser_test_asserts_of_the_page_it_waits_for():
    # Script, server and picture answer in their own time: what is read once and asserted holds on
    # a quick machine only. `expect` and `App.until` wait.
    read_once = [
        f"{path.name}, line {part.lineno}: {part.attr}"
        for path in BROWSER_TESTS
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
        for part in ast.walk(node.test)
        if isinstance(part, ast.Attribute) and part.attr in READS_ONCE
    ]
    assert not read_once
