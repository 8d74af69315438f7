"""Studies: several runs for one question, on real workers."""

import csv
import io

import numpy as np
import pytest

from nn_core import Experiment, backends, fit
from nn_core.errors import InvalidExperiment, Problem, QueueFull
from nn_core.experiment_differences import differences, share_the_data
from nn_core.runs.binned_curve import BinnedCurve
from nn_core.runs.store import Filter, Store
from nn_core.runs.store.record import run_of
from nn_core.runs.store.recorder import Recorder
from nn_core.runs.studies.comparison import Comparison, Pair, as_csv
from nn_core.runs.studies.convergence import Convergence, Trial, band
from nn_core.runs.workers.pool import Pool
from tests.helpers.frameworks import compiling_ones_later

# The published network that learns XOR from some starts and not from others.
XOR_221 = Experiment(
    hidden=(2,),
    output="identity",
    initializer="uniform_fan_in",
    loss="bce_logits_sum",
    optimizer="sgd",
    learning_rate=0.5,
    epochs=1000,
)
ENDLESS = Experiment(epochs=1_000_000)


@pytest.fixture
def pool():
    pool = Pool(slots=2)
    yield pool
    pool.close()


def curve(values):
    found = BinnedCurve()
    found.extend(np.array(values, float))
    return found.envelope()


def test_seeds_are_trained_counted_and_those_that_fail_are_known(pool):
    study = Convergence(pool, "ada", XOR_221, 8).begin()
    assert study.wait(60)
    assert [trial.seed for trial in study.trials] == list(range(8))
    assert [trial.seed for trial in study.unsolved()] == [2, 6]
    assert len(study.solved()) == 6
    assert not study.unsolved(target=0.5)
    assert study.trials[3].loss == fit(XOR_221.replace(seed=3)).losses[-1]
    assert not study.problem


def test_every_run_of_a_study_is_recorded_with_its_first_and_its_last_moment(tmp_path):
    store = Store(tmp_path)
    recorder = Recorder(lambda: store)
    pool = Pool(slots=2, on_over=recorder.put)
    try:
        whole = pool.submit(XOR_221, "ada")
        study = Comparison(pool, "ada", XOR_221, ["numpy"]).begin()
        seeds = Convergence(pool, "ada", XOR_221, 4).begin()
        assert study.wait(60)
        assert seeds.wait(60)
        assert whole.wait(lambda run: run.is_over, 60)
    finally:
        pool.close()
    recorder.close()
    recorded = {line.source: [] for line in store.lines(Filter())}
    for line in store.lines(Filter()):
        recorded[line.source].append(run_of(store.kept(line.id, None).record, "ada").history)
    assert [len(recorded[name]) for name in ("", "compare", "convergence")] == [1, 1, 4]
    for history in (*recorded["compare"], *recorded["convergence"]):
        assert history.kept_steps == [0, 1000]
        assert history.losses.count == 1000
    assert len(recorded[""][0].snapshots) > 2, "the run of a page keeps many"
    kept = study.runs["numpy"].history
    assert kept.nbytes == sum(snapshot.nbytes for snapshot in kept.snapshots)


def test_a_study_never_fills_the_line(pool):
    study = Convergence(pool, "ada", ENDLESS, 20).begin()
    guest = pool.submit(Experiment(epochs=10), "guest")
    assert len(study.seeds_under_way) <= 3
    study.stop()
    assert study.wait(10)
    assert guest.wait(lambda run: run.is_over, 30)
    assert guest.state == "finished"
    assert study.trials == ()


def test_a_study_ends_with_its_session(pool):
    study = Convergence(pool, "ada", ENDLESS, 5).begin()
    pool.release("ada")
    pool.leases.ends["ada"] = 0.0
    assert study.wait(10)
    assert study.seeds_under_way == []


def test_a_full_line_is_waited_for(pool, monkeypatch):
    submit, refusals = pool.submit, [QueueFull("full"), QueueFull("full")]

    def refuse_at_first(*given, **named):
        if refusals:
            raise refusals.pop()
        return submit(*given, **named)

    monkeypatch.setattr(pool, "submit", refuse_at_first)
    study = Convergence(pool, "ada", XOR_221.replace(epochs=5), 2).begin()
    assert study.wait(30)
    assert len(study.trials) == 2


def test_what_no_seed_can_help_ends_the_study_with_its_reason(pool):
    study = Convergence(pool, "ada", XOR_221.replace(device="cuda:7"), 20).begin()
    assert study.wait(30)
    assert "finds no device" in study.problem
    assert study.trials == ()


def test_a_seed_that_diverges_is_one_that_did_not_solve_it(pool):
    wild = Experiment(activation="relu", output="identity", optimizer="sgd", learning_rate=1000.0)
    study = Convergence(pool, "ada", wild, 2).begin()
    assert study.wait(30)
    assert len(study.unsolved()) == 2
    assert "no longer a finite number" in study.trials[0].message


def test_the_band_orders_its_quartiles_and_keeps_the_last_loss_of_a_short_run():
    trials = [
        Trial(0, 3, 1, curve([4, 3, 2]), 2.0, 1.0, ""),
        Trial(1, 5, 1, curve([8, 8, 8, 8, 8]), 8.0, 0.5, ""),
    ]
    spread = band(trials)
    assert spread.steps.tolist() == [0, 1, 2, 3, 4]
    assert spread.lowest.tolist() == [4, 3, 2, 2, 2]
    assert spread.median.tolist() == [6, 5.5, 5, 5, 5]
    assert spread.highest.tolist() == [8] * 5
    assert len(band([]).steps) == 0


@compiling_ones_later
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_every_backend_is_compared_with_numpy_in_its_own_form(pool, backend, optimizer):
    experiment = Experiment(epochs=50, dtype="float64", optimizer=optimizer)
    study = Comparison(pool, "ada", experiment, [backend, "numpy"]).begin()
    assert study.wait(180)
    figures = {row.backend: row for row in study.figures()}
    assert next(iter(figures)) == "numpy"
    assert figures["numpy"].loss_difference is None
    row = figures[backend]
    assert row.state == "finished"
    assert row.steps == 50
    assert row.megabytes > 20
    assert row.steps_per_second > 0
    if backend != "numpy":
        assert row.loss_difference < 1e-9
        assert row.weight_difference < 1e-9
        form = study.runs[backend].started.epsilon_form
        assert row.epsilon_form == (form if optimizer == "adam" else "")
        assert len(study.references) == len({r.epsilon_form for r in figures.values()})
        assert not row.note


def test_the_reference_is_trained_where_numpy_is_not_chosen(pool, monkeypatch):
    study = Comparison(pool, "ada", Experiment(epochs=20), ["numpy"])
    run = pool.submit(Experiment(epochs=20), "ada")
    assert run.wait(lambda run: run.is_over, 30)
    run.experiment = run.experiment.model_copy(update={"backend": "torch"})
    study._measure("torch", run)
    assert study.parities["torch"].largest_loss_difference == 0.0
    assert study.references["after_root"].experiment.epsilon_form == "after_root"


def test_a_comparison_says_why_a_difference_is_missing(pool):
    wild = Experiment(activation="relu", output="identity", optimizer="sgd", learning_rate=1000.0)
    study = Comparison(pool, "ada", wild, ["numpy"]).begin()
    assert study.wait(30)
    (row,) = study.figures()
    assert row.state == "failed"
    assert "no longer a finite number" in row.note

    study = Comparison(pool, "ada", ENDLESS, ["numpy"]).begin()
    while not study.runs:
        pass
    study.stop()
    assert study.wait(10)
    (row,) = study.figures()
    assert row.note == "It was stopped: there is no end to compare."


def test_a_backend_that_cannot_train_the_experiment_says_why_and_the_others_go_on(
    pool, monkeypatch
):
    replace = Experiment.replace

    def numpy_only(self, **changes):
        if changes.get("backend", "numpy") != "numpy":
            raise InvalidExperiment([Problem("output", "step", "only NumPy has it")])
        return replace(self, **changes)

    monkeypatch.setattr(Experiment, "replace", numpy_only)
    monkeypatch.setattr(pool, "warm", lambda backend: None)
    study = Comparison(pool, "ada", Experiment(epochs=20), ["torch", "numpy"]).begin()
    assert study.wait(30)
    numpy, torch = study.figures()
    assert (numpy.state, torch.state) == ("finished", "refused")
    assert torch.note == "It cannot train this: only NumPy has it."


def test_after_the_last_seed_comes_0(pool):
    last = XOR_221.replace(seed=2**31 - 1, epochs=5)
    study = Convergence(pool, "ada", last, 2).begin()
    assert study.wait(30)
    assert [trial.seed for trial in study.trials] == [2**31 - 1, 0]


def test_the_csv_has_a_line_for_each_backend_and_empty_cells_for_what_is_unknown(pool):
    study = Comparison(pool, "ada", Experiment(), backends.names())
    rows = list(csv.DictReader(io.StringIO(as_csv(study.figures()))))
    assert sorted(row["backend"] for row in rows) == backends.names()
    assert {row["loss_difference"] for row in rows} == {""}
    assert {row["state"] for row in rows} == {"waiting"}


def test_a_pair_begins_when_both_are_ready_and_both_compute_what_they_would_alone(pool):
    a = Experiment(epochs=200, dtype="float64")
    b = a.replace(activation="tanh")
    pair = Pair(pool, "ada", a, b).begin()
    assert pair.wait(60)
    for side, experiment in (("A", a), ("B", b)):
        assert np.array_equal(pair.runs[side].history.exact_losses, fit(experiment).losses)


def test_a_pair_that_cannot_begin_on_one_side_trains_the_other(pool):
    pair = Pair(pool, "ada", Experiment(epochs=20), Experiment(device="cuda:7")).begin()
    assert pair.wait(30)
    assert [run.state for run in pair.runs.values()] == ["finished", "failed"]


def test_differences_are_told_in_the_words_of_the_form():
    a = Experiment(dataset="bits", output="softmax", loss="cross_entropy")
    b = a.replace(
        batch_size=2, bias=False, dataset_options={"bits": 4}, optimizer="sgd", epochs=4000
    )
    found = {d.label: (d.a, d.b) for d in differences(a, b)}
    assert found["Optimizer"] == ("Adam", "SGD")
    assert found["Batch size"] == ("full batch", "2")
    assert found["Bias"] == ("on", "off")
    assert found["Epochs"] == ("3,000", "4,000")
    assert len(found) == 5
    assert differences(a, a) == []


def test_two_experiments_share_their_data_where_the_rows_are_the_same():
    assert share_the_data(Experiment(seed=0), Experiment(seed=1, hidden=()))
    assert not share_the_data(Experiment(), Experiment(dataset="and"))
    digits = Experiment(dataset="digits_8x8", seed=0)
    assert not share_the_data(digits, digits.replace(seed=1))
