"""Give MXNet an interpreter of its own: ``python scripts/install_mxnet.py``.

MXNet 1.9.1 and the other frameworks want different versions of NumPy. This makes the virtual
environment `.venv-mxnet` beside the project, installs `requirements-mxnet.txt` into it, and tries
whether MXNet can be imported there. The app finds it without a restart. ``--tests`` installs
what the tests need, too. Running it again repairs or updates the environment.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv-mxnet"
PYTHON = FOLDER / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
FOR_TESTS = ["pytest>=9,<10", "psutil>=6,<8", "ipykernel>=6.29,<8"]
TRY = "from nn_core import backends; print(backends.load('mxnet').Model.framework)"


def main() -> None:
    """Make the environment, fill it, and try it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--tests", action="store_true", help="install what the tests need, too")
    more = FOR_TESTS if parser.parse_args().tests else []

    base = python_3_11()
    if base is None:
        sys.exit(
            "MXNet 1.9.1 needs Python 3.11, and there is none on this machine's PATH (this is "
            f"Python {sys.version_info[0]}.{sys.version_info[1]}). Install Python 3.11, from "
            "python.org or with your system's packages, and run this script again with it: "
            "python3.11 scripts/install_mxnet.py. The other backends work without it."
        )
    print(f"Making {FOLDER.name} with Python 3.11 ...")
    run(base, "-m", "venv", FOLDER)
    print("Installing requirements-mxnet.txt: about 100 MB ...")
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*pip, "-r", ROOT / "requirements-mxnet.txt", *more)
    print("Importing MXNet ...")
    run(PYTHON, "-c", TRY)
    print(f"Done. Choose MXNet in the app. To remove it again, delete {FOLDER.name}.")


def python_3_11() -> str | None:
    """A Python 3.11: this one, or one on the path."""
    return sys.executable if sys.version_info[:2] == (3, 11) else shutil.which("python3.11")


def run(*command: str | Path) -> None:
    """Run a command in the project's folder, and end with a sentence if it fails."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit(
            f"This failed: {' '.join(map(str, command))}\nThe lines above say why. "
            f"Without an internet connection nothing can be installed; otherwise delete "
            f"{FOLDER.name} and run this script again."
        )


if __name__ == "__main__":
    main()
