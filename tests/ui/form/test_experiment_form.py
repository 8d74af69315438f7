"""The form of an experiment: what it asks for, what it explains, and what is learned with it."""

import pytest

from nn_core.runs.workers import pool as pools


def test_an_output_and_a_loss_that_do_not_fit_are_explained_and_nothing_is_lost(visitor):
    visitor.set("Loss", "cross_entropy")
    assert "choose the softmax output" in visitor.app.main.error[0].value
    assert visitor.button("Train").disabled
    assert visitor.control("Details")  # what was seen stays to be seen
    visitor.set("Loss", "bce")
    assert not visitor.errors
    assert not visitor.button("Train").disabled


def test_a_poor_pair_is_allowed_and_explained(visitor):
    visitor.open("bits")
    visitor.set("Loss", "cross_entropy_logits")
    assert "softmax is applied twice" in visitor.infos
    assert not visitor.button("Train").disabled


def test_a_table_of_ones_own_is_learned(visitor):
    visitor.set("Task", "truth_table")
    visitor.set("Inputs", 1)
    visitor.set("Speed limit, steps/s", 1000.0)
    visitor.train()
    assert visitor.run.experiment.dataset_options.truth == "01"
    assert visitor.run.end.metrics["train_accuracy"] == 1.0


def test_the_linear_read_out_of_bits_approaches_the_place_values(visitor):
    visitor.open("bits")
    visitor.set("Bits", 4)
    visitor.set("Answer", "number")
    assert not visitor.errors
    visitor.set("Speed limit, steps/s", 1000.0)
    visitor.train()
    weight, _ = visitor.run.latest.params[0]
    assert weight[:, 0] == pytest.approx([8, 4, 2, 1], abs=0.05)


def test_an_engine_is_asked_for_where_there_is_one_and_names_the_worker(visitor, monkeypatch):
    monkeypatch.setattr(pools.Pool, "warm", lambda self, worker: None)
    visitor.open("gates")
    assert not visitor.offers("Engine")
    visitor.set("Backend", "keras")
    engine = visitor.control("Engine")
    assert engine.options == ["TensorFlow", "JAX", "PyTorch"]
    engine.select("torch").run()
    warmed = []
    monkeypatch.setattr(pools.Pool, "warm", lambda self, worker: warmed.append(worker))
    visitor.look_again()
    assert warmed == ["keras-torch"]


def test_given_weights_where_none_are_published_are_explained(visitor):
    visitor.set("Initial weights", "given")
    assert "no optimum is published" in visitor.errors
    visitor.set("Units 1", 2)
    visitor.set("Activation", "relu")
    visitor.set("Output", "identity")
    assert not visitor.errors


def test_weights_can_be_typed_in(visitor):
    visitor.set("Initial weights", "given")
    assert "no optimum is published" in visitor.errors
    visitor.set("Type the weights in", True)
    assert not visitor.errors


def test_each_layer_takes_an_activation_of_its_own_and_gives_it_back(visitor):
    visitor.set("Hidden layers", 2)
    visitor.set("Activation", "tanh")
    visitor.set("An activation for each layer", True)
    assert visitor.control("Activation 1").value == "tanh"
    visitor.set("Activation 2", "relu")
    visitor.press("Train")
    visitor.until(lambda run: run.step > 5)
    assert visitor.run.experiment.hidden_activations == ("tanh", "relu")
    visitor.set("An activation for each layer", False)
    assert visitor.control("Activation").value == "tanh"
    visitor.set("Hidden layers", 0)
    assert not visitor.errors


def test_a_regularised_run_says_so_and_learns(visitor):
    assert "Regularised" not in visitor.captions
    visitor.set("Units 1", 8)
    visitor.set("Dropout", 0.2)
    visitor.set("L2", 0.001)
    assert "Regularised by Dropout 0.2, L2 0.001" in visitor.texts()
    visitor.press("Train")
    visitor.until(lambda run: run.step > 20)
    experiment = visitor.run.experiment
    assert (experiment.dropout, experiment.l1, experiment.l2) == (0.2, 0.0, 0.001)
    # Without hidden units nobody can be silent: the control rests, and nothing is refused.
    visitor.set("Hidden layers", 0)
    assert visitor.control("Dropout").disabled
    assert not visitor.errors
