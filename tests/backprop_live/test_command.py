"""The console command starts the app from any folder, with the settings of the project."""

import json
import os
import subprocess
import sys
import tomllib

import pytest

import backprop_live
from tests.helpers.root import ROOT

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))

WITHOUT_SERVING = """
import json, sys
from streamlit import config
from streamlit.web import bootstrap

def tell(*arguments, **named):
    print(json.dumps({name: config.get_option(name) for name in json.loads(sys.argv.pop())}))

bootstrap.run = bootstrap.run_asgi_app = tell
from backprop_live.__main__ import main
main(sys.argv[1:-1])
"""


def command(folder, *arguments, code=("-m", "backprop_live")):
    return subprocess.run(
        [sys.executable, *code, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def named(settings: dict, prefix: str = "") -> dict:
    """The settings of a TOML file as Streamlit names them: ``theme.light.primaryColor``."""
    found = {}
    for name, value in settings.items():
        if isinstance(value, dict):
            found |= named(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def test_the_settings_of_the_project_hold_in_any_folder_and_options_are_passed_on(tmp_path):
    expected = named(SETTINGS)
    asked = json.dumps([*expected, "server.port"])
    options = ("--server.port", "8613", "--server.headless=true")
    done = command(tmp_path, *options, asked, code=("-c", WITHOUT_SERVING))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == expected | {"server.port": 8613}


def test_the_version_is_that_of_the_package(tmp_path):
    done = command(tmp_path, "--version")
    assert done.stdout == f"backprop-live {backprop_live.__version__}\n"


def test_the_help_names_the_options(tmp_path):
    done = command(tmp_path, "--help")
    assert done.returncode == 0
    for option in ("--help", "--version", "--server.port"):
        assert option in done.stdout


@pytest.mark.parametrize("wrong", ["--server.prt=1", "--no-such-option"])
def test_an_unknown_option_is_refused(tmp_path, wrong):
    done = command(tmp_path, wrong)
    assert done.returncode == 2
    assert "No such option" in done.stderr
