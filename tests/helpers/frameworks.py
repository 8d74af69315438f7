"""Which frameworks the tests find, and which they must find."""

import os

import pytest

from nn_core import backends

FRAMEWORKS = {"autograd", "jax", "keras", "mxnet", "tensorflow", "torch"}
"""What takes long to import, or compiles."""

REQUIRED = set(filter(None, os.environ.get("BACKPROP_LIVE_REQUIRE_BACKENDS", "").split(",")))

BACKENDS = sorted(REQUIRED.union(backends.names()))
ELSEWHERE = [n for n in BACKENDS if backends.is_installed(n) and not backends.is_here(n)]
"""Backends with a Python of their own: `test_other_processes.py` runs their tests there."""

COMPILING = ("tensorflow", "keras")
"""Backends that compile for half a second a network; what asks for many is a slow test."""

compiling_ones_later = pytest.mark.parametrize(
    "backend",
    [pytest.param(name, marks=pytest.mark.slow) if name in COMPILING else name
     for name in BACKENDS if name not in ELSEWHERE],
    indirect=True,
)  # fmt: skip
"""Each backend in turn; those of `COMPILING` in slow tests."""


def installed(name: str, label: str) -> str:
    """`name`, if its framework is here; otherwise skip the test, or fail where it must be here."""
    if not backends.is_installed(name):
        missing = f"{label} is not installed"
        if name in REQUIRED:
            pytest.fail(missing)
        pytest.skip(missing)
    return name
