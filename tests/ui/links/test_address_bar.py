"""The address follows the form, and what the app wrote there itself is no link to open."""

import json
from urllib.parse import parse_qsl

import pytest
import streamlit as st

from nn_core import Experiment
from nn_core.datasets.own_points import MOST_POINTS
from nn_core.exchange.links.experiment_links import from_query, to_query, with_weights
from nn_core.networks.initializers import initial_params
from tests.conftest import ROOT
from ui.links import link_device
from ui.links.page_list import HOME, PAGES


def address(app, page="gates"):
    """The query that the page writes into its address; None where it leaves it alone."""
    parts = (part.proto for part in app.get("bidi_component"))
    found = next((part for part in parts if f"{page}-address" in part.id), None)
    if found is None:
        return None
    data = json.loads(found.json)
    assert data["page"] == page
    return dict(parse_qsl(data["query"], strict_parsing=bool(data["query"])))


def visit(app, query, page="gates"):
    """Come to a page with a query in its address."""
    app.query_params.clear()
    for name, text in query.items():
        app.query_params[name] = text
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    return app


def opened(app, page="gates"):
    """What the form of a page holds."""
    return app.session_state[f"{page}.valid"]


@pytest.fixture
def again(app):
    """The app as it is after a reload: another session, which knows nothing of the first."""
    from streamlit.testing.v1 import AppTest

    return AppTest.from_file(app._script_path, default_timeout=30)


@pytest.mark.parametrize("page", ["gates", "bits", "plane", "digits"])
def test_the_address_of_a_first_visit_is_that_of_the_page(app, page):
    assert address(visit(app, {}, page), page) == {}


def test_a_reload_brings_back_what_the_controls_were_set_to(app, again):
    app.number_input(key="gates.form.seed").set_value(7).run()
    app.number_input(key="gates.form.layers").set_value(2).run()
    app.number_input(key="gates.form.units.1").set_value(5).run()
    app.toggle(key="gates.form.each_layer").set_value(True).run()
    app.selectbox(key="gates.form.activation.1").set_value("tanh").run()
    app.selectbox(key="gates.form.optimizer").set_value("momentum").run()
    app.number_input(key="gates.form.momentum").set_value(0.5).run()
    before, query = opened(app), address(app)
    assert (before.seed, before.hidden, before.momentum) == (7, (3, 5), 0.5)
    assert before.hidden_activations == ("sigmoid", "tanh")
    visit(again, query)
    assert opened(again) == before
    assert address(again) == query
    assert not again.warning


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
def test_what_a_link_can_carry_is_in_the_address(app, again, page, fields):
    wanted = Experiment(**fields)
    visit(app, to_query(wanted, Experiment()) | {"dataset": wanted.dataset}, page)
    shown, query = opened(app, page), address(app, page)
    for field in fields:
        assert getattr(shown, field) == getattr(wanted, field)
    app.number_input(key=f"{page}.form.seed").set_value(12).run()
    assert address(app, page) == query | {"seed": "12"}
    visit(again, query, page)
    assert opened(again, page) == shown


def test_weights_that_came_with_a_link_are_in_the_address_until_they_are_dropped(app):
    wanted = with_weights(Experiment(seed=1), initial_params(Experiment(seed=1)))
    link = to_query(wanted, Experiment())
    assert address(visit(app, link)) == link
    app.selectbox(key="gates.form.initializer").set_value("glorot_uniform").run()
    assert address(app) == {"seed": "1"}


def test_what_is_too_large_for_a_link_leaves_the_address_without_one(app):
    points = tuple((x % 89 / 17, x % 97 / 19, float(x % 2)) for x in range(MOST_POINTS))
    visit(app, {"dataset": "own_points", "seed": "3"}, "plane")
    assert address(app, "plane")["seed"] == "3"
    app.session_state["plane.form.own_points.points"] = points
    app.run()
    assert opened(app, "plane").dataset_options.points == points
    assert address(app, "plane") == {}


def test_a_form_that_holds_nothing_valid_leaves_the_address_as_it_is(app):
    app.number_input(key="gates.form.seed").set_value(7).run()
    app.selectbox(key="gates.form.output").set_value("softmax").run()
    assert app.error
    assert address(app) is None
    app.selectbox(key="gates.form.output").set_value("sigmoid").run()
    assert address(app) == {"seed": "7"}


def test_an_address_that_the_app_wrote_is_never_taken_for_a_link(app, slowly):
    """The browser sends what stands there with each rerun, also what stood there before."""
    app.number_input(key="gates.form.seed").set_value(7).run()
    seven = address(app)
    app.number_input(key="gates.form.seed").set_value(8).run()
    app.number_input(key="gates.form.epochs").set_value(1_000_000).run()
    app.button(key="gates.train").click().run()
    run = app.session_state["gates.run"]
    for query in (address(app), seven, {}):  # as sent with the next click, or by Back
        visit(app, query)
        assert opened(app).seed == 8
        visit(app, {}, "bits")
    visit(app, seven)
    assert app.session_state["gates.run"] is run
    assert run.want == "running"
    assert address(app) == {"epochs": "1000000", "seed": "8"}
    visit(app, {"seed": "9"})  # which no page has written
    assert opened(app) == Experiment(seed=9)


def test_the_page_without_a_name_in_its_address_is_the_default_one_of_the_app(app):
    assert app.title[0].value == "Logic gates"
    assert HOME == "gates"
    files = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
    assert sorted(page.name for page in PAGES) == files


def test_pages_do_not_read_each_others_addresses(app):
    app.number_input(key="gates.form.seed").set_value(7).run()
    assert address(visit(app, {}, "bits"), "bits") == {}
    app.number_input(key="bits.form.seed").set_value(5).run()
    assert address(app, "bits") == {"seed": "5"}
    assert address(visit(app, {})) == {"seed": "7"}


def test_a_bad_link_leaves_an_address_without_what_was_wrong_in_it(app):
    visit(app, bad := {"hidden": "<script>", "seed": "5"})
    assert "hidden" in app.warning[0].value
    assert address(app) == {"seed": "5"}
    app.number_input(key="gates.form.seed").set_value(6).run()  # the browser still sends the link
    assert "hidden" in app.warning[0].value
    app.button(key="gates.link_seen").click().run()
    assert not app.warning
    for query in (bad, {"seed": "5"}, {"seed": "6"}):
        visit(app, query)
        assert not app.warning
        assert address(app) == {"seed": "6"}
    assert from_query({"seed": "6"}, Experiment()).experiment == opened(app)


def test_a_link_whose_opening_a_click_cuts_short_is_opened_in_the_next_run(app, monkeypatch):
    def cut_short(worker):
        monkeypatch.setattr(link_device, "_devices", lambda worker: ["cpu"])
        st.rerun()

    monkeypatch.setattr(link_device, "_devices", cut_short)
    visit(app, {"seed": "7", "device": "cuda", "backend": "torch"})
    assert (opened(app).seed, opened(app).backend) == (7, "torch")
    assert any("finds cpu on this machine" in warning.value for warning in app.warning)
