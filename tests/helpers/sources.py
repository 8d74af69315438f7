"""The source files of the app and what each of them names, read without running them."""

import ast
from pathlib import Path

from tests.helpers.root import ROOT

FOLDERS = ("backprop_live", "app", "pages", "ui", "nn_core")


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {
    module_name(path): path
    for path in [ROOT / "app.py"]
    + [
        path
        for folder in ("backprop_live", "pages", "ui", "nn_core")
        for path in (ROOT / folder).rglob("*.py")
    ]
}
CORE = sorted(n for n in SOURCES if n.split(".")[0] == "nn_core")
TREES = {name: ast.parse(path.read_text("utf-8"), path) for name, path in SOURCES.items()}


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
    return {name for name in modules if name.split(".")[0] in FOLDERS}


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
