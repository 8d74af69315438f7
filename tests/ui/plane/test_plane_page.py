"""The page Plane: a network by buttons, settings that follow, own points and own tables."""

import pytest
import streamlit as st

from nn_core import datasets
from ui.components.plain_text import plain
from ui.details import views
from ui.plane import points_editor
from ui.plane.plane_controls import DEFAULT_OUTPUT_AND_LOSS


@pytest.fixture
def plane(visitor):
    return visitor.open("plane")


def choose(visitor, name):
    visitor.set("Task", name)
    assert not visitor.errors
    return visitor


def answer(visitor):
    return visitor.control("Output").value, visitor.control("Loss").value


def test_a_network_is_built_by_buttons(plane):
    def hidden_after(label):
        plane.press(label)
        return plane.experiment.hidden

    assert plane.experiment.hidden == (4, 2)
    assert hidden_after("Layer 1 +") == (5, 2)
    assert hidden_after("+ Layer") == (5, 2, 4)
    assert hidden_after("Layer 3 −") == (5, 2, 3)
    assert hidden_after("− Layer") == (5, 2)
    assert hidden_after("Layer 2 −") == (5, 1)
    assert plane.button("Layer 2 −").disabled
    assert hidden_after("− Layer") == (5,)
    assert hidden_after("− Layer") == ()
    assert plane.button("− Layer").disabled


def test_output_and_loss_follow_the_kind_of_the_task(plane):
    for name in ("blobs", "regression_sine", "spiral", "regression_plane", "blobs", "circle"):
        choose(plane, name)
        assert answer(plane) == DEFAULT_OUTPUT_AND_LOSS[plane.experiment.dataset_options.kind]


def test_a_third_arm_asks_for_classes_and_a_second_alone_does_not(plane):
    choose(plane, "spiral")
    plane.set("Arms", 3)
    assert answer(plane) == ("softmax", "cross_entropy")
    assert plane.experiment.n_outputs == 3
    plane.set("Arms", 2)
    assert answer(plane) == ("sigmoid", "bce")


def test_an_output_that_suits_the_new_task_is_left_alone(plane):
    plane.set("Output", "tanh")
    plane.set("Loss", "mse")
    choose(plane, "moons")
    assert answer(plane) == ("tanh", "mse")


def test_settings_are_taken_along_to_the_next_task(plane):
    plane.set("Noise (%)", 20)
    plane.set("Points", 300)
    choose(plane, "spiral")
    assert plane.experiment.dataset_options.noise == 20
    assert plane.experiment.dataset_options.points == 300
    choose(plane, "own_points")
    assert plane.experiment.dataset_options.test_share == 0  # few points: all are learned from


def test_no_input_at_all_is_explained_and_nothing_is_lost(plane):
    plane.set("Inputs", [])
    assert "choose at least one input" in plane.app.main.error[0].value
    assert plane.button("Train").disabled
    plane.set("Inputs", ["x1²", "x2²"])
    assert not plane.errors
    assert plane.experiment.n_inputs == 2


def test_a_new_seed_changes_the_weights_and_not_the_points(plane):
    before = datasets.load(plane.experiment)
    plane.press("New seed")
    after = datasets.load(plane.experiment)
    assert plane.experiment.seed == 1
    assert (before.x == after.x).all()


def test_the_circle_is_learned_and_both_parts_are_measured_while_it_trains(plane):
    plane.set("Speed limit, steps/s", 1000.0)
    plane.press("Train")
    plane.until(lambda run: run.step > 300)
    measured = plane.run.history.measurements
    between = [m for m in measured if m.epoch % 1]
    assert between  # not at the ends of epochs alone
    assert {"train_loss", "test_loss", "train_accuracy", "test_accuracy"} <= set(between[0].metrics)
    plane.until(lambda run: run.history.measurements[-1].metrics["test_accuracy"] > 0.95)
    plane.press("Reset")


def test_another_network_is_seen_at_once_when_the_run_before_is_over(plane):
    plane.set("Epochs (passes)", 2)
    plane.set("Speed limit, steps/s", 1000.0)
    plane.train()
    plane.set("Points", 100)
    assert plane.run is None


@pytest.fixture
def clicked(visitor, monkeypatch):
    """The page with buttons where the picture is: each is a click into the square."""

    def picture(*_, **__):
        for i, place in enumerate([(1.234, -2.0, 2), (99.0, 0.0, 1), (0.0, 0.0, None)]):
            st.button(
                f"click {i}", key=f"click{i}", on_click=points_editor.add, args=("plane", *place)
            )

    monkeypatch.setattr("ui.live.picture_fragment.network_view", picture)
    return choose(visitor.open("plane"), "own_points")


def test_a_click_places_a_point_of_the_chosen_class(clicked):
    before = clicked.experiment.dataset_options.points
    clicked.press("click 0")
    assert clicked.experiment.dataset_options.points == (*before, (1.23, -2.0, 2.0))
    assert clicked.experiment.n_outputs == 3
    assert answer(clicked) == ("softmax", "cross_entropy")
    clicked.press("click 1")
    assert clicked.experiment.dataset_options.points[-1] == (6.0, 0.0, 1.0)
    clicked.set("Class to place", 4)
    clicked.press("click 2")
    assert clicked.experiment.dataset_options.points[-1] == (0.0, 0.0, 4.0)
    for _ in range(3):
        clicked.press("Remove last")
    assert clicked.experiment.dataset_options.points == before
    assert answer(clicked) == ("sigmoid", "bce")


def test_points_with_numbers_are_placed_with_a_number(clicked):
    clicked.set("Each point has", "number")
    assert answer(clicked) == ("identity", "mse")
    clicked.set("Number to place", -2.5)
    clicked.press("click 2")
    assert clicked.experiment.dataset_options.points[-1] == (0.0, 0.0, -2.5)


def test_all_points_can_be_taken_away_and_training_none_is_explained(clicked):
    clicked.press("Clear")
    assert clicked.experiment.dataset_options.points == ()
    for name, view in views.views_for(clicked.experiment).items():
        clicked.open_view(name)
        said = "Place one in the square" in clicked.infos
        assert said == getattr(view, "NEEDS_ROWS", False), name
    clicked.train()
    assert "place a point first" in clicked.run.end.message
    clicked.press("click 0")
    assert clicked.run is None  # the picture shows the new point


def test_own_points_can_begin_as_those_of_the_set_before(clicked):
    clicked.press("Copy the points of circle")
    assert len(clicked.experiment.dataset_options.points) == 500
    for x1, x2, y in clicked.experiment.dataset_options.points:
        assert (x1**2 + x2**2 < 9) == bool(y)


def test_the_table_of_points_is_edited_by_cells_rows_and_ticks(visitor, monkeypatch):
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


def upload(visitor, content, name="mine.csv"):
    visitor.set("CSV file", (name, content, "text/csv"))


def test_a_table_is_uploaded_its_columns_chosen_and_a_bad_one_loses_nothing(plane):
    choose(plane, "table")
    upload(plane, CSV)
    assert not plane.errors
    options = plane.experiment.dataset_options
    assert (options.inputs, options.target, options.classes) == (
        ("a", "b"),
        "kind",
        ("u", "v", "w"),
    )
    assert answer(plane) == ("softmax", "cross_entropy")
    upload(plane, CSV.replace(b"\n3,5", b"\nthree"))
    assert plain("Row 5, column 'a': 'three' is not a number") in plane.errors
    assert "stays in use" in plane.errors
    assert plane.experiment.dataset_options == options
    upload(plane, CSV)
    assert not plane.errors
    plane.set("Columns to learn from", ["a"])
    assert "2 to 10 columns of numbers are needed" in plane.errors
    assert plane.experiment.dataset_options == options


def test_names_from_a_table_are_shown_as_they_are_written(plane):
    choose(plane, "table")
    upload(plane, CSV.replace(b"a;b;kind", b"[x](//evil);$b$;**k**"), "![y](//evil).csv")
    assert plane.experiment.dataset_options.inputs == ("[x](//evil)", "$b$")
    upload(plane, CSV.replace(b"a;b;kind", b"[x](//evil);[x](//evil);k"), "![y](//evil).csv")
    texts = [*plane.app.caption, *plane.app.error, *plane.app.expander]
    shown_texts = [getattr(text, "value", None) or text.label for text in texts]
    assert sum("evil" in text for text in shown_texts) == 3
    for text in shown_texts:
        assert not any(sign in text for sign in ("[x](", "![y](", "$b$"))


def test_a_table_that_was_uploaded_is_learned(plane):
    choose(plane, "table")
    upload(plane, CSV)
    plane.set("Epochs (passes)", 3)
    plane.train()
    assert plane.run.end.reason == "epochs"
    assert plane.run.started.input_names == ["a", "b"]
