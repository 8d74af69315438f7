"""Packages that only some images need, imported when they are asked for."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from nn_core.errors import DataUnavailable


def is_installed(module: str) -> bool:
    """Whether a module can be found; it is not imported."""
    return importlib.util.find_spec(module) is not None


def imported(module: str, label: str) -> ModuleType:
    """A module.

    Parameters
    ----------
    module : str
        Its full name.
    label : str
        The data that cannot be read without it, as the screen calls them.

    Raises
    ------
    DataUnavailable
        If it does not import; the message names the package to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"sklearn.datasets": "scikit-learn"}.get(module, module)
        raise DataUnavailable(
            f"{label} cannot be read, because the package {package} does not import ({error}). "
            f"Install it with `pip install {package}`."
        ) from error
