"""What a container gives is found in the files of its control group, written here by hand."""

import os

import psutil
import pytest

from nn_core.runs.workers import machine_limits
from nn_core.runs.workers.pool import Pool

WHOLE = psutil.virtual_memory().total / 2**20
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.fixture
def group(tmp_path):
    """Write the files of a control group; return what `machine` takes."""

    def write(membership, **files):
        (tmp_path / "membership").write_text(membership)
        for name, text in files.items():
            path = tmp_path / "groups" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text + "\n")
        return tmp_path / "groups", tmp_path / "membership"

    return write


def test_without_a_limit_the_whole_machine_counts(group):
    without = group("0::/\n", **{"memory.max": "max", "cpu.max": "max 100000"})
    assert machine_limits.megabytes(*without) == WHOLE
    assert machine_limits.cores(*without) == CORES


def test_without_control_groups_the_whole_machine_counts(tmp_path):
    nowhere = tmp_path / "groups", tmp_path / "membership"
    assert machine_limits.megabytes(*nowhere) == WHOLE
    assert machine_limits.cores(*nowhere) == CORES


def test_a_group_may_have_any_name_that_a_folder_has_and_what_makes_no_sense_is_no_limit(group):
    groups, membership = group("", **{"memory.max": str(900 * 2**20), "cpu.max": "50000 0"})
    membership.write_bytes(b"0::/caf\xe9\n")
    assert machine_limits.megabytes(groups, membership) == 900
    assert machine_limits.cores(groups, membership) == CORES


def test_the_tightest_of_the_groups_that_lie_in_each_other_counts(group):
    nested = group(
        "0::/apps/one\n",
        **{
            "memory.max": "max",
            "apps/memory.max": str(1000 * 2**20),
            "apps/one/memory.max": str(3000 * 2**20),
            "apps/one/cpu.max": "50000 100000",
        },
    )
    assert machine_limits.megabytes(*nested) == 1000
    assert machine_limits.cores(*nested) == 1


def test_version_1_has_a_folder_for_each_controller(group):
    first = group(
        "4:memory:/app\n2:cpu,cpuacct:/app\n0::/\n",
        **{
            "memory/app/memory.limit_in_bytes": str(700 * 2**20),
            "memory/memory.limit_in_bytes": "9223372036854771712",
            "cpu/app/cpu.cfs_quota_us": "100000",
            "cpu/app/cpu.cfs_period_us": "100000",
            "cpu/cpu.cfs_quota_us": "-1",
            "cpu/cpu.cfs_period_us": "100000",
        },
    )
    assert machine_limits.megabytes(*first) == 700
    assert machine_limits.cores(*first) == 1


def test_a_path_of_the_host_leads_to_the_group_that_is_mounted(group):
    host = group("0::/docker/4f5a\n", **{"memory.max": str(800 * 2**20)})
    assert machine_limits.megabytes(*host) == 800


def test_a_pool_keeps_within_what_the_container_gives(monkeypatch):
    monkeypatch.setattr(machine_limits, "megabytes", lambda: 1000.0)
    monkeypatch.setattr(machine_limits, "cores", lambda: 3)
    pool = Pool()
    try:
        assert (pool.slots, pool.megabytes) == (3, 600.0)
        assert pool.has_room_for(["numpy"] * 5)
        assert not pool.has_room_for(["tensorflow"])
    finally:
        pool.close()
