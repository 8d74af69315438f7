"""What the walk-through shows is what arithmetic, PyTorch and the run itself find."""

import re

import numpy as np
import pytest

from nn_core import Experiment, datasets
from nn_core.events import Snapshot
from nn_core.explain.step.graph import graph
from nn_core.explain.step.walkthrough import MOST_ROWS, walk_through
from nn_core.networks.initializers import initial_params
from nn_core.runs.workers.step_request import StepQuestion, StepRequest, take_step
from nn_core.training.trainer import Trainer
from tests.helpers.frameworks import installed
from tests.helpers.latex import value_of

XOR = Experiment(hidden=(2,), optimizer="sgd", learning_rate=0.5, dtype="float64", seed=3)


def question_after(experiment, steps=0, rows=(1,)):
    """The step that follows so many steps of training, on chosen rows."""
    trainer = Trainer(experiment)
    for _ in range(steps):
        trainer.advance(1)
    state = trainer.model.get_state() if steps else {}
    return StepQuestion(
        experiment, trainer.model.get_params(), state, tuple(rows), experiment.learning_rate
    )


def answer_of(question):
    command = StepRequest(question, "ada", 0.0).command["evaluate"]
    return take_step(**command)


def walked(question):
    data = datasets.load(question.experiment)
    rows = list(question.rows)
    return walk_through(question, data.x[rows], data.y[rows], answer_of(question))


def numbers(found):
    """Every number of a walk by its symbol."""
    return {line.symbol: line for step in found.steps for line in step.lines}


def test_every_number_of_one_row_of_xor_is_the_one_found_by_hand():
    question = question_after(XOR)
    (w1, b1), (w2, b2) = [(w.tolist(), b.tolist()) for w, b in question.params]
    x1, x2, y = 0.0, 1.0, 1.0  # row 2 of XOR
    z1 = w1[0][0] * x1 + w1[1][0] * x2 + b1[0]
    z2 = w1[0][1] * x1 + w1[1][1] * x2 + b1[1]
    a1, a2 = 1 / (1 + np.exp(-z1)), 1 / (1 + np.exp(-z2))
    z3 = w2[0][0] * a1 + w2[1][0] * a2 + b2[0]
    a3 = 1 / (1 + np.exp(-z3))
    slope = 2 * (a3 - y)
    d3 = slope * a3 * (1 - a3)
    d1, d2 = w2[0][0] * d3 * a1 * (1 - a1), w2[1][0] * d3 * a2 * (1 - a2)
    by_hand = {
        "z^{(1)}_{1}": z1, "a^{(1)}_{1}": a1, "z^{(1)}_{2}": z2, "a^{(1)}_{2}": a2,
        "z^{(2)}_{1}": z3, "a^{(2)}_{1}": a3, r"\ell": (a3 - y) ** 2, "L": (a3 - y) ** 2,
        r"\partial L/\partial a^{(2)}_{1}": slope,
        r"\delta^{(2)}_{1}": d3, r"\delta^{(1)}_{1}": d1, r"\delta^{(1)}_{2}": d2,
        r"\partial L/\partial w^{(2)}_{1,1}": d3 * a1,
        r"\partial L/\partial w^{(2)}_{2,1}": d3 * a2,
        r"\partial L/\partial b^{(2)}_{1}": d3,
        r"\partial L/\partial w^{(1)}_{1,1}": d1 * x1,
        r"\partial L/\partial w^{(1)}_{2,1}": d1 * x2,
        r"\partial L/\partial b^{(1)}_{1}": d1,
        r"\partial L/\partial w^{(1)}_{1,2}": d2 * x1,
        r"\partial L/\partial w^{(1)}_{2,2}": d2 * x2,
        r"\partial L/\partial b^{(1)}_{2}": d2,
        "{w^{(1)}_{1,1}}'": w1[0][0] - 0.5 * d1 * x1, "{w^{(1)}_{2,1}}'": w1[1][0] - 0.5 * d1 * x2,
        "{b^{(1)}_{1}}'": b1[0] - 0.5 * d1,
        "{w^{(1)}_{1,2}}'": w1[0][1] - 0.5 * d2 * x1, "{w^{(1)}_{2,2}}'": w1[1][1] - 0.5 * d2 * x2,
        "{b^{(1)}_{2}}'": b1[1] - 0.5 * d2,
        "{w^{(2)}_{1,1}}'": w2[0][0] - 0.5 * d3 * a1, "{w^{(2)}_{2,1}}'": w2[1][0] - 0.5 * d3 * a2,
        "{b^{(2)}_{1}}'": b2[0] - 0.5 * d3,
    }  # fmt: skip
    shown = numbers(walked(question))
    assert set(shown) == set(by_hand)
    for symbol, value in by_hand.items():
        assert shown[symbol].result == pytest.approx(value, rel=1e-13, abs=1e-16), symbol
        if shown[symbol].backend is not None:
            assert shown[symbol].backend == pytest.approx(value, rel=1e-13, abs=1e-16), symbol


def test_the_micro_steps_are_numbered_and_in_the_order_of_the_computation():
    found = walked(question_after(XOR))
    assert [step.number for step in found.steps] == list(range(1, len(found.steps) + 1))
    phases = list(dict.fromkeys(step.phase for step in found.steps))
    assert phases == ["forward", "loss", "backward", "update"]
    assert all(step.lines and step.formula and step.title for step in found.steps)


SETTINGS = [
    {"activation": "tanh", "output": "identity", "loss": "mse_half", "optimizer": "momentum"},
    {"activation": "relu", "output": "sigmoid", "loss": "bce", "optimizer": "adam", "seed": 1},
    {
        "activation": "leaky_relu",
        "output": "identity",
        "loss": "bce_logits",
        "optimizer": "adagrad",
    },
    {"output": "tanh", "loss": "mse_sum", "optimizer": "nesterov"},
    {"output": "identity", "loss": "bce_logits_sum", "optimizer": "rmsprop"},
    {"optimizer": "rmsprop", "epsilon_form": "hat"},
    {"optimizer": "adam", "epsilon_form": "hat", "bias": False},
    {"dataset": "bits", "output": "softmax", "loss": "cross_entropy"},
    {"dataset": "bits", "output": "softmax", "loss": "bce"},
    {"dataset": "bits", "output": "softmax", "loss": "mse"},
    {"dataset": "bits", "output": "identity", "loss": "cross_entropy_logits"},
    {"dataset": "nand", "hidden": (), "output": "step", "loss": "perceptron", "optimizer": "sgd"},
    {"hidden": (2, 2), "activation": "tanh"},
    {"hidden": (2, 2), "activations": ("relu", "tanh"), "l2": 0.1, "optimizer": "sgd", "seed": 1},
    {"l1": 0.02, "l2": 0.1, "optimizer": "adam"},
]


def setting(changes):
    return Experiment(**{"hidden": (2,), "learning_rate": 0.05, "dtype": "float64", **changes})


@pytest.mark.parametrize("rows", [(2,), (0, 1, 2, 3)], ids=["row", "batch"])
@pytest.mark.parametrize("changes", SETTINGS, ids=lambda c: "-".join(map(str, c.values())))
def test_the_formulas_on_the_screen_give_the_numbers_on_the_screen(changes, rows):
    found = walked(question_after(setting(changes), steps=3, rows=rows))
    for step in found.steps:
        for line in step.lines:
            assert line.values, line.symbol
            # Six digits are written, and a difference of two of them can cost some.
            assert value_of(line.values) == pytest.approx(line.result, rel=2e-4, abs=2e-5), line
            shown = value_of(line.latex.rpartition("= ")[2].removesuffix(r" \end{aligned}"))
            assert shown == pytest.approx(line.result, rel=1e-5)
    assert found.largest_difference < 1e-14


TORCH = [
    {},
    {"activation": "tanh", "loss": "bce"},
    {"activation": "relu", "output": "identity", "loss": "bce_logits"},
    {"activation": "leaky_relu", "output": "identity", "loss": "mse_half"},
    {"activation": "identity", "output": "tanh", "loss": "mse_sum"},
    {"hidden": (3, 2), "activations": ("relu", "tanh"), "loss": "bce"},
    {"hidden": (2, 2, 2), "activations": ("sigmoid", "leaky_relu", "identity"), "l2": 0.3},
    {"activation": "tanh", "l1": 0.05, "l2": 0.1},
]


@pytest.mark.parametrize("changes", TORCH, ids=lambda c: "-".join(map(str, c.values())) or "mse")
@pytest.mark.parametrize("rows", [(1,), (0, 1, 2, 3)], ids=["row", "batch"])
def test_the_gradients_of_the_walk_equal_pytorch_autograd(changes, rows):
    """On XOR in float64: a network in PyTorch's own words, `loss.backward()`, and a step of SGD."""
    installed("torch", "PyTorch")
    import torch
    from torch.nn import functional

    experiment = Experiment(hidden=(2,), dtype="float64", seed=5, optimizer="sgd").replace(
        **changes
    )
    found = walked(question_after(experiment, rows=rows))
    data = datasets.load(experiment)
    act = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu,
           "leaky_relu": lambda z: functional.leaky_relu(z, 0.01),
           "identity": lambda z: z}  # fmt: skip
    loss = {"mse": functional.mse_loss, "bce": functional.binary_cross_entropy,
            "bce_logits": functional.binary_cross_entropy_with_logits,
            "mse_half": lambda a, y: functional.mse_loss(a, y) / 2,
            "mse_sum": lambda a, y: functional.mse_loss(a, y, reduction="sum")}  # fmt: skip
    leaves = [
        [torch.tensor(array, requires_grad=True) for array in pair]
        for pair in initial_params(experiment)
    ]
    a = torch.tensor(data.x[list(rows)])
    for (weight, bias), name in zip(
        leaves, (*experiment.hidden_activations, experiment.output), strict=True
    ):
        a = act[name](a @ weight + bias)
    loss[experiment.loss](a, torch.tensor(data.y[list(rows)])).backward()
    for pair, (weight, bias) in zip(found.trace.gradients, leaves, strict=True):
        np.testing.assert_allclose(pair[0], weight.grad.numpy(), rtol=0, atol=1e-12)
        np.testing.assert_allclose(pair[1], bias.grad.numpy(), rtol=0, atol=1e-12)
    # On top of it, that of the penalty; PyTorch then takes the step.
    weights = [weight for weight, _ in leaves]
    penalty = sum(experiment.l1 * w.abs().sum() + experiment.l2 / 2 * (w**2).sum() for w in weights)
    if experiment.l1 or experiment.l2:
        penalty.backward()
    torch.optim.SGD([leaf for pair in leaves for leaf in pair], experiment.learning_rate).step()
    shown = numbers(found)
    for layer, (weight, bias) in enumerate(leaves, 1):
        for (i, j), value in np.ndenumerate(weight.detach().numpy()):
            line = shown[f"{{w^{{({layer})}}_{{{i + 1},{j + 1}}}}}'"]
            assert line.result == pytest.approx(value, rel=0, abs=1e-12)
            assert line.backend == pytest.approx(value, rel=0, abs=1e-12)
        for (j,), value in np.ndenumerate(bias.detach().numpy()):
            assert shown[f"{{b^{{({layer})}}_{{{j + 1}}}}}'"].result == pytest.approx(
                value, rel=0, abs=1e-12
            )


OPTIMIZERS = ["momentum", "adam"] + [
    pytest.param(name, marks=pytest.mark.slow) for name in ("sgd", "nesterov", "adagrad", "rmsprop")
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_slots_of_every_backend_are_read_and_lead_to_its_new_weights(backend, optimizer):
    experiment = Experiment(
        hidden=(2,), optimizer=optimizer, learning_rate=0.05, dtype="float64", backend=backend
    )
    question = question_after(experiment, steps=3, rows=(0, 1, 2, 3))
    found = walked(question)
    new = [line for step in found.steps if step.phase == "update" for line in step.lines]
    assert all(line.values for line in new), "the state of the optimizer was not read"
    assert sum(line.backend is not None for line in new) == experiment.n_parameters
    assert found.largest_difference < 1e-12


def test_the_full_batch_leads_where_the_run_goes_next():
    trainer = Trainer(XOR.replace(optimizer="adam", learning_rate=0.1))
    for _ in range(5):
        trainer.advance(1)
    now = trainer.snapshot()
    question = StepQuestion(trainer.experiment, now.params, now.state, (0, 1, 2, 3), 0.1)
    answer = answer_of(question)
    trainer.advance(1)
    for pair, there in zip(answer.params, trainer.model.get_params(), strict=True):
        for mine, of_run in zip(pair, there, strict=True):
            np.testing.assert_array_equal(mine, of_run)


def test_the_graph_carries_the_numbers_of_the_walk_and_the_gradients_of_the_backend():
    question = question_after(XOR)
    found, answer = walked(question), answer_of(question)
    dot = graph(XOR, found.trace, answer, ("A", "B"))
    nodes = dict(re.findall(r'^(\w+) \[label="([^"]+)"', dot, re.MULTILINE))
    assert len(nodes) == 19
    (w1, b1), (w2, _) = answer.gradients
    for name, slope in (("w1_2_1", w1[1, 0]), ("b1_2", b1[1]), ("w2_1_1", w2[0, 0])):
        assert float(nodes[name].rpartition("= ")[2].replace("−", "-")) == pytest.approx(
            slope, rel=1e-5
        )
    hidden = float(nodes["a1_1"].rpartition("= ")[2].replace("−", "-"))
    delta = (answer.outputs[0, 0] - 1) * 2 * answer.outputs[0, 0] * (1 - answer.outputs[0, 0])
    assert hidden == pytest.approx(delta * question.params[1][0][0, 0], rel=1e-5)
    assert f"{answer.loss:.6g}" in nodes["L"]
    assert dot.count("->") == 2 * 2 + 6 + 3 + 2 + 3 + 2  # x, w and b into z, z to a, a to z, to L


def test_a_long_batch_is_not_written_out_but_all_its_numbers_are_there():
    experiment = Experiment(
        dataset="truth_table", dataset_options={"truth": "0110100110010110"}, hidden=(2,),
        dtype="float64",
    )  # fmt: skip
    found = walked(question_after(experiment, rows=range(16)))
    first = found.steps[0]
    assert len(first.lines) == 16
    assert sum(bool(line.values) for line in first.lines) == MOST_ROWS
    gradients = next(s for s in found.steps if s.title.startswith("Gradients"))
    line = gradients.lines[0]
    assert not line.values
    deltas = [value for name, value in line.operands if name.startswith(r"\delta")]
    inputs = [value for name, value in line.operands if not name.startswith(r"\delta")]
    assert len(deltas) == len(inputs) == 16
    assert np.dot(deltas, inputs) == pytest.approx(line.result, rel=1e-12)


def test_of_a_larger_network_the_first_units_are_written_out_with_all_that_goes_in():
    experiment = Experiment(hidden=(40, 20), dtype="float64")
    found = walked(question_after(experiment))
    sums = [step for step in found.steps if step.title.startswith("Weighted sum")]
    assert [step.title.removeprefix("Weighted sum of ") for step in sums] == [
        "hidden unit 1 of layer 1", "hidden unit 2 of layer 1",
        "hidden unit 1 of layer 2", "hidden unit 2 of layer 2", "the output",
    ]  # fmt: skip
    (line,) = sums[2].lines
    assert not line.values
    *pairs, bias = [value for _, value in line.operands]
    assert len(pairs) == 80
    assert np.dot(pairs[::2], pairs[1::2]) + bias == pytest.approx(line.result, rel=1e-12)
    assert found.largest_difference < 1e-14


@pytest.fixture
def slots():
    return 1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_worker_gets_and_gives_every_number_to_the_bit(pool, dtype):
    experiment = Experiment(hidden=(2,), dtype=dtype, learning_rate=0.03, seed=2)
    question = question_after(experiment, steps=4, rows=(3, 1))
    evaluation = pool.evaluate_step(question, "ada")
    assert evaluation.wait(60)
    assert not evaluation.error
    here, there = answer_of(question), evaluation.answer
    assert there.loss == here.loss
    assert there.framework == here.framework
    np.testing.assert_array_equal(there.outputs, here.outputs)
    for kind in ("gradients", "params"):
        for pair, other in zip(getattr(there, kind), getattr(here, kind), strict=True):
            for one, two in zip(pair, other, strict=True):
                assert one.dtype == dtype
                np.testing.assert_array_equal(one, two)


def test_a_row_that_is_not_there_is_a_sentence(pool):
    evaluation = pool.evaluate_step(question_after(XOR, rows=(7,)), "ada")
    assert evaluation.wait(60)
    assert "there are rows 0 to 3" in evaluation.error


def test_weights_that_overflowed_are_reported():
    params = [(np.full((2, 1), np.inf), np.zeros(1))]
    with pytest.raises(ValueError, match="no step begins at weights that overflowed"):
        StepQuestion(Experiment(hidden=()), params, {}, (0,), 0.1)


def test_no_rows_are_a_sentence():
    with pytest.raises(ValueError, match="at least one row"):
        StepQuestion(XOR, initial_params(XOR), {}, (), 0.1)


def test_a_snapshot_before_training_has_an_optimizer_without_slots():
    now = Snapshot(0, 0.0, initial_params(XOR), np.empty((0, 1)))
    found = walked(StepQuestion(XOR.replace(optimizer="adam"), now.params, now.state, (1,), 0.1))
    assert found.largest_difference < 1e-14
