"""Histograms count every weight once."""

import numpy as np
import pytest

from nn_core.charts.histograms_chart import (
    CELL,
    MOST_COLUMNS,
    NOW,
    count_in_bins,
    now_table,
    over_time_table,
    sampled_moments,
)

rng = np.random.default_rng(0)


def test_the_counts_of_each_moment_add_up_to_the_number_of_its_weights():
    moments = [rng.normal(size=(7, 5)) * scale for scale in (1, 10, 0.001)]
    counted = count_in_bins(moments)
    assert counted.counts.sum(axis=1).tolist() == [35, 35, 35]
    assert counted.edges[0] == min(moment.min() for moment in moments)
    assert counted.edges[-1] == max(moment.max() for moment in moments)


def test_each_value_is_counted_in_the_bin_that_holds_it():
    counted = count_in_bins([np.array([0.0, 0.1, 0.25, 0.5, 1.0])], bins=4)
    assert counted.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert counted.counts.tolist() == [[2, 1, 1, 1]]


@pytest.mark.parametrize("value", [0.0, 3.0, -1e-8])
def test_a_single_value_has_a_bin_too(value):
    counted = count_in_bins([np.full(6, value)])
    assert counted.counts.sum() == 6
    assert counted.edges[0] < value < counted.edges[-1]


def test_what_is_not_finite_is_left_out():
    counted = count_in_bins([np.array([np.nan, 1.0, np.inf]), np.array([np.nan])])
    assert counted.counts.sum(axis=1).tolist() == [1, 0]


@pytest.mark.parametrize("log", [True, False])
def test_cells_reach_from_each_moment_to_the_next_and_hold_shares(log):
    counted = count_in_bins([np.array([0.0, 1.0]), np.array([0.0, 0.0])], bins=2)
    rows = over_time_table([0, 8], counted, 8, log).to_pylist()
    cells = [row for row in rows if row["part"] == CELL]
    assert [(r["first"], r["next"] > 8, r["count"], r["share"]) for r in cells] == [
        (0, False, 1, 0.5),
        (0, False, 1, 0.5),
        (8, True, 2, 1.0),
    ]
    assert cells[0]["step"] == (0.5 if log else 0)
    assert [row["step"] for row in rows if row["part"] == NOW] == [8]


def test_the_bars_show_every_bin():
    table = now_table(np.array([0.0, 1.0, 2.0]), np.array([3, 0]))
    assert table.to_pylist() == [
        {"low": 0, "high": 1, "count": 3},
        {"low": 1, "high": 2, "count": 0},
    ]


def test_few_moments_are_all_drawn_and_of_many_the_first_and_last():
    assert sampled_moments(5).tolist() == [0, 1, 2, 3, 4]
    assert len(sampled_moments(300)) == MOST_COLUMNS
    assert sampled_moments(300)[[0, -1]].tolist() == [0, 299]
