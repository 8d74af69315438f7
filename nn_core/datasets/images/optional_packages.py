"""Packages that only some image data sets need, imported on demand."""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType

from nn_core.errors import DataUnavailable


def is_installed(module: str) -> bool:
    """Whether a module can be found; this does not import it."""
    return importlib.util.find_spec(module) is not None


def imported(module: str, label: str) -> ModuleType:
    """Import a module, with advice for users if it is missing.

    Parameters
    ----------
    module : str
        Full name of the module.
    label : str
        Label of the data set that needs it, for the error message.

    Raises
    ------
    DataUnavailable
        If the import fails; the message names the package to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"sklearn.datasets": "scikit-learn"}.get(module, module)
        raise DataUnavailable(
            f"{label} cannot be read, because the package {package} does not import ({error}). "
            f"Install it with `pip install {package}`."
        ) from error
