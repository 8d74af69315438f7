"""The views of histograms, hidden space and loss surface, on the pages that have them."""

import pytest

from nn_core import Experiment
from tests.ui.small_digits import open_small_digits
from ui.details import views


def trained(visitor, page):
    if page == "digits":
        open_small_digits(visitor)
    else:
        visitor.set("Epochs (passes)", 300)
        visitor.set("Speed limit, steps/s", None)
    visitor.train()
    return visitor.run


@pytest.mark.parametrize("page", ["gates", "digits"])
def test_the_centre_of_the_surface_is_the_loss_that_the_run_measured(visitor, page):
    run = trained(visitor, page)
    visitor.open_view("Loss surface")
    visitor.press("Compute")
    found = visitor.metrics
    measured = float(found["The same, measured by the run"])
    assert float(found["Loss at the centre"]) == pytest.approx(measured, rel=1e-4)  # float32
    last = run.history.measurements[-1].metrics["train_loss"]
    assert float(found["Loss at the centre"]) == pytest.approx(last, rel=1e-4)
    visitor.set("Plane", "Path of the run")
    visitor.press("Compute")
    assert visitor.metrics["Loss at the centre"] == found["Loss at the centre"]
    assert float(visitor.metrics["Path in this plane"].rstrip("%")) > 90


def test_other_directions_are_another_seed_and_the_centre_stays(visitor):
    trained(visitor, "gates")
    visitor.open_view("Loss surface")
    before = visitor.metrics
    visitor.press("Other directions")
    assert visitor.control("Seed", of="surface").value == 1
    assert visitor.metrics["Loss at the centre"] == before["Loss at the centre"]
    assert visitor.metrics["Path in this plane"] != before["Path in this plane"]


def test_two_weights_that_are_one_are_refused_with_a_sentence(visitor):
    trained(visitor, "gates")
    visitor.open_view("Loss surface")
    visitor.set("Plane", "Two weights")
    assert "Loss at the centre" in visitor.metrics
    visitor.set("Up", "A → hidden 1")
    assert "two different" in visitor.infos


def test_weights_that_are_all_zero_have_no_random_directions_and_the_page_says_so(visitor):
    visitor.set("Initial weights", "zeros")
    visitor.open_view("Loss surface")
    assert "give no directions" in visitor.infos


def test_a_path_that_has_not_begun_spans_no_plane_and_the_page_says_so(visitor):
    visitor.open_view("Loss surface")
    visitor.set("Plane", "Path of the run")
    assert "Train first" in visitor.infos


@pytest.mark.parametrize("page", ["gates", "digits"])
def test_the_hidden_space_says_what_share_of_the_variance_it_shows(visitor, page):
    if page == "gates":
        visitor.set("Units 1", 5)
    else:
        open_small_digits(visitor)
    visitor.open_view("Hidden space")
    shares = [float(visitor.metrics[f"Component {i}"].rstrip("%")) for i in (1, 2)]
    assert 0 < shares[1] <= shares[0] <= 100
    assert sum(shares) <= 100


def test_a_space_of_three_units_can_be_turned(visitor):
    visitor.open_view("Hidden space")
    visitor.set("Turn", 90)


def test_a_network_without_a_hidden_layer_has_no_hidden_space(visitor):
    visitor.open_view("Hidden space")
    visitor.set("Hidden layers", 0)
    assert "Hidden space" not in visitor.control("Details").options


@pytest.mark.parametrize("page", ["gates", "digits"])
def test_the_histograms_tell_how_many_weights_they_count(visitor, page):
    trained(visitor, page)
    visitor.open_view("Histograms")
    n_weights = visitor.run.latest.params[0][0].size
    assert f"The {n_weights:,} weights" in visitor.captions
    visitor.set("Of the", "Biases")
    n_biases = visitor.run.latest.params[0][1].size
    assert f"The {n_biases:,} biases" in visitor.captions


def test_histograms_of_gradients_are_those_of_the_snapshots_that_have_them(visitor):
    run = trained(visitor, "gates")
    visitor.open_view("Histograms")
    visitor.set("Show", "Gradients")
    has_some = any(snapshot.gradients is not None for snapshot in run.history.snapshots)
    assert has_some != ("No gradients" in visitor.infos)


def test_the_open_view_of_each_group_is_stored(visitor):
    visitor.open_view("Weights over time")
    visitor.open_view("Times")
    visitor.set("Kind of view", "Curves")
    assert visitor.control("Details").value == "Weights over time"
    visitor.set("Kind of view", "Numbers")
    assert visitor.control("Details").value == "Times"


def test_the_open_view_is_still_open_when_one_comes_back_to_the_page(visitor):
    visitor.open_view("Loss surface")
    visitor.open("bits")
    visitor.open("gates")
    assert visitor.control("Kind of view").value == "Inside"
    assert visitor.control("Details").value == "Loss surface"


def test_every_view_has_a_name_of_its_own_and_is_in_one_group():
    names = [view.NAME for view in views.VIEWS]
    assert len(set(names)) == len(names)
    linear = Experiment(dataset="and", hidden=())
    assert {"Hidden space", "Confusion"}.isdisjoint(views.views_for(linear))
    assert sum(map(len, views.grouped(linear).values())) == len(views.views_for(linear))
