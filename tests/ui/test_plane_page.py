"""The page Plane: a network by buttons, settings that follow, own points and own tables."""

import pytest
import streamlit as st

from nn_core import datasets
from tests.helpers.views import open_view
from tests.ui.test_pages import open_page, press, run_of, until
from ui.components.plain import plain
from ui.details import views
from ui.plane import points_editor
from ui.plane.plane_controls import DEFAULT_OUTPUT_AND_LOSS

FORM = "plane.form."


@pytest.fixture
def plane(app):
    return open_page(app, "plane")


def choose(app, name):
    app.selectbox(key=f"{FORM}dataset").set_value(name).run()
    assert not app.exception
    assert not app.error
    return app


def shown(app):
    """The experiment that the form holds."""
    return app.session_state["plane.valid"]


def answer(app):
    return app.selectbox(key=f"{FORM}output").value, app.selectbox(key=f"{FORM}loss").value


def test_a_network_is_built_by_buttons(plane):
    def click(field):
        press(plane, "plane", field)
        return shown(plane).hidden

    assert shown(plane).hidden == (4, 2)
    assert click("units.0.more") == (5, 2)
    assert click("layers.more") == (5, 2, 4)
    assert click("units.2.less") == (5, 2, 3)
    assert click("layers.less") == (5, 2)
    assert click("units.1.less") == (5, 1)
    assert plane.button(key="plane.units.1.less").disabled
    assert click("layers.less") == (5,)
    assert click("layers.less") == ()
    assert plane.button(key="plane.layers.less").disabled


def test_output_and_loss_follow_the_kind_of_the_task(plane):
    for name in ("blobs", "regression_sine", "spiral", "regression_plane", "blobs", "circle"):
        choose(plane, name)
        assert answer(plane) == DEFAULT_OUTPUT_AND_LOSS[shown(plane).dataset_options.kind]


def test_a_third_arm_asks_for_classes_and_a_second_alone_does_not(plane):
    choose(plane, "spiral")
    plane.number_input(key=f"{FORM}spiral.arms").set_value(3).run()
    assert answer(plane) == ("softmax", "cross_entropy")
    assert shown(plane).n_outputs == 3
    plane.number_input(key=f"{FORM}spiral.arms").set_value(2).run()
    assert answer(plane) == ("sigmoid", "bce")


def test_an_output_that_suits_the_new_task_is_left_alone(plane):
    plane.selectbox(key=f"{FORM}output").set_value("tanh").run()
    plane.selectbox(key=f"{FORM}loss").set_value("mse").run()
    choose(plane, "moons")
    assert answer(plane) == ("tanh", "mse")


def test_settings_are_taken_along_to_the_next_task(plane):
    plane.slider(key=f"{FORM}circle.noise").set_value(20).run()
    plane.number_input(key=f"{FORM}circle.points").set_value(300).run()
    choose(plane, "spiral")
    assert shown(plane).dataset_options.noise == 20
    assert shown(plane).dataset_options.points == 300
    choose(plane, "own_points")
    assert shown(plane).dataset_options.test_share == 0  # few points: all are learned from


def test_no_input_at_all_is_explained_and_nothing_is_lost(plane):
    plane.pills(key=f"{FORM}circle.features").set_value([]).run()
    assert not plane.exception
    assert "choose at least one input" in plane.main.error[0].value
    assert plane.button(key="plane.train").disabled
    plane.pills(key=f"{FORM}circle.features").set_value(["x1²", "x2²"]).run()
    assert not plane.error
    assert shown(plane).n_inputs == 2


def test_a_new_seed_changes_the_weights_and_not_the_points(plane):
    before = datasets.load(shown(plane))
    press(plane, "plane", "new_seed")
    after = datasets.load(shown(plane))
    assert shown(plane).seed == 1
    assert (before.x == after.x).all()


def test_the_circle_is_learned_and_both_parts_are_measured_while_it_trains(plane):
    plane.select_slider(key=f"{FORM}speed").set_value(1000.0).run()
    press(plane, "plane", "train")
    until(plane, "plane", lambda run: run.step > 300)
    measured = run_of(plane, "plane").history.measurements
    between = [m for m in measured if m.epoch % 1]
    assert between  # not at the ends of epochs alone
    assert {"train_loss", "test_loss", "train_accuracy", "test_accuracy"} <= set(between[0].metrics)
    until(plane, "plane", lambda run: run.history.measurements[-1].metrics["test_accuracy"] > 0.95)
    press(plane, "plane", "reset")


def test_another_network_is_seen_at_once_when_the_run_before_is_over(plane):
    plane.number_input(key=f"{FORM}epochs").set_value(2).run()
    plane.select_slider(key=f"{FORM}speed").set_value(1000.0).run()
    press(plane, "plane", "train")
    until(plane, "plane", lambda run: run.is_over)
    plane.number_input(key=f"{FORM}circle.points").set_value(100).run()
    assert run_of(plane, "plane") is None


@pytest.fixture
def clicked(app, monkeypatch):
    """The page with buttons where the picture is: each is a click into the square."""

    def picture(*_, **__):
        for i, place in enumerate([(1.234, -2.0, 2), (99.0, 0.0, 1), (0.0, 0.0, None)]):
            st.button(
                f"click {i}", key=f"click{i}", on_click=points_editor.add, args=("plane", *place)
            )

    monkeypatch.setattr("ui.live.picture_fragment.network_view", picture)
    return choose(open_page(app, "plane"), "own_points")


def test_a_click_places_a_point_of_the_chosen_class(clicked):
    before = shown(clicked).dataset_options.points
    clicked.button(key="click0").click().run()
    assert shown(clicked).dataset_options.points == (*before, (1.23, -2.0, 2.0))
    assert shown(clicked).n_outputs == 3
    assert answer(clicked) == ("softmax", "cross_entropy")
    clicked.button(key="click1").click().run()
    assert shown(clicked).dataset_options.points[-1] == (6.0, 0.0, 1.0)
    clicked.segmented_control(key=f"{FORM}group").set_value(4).run()
    clicked.button(key="click2").click().run()
    assert shown(clicked).dataset_options.points[-1] == (0.0, 0.0, 4.0)
    for _ in range(3):
        press(clicked, "plane", "points.remove_last")
    assert shown(clicked).dataset_options.points == before
    assert answer(clicked) == ("sigmoid", "bce")


def test_points_with_numbers_are_placed_with_a_number(clicked):
    clicked.segmented_control(key=f"{FORM}own_points.answer").set_value("number").run()
    assert answer(clicked) == ("identity", "mse")
    clicked.number_input(key=f"{FORM}number").set_value(-2.5).run()
    clicked.button(key="click2").click().run()
    assert shown(clicked).dataset_options.points[-1] == (0.0, 0.0, -2.5)


def test_all_points_can_be_taken_away_and_training_none_is_explained(clicked):
    press(clicked, "plane", "points.clear")
    assert shown(clicked).dataset_options.points == ()
    for name, view in views.views_for(shown(clicked)).items():
        open_view(clicked, "plane", name)
        said = any("Place one in the square" in info.value for info in clicked.info)
        assert said == getattr(view, "NEEDS_ROWS", False), name
    press(clicked, "plane", "train")
    until(clicked, "plane", lambda run: run.is_over)
    assert "place a point first" in run_of(clicked, "plane").end.message
    clicked.button(key="click0").click().run()
    assert run_of(clicked, "plane") is None  # the picture shows the new point


def test_own_points_can_begin_as_those_of_the_set_before(clicked):
    press(clicked, "plane", "points.copy")
    assert len(shown(clicked).dataset_options.points) == 500
    for x1, x2, y in shown(clicked).dataset_options.points:
        assert (x1**2 + x2**2 < 9) == bool(y)


def test_the_table_of_points_is_edited_by_cells_rows_and_ticks(app, monkeypatch):
    kept = {"plane.points_shown": ((1.0, 2.0, 0.0), (3.0, 4.0, 1.0), (5.0, 5.0, 1.0))}
    kept["editor"] = {
        "edited_rows": {0: {"x1": -1}},
        "deleted_rows": [1],
        "added_rows": [{"x1": 0.5, "x2": 0.25, "class": 2}, {"x1": 1.0}],
    }
    monkeypatch.setattr(points_editor.session, "state", lambda: kept)
    monkeypatch.setattr(points_editor, "adapt_to_dataset", lambda form: None)
    points_editor._apply_table_edits("plane", "editor", "class")
    assert kept["plane.form.own_points.points"] == (
        (-1.0, 2.0, 0.0), (5.0, 5.0, 1.0), (0.5, 0.25, 2.0),
    )  # fmt: skip


CSV = b"a;b;kind\n" + b"".join(
    f"{i},5;{i * i};{'uvw'[i % 3]}\n".encode() for i in range(12)
)  # fmt: skip


def upload(app, content, name="mine.csv"):
    app.file_uploader(key="plane.upload").set_value((name, content, "text/csv")).run()
    assert not app.exception


def test_a_table_is_uploaded_its_columns_chosen_and_a_bad_one_loses_nothing(plane):
    choose(plane, "table")
    upload(plane, CSV)
    assert not plane.error
    options = shown(plane).dataset_options
    assert (options.inputs, options.target, options.classes) == (
        ("a", "b"),
        "kind",
        ("u", "v", "w"),
    )
    assert answer(plane) == ("softmax", "cross_entropy")
    upload(plane, CSV.replace(b"\n3,5", b"\nthree"))
    assert plain("Row 5, column 'a': 'three' is not a number") in plane.error[0].value
    assert "stays in use" in plane.error[0].value
    assert shown(plane).dataset_options == options
    upload(plane, CSV)
    assert not plane.error
    plane.multiselect(key=f"{FORM}columns.inputs").set_value(["a"]).run()
    assert "2 to 10 columns of numbers are needed" in plane.error[0].value
    assert shown(plane).dataset_options == options


def test_names_from_a_table_are_shown_as_they_are_written(plane):
    choose(plane, "table")
    upload(plane, CSV.replace(b"a;b;kind", b"[x](//evil);$b$;**k**"), "![y](//evil).csv")
    assert shown(plane).dataset_options.inputs == ("[x](//evil)", "$b$")
    upload(plane, CSV.replace(b"a;b;kind", b"[x](//evil);[x](//evil);k"), "![y](//evil).csv")
    texts = [*plane.caption, *plane.error, *plane.expander]
    shown_texts = [getattr(text, "value", None) or text.label for text in texts]
    assert sum("evil" in text for text in shown_texts) == 3
    for text in shown_texts:
        assert not any(sign in text for sign in ("[x](", "![y](", "$b$"))


def test_a_table_that_was_uploaded_is_learned(plane):
    choose(plane, "table")
    upload(plane, CSV)
    plane.number_input(key=f"{FORM}epochs").set_value(3).run()
    press(plane, "plane", "train")
    until(plane, "plane", lambda run: run.is_over)
    assert run_of(plane, "plane").end.reason == "epochs"
    assert run_of(plane, "plane").started.input_names == ["a", "b"]
