"""What is kept of a run is bounded, and loses no spike."""

import dataclasses
import gc
import weakref

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nn_core.events import Snapshot
from nn_core.runs import history as histories
from nn_core.runs.binned_curve import BinnedCurve
from nn_core.runs.history import MOST_MEASUREMENTS, MOST_SNAPSHOT_BYTES, MOST_SNAPSHOTS, History

values = st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=300)


def _snapshot(step, n=1):
    return Snapshot(step, float(step), [(np.zeros((n, 1)), None)], np.zeros((1, 1)))


@given(values, st.lists(st.integers(1, 20), min_size=1, max_size=50))
def test_a_curve_keeps_the_extremes_of_every_bin_however_it_is_fed(numbers, pieces):
    curve = BinnedCurve(most_bins=8)
    start = 0
    while start < len(numbers):
        size = pieces[start % len(pieces)]
        curve.extend(np.array(numbers[start : start + size]))
        start += size
    envelope = curve.envelope()
    assert len(envelope.steps) <= 8
    for i, step in enumerate(envelope.steps):
        chunk = numbers[step : step + curve.width]
        assert (envelope.low[i], envelope.high[i]) == (min(chunk), max(chunk))
    assert curve.count == len(numbers)
    assert curve.last == numbers[-1]


def test_a_short_curve_is_kept_step_by_step():
    curve = BinnedCurve()
    curve.extend(np.array([3.0, 1.0, 2.0]))
    assert curve.envelope().low.tolist() == curve.envelope().high.tolist() == [3.0, 1.0, 2.0]


def test_a_single_spike_in_a_million_steps_stays_visible():
    curve = BinnedCurve()
    losses = np.full(1_000_000, 0.1)
    losses[765_432] = 99.0
    for chunk in np.array_split(losses, 1000):
        curve.extend(chunk)
    assert curve.envelope(200).high.max() == 99.0
    assert len(curve.envelope(200).steps) <= 200


def test_snapshots_stay_within_their_number_and_are_spread_over_all_powers_of_ten():
    history = History()
    for step in range(0, 200_000, 13):
        history.add_snapshot(_snapshot(step))
    steps = [snapshot.step for snapshot in history.snapshots]
    assert len(steps) <= MOST_SNAPSHOTS
    assert steps[0] == 0
    assert steps[-1] == 199_992
    assert steps == sorted(set(steps))
    for decade in (100, 1_000, 10_000):
        assert sum(decade <= step < 10 * decade for step in steps) > 20


def test_snapshots_of_a_large_network_stay_within_their_memory():
    history = History()
    for step in range(100):
        history.add_snapshot(_snapshot(step, n=200_000))
    assert sum(s.params[0][0].nbytes for s in history.snapshots) <= MOST_SNAPSHOT_BYTES
    assert history.snapshots[-1].step == 99


def test_a_snapshot_of_a_step_that_is_known_replaces_it():
    history = History()
    history.add_snapshot(_snapshot(5))
    newer = _snapshot(5)
    history.add_snapshot(newer)
    assert history.snapshots == [newer]


def test_a_snapshot_that_is_not_to_be_kept_is_replaced_by_the_next():
    history = History()
    for step in range(6):
        history.add_snapshot(dataclasses.replace(_snapshot(step), is_kept=step % 3 == 0))
    assert history.kept_steps == [0, 3, 5]


def test_a_run_has_less_memory_for_snapshots_while_others_have_much_but_never_too_little(
    monkeypatch,
):
    size = _snapshot(0, n=1000).nbytes
    monkeypatch.setattr(histories, "_histories", weakref.WeakSet())
    monkeypatch.setattr(histories, "MOST_SNAPSHOT_BYTES", 20 * size)
    monkeypatch.setattr(histories, "SHARED_SNAPSHOT_BYTES", 30 * size)
    monkeypatch.setattr(histories, "LEAST_SNAPSHOT_BYTES", 6 * size)
    kept = []
    runs = [History() for _ in range(3)]
    for run in runs:
        for step in range(50):
            run.add_snapshot(_snapshot(step, n=1000))
        kept.append(len(run.snapshots))
    assert kept == [20, 10, 6]
    del runs, run
    gc.collect()
    alone = History()
    for step in range(50):
        alone.add_snapshot(_snapshot(step, n=1000))
    assert len(alone.snapshots) == 20


def test_memory_of_moments_that_are_let_go_is_free_again_at_once(monkeypatch):
    size = _snapshot(0, n=1000).nbytes
    monkeypatch.setattr(histories, "_histories", weakref.WeakSet())
    monkeypatch.setattr(histories, "MOST_SNAPSHOT_BYTES", 20 * size)
    monkeypatch.setattr(histories, "SHARED_SNAPSHOT_BYTES", 24 * size)
    monkeypatch.setattr(histories, "LEAST_SNAPSHOT_BYTES", 4 * size)
    large, small = History(), History()
    for step in range(50):
        large.add_snapshot(_snapshot(step, n=1000))
    assert large.nbytes == sum(it.nbytes for it in large.snapshots) == 20 * size
    large.keep_at_most(2)
    assert large.kept_steps == [0, 49]
    assert large.nbytes == sum(it.nbytes for it in large.snapshots) == 2 * size
    for step in range(50):
        small.add_snapshot(_snapshot(step, n=1000))
    assert len(small.snapshots) == 20
    large.add_snapshot(_snapshot(50, n=1000))
    assert large.kept_steps == [0, 50]


def test_memory_is_counted_as_it_is_held_also_where_moments_differ_in_size():
    history = History()
    history.add_snapshot(_snapshot(0, n=1000))
    history.add_snapshot(dataclasses.replace(_snapshot(1), is_kept=False))
    assert history.nbytes == _snapshot(0, n=1000).nbytes + _snapshot(1).nbytes


@given(values, st.data())
def test_the_beginning_of_a_curve_is_what_it_was_then(numbers, data):
    count = data.draw(st.integers(0, len(numbers)))
    whole, beginning = BinnedCurve(most_bins=8), BinnedCurve(most_bins=8)
    whole.extend(np.array(numbers))
    beginning.extend(np.array(numbers[:count]))
    copy = whole.up_to(count, np.array(numbers))
    for ours, theirs in zip(copy.envelope(), beginning.envelope(), strict=True):
        assert ours.tolist() == theirs.tolist()
    assert copy.count == count
    # Where the values are no longer known one by one, the bins are: at most one reaches further.
    unknown = whole.up_to(count, np.empty(0))
    assert unknown.count == count
    assert len(unknown.envelope().steps) == -(-count // whole.width)
    unknown.extend(np.array(numbers[count:]))
    assert unknown.envelope().high.tolist() == whole.envelope().high.tolist()


WHOLE = {"train_loss": 1.0, "test_loss": 2.0, "test_accuracy_sample": 0.5}


def test_each_metric_is_the_newest_of_its_kind_however_many_samples_came_since():
    history = History()
    history.add_measurement(1, 0.1, WHOLE)
    for step in range(2, 9):
        history.add_measurement(step, 0.1 * step, {"test_accuracy_sample": step / 10})
    assert history.metrics_at(8) == {**WHOLE, "test_accuracy_sample": 0.8}
    assert history.metrics_at(3) == {**WHOLE, "test_accuracy_sample": 0.3}
    assert history.metrics_at(0) == {}


def test_what_is_measured_twice_at_one_step_is_kept_together():
    history = History()
    history.add_measurement(5, 0.5, {"train_loss": 1.0})
    history.add_measurement(5, 0.5, {"train_loss": 9.0, "test_accuracy_sample": 0.5})
    assert [m.metrics for m in history.measurements] == [
        {"train_loss": 1.0, "test_accuracy_sample": 0.5}
    ]


def test_samples_are_thinned_before_what_was_measured_on_all_rows():
    history = History()
    for step in range(3 * MOST_MEASUREMENTS):
        sample = {"test_accuracy_sample": 0.5}
        history.add_measurement(step, step / 10, sample if step % 10 else WHOLE)
    kept = history.measurements
    assert len(kept) <= MOST_MEASUREMENTS
    steps = [m.step for m in kept if "train_loss" in m.metrics]
    assert steps == list(range(0, 3 * MOST_MEASUREMENTS, 10))
