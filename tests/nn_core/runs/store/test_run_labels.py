"""Ticked runs: the number of each, and the few words that set it apart from the others."""

import pytest

from nn_core import Experiment
from nn_core.runs.store import ListedRun
from nn_core.runs.store.run_labels import LONGEST, MOST_CURVES, drawn, full_label, short_labels


def line(run_id="", *, name="", title="XOR 2-3-1 · Adam 0.1 · seed 0", pinned=False):
    empty = dict.fromkeys(ListedRun._fields, "")
    return ListedRun(**{**empty, "id": run_id, "name": name, "title": title, "pinned": pinned})


def labels(*experiments, names=()):
    names = [*names, *[""] * (len(experiments) - len(names))]
    return short_labels([line(name=name) for name in names], experiments)


def test_ten_runs_that_differ_in_the_seed_are_called_by_it():
    found = labels(*(Experiment(seed=seed) for seed in range(10)))
    assert found == [f"{seed + 1} seed {seed}" for seed in range(10)]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"optimizer": "sgd", "learning_rate": 0.5}, ["Adam, η 0.1", "SGD, η 0.5"]),
        ({"hidden": (4, 2)}, ["hidden 3", "hidden 4-2"]),
        ({"hidden": ()}, ["hidden 3", "hidden none"]),
        ({"batch_size": 2}, ["full batch", "batch 2"]),
        ({"bias": False}, ["bias on", "bias off"]),
        ({"dataset": "and"}, ["XOR", "AND"]),
    ],
)
def test_a_number_is_said_with_its_setting_and_a_word_without(changes, words):
    one = Experiment()
    assert labels(one, one.replace(**changes)) == [f"1 {words[0]}", f"2 {words[1]}"]


def test_what_no_setting_sets_apart_has_its_number():
    assert labels(Experiment(), Experiment()) == [
        "1 XOR 2-3-1 · Adam 0.1 · seed 0",
        "2 XOR 2-3-1 · Adam 0.1 · seed 0",
    ]
    assert labels(Experiment(seed=4), names=["mine"]) == ["1 mine"]


def test_a_name_of_ones_own_comes_before_the_settings_and_what_cannot_be_read_has_its_title():
    found = labels(
        Experiment(seed=1), None, Experiment(seed=2), Experiment(seed=3), names=["", "", "best"]
    )
    assert found == ["1 seed 1", "2 XOR 2-3-1 · Adam 0.1 · seed 0", "3 best", "4 seed 3"]
    assert labels(None) == ["1 XOR 2-3-1 · Adam 0.1 · seed 0"]


def test_a_label_is_short_whatever_differs():
    other = Experiment(hidden=(500,) * 5, activation="leaky_relu", optimizer="momentum", seed=2**30)
    for label in labels(Experiment(), other, Experiment(), names=["", "", "n" * 200]):
        assert len(label) <= LONGEST


def test_the_pinned_run_is_number_one_and_ten_are_drawn():
    lines = [line(str(i), pinned=i == 12) for i in range(15)]
    found = drawn(lines)
    assert [one.id for one in found] == ["12", *map(str, range(MOST_CURVES - 1))]
    assert full_label(1, found[0]) == "1 XOR 2-3-1 · Adam 0.1 · seed 0"
