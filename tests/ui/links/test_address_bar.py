"""The address follows the form, and what the app wrote there itself is no link to open."""

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from nn_core import Experiment
from nn_core.datasets.own_points import MOST_POINTS
from nn_core.exchange.links.experiment_links import from_query, to_query, with_weights
from nn_core.networks.initializers import initial_params
from tests.helpers.root import ROOT
from tests.ui.page_visitor import Visitor
from ui.links import link_device
from ui.links.page_list import HOME, PAGES


def visit(visitor, query, page="gates"):
    """Come to a page with a query in its address."""
    visitor.app.query_params.clear()
    return visitor.open(page, query)


@pytest.fixture
def again(visitor):
    """The app as it is after a reload: another session, which knows nothing of the first."""
    return Visitor(AppTest.from_file(visitor.app._script_path, default_timeout=30))


@pytest.mark.parametrize("page", ["gates", "bits", "plane", "digits"])
def test_the_address_of_a_first_visit_is_that_of_the_page(visitor, page):
    assert visit(visitor, {}, page).address() == {}


def test_a_reload_brings_back_what_the_controls_were_set_to(visitor, again):
    visitor.set("Seed", 7)
    visitor.set("Hidden layers", 2)
    visitor.set("Units 2", 5)
    visitor.set("An activation for each layer", True)
    visitor.set("Activation 2", "tanh")
    visitor.set("Optimizer", "momentum")
    visitor.set("Momentum", 0.5)
    before, query = visitor.experiment, visitor.address()
    assert (before.seed, before.hidden, before.momentum) == (7, (3, 5), 0.5)
    assert before.hidden_activations == ("sigmoid", "tanh")
    visit(again, query)
    assert again.experiment == before
    assert again.address() == query
    assert not again.warnings


@pytest.mark.parametrize(
    ("page", "fields"),
    [
        ("gates", {"dataset": "truth_table", "dataset_options": {"truth": "0110"}}),
        ("plane", {"dataset": "own_points", "loss": "bce",
                   "dataset_options": {"points": ((1.0, 2.0, 0.0), (-1.5, 0.25, 1.0))}}),
        ("plane", {"dataset": "spiral", "dataset_options": {"noise": 20, "test_share": 10}}),
        ("digits", {"dataset": "digits_8x8", "hidden": (20, 10), "l2": 0.001, "patience": 3,
                    "output": "softmax", "loss": "cross_entropy"}),
    ],
    ids=["table", "points", "options", "digits"],
)  # fmt: skip
def test_what_a_link_can_carry_is_in_the_address(visitor, again, page, fields):
    wanted = Experiment(**fields)
    visit(visitor, to_query(wanted, Experiment()) | {"dataset": wanted.dataset}, page)
    shown, query = visitor.experiment, visitor.address()
    for field in fields:
        assert getattr(shown, field) == getattr(wanted, field)
    visitor.set("Seed", 12)
    assert visitor.address() == query | {"seed": "12"}
    visit(again, query, page)
    assert again.experiment == shown


def test_weights_that_came_with_a_link_are_in_the_address_until_they_are_dropped(visitor):
    wanted = with_weights(Experiment(seed=1), initial_params(Experiment(seed=1)))
    link = to_query(wanted, Experiment())
    assert visit(visitor, link).address() == link
    visitor.set("Initial weights", "glorot_uniform")
    assert visitor.address() == {"seed": "1"}


def test_what_is_too_large_for_a_link_leaves_the_address_without_one(visitor):
    points = tuple((x % 89 / 17, x % 97 / 19, float(x % 2)) for x in range(MOST_POINTS))
    visit(visitor, {"dataset": "own_points", "seed": "3"}, "plane")
    assert visitor.address()["seed"] == "3"
    visitor.session["plane.form.own_points.points"] = points
    visitor.look_again()
    assert visitor.experiment.dataset_options.points == points
    assert visitor.address() == {}


def test_a_form_that_holds_nothing_valid_leaves_the_address_as_it_is(visitor):
    visitor.set("Seed", 7)
    visitor.set("Output", "softmax")
    assert visitor.errors
    assert visitor.address() is None
    visitor.set("Output", "sigmoid")
    assert visitor.address() == {"seed": "7"}


def test_an_address_that_the_app_wrote_is_never_taken_for_a_link(visitor, slowly):
    """The browser sends what stands there with each rerun, also what stood there before."""
    visitor.set("Seed", 7)
    seven = visitor.address()
    visitor.set("Seed", 8)
    visitor.set("Epochs (passes)", 1_000_000)
    visitor.press("Train")
    run = visitor.run
    for query in (visitor.address(), seven, {}):  # as sent with the next click, or by Back
        visit(visitor, query)
        assert visitor.experiment.seed == 8
        visit(visitor, {}, "bits")
    visit(visitor, seven)
    assert visitor.run is run
    assert run.want == "running"
    assert visitor.address() == {"epochs": "1000000", "seed": "8"}
    visit(visitor, {"seed": "9"})  # which no page has written
    assert visitor.experiment == Experiment(seed=9)


def test_the_page_without_a_name_in_its_address_is_the_default_one_of_the_app(visitor):
    assert visitor.app.title[0].value == "Logic gates"
    assert HOME == "gates"
    files = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    assert sorted(page.name for page in PAGES) == files


def test_pages_do_not_read_each_others_addresses(visitor):
    visitor.set("Seed", 7)
    assert visit(visitor, {}, "bits").address() == {}
    visitor.set("Seed", 5)
    assert visitor.address() == {"seed": "5"}
    assert visit(visitor, {}).address() == {"seed": "7"}


def test_a_bad_link_leaves_an_address_without_what_was_wrong_in_it(visitor):
    visit(visitor, bad := {"hidden": "<script>", "seed": "5"})
    assert "hidden" in visitor.warnings
    assert visitor.address() == {"seed": "5"}
    visitor.set("Seed", 6)  # the browser still sends the link
    assert "hidden" in visitor.warnings
    visitor.press("Understood")
    assert not visitor.warnings
    for query in (bad, {"seed": "5"}, {"seed": "6"}):
        visit(visitor, query)
        assert not visitor.warnings
        assert visitor.address() == {"seed": "6"}
    assert from_query({"seed": "6"}, Experiment()).experiment == visitor.experiment


def test_a_link_whose_opening_a_click_cuts_short_is_opened_in_the_next_run(visitor, monkeypatch):
    def cut_short(worker):
        monkeypatch.setattr(link_device, "_devices", lambda worker: ["cpu"])
        st.rerun()

    monkeypatch.setattr(link_device, "_devices", cut_short)
    visit(visitor, {"seed": "7", "device": "cuda", "backend": "torch"})
    assert (visitor.experiment.seed, visitor.experiment.backend) == (7, "torch")
    assert "finds cpu on this machine" in visitor.warnings
