"""Dropout: whose masks these are, and where they act."""

import numpy as np
import pytest

from nn_core import Experiment
from nn_core.networks.dropout import MOST_BYTES, Dropout
from nn_core.training.trainer import Trainer

STEPS, ROWS = 200, 50
EXPERIMENT = Experiment(hidden=(20, 7), dropout=0.3, seed=3)


def masks_of(experiment=EXPERIMENT, first_step=0, steps=STEPS, rows=ROWS, batch_size=ROWS):
    return Dropout(experiment, batch_size).masks(first_step, steps, rows)


def same(masks, others):
    return all(np.array_equal(a, b) for a, b in zip(masks, others, strict=True))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_the_share_of_units_is_dropped_and_the_others_are_scaled_up(share):
    for mask in masks_of(EXPERIMENT.replace(dropout=share)):
        silent = mask == 0
        # Five standard deviations of a share of so many draws.
        assert abs(silent.mean() - share) < 5 * np.sqrt(share * (1 - share) / mask.size)
        assert (mask[~silent] == np.float32(1 / (1 - share))).all()
        assert mask.mean() == pytest.approx(1, abs=0.05 / (1 - share))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_masks_have_the_shape_and_the_dtype_of_the_activations(dtype):
    masks = masks_of(EXPERIMENT.replace(dtype=dtype))
    assert [mask.shape for mask in masks] == [(200, 50, 20), (200, 50, 7)]
    assert all(mask.dtype == dtype for mask in masks)


def test_units_are_dropped_independently_in_steps_rows_and_layers():
    first, second = (mask == 0 for mask in masks_of())
    neighbours = [
        (first[1:], first[:-1]),
        (first[:, 1:], first[:, :-1]),
        (first[:, :, 1:], first[:, :, :-1]),
        (first[:, :, :7], second),
    ]
    for one, other in neighbours:
        both = (one & other).mean()
        assert both == pytest.approx(0.3 * 0.3, abs=5 * np.sqrt(0.09 * 0.91 / one.size))


def test_the_masks_of_a_step_do_not_depend_on_how_steps_are_cut_into_calls():
    whole = masks_of()
    for length in (1, 7, 50):
        parts = [
            masks_of(first_step=start, steps=min(length, STEPS - start))
            for start in range(0, STEPS, length)
        ]
        assert same(whole, [np.concatenate(layer) for layer in zip(*parts, strict=True)])


def test_a_shorter_batch_has_the_masks_of_the_first_rows():
    whole, short = masks_of(first_step=9, steps=1), masks_of(first_step=9, steps=1, rows=3)
    assert same([mask[:, :3] for mask in whole], short)


def test_another_seed_has_other_masks_and_another_backend_the_same():
    assert same(masks_of(), masks_of(EXPERIMENT.replace(backend="torch")))
    assert not same(masks_of(), masks_of(EXPERIMENT.replace(seed=4)))


def test_the_generator_is_the_published_one():
    # Philox 4x64-10, the first known answer of Random123's kat_vectors: key and counter of zeros.
    # NumPy counts up before it draws, so it is told the number before: 2**256 - 1.
    ones = 2**64 - 1
    drawn = np.random.Philox(key=[0, 0], counter=[ones, ones, ones, ones]).random_raw(4)
    assert [f"{word:016x}" for word in drawn.tolist()] == [
        "16554d9eca36314c",
        "db20fe9d672d0fdc",
        "d7e772cee186176b",
        "7e68b68aec7ba23b",
    ]


def test_the_masks_of_a_call_fit_into_memory_however_large_the_network():
    for experiment, batch_size in (
        (EXPERIMENT, 4),
        (EXPERIMENT.replace(hidden=(512,) * 6, dtype="float64"), 64),
    ):
        dropout = Dropout(experiment, batch_size)
        masks = dropout.masks(0, dropout.most_steps, batch_size)
        assert sum(mask.nbytes for mask in masks) <= MOST_BYTES
    # Of a step that is larger still, there is one at a time.
    assert Dropout(EXPERIMENT.replace(hidden=(512,) * 6), 4096).most_steps == 1


def trained(experiment, pattern, steps=150):
    """A trainer after `steps` steps, asked for in turn as many as `pattern` says."""
    trainer, losses, turn = Trainer(experiment), [], 0
    while trainer.step < steps and not trainer.end:
        wanted = min(pattern[turn % len(pattern)], steps - trainer.step)
        losses += [e.losses for e in trainer.advance(wanted) if hasattr(e, "losses")]
        turn += 1
    return trainer, np.concatenate(losses)


@pytest.mark.parametrize("batch_size", [None, 3])
def test_training_in_calls_of_one_step_and_of_fifty_is_the_same_to_the_bit(batch_size):
    experiment = EXPERIMENT.replace(batch_size=batch_size, l1=1e-3, l2=1e-3)
    one, losses = trained(experiment, [1])
    for pattern in ([50], [3, 17]):
        other, other_losses = trained(experiment, pattern)
        assert np.array_equal(losses, other_losses)
        assert np.array_equal(one.model.get_state()["params"], other.model.get_state()["params"])


def test_a_run_continued_from_a_stored_step_has_the_masks_of_that_step():
    whole, losses = trained(EXPERIMENT, [50])
    first, _ = trained(EXPERIMENT, [40], steps=80)
    again = Trainer(EXPERIMENT)
    again.model.set_state(first.model.get_state())
    again.step, again.batches.rows_seen = first.step, first.batches.rows_seen
    found = [event.losses for _ in range(70) for event in again.advance(1)]
    assert np.array_equal(np.concatenate(found), losses[80:150])
    assert np.array_equal(whole.model.get_state()["params"], again.model.get_state()["params"])


@pytest.mark.parametrize(
    "changes",
    [
        # It ends by a stop rule in the middle of a call; and by divergence, in the middle, and
        # with the first step of a call, so that the call before is repeated.
        {"target_loss": 0.02, "optimizer": "adam", "learning_rate": 0.05},
        {"learning_rate": 5.0, "optimizer": "sgd", "output": "identity", "activation": "relu"},
    ],
    ids=["stop rule", "divergence"],
)
def test_a_run_goes_back_to_the_exact_step_with_the_masks_it_had(changes):
    experiment = EXPERIMENT.replace(dtype="float64", epochs=3000, **changes)
    one, losses = trained(experiment, [1], steps=3000)
    end = one.end
    assert end is not None
    assert end.step > 2
    assert getattr(end, "reason", "diverged") in ("target_loss", "diverged")
    for pattern in ([10_000], [end.step, 5], [max(1, end.step - 1), 5]):
        other, other_losses = trained(experiment, pattern, steps=3000)
        assert (other.end.step, other.step) == (end.step, one.step)
        assert np.array_equal(losses, other_losses)
        assert np.array_equal(one.model.get_state()["params"], other.model.get_state()["params"])


def test_no_unit_is_dropped_in_an_evaluation():
    with_dropout, _ = trained(EXPERIMENT, [50])
    without = Trainer(EXPERIMENT.replace(dropout=0.0))
    without.model.set_params(with_dropout.model.get_params())
    assert with_dropout.evaluate()[0] == without.evaluate()[0]
    x, y = with_dropout.data.x, with_dropout.data.y
    assert np.array_equal(with_dropout.model.predict(x), without.model.predict(x))
    for pair in zip(with_dropout.model.gradients(x, y), without.model.gradients(x, y), strict=True):
        for one, other in zip(*pair, strict=True):
            assert np.array_equal(one, other)


def test_a_run_without_dropout_hands_over_no_masks():
    trainer = Trainer(Experiment())
    calls = []
    train = trainer.model.train
    trainer.model.train = lambda *given: calls.append(given) or train(*given)
    trainer.advance(5)
    assert [len(given) for given in calls] == [1]
