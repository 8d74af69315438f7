"""The mean training loss of an epoch: each batch by its rows, as the programs print it."""

import numpy as np
import pytest

from nn_core import Experiment, fit
from nn_core.events import Progress
from nn_core.runs.run import Run
from nn_core.runs.store.record import record_of, run_of
from nn_core.training.trainer import Trainer
from tests.helpers.patients import trained
from tests.helpers.programs import printed_by, write

# 42 training rows in batches of 16: the last of an epoch has 10.
BATCHED = Experiment(
    dataset="circle", dataset_options={"points": 60, "test_share": 30}, hidden=(4,), loss="bce",
    batch_size=16, epochs=10, dtype="float64", learning_rate=0.05,
)  # fmt: skip
SIZES = (16, 16, 10)


def means_by_hand(losses):
    return [sum(loss * n for loss, n in zip(epoch, SIZES, strict=True)) / sum(SIZES)
            for epoch in np.reshape(losses, (-1, len(SIZES)))]  # fmt: skip


def means_of(run):
    history = run.history
    return [history.epoch_loss_at(epoch + 1) for epoch in range(history.epoch_losses.count)]


def taken(trainer, chunks):
    """What is told of steps in chunks of so many."""
    events = []
    while not trainer.end:
        events += trainer.advance(next(chunks))
    return [event for event in events if isinstance(event, Progress)]


def test_the_mean_of_each_epoch_is_what_the_exported_program_prints(tmp_path):
    means = means_of(trained(BATCHED))
    (text,) = printed_by("numpy", [write(tmp_path / "program", BATCHED, "numpy_by_hand")])
    lines = [line.split() for line in text.splitlines()]
    assert [int(epoch) for epoch, _ in lines] == list(range(1, 11))
    assert [loss for _, loss in lines] == [f"{mean:.6f}" for mean in means]


@pytest.mark.parametrize("length", [1, 2, 5, 100])
def test_it_is_the_mean_over_the_rows_however_the_steps_are_cut(length):
    told = taken(Trainer(BATCHED), iter(lambda: length, None))
    found = np.concatenate([event.epoch_losses for event in told])
    losses = np.concatenate([event.losses for event in told])
    assert found.tolist() == pytest.approx(means_by_hand(losses), rel=1e-12)
    assert losses.tolist() == fit(BATCHED).losses.tolist()


def test_batches_that_divide_the_rows_run_on_across_epochs_and_are_counted_to_their_own():
    experiment = BATCHED.replace(batch_size=14, epochs=100)
    told = taken(Trainer(experiment), iter(lambda: 100, None))
    assert max(len(event.epoch_losses) for event in told) > 1
    found = np.concatenate([event.epoch_losses for event in told])
    losses = np.concatenate([event.losses for event in told])
    assert found.tolist() == pytest.approx(losses.reshape(-1, 3).mean(axis=1).tolist(), rel=1e-12)


def test_a_full_batch_is_an_epoch_of_its_own_and_no_mean_is_sent():
    told = taken(Trainer(BATCHED.replace(batch_size=None)), iter(lambda: 3, None))
    assert not sum(len(event.epoch_losses) for event in told)


def test_a_run_that_goes_on_within_an_epoch_finds_the_same_means():
    whole = means_of(trained(BATCHED))
    trainer = Trainer(BATCHED)
    first = Run(BATCHED, "ada")
    first.handle(trainer.started())
    while trainer.step < 7:
        for event in trainer.advance(1):
            first.handle(event)
    first.handle(trainer.snapshot())
    assert first.epoch == pytest.approx(2 + 16 / 42)
    second = Run(BATCHED, "ada")
    second.history = first.history.up_to(7)
    for event in taken(Trainer(BATCHED, first.latest), iter(lambda: 2, None)):
        second.handle(event)
    assert means_of(second) == whole


def test_where_the_first_steps_of_an_epoch_are_not_known_neither_is_its_mean():
    trainer = Trainer(BATCHED)
    trainer.advance(2)
    start = trainer.snapshot()
    start.stop_rules.clear()  # as a run of another loss, or an older record, has it
    run = Run(BATCHED.replace(patience=2), "ada")
    for event in taken(Trainer(run.experiment, start), iter(lambda: 2, None)):
        run.handle(event)
    assert np.isnan(run.history.epoch_loss_at(1))
    assert run.history.epoch_loss_at(2) == means_of(trained(BATCHED))[1]


@pytest.mark.parametrize("length", [1, 2, 100])
@pytest.mark.parametrize("learning_rate", [1.0, 30.0])
def test_a_run_that_diverged_holds_of_its_epoch_what_led_to_its_last_finite_loss(
    length, learning_rate
):
    steep = {"loss": "mse_sum", "optimizer": "sgd", "output": "identity", "activation": "relu"}
    experiment = BATCHED.replace(**steep, dtype="float32", learning_rate=learning_rate)
    trainer = Trainer(experiment)
    losses = np.concatenate([event.losses for event in taken(trainer, iter(lambda: length, None))])
    assert trainer.end.kind == "diverged"
    moment = trainer.snapshot()
    assert 0 < moment.step == len(losses) - 1 < len(SIZES)  # within the first epoch
    shares = [loss * n / sum(SIZES) for loss, n in zip(losses, SIZES, strict=False)]
    assert moment.stop_rules["unfinished"] == pytest.approx(sum(shares[: moment.step]))


def test_a_rule_ends_the_run_at_a_mean_and_no_later_one_is_reported():
    means = means_of(trained(BATCHED))
    stopped = trained(BATCHED.replace(target_loss=means[3]))
    assert (stopped.epoch, means_of(stopped)) == (4, means[:4])


def test_the_means_are_kept_with_the_run():
    run = trained(BATCHED)
    assert means_of(run_of(record_of(run), "eve")) == means_of(run)
