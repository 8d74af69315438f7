"""The floors of the house hold: imports only go down, and what is dangerous stays out."""

import ast
import re
import sys
import tomllib
from collections import Counter
from graphlib import TopologicalSorter

import pytest

import nn_core
from nn_core import vocabulary
from tests.helpers.frameworks import FRAMEWORKS
from tests.helpers.root import ROOT
from tests.helpers.sources import CORE, SOURCES, TREES, imports_of, names_in, ours, packages
from ui.links.page_list import PAGES as PAGES_IN_CONTENTS

FLOORS = (
    "backprop_live",
    "app",
    "pages",
    "ui.training_page",
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
    "ui.session_keys",
    "nn_core.server",
    "nn_core.charts",
    "nn_core.explain",
    "nn_core.exchange",
    "nn_core.lessons",
    "nn_core.runs",
    "nn_core.experiment_differences",
    "nn_core.training",
    "nn_core.autodiff",
    "nn_core.backends",
    "nn_core.networks",
    "nn_core.datasets",
    "nn_core.experiment",
    "nn_core.rules",
    "nn_core.seeds",
    "nn_core.vocabulary",
    "nn_core.arrays",
    "nn_core.events",
    "nn_core.errors",
)
"""The packages from top to bottom: each may import those below it."""

FACES = ("nn_core", "ui")
"""Each `__init__` stands outside the floors: it only hands out names."""

FACE = "nn_core"
MOST_MODULES = 9
MOST_ENTRIES = {"nn_core": 20, "ui": 14}

ENGINES = {name: set(engines) for name, engines in vocabulary.ENGINES.items()}
FORMULAS = {
    "nn_core.networks.activations",
    "nn_core.networks.aligned_arrays",
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
    "nn_core.datasets.images.optional_packages",
    "nn_core.exchange.programs",
}


BACKENDS = sorted(n for n in SOURCES if n.startswith("nn_core.backends."))
AUTODIFF = sorted(n for n in SOURCES if n.startswith("nn_core.autodiff.frameworks."))
OF_FRAMEWORKS = [*BACKENDS, *AUTODIFF]
PAGES = sorted(n for n in SOURCES if n.startswith("pages."))


def floor_of(module: str) -> int | None:
    """The number of the line of `FLOORS` a module belongs to; None where there is none."""
    for number, name in enumerate(FLOORS):
        if module == name or module.startswith(f"{name}."):
            return number
    return None


def test_every_module_stands_on_a_floor():
    unlisted = [name for name in SOURCES if name not in FACES and floor_of(name) is None]
    assert not unlisted, "add these to FLOORS, and to the map in docs/architecture.md"


def test_the_list_of_floors_names_only_what_there_is():
    there = {*SOURCES, *(name.rpartition(".")[0] for name in SOURCES)}
    assert {*FLOORS} <= there


def test_the_map_of_the_documents_is_the_one_that_is_tested():
    document = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    (drawn,) = re.findall(r"```\n(ui  .+?)\n```", document, re.DOTALL)
    words = [word for word in drawn.split() if word != ">"]
    middle = words.index("nn_core")
    shown = [f"ui.{word}" for word in words[1:middle]]
    shown += [f"nn_core.{word}" for word in words[middle + 1 :]]
    assert ("backprop_live", "app", "pages", *shown) == FLOORS


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
    paths = [path for name, path in SOURCES.items() if name.startswith(("nn_core", "ui"))]
    named = [
        path.name
        for path in paths
        if path.name != "__init__.py" and path.parent.name not in ("dialects", "frameworks")
    ]
    assert not [name for name, times in Counter(named).items() if times > 1]


def test_no_module_of_the_core_imports_the_public_face():
    asking = [name for name in CORE if name != FACE and FACE in imports_of(name)]
    assert not asking, "import from the file that has the name"


def test_the_core_does_not_import_streamlit():
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
    assert sorted(page.path for page in PAGES_IN_CONTENTS) == sorted(
        f"{module.replace('.', '/')}.py" for module in PAGES
    )
    for module in PAGES:
        path = f"{module.replace('.', '/')}.py"
        assert len(SOURCES[module].read_text("utf-8").splitlines()) < 80, module
        body = [n for n in TREES[module].body if not isinstance(n, ast.Import | ast.ImportFrom)]
        assert ast.unparse(body[1]) == f"session.enter('{path}')", module


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


TESTS = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path
    for path in (ROOT / "tests").rglob("*.py")
}


def test_no_file_of_tests_imports_another():
    shared = "what two files of tests need stands in tests/helpers or in a conftest.py"
    imported = [
        f"{name} imports {node.module}"
        for name, path in TESTS.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module in TESTS
        and node.module.rpartition(".")[2].startswith(("test_", "conftest"))
    ]
    assert not imported, shared


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
