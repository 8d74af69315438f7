"""The tables of docs/fields.md and docs/backends.md, made from the code.

``python docs/tables.py`` writes them anew between their markers. A test compares.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"


def fields_table() -> str:
    """Every field of an experiment: where it starts, what is allowed, what it means."""
    from nn_core import Experiment

    return _table(
        ("Field", "Default", "Allowed", "Meaning"),
        (
            (
                f"`{name}`",
                "–" if info.default in (None, "") else f"`{info.default}`",
                _allowed(info),
                info.description,
            )
            for name, info in Experiment.model_fields.items()
        ),
    )


def backends_table() -> str:
    """Every backend, as its file describes itself; no framework is imported."""
    from nn_core import backends

    rows = []
    for name in backends.names():
        tree = ast.parse((ROOT / "nn_core" / "backends" / f"{name}.py").read_text("utf-8"))
        first_line = (ast.get_docstring(tree) or "").splitlines()[0]
        how = first_line.partition(": ")[2]
        rows.append((f"`{name}`", backends.label(name), how, f"`{_epsilon_form(tree)}`"))
    return _table(("Backend", "Framework", "How it computes", "Form of ε"), rows)


TABLES = {"fields": fields_table, "backends": backends_table}
"""What makes the table of ``docs/<name>.md``."""


def rewritten(name: str) -> str:
    """The text of ``docs/<name>.md`` with its table made anew.

    Raises
    ------
    ValueError
        If the markers around the table are not there, or more than once.
    """
    text = document(name).read_text("utf-8")
    begin, end = f"<!-- {name}: made by docs/tables.py -->", f"<!-- /{name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"docs/{name}.md needs the markers {begin} and {end}, once each")
    before, _, rest = text.partition(begin)
    return f"{before}{begin}\n{TABLES[name]()}\n{end}{rest.partition(end)[2]}"


def document(name: str) -> Path:
    """The file that holds a table."""
    return DOCS / f"{name}.md"


def _allowed(info: Any) -> str:
    words = _words(info)
    if words:
        return ", ".join(f"`{word}`" for word in words)
    if info.annotation is bool:
        return "`True`, `False`"
    bounds = [
        f"{limit:,}" if isinstance(limit, int) else f"{limit:g}"
        for attribute in ("ge", "le")
        for constraint in info.metadata
        if (limit := getattr(constraint, attribute, None)) is not None
    ]
    unit = (info.json_schema_extra or {}).get("unit", "")
    return f"{' to '.join(bounds)} {unit}".strip() if bounds else ""


def _words(info: Any) -> list[str]:
    """The names that `nn_core.experiment.one_of` accepts for a field; none for another field."""
    constraints = list(info.metadata)
    for argument in getattr(info.annotation, "__args__", ()):  # an optional field
        constraints += getattr(argument, "__metadata__", ())
    for constraint in constraints:
        check = getattr(constraint, "func", None)
        if inspect.isfunction(check):
            return list(inspect.getclosurevars(check).nonlocals.get("words", ()))
    return []


def _epsilon_form(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id="epsilon_form")], value=ast.Constant(value=form)):
                return str(form)
    raise ValueError("the Model of a backend needs the attribute epsilon_form")


def _table(head: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |" for line in lines
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for name in TABLES:
        document(name).write_text(rewritten(name), encoding="utf-8")
