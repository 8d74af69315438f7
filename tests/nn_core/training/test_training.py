"""The loop: what it computes does not depend on the clock, and it ends where it should."""

import numpy as np
import pytest

from nn_core import Experiment, fit, train
from nn_core.events import Failed, Finished, Progress, Snapshot, Started
from nn_core.training.chunks import ChunkLength
from nn_core.training.trainer import Trainer


def _by_chunks(experiment, pattern):
    trainer = Trainer(experiment)
    losses, turn = [], 0
    while not trainer.end:
        for event in trainer.advance(pattern[turn % len(pattern)]):
            if isinstance(event, Progress):
                losses.append(event.losses)
        turn += 1
    return trainer, np.concatenate(losses)


@pytest.mark.parametrize(
    "changes",
    [
        {"epochs": 50},
        {"epochs": 50, "batch_size": 3},
        {"epochs": 50, "batch_size": 1},
        {"epochs": 2000, "target_loss": 0.01},
        {"epochs": 2000, "target_loss": 0.02, "batch_size": 3},
        {"epochs": 2000, "patience": 3, "learning_rate": 30.0, "optimizer": "sgd"},
        {"epochs": 2000, "learning_rate": 500.0, "optimizer": "sgd", "output": "identity",
         "activation": "relu"},
    ],
    ids=str,
)  # fmt: skip
def test_the_length_of_the_chunks_changes_nothing(changes):
    experiment = Experiment(dtype="float64", **changes)
    one, losses = _by_chunks(experiment, [1])
    for pattern in ([7, 2, 31], [10_000]):
        other, other_losses = _by_chunks(experiment, pattern)
        assert np.array_equal(losses, other_losses)
        assert type(other.end) is type(one.end)
        assert (other.end.step, other.step, other.epoch) == (one.end.step, one.step, one.epoch)
        for (weight, bias), (weight_2, bias_2) in zip(
            one.model.get_params(), other.model.get_params(), strict=True
        ):
            assert np.array_equal(weight, weight_2)
            assert np.array_equal(bias, bias_2)


def test_the_events_of_a_run_come_in_order():
    events = list(train(Experiment(epochs=200)))
    assert isinstance(events[0], Started)
    assert isinstance(events[1], Snapshot)
    assert isinstance(events[-1], Finished)
    progress = [event for event in events if isinstance(event, Progress)]
    assert sum(len(event.losses) for event in progress) == 200 == progress[-1].step
    snapshots = [event for event in events if isinstance(event, Snapshot)]
    assert snapshots[0].step == 0
    assert snapshots[-1].step == 200


def test_each_loss_is_the_loss_before_its_step():
    experiment = Experiment(epochs=3, dtype="float64")
    result = fit(experiment)
    trainer = Trainer(experiment)
    for loss in result.losses:
        assert trainer.evaluate()[0]["train_loss"] == pytest.approx(loss, abs=1e-15)
        trainer.advance(1)


def test_training_stops_after_the_first_epoch_whose_mean_loss_reaches_the_target():
    experiment = Experiment(target_loss=0.01, batch_size=2, dtype="float64")
    result = fit(experiment)
    means = result.losses.reshape(-1, 2).mean(axis=1)
    assert result.end.reason == "target_loss"
    assert means[-1] <= 0.01
    assert (means[:-1] > 0.01).all()


def test_patience_counts_the_epochs_that_brought_no_better_loss():
    experiment = Experiment(
        patience=4, learning_rate=30.0, optimizer="sgd", dtype="float64", epochs=5000
    )
    losses = fit(experiment).losses  # full batch: an epoch is a step
    best = np.minimum.accumulate(losses)
    waits, wait = [], 0
    for i, loss in enumerate(losses):
        wait = 0 if i == 0 or loss < best[i - 1] else wait + 1
        waits.append(wait)
    assert waits[-1] == 4
    assert max(waits[:-1]) < 4


DIVERGING = {
    "activation": "relu", "output": "identity", "optimizer": "sgd", "learning_rate": 100.0,
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_that_diverges_says_when_and_why_and_keeps_its_last_finite_weights(dtype):
    trainer, losses = _by_chunks(Experiment(dtype=dtype, **DIVERGING), [64])
    assert isinstance(trainer.end, Failed)
    assert trainer.end.kind == "diverged"
    assert f"step {trainer.end.step:,}" in trainer.end.message
    assert "learning rate of 100" in trainer.end.message
    assert np.isfinite(losses).all()
    assert all(np.isfinite(w).all() and np.isfinite(b).all() for w, b in trainer.model.get_params())
    assert len(losses) == trainer.end.step
    assert trainer.step == trainer.end.step - 1
    assert np.isfinite(trainer.evaluate()[0]["train_loss"])


def test_a_step_of_one_sample_sees_that_sample_alone_and_the_epoch_goes_on_behind_it():
    trainer = Trainer(Experiment(batch_size=2, shuffle=False, dtype="float64"))
    (event,) = trainer.advance_sample()
    assert event.epoch == 0.25
    expected = trainer.experiment
    alone = Trainer(expected.replace(batch_size=1))
    (first,) = alone.advance(1)
    assert event.losses[0] == first.losses[0]
    (rest,) = trainer.advance(10)
    assert rest.epoch == 0.75
    (last,) = trainer.advance(10)
    assert last.epoch == 1.0


def test_a_step_of_one_epoch_ends_with_the_epoch():
    trainer = Trainer(Experiment(batch_size=3))
    trainer.advance(1)
    trainer.advance_epoch()
    assert (trainer.step, trainer.epoch) == (2, 1.0)
    trainer.advance_epoch()
    assert (trainer.step, trainer.epoch) == (4, 2.0)


def test_a_changed_learning_rate_holds_from_the_next_step_on():
    experiment = Experiment(optimizer="sgd", dtype="float64", learning_rate=0.5)
    trainer = Trainer(experiment)
    before = trainer.model.get_params()[1][1]
    gradient = trainer.model.gradients(trainer.data.x, trainer.data.y)[1][1]
    trainer.set_learning_rate(0.125)
    trainer.advance(1)
    assert trainer.model.get_params()[1][1] == pytest.approx(before - 0.125 * gradient, abs=1e-15)


@pytest.mark.parametrize("loss", ["mse_sum", "bce_logits_sum"])
def test_a_summed_loss_is_measured_on_the_scale_of_a_batch(loss):
    output = "identity" if "logits" in loss else "sigmoid"
    trainer = Trainer(Experiment(loss=loss, output=output, batch_size=2, dtype="float64"))
    halves = [trainer.model.evaluate(trainer.data.x[i : i + 2], trainer.data.y[i : i + 2])[0]
              for i in (0, 2)]  # fmt: skip
    assert trainer.evaluate()[0]["train_loss"] == pytest.approx(sum(halves) / 2)


def test_a_chunk_grows_towards_its_time_at_most_fourfold_at_a_time():
    chunk = ChunkLength()
    lengths = []
    for _ in range(8):
        chunk.update(chunk.steps, chunk.steps * 1e-4)
        lengths.append(chunk.steps)
    assert lengths == [4, 16, 64, 256, 400, 400, 400, 400]
    chunk.update(400, 4.0)
    assert chunk.steps == 4


def test_few_rows_are_measured_with_each_snapshot_and_many_at_the_ends_of_epochs():
    few = Trainer(Experiment(dataset="circle", loss="bce", batch_size=10))
    few.advance(1)
    assert set(few.snapshot().metrics) == {
        "train_loss", "train_accuracy", "test_loss", "test_accuracy",
    }  # fmt: skip
    many = Trainer(Experiment(dataset="circle", hidden=(512, 512), loss="bce", batch_size=10))
    many.advance(1)
    assert not many.snapshot().metrics
    (progress,) = many.advance(1000)
    assert (progress.step, progress.epoch) == (25, 1.0)
    assert "test_accuracy" in progress.metrics


def test_a_chunk_of_few_rows_goes_on_over_the_ends_of_epochs():
    trainer = Trainer(Experiment(dataset="circle", loss="bce", batch_size=10))
    trainer.advance(1)
    while trainer.step < 60:
        (progress,) = trainer.advance(40)
    assert len(progress.losses) == 40 or trainer.is_at_milestone
