"""A script as a notebook: a cell for each piece."""

from __future__ import annotations

import nbformat
from nbformat import v4

from nn_core.exchange.programs import Script
from nn_core.exchange.programs.data import COMPANION
from nn_core.exchange.programs.source import spaced


def notebook(script: Script) -> str:
    """The notebook that computes what the script computes, as the text of an .ipynb file.

    Parameters
    ----------
    script : Script
        One that is not refused.

    Examples
    --------
    >>> from nn_core.experiment import Experiment
    >>> from nn_core.exchange.programs import script
    >>> text = notebook(script(Experiment(dataset="or"), "numpy_by_hand"))
    >>> [cell.cell_type for cell in nbformat.reads(text, as_version=4).cells][:3]
    ['code', 'markdown', 'code']
    """
    cells = []
    for piece in script.pieces:
        if piece.title:
            cells.append(v4.new_markdown_cell(f"## {piece.title}"))
        cells.append(v4.new_code_cell(spaced(piece.lines).rstrip()))
    if script.companion:
        note = f"Needs the file `{COMPANION}` in the folder of this notebook."
        cells.insert(0, v4.new_markdown_cell(note))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"  # nbformat draws random ids: each download would differ
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    return str(nbformat.writes(made)) + "\n"
