"""Every page opens, and a story for each."""

import time

import pytest
import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from nn_core import server
from nn_core.runs.run import Run
from nn_core.runs.workers import pool as pools
from tests.helpers.real_mnist import real_mnist
from tests.helpers.root import ROOT
from tests.helpers.views import open_view
from ui import session
from ui.details import details, views

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
PICTURED = ["bits", "digits", "gates", "plane"]  # the pages that show one run


def open_page(app, page):
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def run_of(app, page):
    return app.session_state[f"{page}.run"]


def until(app, page, is_true, seconds=30):
    deadline = time.monotonic() + seconds
    while not is_true(run_of(app, page)):
        assert time.monotonic() < deadline, run_of(app, page).state
        time.sleep(0.05)
    app.run()
    assert not app.exception


def press(app, page, button):
    app.button(key=f"{page}.{button}").click().run()
    assert not app.exception


@pytest.mark.parametrize("page", PAGES)
def test_the_page_opens_and_has_one_title(app, page):
    open_page(app, page)
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PICTURED)
def test_every_control_has_help(app, page):
    open_page(app, page)
    kinds = ("selectbox", "number_input", "select_slider", "toggle", "pills", "segmented_control")
    controls = [control for kind in kinds for control in app.get(kind)]
    assert len(controls) > (12 if page in PICTURED else 2)
    without = [c.label for c in controls if not c.proto.help]
    assert not without


@pytest.mark.parametrize(
    "page",
    [page if page == "gates" else pytest.param(page, marks=pytest.mark.slow) for page in PICTURED],
)
def test_every_view_below_the_picture_opens_before_and_after_training(app, page):
    open_page(app, page)
    if page == "digits":
        app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
    if page == "plane":
        app.number_input(key="plane.form.epochs").set_value(20).run()
    groups = app.segmented_control(key=f"{page}.form.views").options
    for _ in range(2):
        for group in groups:
            app.segmented_control(key=f"{page}.form.views").set_value(group).run()
            for view in app.pills(key=f"{page}.form.view").options:
                app.pills(key=f"{page}.form.view").set_value(view).run()
                assert not app.exception, view
        app.select_slider(key=f"{page}.form.speed").set_value(1000.0).run()
        press(app, page, "train")
        until(app, page, lambda run: run.is_over)


def test_a_gate_is_learned_paused_resumed_and_reset(app):
    app.select_slider(key="gates.form.speed").set_value(10.0).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 3)
    press(app, "gates", "pause")
    until(app, "gates", lambda run: run.state == "paused")
    step = run_of(app, "gates").step
    press(app, "gates", "step")
    until(app, "gates", lambda run: run.step == step + 1)
    press(app, "gates", "resume")
    app.select_slider(key="gates.form.speed").set_value(1000.0).run()
    until(app, "gates", lambda run: run.is_over)
    run = run_of(app, "gates")
    assert run.state == "finished"
    assert [float(y) > 0.5 for y in run.latest.outputs[:, 0]] == [False, True, True, False]
    assert app.button(key="gates.train")
    press(app, "gates", "reset")
    assert run_of(app, "gates") is None
    assert app.number_input(key="gates.form.seed").value == 0


def test_new_seed_changes_the_seed_and_nothing_else(app):
    press(app, "gates", "new_seed")
    assert app.number_input(key="gates.form.seed").value == 1
    press(app, "gates", "new_seed")
    assert app.number_input(key="gates.form.seed").value == 2
    assert app.selectbox(key="gates.form.dataset").value == "xor"


def test_step_begins_a_run_that_waits(app):
    press(app, "gates", "step")
    until(app, "gates", lambda run: run.step == 1)
    assert run_of(app, "gates").state == "paused"


def test_the_learning_rate_moves_in_a_run_that_goes_on(app):
    app.number_input(key="gates.form.epochs").set_value(1_000_000).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 5)
    app.select_slider(key="gates.form.learning_rate").set_value(0.02).run()
    until(app, "gates", lambda run: run.learning_rate_now == 0.02)
    assert not run_of(app, "gates").is_over


def test_another_widget_can_be_changed_while_a_run_goes_on_without_losing_it(app):
    app.number_input(key="gates.form.epochs").set_value(1_000_000).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 5)
    run = run_of(app, "gates")
    app.selectbox(key="gates.form.activation").set_value("tanh").run()
    assert not app.exception
    assert run_of(app, "gates") is run
    assert not run.is_over
    assert any("Activation" in caption.value for caption in app.caption)


def test_an_output_and_a_loss_that_do_not_fit_are_explained_and_nothing_is_lost(app):
    app.selectbox(key="gates.form.loss").set_value("cross_entropy").run()
    assert not app.exception
    assert "choose the softmax output" in app.main.error[0].value
    assert app.button(key="gates.train").disabled
    assert app.pills(key="gates.form.view")  # what was seen stays to be seen
    app.selectbox(key="gates.form.loss").set_value("bce").run()
    assert not app.error
    assert not app.button(key="gates.train").disabled


def test_a_poor_pair_is_allowed_and_explained(app):
    open_page(app, "bits")
    app.selectbox(key="bits.form.loss").set_value("cross_entropy_logits").run()
    assert any("softmax is applied twice" in info.value for info in app.info)
    assert not app.button(key="bits.train").disabled


def test_a_table_of_ones_own_is_learned(app):
    app.selectbox(key="gates.form.dataset").set_value("truth_table").run()
    app.segmented_control(key="gates.form.table.inputs").set_value(1).run()
    assert not app.exception
    app.select_slider(key="gates.form.speed").set_value(1000.0).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    assert run_of(app, "gates").experiment.dataset_options.truth == "01"
    assert run_of(app, "gates").end.metrics["train_accuracy"] == 1.0


def test_the_linear_read_out_of_bits_approaches_the_place_values(app):
    open_page(app, "bits")
    app.number_input(key="bits.form.bits.bits").set_value(4).run()
    app.segmented_control(key="bits.form.bits.answer").set_value("number").run()
    assert not app.error
    app.select_slider(key="bits.form.speed").set_value(1000.0).run()
    press(app, "bits", "train")
    until(app, "bits", lambda run: run.is_over)
    weight, _ = run_of(app, "bits").latest.params[0]
    assert weight[:, 0] == pytest.approx([8, 4, 2, 1], abs=0.05)


def test_the_settings_of_a_page_are_there_when_one_comes_back(app):
    app.selectbox(key="gates.form.dataset").set_value("nand").run()
    app.number_input(key="gates.form.units.0").set_value(5).run()
    open_page(app, "bits")
    open_page(app, "gates")
    assert app.selectbox(key="gates.form.dataset").value == "nand"
    assert app.number_input(key="gates.form.units.0").value == 5


@pytest.mark.usefixtures("slowly")
def test_a_run_goes_on_while_another_page_is_looked_at(app):
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 5)
    run = run_of(app, "gates")
    open_page(app, "bits")
    assert not run.is_over
    open_page(app, "gates")
    assert run_of(app, "gates") is run


def test_the_check_against_numpy_of_numpy_itself_finds_no_difference(app):
    app.select_slider(key="gates.form.speed").set_value(1000.0).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    open_view(app, "gates", "Check against NumPy")
    press(app, "gates", "compare")
    deadline = time.monotonic() + 30
    while not app.metric and time.monotonic() < deadline:
        time.sleep(0.1)
        app.run()
    assert [metric.value for metric in app.metric] == ["0", "0", "3,000"]


def test_train_uses_what_was_typed_just_before_it(app):
    app.number_input(key="gates.form.epochs").set_value(7)
    app.button(key="gates.train").click()
    app.run()  # both arrive at once, as they do from a quick hand
    until(app, "gates", lambda run: run.is_over)
    assert run_of(app, "gates").end.step == 7


def test_an_engine_is_asked_for_where_there_is_one_and_names_the_worker(app, monkeypatch):
    monkeypatch.setattr(pools.Pool, "warm", lambda self, worker: None)
    open_page(app, "gates")
    assert not [box for box in app.selectbox if box.key == "gates.form.engine"]
    app.selectbox(key="gates.form.backend").select("keras").run()
    engine = app.selectbox(key="gates.form.engine")
    assert engine.options == ["TensorFlow", "JAX", "PyTorch"]
    engine.select("torch").run()
    assert not app.exception
    warmed = []
    monkeypatch.setattr(pools.Pool, "warm", lambda self, worker: warmed.append(worker))
    app.run()
    assert warmed == ["keras-torch"]


def test_given_weights_where_none_are_published_are_explained(app):
    app.selectbox(key="gates.form.initializer").set_value("given").run()
    assert not app.exception
    assert any("no optimum is published" in error.value for error in app.error)
    app.number_input(key="gates.form.units.0").set_value(2).run()
    app.selectbox(key="gates.form.activation").set_value("relu").run()
    app.selectbox(key="gates.form.output").set_value("identity").run()
    assert not app.error
    assert not app.exception


@pytest.mark.parametrize(
    ("page", "change"),
    [
        ("gates", lambda app: app.number_input(key="gates.form.units.0").set_value(5)),
        ("gates", lambda app: app.number_input(key="gates.form.layers").set_value(2)),
        ("gates", lambda app: app.selectbox(key="gates.form.dataset").set_value("truth_table")),
        ("bits", lambda app: app.number_input(key="bits.form.bits.bits").set_value(4)),
        ("digits", lambda app: app.selectbox(key="digits.form.dataset").set_value("mnist")),
    ],
)
def test_the_form_may_change_while_a_run_has_nothing_to_show_yet(app, page, change, monkeypatch):
    open_page(app, page)
    if page == "digits":
        app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
    open_view(app, page, "Weights now")
    monkeypatch.setattr(server.get_pool().queue, "slots", 0)  # the run waits in line
    press(app, page, "train")
    assert run_of(app, page).state == "queued"
    change(app).run()
    assert not app.exception


def test_a_run_that_is_over_is_told_apart_from_settings_that_changed_since(app):
    app.number_input(key="gates.form.epochs").set_value(5).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    app.number_input(key="gates.form.units.0").set_value(4).run()
    assert any("the run before" in caption.value for caption in app.caption)


@pytest.fixture(params=["missing", "corrupt"])
def damaged_mnist(request, tmp_path, monkeypatch):
    folder = tmp_path / "mnist"
    folder.mkdir()
    if request.param == "corrupt":
        for file in (real_mnist() / "mnist").glob("*.gz"):
            content = bytearray(file.read_bytes())
            content[len(content) // 2] ^= 1
            (folder / file.name).write_bytes(content)
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    return folder


def test_mnist_that_cannot_be_read_is_a_sentence(damaged_mnist, app):
    open_page(app, "digits")
    app.selectbox(key="digits.form.dataset").set_value("mnist").run()
    assert not app.exception
    press(app, "digits", "train")
    until(app, "digits", lambda run: run.is_over)
    end = run_of(app, "digits").end
    assert end.kind == "data"
    assert str(damaged_mnist) in end.message


def test_a_visitor_whose_page_is_asked_for_frames_is_there(app):
    pool = server.get_pool()
    press(app, "gates", "train")
    owner = app.session_state["owner"]
    pool.release(owner)
    before = pool.leases.ends[owner]
    app.session_state["gates.picture"].frame()
    assert pool.leases.ends[owner] > before
    pool.welcome(owner)
    assert owner not in pool.leases.ends


def test_a_link_with_weights_says_where_its_settings_are_not_those_of_the_weights(app):
    app.select_slider(key="gates.form.speed").set_value(None).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.is_over)
    app.session_state["gates.share"] = True
    app.session_state["gates.form.share_weights"] = True
    app.run()
    said = "trained with other settings"
    assert not any(said in caption.value for caption in app.caption)
    app.selectbox(key="gates.form.activation").set_value("tanh").run()
    (found,) = [caption.value for caption in app.caption if said in caption.value]
    assert "Activation changed" in found


def test_weights_can_be_typed_in(app):
    app.selectbox(key="gates.form.initializer").set_value("given").run()
    assert any("no optimum is published" in error.value for error in app.error)
    app.toggle(key="gates.form.typed").set_value(True).run()
    assert not app.error
    assert not app.exception


def test_each_layer_takes_an_activation_of_its_own_and_gives_it_back(app):
    app.number_input(key="gates.form.layers").set_value(2).run()
    app.selectbox(key="gates.form.activation").set_value("tanh").run()
    app.toggle(key="gates.form.each_layer").set_value(True).run()
    assert app.selectbox(key="gates.form.activation.0").value == "tanh"
    app.selectbox(key="gates.form.activation.1").set_value("relu").run()
    assert not app.exception
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 5)
    assert run_of(app, "gates").experiment.hidden_activations == ("tanh", "relu")
    app.toggle(key="gates.form.each_layer").set_value(False).run()
    assert app.selectbox(key="gates.form.activation").value == "tanh"
    app.number_input(key="gates.form.layers").set_value(0).run()
    assert not app.exception
    assert not app.error


def test_a_regularised_run_says_so_and_learns(app):
    assert not any("Regularised" in caption.value for caption in app.caption)
    app.number_input(key="gates.form.units.0").set_value(8).run()
    app.number_input(key="gates.form.dropout").set_value(0.2).run()
    app.number_input(key="gates.form.l2").set_value(0.001).run()
    assert any(c.value == "Regularised by Dropout 0.2, L2 0.001" for c in app.caption)
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 20)
    experiment = run_of(app, "gates").experiment
    assert (experiment.dropout, experiment.l1, experiment.l2) == (0.2, 0.0, 0.001)
    # Without hidden units nobody can be silent: the control rests, and nothing is refused.
    app.number_input(key="gates.form.layers").set_value(0).run()
    assert app.number_input(key="gates.form.dropout").disabled
    assert not app.error


@pytest.mark.parametrize("view", ["Walk-through", "Graph"])
def test_a_step_can_be_walked_through_before_and_after_training_but_not_while_weights_move(
    app, view
):
    open_view(app, "gates", view)
    chosen = app.selectbox(key="gates.form.walk.row").options
    assert "row 2: A = 0, B = 1 → Y = 1" in chosen
    assert (len(chosen) == 5) == (view == "Walk-through")  # all rows are a batch, and no graph
    app.number_input(key="gates.form.epochs").set_value(1_000_000).run()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 5)
    assert any("Press Pause to walk through" in info.value for info in app.info)
    press(app, "gates", "pause")
    until(app, "gates", lambda run: run.state == "paused")
    assert app.selectbox(key="gates.form.walk.row")
    step = run_of(app, "gates").latest.step
    assert any(f"at the weights of step {step:,}" in caption.value for caption in app.caption)


def test_a_network_too_large_for_formulas_says_so(app):
    app.number_input(key="gates.form.units.0").set_value(50).run()
    open_view(app, "gates", "Graph")
    assert any("they stay readable up to 64" in info.value for info in app.info)
    open_view(app, "gates", "Walk-through")
    assert any("the first 2 units of each layer" in info.value for info in app.info)
    assert app.selectbox(key="gates.form.walk.row")


@pytest.mark.usefixtures("slowly")
def test_the_doctor_is_silent_before_and_during_a_healthy_run_and_gives_a_verdict_after_it(app):
    def sentences():
        return [m.value for m in app.markdown if "Solved" in m.value or "stethoscope" in m.value]

    assert not sentences()
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 5)
    assert not run_of(app, "gates").is_over
    assert not sentences()
    app.select_slider(key="gates.form.speed").set_value(1000.0).run()
    until(app, "gates", lambda run: run.is_over)
    assert len(sentences()) == 1


def test_each_pathology_opens_on_its_page_and_trains(app):
    from nn_core.lessons import pathologies

    for name in pathologies.names():
        pathology = pathologies.get(name)
        open_page(app, "pathologies")
        app.button(key=f"pathologies.{name}.broken").click().run()
        assert not app.exception
        assert run_of(app, pathology.page).experiment == pathology.broken


def test_a_run_that_ends_while_a_view_is_drawn_is_drawn_once_more(app, monkeypatch):
    open_page(app, "gates")
    press(app, "gates", "train")
    until(app, "gates", lambda run: run.step > 0)
    asks, changing = [], [True]
    monkeypatch.setattr(details, "pacer", lambda *, is_on, **_: asks.append(is_on))
    monkeypatch.setattr(Run, "is_changing", property(lambda run: changing[0]))
    show = views.loss.show

    def ends_meanwhile(*arguments):
        show(*arguments)
        changing[0] = False

    open_view(app, "gates", "Loss")
    monkeypatch.setattr(views.loss, "show", ends_meanwhile)
    app.run()
    assert asks[-1]
    app.run()
    assert not asks[-1]


def controls(app):
    """The controls of the form that stand on the page."""
    kinds = ("number_input", "selectbox", "select_slider", "toggle", "button_group")
    return [w for kind in kinds for w in getattr(app, kind) if session.FORM in (w.key or "")]


def test_what_is_typed_meanwhile_is_not_set_back_by_the_page(app):
    app.number_input(key="gates.form.epochs").set_value(77).run()
    # A widget that is set is set in the browser, over what is typed there.
    assert [w.key for w in controls(app) if w.proto.set_value] == []


def test_nor_is_it_set_back_after_a_run_of_the_page_that_was_cut_short(app, monkeypatch):
    monkeypatch.setattr(session, "leave", lambda: st.stop())
    app.number_input(key="gates.form.epochs").set_value(77).run()
    app.number_input(key="gates.form.seed").set_value(5).run()
    assert [w.key for w in controls(app) if w.proto.set_value] == []
    assert app.number_input(key="gates.form.epochs").value == 77


def test_controls_that_the_browser_was_not_sent_are_sent_as_they_were_set(app):
    app.number_input(key="gates.form.epochs").set_value(77).run()
    app._run(WidgetStates())  # a browser that reports no widget: what the last run drew was lost
    assert len(controls(app)) > 12
    assert [w.key for w in controls(app) if not w.proto.set_value] == []
    epochs = app.number_input(key="gates.form.epochs")
    assert (epochs.value, epochs.proto.value) == (77, 77)


def test_what_was_set_is_kept_even_if_the_next_click_cuts_the_run_short(app, monkeypatch):
    monkeypatch.setattr(session, "leave", lambda: None)
    app.number_input(key="gates.form.epochs").set_value(77).run()
    assert app.session_state["kept"]["gates.form.epochs"] == 77


def test_a_widget_that_was_away_comes_back_as_it_was_left(app):
    layers = "gates.form.layers"
    app.number_input(key=layers).set_value(2).run()
    app.number_input(key="gates.form.units.1").set_value(7).run()
    app.number_input(key=layers).set_value(1).run()
    app.selectbox(key="gates.form.loss").set_value("bce").run()
    app.number_input(key=layers).set_value(2).run()
    back = app.number_input(key="gates.form.units.1")
    assert (back.value, back.proto.set_value, back.proto.value) == (7, True, 7)


def test_a_widget_comes_back_as_it_was_left_though_the_browser_reports_it_still(app):
    app.number_input(key="gates.form.layers").set_value(2).run()
    app.number_input(key="gates.form.units.1").set_value(7).run()
    two_layers = app._tree.get_widget_states()
    app.number_input(key="gates.form.layers").set_value(1).run()
    app._run(two_layers)  # sent before the answer that takes the units away has arrived
    back = app.number_input(key="gates.form.units.1")
    assert (back.value, back.proto.set_value, back.proto.value) == (7, True, 7)
