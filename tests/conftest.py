"""What the tests share."""

import atexit
import contextlib
import gc
import os
import shutil
import tempfile
import time

import psutil
import pytest

from nn_core import autodiff, backends
from tests.helpers.frameworks import BACKENDS, ELSEWHERE, installed
from tests.helpers.order import longest_first
from tests.helpers.quick import is_quick, may_be_quick

# Before anything is trained: no test writes into the history of whoever runs it.
os.environ["BACKPROP_LIVE_HOME"] = tempfile.mkdtemp(prefix="backprop-live-tests-")
atexit.register(shutil.rmtree, os.environ["BACKPROP_LIVE_HOME"], ignore_errors=True)


def pytest_configure(config):
    # pytest-xdist would take the files with the most tests first, however short these are.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_ignore_collect(collection_path, config):
    """Leave out of the quick selection what has no quick test, before it is imported."""
    if config.option.markexpr == "quick" and collection_path.suffix == ".py":
        return None if may_be_quick(collection_path) else True
    return None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    for item in items:
        if is_quick(item):
            item.add_marker("quick")
    yield  # marks are looked for, and tests left out
    if hasattr(config, "workerinput"):  # one of several processes
        longest_first(items)


@pytest.fixture(params=[name for name in BACKENDS if name not in ELSEWHERE])
def backend(request) -> str:
    """The name of each backend in turn; the test is skipped where its framework is absent."""
    return installed(request.param, backends.label(request.param))


@pytest.fixture(params=autodiff.names())
def framework(request) -> str:
    """The name of each framework that finds gradients; skipped where it is absent."""
    return installed(request.param, autodiff.label(request.param))


class Clock:
    """Seconds that the test moves."""

    def __init__(self):
        self.offset = 0.0

    def __call__(self):
        return time.monotonic() + self.offset


@pytest.fixture
def clock() -> Clock:
    """The clock of the test's pool."""
    return Clock()


@pytest.fixture(autouse=True, scope="module")
def frameworks_are_no_rubbish():
    """Spare what is imported by now from every search for rubbish.

    Streamlit collects garbage after each run of a script. With four frameworks in one process that
    is a second each time, and the app itself never has one of them in its process.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_worker_is_left_behind():
    """Whatever a test starts, it ends."""
    yield
    deadline = time.monotonic() + 5
    while workers := _workers():
        if time.monotonic() > deadline:
            for worker in workers:
                worker.kill()
            pytest.fail(f"{len(workers)} worker processes are left behind")
        time.sleep(0.02)


def _workers() -> list[psutil.Process]:
    """Worker processes that this test process started and that have not ended."""
    found = []
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.Error):
            if (
                "nn_core.runs.workers.worker" in child.cmdline()
                and child.status() != psutil.STATUS_ZOMBIE
            ):
                found.append(child)
    return found
