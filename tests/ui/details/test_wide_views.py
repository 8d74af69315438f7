"""The views of histograms, hidden space and loss surface, on the pages that have them."""

import pytest

from nn_core import Experiment
from tests.helpers.views import open_view
from tests.ui.test_pages import open_page, press, run_of, until
from ui.details import views


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


def small_digits(app):
    open_page(app, "digits")
    app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
    app.number_input(key="digits.form.units.0").set_value(8).run()
    app.number_input(key="digits.form.epochs").set_value(2).run()


def trained(app, page):
    if page == "digits":
        small_digits(app)
    else:
        app.number_input(key=f"{page}.form.epochs").set_value(300).run()
        app.select_slider(key=f"{page}.form.speed").set_value(None).run()
    press(app, page, "train")
    until(app, page, lambda run: run.is_over)
    return run_of(app, page)


@pytest.mark.parametrize("page", ["gates", "digits"])
def test_the_centre_of_the_surface_is_the_loss_that_the_run_measured(app, page):
    run = trained(app, page)
    open_view(app, page, "Loss surface")
    press(app, page, "surface.compute")
    found = metrics(app)
    measured = float(found["The same, measured by the run"])
    assert float(found["Loss at the centre"]) == pytest.approx(measured, rel=1e-4)  # float32
    last = run.history.measurements[-1].metrics["train_loss"]
    assert float(found["Loss at the centre"]) == pytest.approx(last, rel=1e-4)
    app.selectbox(key=f"{page}.form.surface.kind").set_value("Path of the run").run()
    press(app, page, "surface.compute")
    assert metrics(app)["Loss at the centre"] == found["Loss at the centre"]
    assert float(metrics(app)["Path in this plane"].rstrip("%")) > 90


def test_other_directions_are_another_seed_and_the_centre_stays(app):
    trained(app, "gates")
    open_view(app, "gates", "Loss surface")
    before = metrics(app)
    press(app, "gates", "surface.other")
    assert app.number_input(key="gates.form.surface.seed").value == 1
    assert metrics(app)["Loss at the centre"] == before["Loss at the centre"]
    assert metrics(app)["Path in this plane"] != before["Path in this plane"]


def test_two_weights_that_are_one_are_refused_with_a_sentence(app):
    trained(app, "gates")
    open_view(app, "gates", "Loss surface")
    app.selectbox(key="gates.form.surface.kind").set_value("Two weights").run()
    assert "Loss at the centre" in metrics(app)
    app.selectbox(key="gates.form.surface.weight.1").set_value("A → hidden 1").run()
    assert any("two different" in info.value for info in app.info)


def test_weights_that_are_all_zero_have_no_random_directions_and_the_page_says_so(app):
    app.selectbox(key="gates.form.initializer").set_value("zeros").run()
    open_view(app, "gates", "Loss surface")
    assert any("give no directions" in info.value for info in app.info)


def test_a_path_that_has_not_begun_spans_no_plane_and_the_page_says_so(app):
    open_view(app, "gates", "Loss surface")
    app.selectbox(key="gates.form.surface.kind").set_value("Path of the run").run()
    assert any("Train first" in info.value for info in app.info)


@pytest.mark.parametrize("page", ["gates", "digits"])
def test_the_hidden_space_says_what_share_of_the_variance_it_shows(app, page):
    if page == "gates":
        app.number_input(key="gates.form.units.0").set_value(5).run()
    else:
        small_digits(app)
    open_view(app, page, "Hidden space")
    shares = [float(metrics(app)[f"Component {i}"].rstrip("%")) for i in (1, 2)]
    assert 0 < shares[1] <= shares[0] <= 100
    assert sum(shares) <= 100


def test_a_space_of_three_units_can_be_turned(app):
    open_view(app, "gates", "Hidden space")
    app.slider(key="gates.form.hidden.degrees").set_value(90).run()
    assert not app.exception


def test_a_network_without_a_hidden_layer_has_no_hidden_space(app):
    open_view(app, "gates", "Hidden space")
    app.number_input(key="gates.form.layers").set_value(0).run()
    assert not app.exception
    assert "Hidden space" not in app.pills(key="gates.form.view").options


@pytest.mark.parametrize("page", ["gates", "digits"])
def test_the_histograms_tell_how_many_weights_they_count(app, page):
    trained(app, page)
    open_view(app, page, "Histograms")
    n_weights = run_of(app, page).latest.params[0][0].size
    assert any(f"The {n_weights:,} weights" in caption.value for caption in app.caption)
    app.segmented_control(key=f"{page}.form.histograms.of").set_value("Biases").run()
    n_biases = run_of(app, page).latest.params[0][1].size
    assert any(f"The {n_biases:,} biases" in caption.value for caption in app.caption)


def test_histograms_of_gradients_are_those_of_the_snapshots_that_have_them(app):
    run = trained(app, "gates")
    open_view(app, "gates", "Histograms")
    app.segmented_control(key="gates.form.histograms.kind").set_value("Gradients").run()
    assert not app.exception
    has_some = any(snapshot.gradients is not None for snapshot in run.history.snapshots)
    assert has_some != any("No gradients" in info.value for info in app.info)


def test_each_group_remembers_the_view_that_was_open_in_it(app):
    open_view(app, "gates", "Weights over time")
    open_view(app, "gates", "Times")
    app.segmented_control(key="gates.form.views").set_value("Curves").run()
    assert app.pills(key="gates.form.view").value == "Weights over time"
    app.segmented_control(key="gates.form.views").set_value("Numbers").run()
    assert app.pills(key="gates.form.view").value == "Times"


def test_the_open_view_is_still_open_when_one_comes_back_to_the_page(app):
    open_view(app, "gates", "Loss surface")
    open_page(app, "bits")
    open_page(app, "gates")
    assert app.segmented_control(key="gates.form.views").value == "Inside"
    assert app.pills(key="gates.form.view").value == "Loss surface"


def test_every_view_has_a_name_of_its_own_and_is_in_one_group():
    names = [view.NAME for view in views.VIEWS]
    assert len(set(names)) == len(names)
    linear = Experiment(dataset="and", hidden=())
    assert {"Hidden space", "Confusion"}.isdisjoint(views.views_for(linear))
    assert sum(map(len, views.grouped(linear).values())) == len(views.views_for(linear))
