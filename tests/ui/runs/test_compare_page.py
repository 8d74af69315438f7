"""Stories of the pages Compare and Convergence."""

import time

import pytest

from nn_core import backends
from nn_core.experiment import Experiment
from nn_core.runs.studies.comparison import Comparison, Pair
from nn_core.runs.studies.convergence import Convergence
from tests.ui.test_pages import open_page, press


def study_of(app, name):
    return app.session_state[f"{name}.study"]


def until_over(app, name, seconds=60):
    """Tick as a browser does until a study is over and the page shows that."""
    deadline = time.monotonic() + seconds
    while not study_of(app, name).is_over:
        assert time.monotonic() < deadline, study_of(app, name).phase
        time.sleep(0.1)
        app.run()
        assert not app.exception
    app.run()
    assert not app.exception


def table(app):
    return app.table[0].value


def captions(app):
    return "\n".join(caption.value for caption in app.caption)


@pytest.fixture
def compare(app, monkeypatch):
    """The page Compare on a machine that has NumPy and nothing else."""
    monkeypatch.setattr(backends, "is_installed", lambda name: name == "numpy")
    return open_page(app, "compare")


@pytest.fixture
def convergence(app):
    return open_page(app, "convergence")


def test_one_backend_alone_is_nothing_to_compare(compare):
    assert compare.pills[0].options == ["NumPy"]
    assert compare.button(key="compare.train").disabled
    assert any("at least two" in info.value for info in compare.info)


@pytest.mark.skipif(not backends.is_installed("torch"), reason="PyTorch is not installed")
def test_two_backends_are_compared(app):
    open_page(app, "compare")
    app.pills[0].set_value(["torch", "numpy"]).run()
    app.number_input(key="compare.form.epochs").set_value(60).run()
    press(app, "compare", "train")
    assert app.button(key="compare.train").disabled
    assert not app.button(key="compare.stop").disabled
    until_over(app, "compare")
    study = study_of(app, "compare")
    assert isinstance(study, Comparison)
    assert [name.split()[0] for name in table(app).index] == ["NumPy", "PyTorch"]
    row = table(app).iloc[1]
    assert row["State"] == "60 steps"
    assert float(row["Largest |Δ loss|"]) < 1e-5
    assert float(row["Largest |Δ weights|"]) < 1e-4
    assert int(row["Memory, MB"].replace(",", "")) > 50
    assert "form of ε" in captions(app)
    assert not app.button(key="compare.train").disabled
    app.number_input(key="compare.form.epochs").set_value(70).run()
    assert "Changed on the left since this was trained: Epochs" in captions(app)


def test_without_an_epsilon_the_page_says_so(app):
    open_page(app, "compare")
    app.selectbox(key="compare.form.optimizer").set_value("sgd").run()
    app.number_input(key="compare.form.epochs").set_value(1_000_000).run()
    press(app, "compare", "train")
    press(app, "compare", "stop")
    until_over(app, "compare")
    assert "SGD has no ε" in captions(app)
    assert all(run.is_over for run in study_of(app, "compare").runs.values())


def begin_a_pair(app, epochs):
    app.segmented_control(key="compare.form.mode").set_value("pair").run()
    app.number_input(key="compare.form.epochs").set_value(epochs).run()
    press(app, "pair", "keep")
    app.selectbox(key="compare.form.activation").set_value("tanh").run()
    press(app, "pair", "train")


def test_a_pair_shows_what_differs_and_what_both_came_to(compare):
    compare.segmented_control(key="compare.form.mode").set_value("pair").run()
    assert compare.button(key="pair.train").disabled
    compare.select_slider(key="compare.form.speed").set_value(1000.0).run()
    begin_a_pair(compare, 50)
    until_over(compare, "pair")
    pair = study_of(compare, "pair")
    assert isinstance(pair, Pair)
    assert [run.step for run in pair.runs.values()] == [50, 50]
    differing, outcome = compare.table[0].value, compare.table[1].value
    assert differing["Activation"].to_list() == ["sigmoid", "tanh"]
    assert outcome.loc["Steps"].to_list() == ["50", "50"]


def test_a_pair_rests_and_goes_on_together(compare):
    begin_a_pair(compare, 1_000_000)
    pair = study_of(compare, "pair")
    deadline = time.monotonic() + 30
    while not all(run.step > 5 for run in pair.runs.values()) or len(pair.runs) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    compare.run()
    press(compare, "pair", "pause")
    for run in pair.runs.values():
        assert run.wait(lambda run: run.state == "paused", 10)
    press(compare, "pair", "pause")
    for run in pair.runs.values():
        assert run.wait(lambda run: run.state == "running", 10)
    press(compare, "pair", "stop")
    until_over(compare, "pair")


def test_data_that_differ_are_said(compare):
    compare.segmented_control(key="compare.form.mode").set_value("pair").run()
    press(compare, "pair", "keep")
    compare.number_input(key="compare.form.seed").set_value(4).run()
    assert "same rows" not in captions(compare)
    compare.selectbox(key="compare.form.dataset").set_value("and").run()
    assert "do not learn from the same rows" in captions(compare)


def test_seeds_are_counted_and_one_that_failed_opens_on_its_page(convergence):
    convergence.number_input(key="convergence.form.count").set_value(8).run()
    press(convergence, "convergence", "train")
    until_over(convergence, "convergence")
    study = study_of(convergence, "convergence")
    assert isinstance(study, Convergence)
    assert convergence.subheader[0].value == "6 of 8 seeds solved it"
    convergence.button(key="convergence.open.6").click().run()
    assert not convergence.exception
    assert convergence.title[0].value == "Logic gates"
    assert convergence.number_input(key="gates.form.seed").value == 6
    open_page(convergence, "gates")  # a test's page does not follow st.switch_page by itself
    convergence.select_slider(key="gates.form.speed").set_value(1000.0).run()
    press(convergence, "gates", "train")
    run = convergence.session_state["gates.run"]
    assert run.experiment == study.experiment.replace(seed=6)
    assert run.wait(lambda run: run.is_over, 30)
    assert run.end.metrics["train_accuracy"] < 1


def test_another_target_counts_anew_without_training(convergence):
    convergence.number_input(key="convergence.form.count").set_value(8).run()
    press(convergence, "convergence", "train")
    until_over(convergence, "convergence")
    convergence.number_input(key="convergence.form.target").set_value(50.0).run()
    assert convergence.subheader[0].value == "8 of 8 seeds solved it"


def test_a_study_can_be_stopped(convergence):
    convergence.number_input(key="convergence.form.epochs").set_value(1_000_000).run()
    press(convergence, "convergence", "train")
    press(convergence, "convergence", "stop")
    until_over(convergence, "convergence")
    assert "Stopped after 0 of 20 seeds" in captions(convergence)
    assert not convergence.button(key="convergence.train").disabled


def open_link(app, page, query):
    """Open a page by a link, as in a fresh browser."""
    for name, text in query.items():
        app.query_params[name] = text
    open_page(app, page)
    return app


def test_a_link_fills_in_a_comparison(app, monkeypatch):
    monkeypatch.setattr(backends, "is_installed", lambda name: name in ("numpy", "torch", "jax"))
    open_link(app, "compare", {"backends": "numpy-torch", "hidden": "4-2", "seed": "11"})
    assert not app.warning
    assert app.pills[0].value == ["numpy", "torch"]
    assert app.number_input(key="compare.form.seed").value == 11
    assert [app.number_input(key=f"compare.form.units.{i}").value for i in (0, 1)] == [4, 2]
    app.pills[0].set_value(["numpy", "jax"]).run()
    assert set(app.pills[0].value) == {"jax", "numpy"}  # opened once only


def test_a_link_fills_in_a_pair(compare):
    query = {"mode": "pair", "a.dataset": "and", "a.seed": "5", "dataset": "or", "epochs": "70"}
    open_link(compare, "compare", query)
    assert not compare.warning
    assert compare.session_state["pair.kept"] == Experiment(dataset="and", seed=5)
    assert compare.session_state["compare.valid"] == Experiment(dataset="or", epochs=70)
    assert [text.value for text in compare.markdown if text.value.startswith("##### A")]


def test_a_link_fills_in_the_seeds(convergence):
    open_link(convergence, "convergence", {"seeds": "7", "solved": "75.0", "epochs": "50"})
    assert not convergence.warning
    values = {name: convergence.number_input(key=f"convergence.form.{name}").value
              for name in ("count", "target", "epochs")}  # fmt: skip
    assert values == {"count": 7, "target": 75, "epochs": 50}
    assert convergence.button(key="convergence.train").label == "Train 7 seeds"


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
def test_a_bad_link_gets_a_sentence_and_the_rest_of_it_is_opened(app, page, query, sentence):
    open_link(app, page, query)
    assert not app.exception
    assert sentence in app.warning[0].value
    assert "![x]" not in app.warning[0].value
    assert app.number_input(key=f"{page}.form.seed").value == 5
    app.button(key=f"{page}.link_seen").click().run()
    assert not app.warning
