"""Which frameworks the tests must find."""

import os

import pytest

from nn_core import backends

REQUIRED = set(filter(None, os.environ.get("BACKPROP_LIVE_REQUIRE_BACKENDS", "").split(",")))


def installed(name: str, label: str) -> str:
    """`name`, if its framework is here; otherwise skip the test, or fail where it must be here."""
    if not backends.is_installed(name):
        missing = f"{label} is not installed"
        if name in REQUIRED:
            pytest.fail(missing)
        pytest.skip(missing)
    return name
