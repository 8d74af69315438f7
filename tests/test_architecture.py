"""The floors of the house hold: imports only go down, and what is dangerous stays out."""

import ast
import json
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import nn_core
from nn_core import vocabulary

ROOT = Path(__file__).resolve().parents[1]

FLOORS = {
    5: ["app", "pages"],
    4: ["ui"],
    3: [
        "nn_core.pool",
        "nn_core.leases",
        "nn_core.runs",
        "nn_core.handle",
        "nn_core.worker",
        "nn_core.evaluation",
        "nn_core.wire",
        "nn_core.history",
        "nn_core.continuation",
        "nn_core.checkpoints",
        "nn_core.parity",
        "nn_core.preview",
        "nn_core.samples",
        "nn_core.image_answers",
        "nn_core.summary",
        "nn_core.charts",
        "nn_core.recipes",
        "nn_core.study",
        "nn_core.comparison",
        "nn_core.convergence",
        "nn_core.explain",
        "nn_core.pathologies",
        "nn_core.export",
        "nn_core.arrays",
        "nn_core.record",
        "nn_core.record_arrays",
        "nn_core.store",
        "nn_core.recorder",
        "nn_core.archive",
        "nn_core.run_labels",
        "nn_core.links",
        "nn_core.form_links",
        "nn_core.link_words",
    ],
    2: ["nn_core.training", "nn_core.stop_rules", "nn_core.epoch_means"],
    1: [
        "nn_core.architectures",
        "nn_core.backends",
        "nn_core.autodiff",
        "nn_core.datasets",
        "nn_core.initializers",
        "nn_core.batches",
        "nn_core.dropout",
        "nn_core.metrics",
        "nn_core.losses",
        "nn_core.optimizers",
        "nn_core.aligned",
        "nn_core.activations",
        "nn_core.seeds",
        "nn_core.forward",
        "nn_core.landscape",
        "nn_core.hidden_space",
        "nn_core.strokes",
        "nn_core.digit_centring",
        "nn_core.recognition",
        "nn_core.input_gradient",
        "nn_core.single_thread",
        "nn_core.machine",
    ],
    0: [
        "nn_core.experiment",
        "nn_core.expressions",
        "nn_core.events",
        "nn_core.errors",
        "nn_core.vocabulary",
        "nn_core.counted",
    ],
}
FACE = "nn_core"  # nn_core/__init__.py stands outside the floors: it only hands out names

FRAMEWORKS = {"torch", "tensorflow", "keras", "jax", "autograd", "mxnet"}
ENGINES = {name: set(engines) for name, engines in vocabulary.ENGINES.items()}
FORMULAS = {
    "nn_core.activations",
    "nn_core.aligned",
    "nn_core.losses",
    "nn_core.optimizers",
    "nn_core.vocabulary",
}
PICKLERS = {"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
IMPORTERS_BY_NAME = {
    "nn_core",
    "nn_core.autodiff",
    "nn_core.backends",
    "nn_core.datasets",
    "nn_core.datasets.images.packages",
    "nn_core.export",
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
AUTODIFF = sorted(n for n in SOURCES if n.startswith("nn_core.autodiff."))
OF_FRAMEWORKS = [*BACKENDS, *AUTODIFF]
PAGES = sorted(n for n in SOURCES if n.startswith("pages."))

every_module = pytest.mark.parametrize("module", sorted(SOURCES))


def floor_of(module: str) -> int | None:
    """The floor of a module, or None where nobody has given it one."""
    found = [
        floor
        for floor, names in FLOORS.items()
        for name in names
        if module == name or module.startswith(f"{name}.")
    ]
    return found[0] if found else None


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


@every_module
def test_every_module_stands_on_a_floor(module):
    assert module == FACE or floor_of(module) is not None, (
        f"{module} is on no floor: add it to FLOORS, and to the map in README.md"
    )


def test_the_map_of_floors_names_only_what_there_is():
    named = {name for names in FLOORS.values() for name in names}
    there = {*SOURCES, *(name.rpartition(".")[0] for name in SOURCES)}
    assert named <= there


@every_module
def test_imports_only_go_down(module):
    floor = floor_of(module)
    if module == FACE:
        return
    up = {name for name in ours(imports_of(module)) - {FACE} if floor_of(name) > floor}
    assert not up, f"{module} on floor {floor} looks up at {sorted(up)}"


@every_module
def test_no_file_below_the_stairs_asks_the_public_face(module):
    if floor_of(module) in (4, 5) or module == FACE:
        return
    assert FACE not in imports_of(module), f"{module}: import from the file that has the name"


def test_no_modules_import_each_other_in_a_circle():
    TopologicalSorter({name: ours(imports_of(name)) - {name, FACE} for name in SOURCES}).prepare()


@every_module
def test_streamlit_stays_upstairs(module):
    if floor_of(module) not in (4, 5):
        assert "streamlit" not in packages(imports_of(module))


@every_module
def test_a_framework_is_imported_only_by_the_files_of_its_name(module):
    own = module.rpartition(".")[2] if module in OF_FRAMEWORKS else ""
    allowed = {own} | (ENGINES.get(own, set()) if module in BACKENDS else set())
    assert not packages(imports_of(module)) & FRAMEWORKS - allowed


@every_module
def test_no_file_imports_the_file_of_a_framework_itself(module):
    folder = "autodiff" if imports_of(module) & set(AUTODIFF) else "backends"
    assert not imports_of(module) & set(OF_FRAMEWORKS), f"{module}: ask nn_core.{folder}.load"


@pytest.mark.parametrize("module", AUTODIFF)
def test_a_file_of_gradients_imports_its_framework_only(module):
    imported = packages(imports_of(module)) - set(sys.stdlib_module_names)
    assert imported == {module.rpartition(".")[2]}


@pytest.mark.parametrize("module", BACKENDS)
def test_a_backend_imports_its_framework_and_numpy_and_formulas_only(module):
    name = module.rpartition(".")[2]
    others = packages(imports_of(module)) - {"nn_core"} - set(sys.stdlib_module_names)
    assert others <= {name, "numpy"} | ENGINES.get(name, set())
    assert ours(imports_of(module)) <= FORMULAS


@every_module
def test_only_the_finders_import_by_name(module):
    found = names_in(module, "importlib", "import_module", "__import__")
    assert not found or module in IMPORTERS_BY_NAME


@every_module
def test_nothing_is_pickled_and_no_text_becomes_code(module):
    assert not packages(imports_of(module)) & PICKLERS
    assert not names_in(module, "allow_pickle", "read_pickle", "to_pickle", "unsafe_load")
    for node in ast.walk(TREES[module]):
        match node:
            case ast.Call(func=ast.Name(id=name)):
                assert name not in ("eval", "exec", "compile"), f"line {node.lineno}"
            case ast.Attribute(value=ast.Name(id="torch"), attr=name):
                # What is saved for PyTorch's own users is never loaded here.
                allowed = ("save",) if module == "nn_core.backends.torch" else ()
                assert name not in {"load", "save"}.difference(allowed), f"line {node.lineno}"


@every_module
def test_only_one_file_touches_the_session_and_the_query(module):
    if module == "ui.session":
        return
    for node in ast.walk(TREES[module]):
        match node:
            case ast.Attribute(attr=name) | ast.alias(name=name):
                assert name not in ("session_state", "query_params"), f"{module}: ask ui.session"


@every_module
def test_no_html_goes_to_the_browser_unchecked(module):
    assert not names_in(module, "unsafe_allow_html", "unsafe_allow_javascript")


@pytest.mark.parametrize("module", PAGES)
def test_a_page_is_short(module):
    assert len(SOURCES[module].read_text("utf-8").splitlines()) < 80


@pytest.mark.parametrize("module", PAGES)
def test_a_page_begins_by_letting_a_deep_link_in(module):
    statements = [n for n in TREES[module].body if not isinstance(n, ast.Import | ast.ImportFrom)]
    assert ast.unparse(statements[1]) == f"session.enter('{module.replace('.', '/')}.py')"


@pytest.mark.parametrize("module", PAGES)
def test_a_page_is_in_the_table_of_contents(module):
    assert f'"{module.replace(".", "/")}.py"' in SOURCES["app"].read_text("utf-8")


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
    core = [name for name in SOURCES if name.startswith("nn_core") and name not in OF_FRAMEWORKS]
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


@pytest.mark.parametrize("path", BROWSER_TESTS, ids=lambda path: path.stem)
def test_what_a_browser_test_asserts_of_the_page_it_waits_for(path):
    # Script, server and picture answer in their own time: what is read once and asserted holds on
    # a quick machine only. `expect` and `App.until` wait.
    asserts = [
        node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Assert)
    ]
    read_once = [
        f"line {part.lineno}: {part.attr}"
        for node in asserts
        for part in ast.walk(node.test)
        if isinstance(part, ast.Attribute) and part.attr in READS_ONCE
    ]
    assert not read_once
