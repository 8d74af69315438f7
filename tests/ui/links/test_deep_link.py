"""A link fills in the form of a page, and says what is wrong in it."""

import pytest

from nn_core import Experiment
from nn_core.exchange.links.experiment_links import to_query, with_weights
from tests.helpers.stored import record
from ui.components.plain_text import plain

DEFAULTS = Experiment()


def test_a_link_fills_in_the_form(visitor):
    wanted = Experiment(dataset="and", hidden=(4, 2), activation="tanh", seed=11, batch_size=3,
                        optimizer="sgd", learning_rate=0.07, l2=0.01, target_loss=0.02,
                        activations=("tanh", "relu"))  # fmt: skip
    visitor.open("gates", to_query(wanted, DEFAULTS))
    assert not visitor.warnings
    assert visitor.experiment == wanted
    visitor.set("Seed", 12)
    assert visitor.experiment == wanted.replace(seed=12)  # opened once only


@pytest.mark.parametrize("hidden", [(3,), (12, 6)], ids=["typed in", "too many to type"])
def test_a_link_brings_its_weights_along(visitor, hidden):
    params = record(hidden=hidden).arrays
    layers = range(1, len(hidden) + 2)
    shared = with_weights(
        Experiment(hidden=hidden),
        [(params[f"weight_{i}"][-1], params[f"bias_{i}"][-1]) for i in layers],
    )
    visitor.open("gates", to_query(shared, DEFAULTS))
    assert visitor.experiment == shared


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"hidden": "<script>", "seed": "5"}, plain("Hidden units (“hidden=<script>”): give a")),
        ({"dataset": "mnist", "seed": "5"}, plain("“MNIST digits” is on page Digits; this page")),
        ({"seed": ["4", "5"]}, plain("Seed (“seed=5”): it stands 2 times in the link")),
        ({"device": "cuda:9", "seed": "5"}, plain("NumPy finds cpu on this machine; it computes")),
        ({"![x](//evil)": "1", "seed": "5"}, "no such field"),
        ({"given": "~sAAAA", "seed": "5"}, plain("Given weights (“given=~sAAAA”): it is cut off")),
    ],
)
def test_a_bad_link_gets_a_sentence_and_the_rest_of_it_is_opened(visitor, query, sentence):
    visitor.open("gates", query)
    assert sentence in visitor.warnings
    assert "![x]" not in visitor.warnings
    assert visitor.control("Seed").value == 5
    assert visitor.experiment.device == "cpu"
    visitor.press("Understood")
    assert not visitor.warnings


def test_each_experiment_of_a_comparison_is_asked_for_on_a_device_that_there_is(visitor):
    query = {"mode": "pair", "device": "cuda:9", "a.device": "cuda:8", "a.dataset": "and"}
    visitor.open("compare", query)
    for name, device in (("Device", "device=cuda:9"), ("Device of A", "a.device=cuda:8")):
        assert plain(f"{name} (“{device}”): NumPy finds cpu on this machine") in visitor.warnings
    assert visitor.session["pair.kept"] == Experiment(dataset="and")
