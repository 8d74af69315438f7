"""The console command ``backprop-live``: start the app from any folder.

``python -m backprop_live`` does the same. Streamlit reads the settings from the folder
``.streamlit`` beside `app.py`, whatever the working directory is, so there is only one file.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from backprop_live import __version__

HERE = Path(__file__).resolve().parent
APP = next(folder / "app.py" for folder in (HERE, HERE.parent) if (folder / "app.py").is_file())
"""The app: in this folder if installed from a wheel, one folder up in a source checkout."""

EPILOG = """\
Every option of `streamlit run` can be given, for example:

  backprop-live --server.port 8600        another port than 8501
  backprop-live --server.address 0.0.0.0  let other machines in
  backprop-live --server.headless true    open no browser

`streamlit run --help` lists them all.
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Start the app and serve it until it is interrupted.

    Parameters
    ----------
    arguments : sequence of str, optional
        Options of ``streamlit run``, or ``--help`` or ``--version``; by default the arguments of
        the command line.

    Raises
    ------
    SystemExit
        At the end, with code 0; with code 2 if an option is not one of Streamlit's.
    """
    parser = argparse.ArgumentParser(
        prog="backprop-live",
        usage="%(prog)s [-h] [--version] [option of streamlit run ...]",
        description="Train small neural networks live, in the browser.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"backprop-live {__version__}")
    _, options = parser.parse_known_args(arguments)

    from streamlit.web import cli  # the import takes a second, which --help does not need

    cli.main(["run", str(APP), *options], prog_name="streamlit")


if __name__ == "__main__":
    main()
