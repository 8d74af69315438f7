"""What was set stays set: over the pages, over a run that was cut short, and while one types."""

import streamlit as st
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from ui import session
from ui import session_keys as keys


def test_the_settings_of_a_page_are_there_when_one_comes_back(visitor):
    visitor.set("Task", "nand")
    visitor.set("Units 1", 5)
    visitor.open("bits")
    visitor.open("gates")
    assert visitor.control("Task").value == "nand"
    assert visitor.control("Units 1").value == 5


def controls(visitor):
    """The controls of the form that stand on the page."""
    kinds = ("number_input", "selectbox", "select_slider", "toggle", "button_group")
    return [w for kind in kinds for w in getattr(visitor.app, kind) if keys.FORM in (w.key or "")]


def test_what_is_typed_meanwhile_is_not_set_back_by_the_page(visitor):
    visitor.set("Epochs (passes)", 77)
    # A widget that is set is set in the browser, over what is typed there.
    assert [w.key for w in controls(visitor) if w.proto.set_value] == []


def test_nor_is_it_set_back_after_a_run_of_the_page_that_was_cut_short(visitor, monkeypatch):
    monkeypatch.setattr(session, "leave", lambda: st.stop())
    visitor.set("Epochs (passes)", 77)
    visitor.set("Seed", 5)
    assert [w.key for w in controls(visitor) if w.proto.set_value] == []
    assert visitor.control("Epochs (passes)").value == 77


def test_controls_that_the_browser_was_not_sent_are_sent_as_they_were_set(visitor):
    visitor.set("Epochs (passes)", 77)
    # a browser that reports no widget: what the last run drew was lost
    visitor.app._run(WidgetStates())
    assert len(controls(visitor)) > 12
    assert [w.key for w in controls(visitor) if not w.proto.set_value] == []
    epochs = visitor.control("Epochs (passes)")
    assert (epochs.value, epochs.proto.value) == (77, 77)


def test_what_was_set_is_kept_even_if_the_next_click_cuts_the_run_short(visitor, monkeypatch):
    monkeypatch.setattr(session, "leave", lambda: None)
    visitor.set("Epochs (passes)", 77)
    assert visitor.session["kept"]["gates.form.epochs"] == 77


def test_a_widget_that_was_away_comes_back_as_it_was_left(visitor):
    visitor.set("Hidden layers", 2)
    visitor.set("Units 2", 7)
    visitor.set("Hidden layers", 1)
    visitor.set("Loss", "bce")
    visitor.set("Hidden layers", 2)
    back = visitor.control("Units 2")
    assert (back.value, back.proto.set_value, back.proto.value) == (7, True, 7)


def test_a_widget_comes_back_as_it_was_left_though_the_browser_reports_it_still(visitor):
    visitor.set("Hidden layers", 2)
    visitor.set("Units 2", 7)
    two_layers = visitor.app._tree.get_widget_states()
    visitor.set("Hidden layers", 1)
    visitor.app._run(two_layers)  # sent before the answer that takes the units away has arrived
    back = visitor.control("Units 2")
    assert (back.value, back.proto.set_value, back.proto.value) == (7, True, 7)
