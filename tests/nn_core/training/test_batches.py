"""Batches: whatever is asked for, each epoch hands out each row once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_core.training.batches import Batches

sizes = st.integers(1, 40)
batch_sizes = st.none() | st.integers(1, 50)
# A positive number asks for so many steps, 0 for a single sample.
asked = st.lists(st.integers(0, 12), min_size=1, max_size=30)


def batches_of(n, batch_size, shuffle=True, seed=0):
    return Batches(n, batch_size, shuffle, np.random.default_rng(seed))


def taken(batches, request):
    return batches.take_sample() if request == 0 else batches.take(request)


@given(sizes, batch_sizes, st.booleans(), asked)
def test_each_epoch_hands_out_each_row_once(n, batch_size, shuffle, requests):
    batches = batches_of(n, batch_size, shuffle)
    rows = np.concatenate([taken(batches, request).ravel() for request in requests])
    assert rows.dtype == np.int64
    for start in range(0, len(rows) - n + 1, n):
        assert sorted(rows[start : start + n].tolist()) == list(range(n))
    rest = rows[len(rows) - len(rows) % n :].tolist()
    assert len(set(rest)) == len(rest)
    assert batches.rows_seen == len(rows)
    assert batches.epoch == len(rows) / n


@given(sizes, batch_sizes, st.booleans(), asked)
def test_the_pattern_of_requests_does_not_change_the_order(n, batch_size, shuffle, requests):
    in_parts = batches_of(n, batch_size, shuffle)
    rows = np.concatenate([taken(in_parts, request).ravel() for request in requests])
    one_by_one = batches_of(n, batch_size, shuffle)
    expected = [one_by_one.take_sample()[0, 0] for _ in rows]
    assert rows.tolist() == expected


@given(sizes, batch_sizes, st.booleans(), asked, st.integers(0, 200), st.integers(1, 12))
def test_seeking_a_place_is_as_good_as_taking_the_rows_before_it(
    n, batch_size, shuffle, requests, rows, then
):
    one_by_one = batches_of(n, batch_size, shuffle)
    for _ in range(rows):
        one_by_one.take_sample()
    sought = batches_of(n, batch_size, shuffle)
    for request in requests:  # wherever it was before
        taken(sought, request)
    sought.seek(rows)
    assert sought.rows_seen == rows
    for _ in range(3):
        assert sought.take(then).tolist() == one_by_one.take(then).tolist()


@pytest.mark.parametrize("rows", [10 * 400, 10 * 400 + 3])
def test_many_epochs_are_skipped_in_pieces(rows, monkeypatch):
    monkeypatch.setattr("nn_core.training.batches.SKIPPED_ROWS", 70)
    one_by_one = batches_of(10, 3)
    while one_by_one.rows_seen < rows:
        one_by_one.take_sample()
    sought = batches_of(10, 3)
    sought.seek(rows)
    assert sought.take(1).tolist() == one_by_one.take(1).tolist()


@given(sizes, batch_sizes, asked)
def test_a_batch_is_never_larger_than_asked_nor_crosses_an_epoch(n, batch_size, requests):
    batches = batches_of(n, batch_size)
    size = min(batch_size or n, n)
    for request in requests:
        before = batches.rows_seen
        left = batches.rows_left_in_epoch
        assert left == n - before % n
        chunk = taken(batches, request)
        assert 1 <= chunk.shape[0] <= max(request, 1)
        assert chunk.shape[1] == (1 if request == 0 else min(size, left))
        # Every batch lies within one epoch.
        for first in range(before, batches.rows_seen, chunk.shape[1]):
            assert first // n == (first + chunk.shape[1] - 1) // n


@given(sizes, batch_sizes)
def test_an_epoch_has_as_many_steps_as_it_says(n, batch_size):
    batches = batches_of(n, batch_size)
    steps = 0
    while batches.rows_seen < n:
        steps += len(batches.take(1))
    assert steps == batches.steps_per_epoch
    assert batches.rows_seen == n


def test_the_short_batch_comes_last_and_alone():
    batches = batches_of(10, 4)
    assert [batches.take(5).shape for _ in range(4)] == [(2, 4), (1, 2), (2, 4), (1, 2)]


def test_batches_that_divide_the_rows_run_on_across_epochs():
    assert batches_of(8, 4).take(5).shape == (5, 4)


def test_the_full_batch_keeps_the_rows_in_order():
    assert batches_of(4, None).take(2).tolist() == [[0, 1, 2, 3], [0, 1, 2, 3]]
    assert batches_of(4, 100).take(1).tolist() == [[0, 1, 2, 3]]


def test_without_shuffling_every_epoch_has_the_order_of_the_rows():
    assert batches_of(4, 2, shuffle=False).take(4).tolist() == [[0, 1], [2, 3], [0, 1], [2, 3]]


def test_shuffled_epochs_have_orders_of_their_own_that_the_seed_decides():
    first = batches_of(100, 100 // 4, seed=1).take(8).reshape(2, 100)
    assert first[0].tolist() != first[1].tolist()
    again = batches_of(100, 25, seed=1).take(8).reshape(2, 100)
    np.testing.assert_array_equal(first, again)
    other = batches_of(100, 25, seed=2).take(8).reshape(2, 100)
    assert first[0].tolist() != other[0].tolist()


@pytest.mark.parametrize("row", range(5))
def test_no_place_in_an_epoch_prefers_a_row(row):
    orders = batches_of(5, 1).take(5 * 4000).reshape(4000, 5)
    counts = (orders == row).sum(axis=0)
    # 4000 draws of chance 1/5 deviate by √(4000 · 0.2 · 0.8) = 25; five times that is 127.
    assert abs(counts - 800).max() < 127
