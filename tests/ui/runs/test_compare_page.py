"""Stories of the pages Compare and Convergence."""

import time

import pytest

from nn_core import backends
from nn_core.experiment import Experiment
from nn_core.runs.studies.comparison import Comparison, Pair
from nn_core.runs.studies.convergence import Convergence


def study_of(visitor, name):
    return visitor.session[f"{name}.study"]


def until_over(visitor, name, seconds=60):
    """Tick as a browser does until a study is over and the page shows that."""
    deadline = time.monotonic() + seconds
    while not study_of(visitor, name).is_over:
        assert time.monotonic() < deadline, study_of(visitor, name).phase
        time.sleep(0.1)
        visitor.look_again()
    visitor.look_again()


@pytest.fixture
def compare(visitor, monkeypatch):
    """The page Compare on a machine that has NumPy and nothing else."""
    monkeypatch.setattr(backends, "is_installed", lambda name: name == "numpy")
    return visitor.open("compare")


@pytest.fixture
def convergence(visitor):
    return visitor.open("convergence")


def test_one_backend_alone_is_nothing_to_compare(compare):
    assert compare.control("Backends").options == ["NumPy"]
    assert compare.button("Train all").disabled
    assert "at least two" in compare.infos


@pytest.mark.skipif(not backends.is_installed("torch"), reason="PyTorch is not installed")
def test_two_backends_are_compared(visitor):
    visitor.open("compare")
    visitor.set("Backends", ["torch", "numpy"])
    visitor.set("Epochs (passes)", 60)
    visitor.press("Train all")
    assert visitor.button("Train all").disabled
    assert not visitor.button("Stop").disabled
    until_over(visitor, "compare")
    study = study_of(visitor, "compare")
    assert isinstance(study, Comparison)
    assert [name.split()[0] for name in visitor.table.index] == ["NumPy", "PyTorch"]
    row = visitor.table.iloc[1]
    assert row["State"] == "60 steps"
    assert float(row["Largest |Δ loss|"]) < 1e-5
    assert float(row["Largest |Δ weights|"]) < 1e-4
    assert int(row["Memory, MB"].replace(",", "")) > 50
    assert "form of ε" in visitor.captions
    assert not visitor.button("Train all").disabled
    visitor.set("Epochs (passes)", 70)
    assert "Changed on the left since this was trained: Epochs" in visitor.captions


def test_without_an_epsilon_the_page_says_so(visitor):
    visitor.open("compare")
    visitor.set("Optimizer", "sgd")
    visitor.set("Epochs (passes)", 1_000_000)
    visitor.press("Train all")
    visitor.press("Stop")
    until_over(visitor, "compare")
    assert "SGD has no ε" in visitor.captions
    assert all(run.is_over for run in study_of(visitor, "compare").runs.values())


def begin_a_pair(visitor, epochs):
    visitor.set("What to compare", "pair")
    visitor.set("Epochs (passes)", epochs)
    visitor.press("Keep as A")
    visitor.set("Activation", "tanh")
    visitor.press("Train both")


def test_a_pair_shows_what_differs_and_what_both_came_to(compare):
    compare.set("What to compare", "pair")
    assert compare.button("Train both").disabled
    compare.set("Speed limit, steps/s", 1000.0)
    begin_a_pair(compare, 50)
    until_over(compare, "pair")
    pair = study_of(compare, "pair")
    assert isinstance(pair, Pair)
    assert [run.step for run in pair.runs.values()] == [50, 50]
    differing, outcome = compare.tables
    assert differing["Activation"].to_list() == ["sigmoid", "tanh"]
    assert outcome.loc["Steps"].to_list() == ["50", "50"]


def test_a_pair_rests_and_goes_on_together(compare):
    begin_a_pair(compare, 1_000_000)
    pair = study_of(compare, "pair")
    deadline = time.monotonic() + 30
    while not all(run.step > 5 for run in pair.runs.values()) or len(pair.runs) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    compare.look_again()
    compare.press("Pause")
    for run in pair.runs.values():
        assert run.wait(lambda run: run.state == "paused", 10)
    compare.press("Resume")
    for run in pair.runs.values():
        assert run.wait(lambda run: run.state == "running", 10)
    compare.press("Stop")
    until_over(compare, "pair")


def test_different_data_are_reported(compare):
    compare.set("What to compare", "pair")
    compare.press("Keep as A")
    compare.set("Seed", 4)
    assert "same rows" not in compare.captions
    compare.set("Task", "and")
    assert "do not learn from the same rows" in compare.captions


def test_seeds_are_counted_for_any_target_and_one_that_failed_opens_on_its_page(convergence):
    convergence.set("Seeds", 8)
    convergence.press("Train")
    until_over(convergence, "convergence")
    study = study_of(convergence, "convergence")
    assert isinstance(study, Convergence)
    assert convergence.texts("subheader")[0] == "6 of 8 seeds solved it"
    target = convergence.control("Solved from, % right").value
    convergence.set("Solved from, % right", 50.0)  # counts anew without training
    assert convergence.texts("subheader")[0] == "8 of 8 seeds solved it"
    convergence.set("Solved from, % right", target)
    convergence.press("Seed 6")
    assert convergence.texts("title")[0] == "Logic gates"
    assert convergence.control("Seed").value == 6
    convergence.open("gates")  # a test's page does not follow st.switch_page by itself
    convergence.set("Speed limit, steps/s", 1000.0)
    convergence.press("Train")
    run = convergence.run
    assert run.experiment == study.experiment.replace(seed=6)
    assert run.wait(lambda run: run.is_over, 30)
    assert run.end.metrics["train_accuracy"] < 1


def test_a_study_can_be_stopped(convergence):
    convergence.set("Epochs (passes)", 1_000_000)
    convergence.press("Train")
    convergence.press("Stop")
    until_over(convergence, "convergence")
    assert "Stopped after 0 of 20 seeds" in convergence.captions
    assert not convergence.button("Train").disabled


def test_a_link_fills_in_a_comparison(visitor, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name in ("numpy", "torch", "jax"))
    visitor.open("compare", {"backends": "numpy-torch", "hidden": "4-2", "seed": "11"})
    assert not visitor.warnings
    assert visitor.control("Backends").value == ["numpy", "torch"]
    assert visitor.control("Seed").value == 11
    assert [visitor.control(f"Units {i}").value for i in (1, 2)] == [4, 2]
    visitor.set("Backends", ["numpy", "jax"])
    assert set(visitor.control("Backends").value) == {"jax", "numpy"}  # opened once only


def test_a_link_fills_in_a_pair(compare):
    query = {"mode": "pair", "a.dataset": "and", "a.seed": "5", "dataset": "or", "epochs": "70"}
    compare.open("compare", query)
    assert not compare.warnings
    assert compare.session["pair.kept"] == Experiment(dataset="and", seed=5)
    assert compare.experiment == Experiment(dataset="or", epochs=70)
    assert [text for text in compare.texts("markdown") if text.startswith("##### A")]


def test_a_link_fills_in_the_seeds(convergence):
    convergence.open("convergence", {"seeds": "7", "solved": "75.0", "epochs": "50"})
    assert not convergence.warnings
    wanted = {"Seeds": 7, "Solved from, % right": 75, "Epochs (passes)": 50}
    assert {label: convergence.control(label).value for label in wanted} == wanted
    assert convergence.button("Train").label == "Train 7 seeds"


@pytest.mark.parametrize(
    ("page", "query", "sentence"),
    [
        ("compare", {"backends": "numpy-<script>", "seed": "5"}, "this page has"),
        ("compare", {"mode": "![x](//evil)", "seed": "5"}, "choose frameworks or pair"),
        ("compare", {"a.hidden": "999999", "seed": "5"}, "a.hidden"),
        ("convergence", {"seeds": "1e9", "seed": "5"}, "from 2 to 60"),
        ("convergence", {"solved": "nan", "seeds": "-", "seed": "5"}, "percentage"),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_rest_of_it_is_opened(visitor, page, query, sentence):
    visitor.open(page, query)
    assert sentence in visitor.warnings
    assert "![x]" not in visitor.warnings
    assert visitor.control("Seed").value == 5
    visitor.press("Understood")
    assert not visitor.warnings
