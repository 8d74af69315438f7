"""A run that goes on from an earlier moment takes the steps that the run before took from there."""

import dataclasses

import numpy as np
import pytest

from nn_core import Experiment
from nn_core.errors import InvalidExperiment
from nn_core.events import LearningRateChanged, Snapshot
from nn_core.runs import continuation, wire
from nn_core.runs.run import Run
from nn_core.runs.studies.parity import why_not_comparable
from nn_core.training.trainer import Trainer
from tests.helpers.runs import is_over

SMALL = {"epochs": 60, "dtype": "float64", "batch_size": 3}
PLANE = {
    "dataset": "moons", "dataset_options": {"points": 44, "test_share": 50, "noise": 20},
    "hidden": (5, 3), "activations": ("tanh", "relu"), "loss": "bce", "batch_size": 6,
    "learning_rate": 0.02,
}  # fmt: skip
"""Shuffled batches, the last of each epoch shorter, and test rows."""


def assert_same(params, others, tolerance=0.0):
    for pair, other in zip(params, others, strict=True):
        for array, array_2 in zip(pair, other, strict=True):
            np.testing.assert_allclose(array, array_2, rtol=0, atol=tolerance)


def to_its_end(trainer, losses=()):
    losses = list(losses)
    while not trainer.end:
        losses += trainer.advance(7)[0].losses.tolist()
    return trainer.model.get_params(), losses


def through_the_wire(snapshot):
    return wire.unpacked_start(wire.packed_start(snapshot))


@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adam"},
        {"optimizer": "momentum", "learning_rate": 0.5},
        {"optimizer": "rmsprop", "learning_rate": 0.01, "dtype": "float32"},
        {"optimizer": "sgd", "batch_size": None, "learning_rate": 1.0},
        {"optimizer": "nesterov", "batch_size": 1, "shuffle": False},
        {"patience": 4, "epochs": 500, "optimizer": "sgd", "learning_rate": 8.0},
        {"target_loss": 0.05, "epochs": 500},
        {**PLANE, "dropout": 0.4},
        {**PLANE, "dropout": 0.2, "l1": 0.001, "l2": 0.01, "optimizer": "rmsprop"},
    ],
    ids=str,
)
def test_from_every_step_the_run_goes_on_bit_for_bit(changes):
    experiment = Experiment(**{**SMALL, **changes})
    trainer = Trainer(experiment)
    moments, losses = [trainer.snapshot()], []
    while not trainer.end and trainer.step < 40:
        losses += trainer.advance(1)[0].losses.tolist()
        moments.append(through_the_wire(trainer.snapshot()))
    params, all_losses = to_its_end(trainer, losses)
    for moment in moments[::3]:
        again = Trainer(experiment, moment)
        assert_same(again.model.get_params(), moment.params)
        ended, rest = to_its_end(again)
        assert rest == all_losses[moment.step :]
        assert_same(ended, params)
        assert (again.step, again.epoch) == (trainer.step, trainer.epoch)
        assert again.end.reason == trainer.end.reason


@pytest.mark.parametrize("optimizer", ["adam", "momentum"])
def test_every_backend_goes_on_from_a_moment_as_it_did(backend, optimizer):
    experiment = Experiment(**SMALL, backend=backend, optimizer=optimizer)
    trainer = Trainer(experiment)
    trainer.advance(9)
    trainer.set_learning_rate(0.05)
    while trainer.step < 33:
        trainer.advance(33 - trainer.step)
    moment = through_the_wire(trainer.snapshot())
    params, losses = to_its_end(trainer)
    again = Trainer(experiment.replace(learning_rate=0.05), moment)
    ended, rest = to_its_end(again)
    # XLA may order sums otherwise in code compiled for another chunk length.
    np.testing.assert_allclose(rest, losses, rtol=0, atol=1e-12)
    assert_same(ended, params, 1e-12)


def test_gradients_of_a_snapshot_are_those_of_its_training_loss():
    for changes in ({}, {"loss": "mse_sum"}):
        trainer = Trainer(Experiment(**SMALL, **changes))
        trainer.advance(5)
        snapshot = trainer.snapshot()
        params, h = snapshot.params, 1e-6
        losses = []
        for sign in (1, -1):
            moved = [(weight.copy(), bias.copy()) for weight, bias in params]
            moved[0][0][1, 2] += sign * h
            trainer.model.set_params(moved)
            losses.append(trainer.evaluate()[0]["train_loss"])
        expected = (losses[0] - losses[1]) / (2 * h)
        assert snapshot.gradients[0][0][1, 2] == pytest.approx(expected, abs=1e-9)


def test_gradients_and_state_are_left_out_where_that_is_asked_for_or_they_are_large():
    small = Trainer(Experiment())
    assert small.snapshot().gradients
    bare = small.snapshot(with_gradients=False, with_state=False)
    assert (bare.gradients, bare.state, bare.is_kept) == (None, {}, False)
    large = Trainer(Experiment(hidden=(100, 100)))
    assert large.snapshot().gradients is None
    assert large.snapshot().state


def test_a_start_that_ends_the_epochs_is_refused():
    trainer = Trainer(Experiment(epochs=5))
    to_its_end(trainer)
    with pytest.raises(InvalidExperiment, match="choose more"):
        Trainer(Experiment(epochs=5), trainer.snapshot())


def test_other_data_begin_their_epoch_anew():
    trainer = Trainer(Experiment(batch_size=1))
    for _ in range(5):
        trainer.advance_sample()
    experiment = Experiment(dataset="not")
    fitting = Trainer(experiment).initial_params
    start = dataclasses.replace(trainer.snapshot(), params=fitting, state={})
    other = Trainer(experiment, start)
    assert (other.step, other.epoch) == (5, 1.0)


def test_a_continued_run_in_a_worker_equals_the_run_before_and_tells_its_whole_life(pool):
    for changes in (
        {"optimizer": "adam"},
        {"optimizer": "momentum", "batch_size": 1},
        {**PLANE, "dropout": 0.3},
    ):
        experiment = Experiment(**{**SMALL, "epochs": 3000, **changes})
        first = pool.submit(experiment, "ada", speed=3000.0)
        assert first.wait(lambda run: run.step > 300, 30)
        pool.set_learning_rate(first, "ada", 0.03)
        assert first.wait(lambda run: run.learning_rate_changes, 30)
        pool.set_speed(first, "ada", None)
        assert first.wait(is_over, 30)
        changed_at = first.learning_rate_changes[0].step
        steps = [step for step in first.history.kept_steps[:-1] if step >= changed_at]
        worker = [handle.pid for handle in pool.workers()]
        for step in (steps[0], steps[len(steps) // 2], steps[-1]):
            snapshot = first.history.snapshot_at(step)
            same = continuation.unchanged(first, snapshot)
            again = pool.submit(
                same, "ada", beginning=continuation.beginning(first, snapshot, same)
            )
            assert again.latest is snapshot
            assert again.wait(is_over, 30), again.state
            assert again.state == "finished", again.end
            assert_same(again.latest.params, first.latest.params)
            assert np.array_equal(again.history.exact_losses, first.history.exact_losses)
            assert again.history.losses.count == again.step == first.step
            assert again.continued_from == (first.id, step)
            assert again.steps_taken == first.step - step
            assert again.history.kept_steps[0] == 0
            assert [again.learning_rate_at(s) for s in (0, changed_at, first.step)] == [
                experiment.learning_rate, 0.03, 0.03,
            ]  # fmt: skip
        assert [handle.pid for handle in pool.workers()] == worker


def test_a_paused_run_is_left_for_one_that_goes_on_from_it_with_the_same_worker(pool):
    first = pool.submit(Experiment(epochs=100_000), "ada", speed=500.0)
    assert first.wait(lambda run: run.step > 100, 30)
    pool.set_want(first, "ada", "paused")
    assert first.wait(lambda run: run.state == "paused", 5)
    worker = [handle.pid for handle in pool.workers()]
    snapshot = first.history.snapshot_at(20)
    new = first.experiment.replace(optimizer="sgd", loss="bce", epochs=snapshot.step + 50)
    again = pool.submit(new, "ada", beginning=continuation.beginning(first, snapshot, new))
    assert again.wait(is_over, 30)
    assert again.state == "finished", again.end
    assert again.step == snapshot.step + 50
    assert first.state == "stopped"
    assert [handle.pid for handle in pool.workers()] == worker
    assert "continued with other settings" in why_not_comparable(again)


def test_the_moments_of_a_large_network_can_be_gone_on_from(pool):
    large = Experiment(
        dataset="digits_8x8", output="softmax", loss="cross_entropy", hidden=(300, 300),
        batch_size=64, epochs=3, learning_rate=0.001, dtype="float64",
    )  # fmt: skip
    assert not Trainer(large).has_small_state
    first = pool.submit(large, "ada")
    assert first.wait(is_over, 60)
    kept = first.history.snapshots
    assert all(snapshot.is_kept for snapshot in kept)
    middle = kept[len(kept) // 2]
    assert 0 < middle.step < first.step
    again = pool.submit(large, "ada", beginning=continuation.beginning(first, middle, large))
    assert again.wait(is_over, 60)
    assert_same(again.latest.params, first.latest.params)


def _run(experiment=Experiment()):  # noqa: B008 - immutable
    run = Run(experiment, "ada")
    trainer = Trainer(experiment)
    run.handle(trainer.started())
    for _ in range(10):
        for event in trainer.advance(1):
            run.handle(event)
        run.handle(trainer.snapshot())
    return run


def test_why_a_moment_does_not_fit_the_settings_is_a_sentence():
    run = _run()
    moment, old = run.latest, run.experiment
    assert continuation.why_not(moment, old, old) == ""
    assert "2-3-1, and the settings ask for 2-5-1" in continuation.why_not(
        moment, old, old.replace(hidden=(5,))
    )
    assert "without biases" in continuation.why_not(moment, old, old.replace(bias=False))
    assert "Choose more epochs" in continuation.why_not(moment, old, old.replace(epochs=10))
    lost = dataclasses.replace(moment, state={}, is_kept=False)
    assert "was lost with the process" in continuation.why_not(lost, old, old)


def test_what_the_optimizer_remembers_goes_along_only_where_it_can_be_understood():
    run = _run()
    moment, old = run.latest, run.experiment
    same = continuation.beginning(run, moment, old)
    assert same.snapshot is moment
    assert same.origin.sentence == (
        "Continued from step 10 of the run before, with what Adam remembered there."
    )
    other_rate = continuation.beginning(run, moment, old.replace(learning_rate=0.5))
    assert other_rate.snapshot.state
    assert other_rate.origin.changed == ("Learning rate",)
    assert other_rate.learning_rate_changes == [
        LearningRateChanged(0, 0.1), LearningRateChanged(10, 0.5),
    ]  # fmt: skip
    sgd = continuation.beginning(run, moment, old.replace(optimizer="sgd"))
    assert not sgd.snapshot.state
    assert "SGD begins afresh: what Adam remembered is of no use to it." in sgd.origin.sentence
    torch = continuation.beginning(run, moment, old.replace(backend="torch"))
    assert not torch.snapshot.state
    assert "kept in another form" in torch.origin.sentence
    assert torch.snapshot.params is moment.params


def test_the_history_of_a_continued_run_ends_where_it_begins():
    run = _run()
    copy = run.history.up_to(4)
    assert copy.kept_steps == [1, 2, 3, 4]
    assert copy.losses.count == 4
    assert copy.losses.envelope().low.tolist() == run.history.exact_losses[:4].tolist()
    assert copy.loss_at(4) == run.history.exact_losses[3]
    assert np.isnan(copy.loss_at(0))


def test_a_start_travels_to_the_bit_and_one_that_is_too_large_does_not():
    values = np.array([0.1, 1e-310, -0.0, np.pi], dtype=np.float64)
    start = Snapshot(
        7, 1.75, [(values.reshape(2, 2), None)], np.zeros((0, 0)),
        state={"a": values.astype(np.float32), "steps": np.array(7)}, rows_seen=7,
        stop_rules={"best": np.inf},
    )  # fmt: skip
    back = through_the_wire(start)
    assert back.params[0][0].tobytes() == values.tobytes()
    assert back.params[0][1] is None
    assert back.state["a"].dtype == np.float32
    assert back.state["a"].tobytes() == values.astype(np.float32).tobytes()
    assert (back.state["steps"].shape, back.stop_rules, back.epoch) == ((), start.stop_rules, 1.75)
    back.state["a"][0] = 1.0  # may be written into
    huge = dataclasses.replace(start, state={"a": np.zeros(wire.MAX_PAYLOAD_BYTES // 8)})
    with pytest.raises(wire.WireError, match="too large"):
        wire.packed_start(huge)
    for broken in ({"head": {}, "payload": "%"}, {"head": {}, "payload": ""}, {}):
        with pytest.raises(wire.WireError, match="cannot be read"):
            wire.unpacked_start(broken)
