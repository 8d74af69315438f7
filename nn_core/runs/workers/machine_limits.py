"""The memory and processor cores that the app may use, also inside a container.

A container reports the whole machine but limits a process to its control group. The system kills a
process that exceeds the memory limit; more threads than the share of the processors only wait.

References
----------
.. [1] The Linux kernel, "Control Group v2", sections "CPU Interface Files" and "Memory
   Interface Files"; "Memory Resource Controller" for version 1.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterator
from pathlib import Path

import psutil

GROUPS = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")


def megabytes(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> float:
    """Limit of the memory of all processes of the app together, in MB of 2²⁰ bytes.

    Parameters
    ----------
    groups : Path
        Where the control groups are mounted, of version 2 or 1.
    membership : Path
        File that lists the control groups of this process.
    """
    limits = [psutil.virtual_memory().total]
    for folder in _folders("memory", groups, membership):
        # "max" stands for none in version 2; version 1 has a number larger than any machine.
        limits += _numbers(folder / "memory.max")[:1]
        limits += _numbers(folder / "memory.limit_in_bytes")[:1]
    return float(min(limits)) / 2**20


def cores(groups: Path = GROUPS, membership: Path = MEMBERSHIP) -> int:
    """Processor cores that the app may use: at least one; fractions are rounded up.

    Parameters
    ----------
    groups, membership : Path
        See `megabytes`.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    shares = [float(allowed or 1)]
    for folder in _folders("cpu", groups, membership):
        quotas = (
            _numbers(folder / "cpu.max"),
            _numbers(folder / "cpu.cfs_quota_us") + _numbers(folder / "cpu.cfs_period_us"),
        )
        # In version 1, a quota of -1 stands for none.
        shares += [found[0] / found[1] for found in quotas if len(found) == 2 and min(found) > 0]
    return max(1, math.ceil(min(shares)))


def _folders(controller: str, groups: Path, membership: Path) -> Iterator[Path]:
    """The folders of this process's control group and of its parents."""
    lines = []
    with contextlib.suppress(OSError):
        lines = membership.read_text("utf-8", "surrogateescape").splitlines()
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers == "":
            root = groups
        elif controller in controllers.split(","):
            root = groups / controller
        else:
            continue
        # In a container the path may be that of the host; its own group is then mounted.
        folder = root / path.strip("/")
        yield from (each for each in (folder, *folder.parents) if each.is_relative_to(root))


def _numbers(file: Path) -> list[int]:
    """The whole numbers in a file of one line; empty where there is no file, or no limit."""
    try:
        return [int(word) for word in file.read_text("ascii").split()]
    except (OSError, ValueError):
        return []
