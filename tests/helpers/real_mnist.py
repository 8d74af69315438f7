"""Where the MNIST files for the tests are."""

import os
from pathlib import Path

import pytest

from tests.helpers.root import ROOT

CANDIDATES = (os.environ.get("BACKPROP_LIVE_DATA"), ROOT.parent / "shared/data")
REAL = next((Path(c) for c in CANDIDATES if c and (Path(c) / "mnist").is_dir()), None)


def real_mnist() -> Path:
    """The folder; the test is skipped where there is none, or fails where it must not be."""
    if REAL is None:
        missing = "MNIST is on this machine neither in BACKPROP_LIVE_DATA nor in ../shared/data"
        if os.environ.get("BACKPROP_LIVE_REQUIRE_MNIST"):
            pytest.fail(missing)
        pytest.skip(missing)
    return REAL
