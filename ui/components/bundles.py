"""The scripts of the components, as the browser gets them.

The sources beside the components are ES modules. ``npm run bundle`` joins each component's modules
into one script, since Streamlit takes a component's code as one text. The bundles are part of the
repository, so that the app runs without Node.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets" / "bundles"


def bundle(name: str) -> str:
    """The script of a component, an ES module whose default export Streamlit calls.

    Parameters
    ----------
    name : str
        Name of the component; see ``scripts/bundle_javascript.js``.

    Raises
    ------
    FileNotFoundError
        If there is no bundle of this name.
    """
    return (FOLDER / f"{name}.js").read_text(encoding="utf-8")
