"""What the record of a loss says is what its arithmetic does."""

import numpy as np
import pytest

from nn_core import vocabulary
from nn_core.explain.step.loss_terms import WRITTEN, Place
from nn_core.networks.activations import activate
from nn_core.networks.losses import LOSSES, loss_for
from tests.helpers.pairs import PAIRS

RNG = np.random.default_rng(5)
Z = RNG.normal(size=(6, 3))
Y = np.eye(3)[[0, 1, 2, 2, 1, 0]]


@pytest.mark.parametrize(("output", "loss"), [*PAIRS, ("step", "perceptron")])
def test_a_mean_stays_and_a_sum_doubles_where_every_row_stands_twice(output, loss):
    chosen = loss_for(output, loss)
    once = chosen.value(activate(output, Z), Z, Y)
    z, y = np.concatenate([Z, Z]), np.concatenate([Y, Y])
    twice = chosen.value(activate(output, z), z, y)
    times = 1 if vocabulary.LOSSES[loss].reduction == "mean" else 2
    assert once > 0
    assert twice == pytest.approx(times * once, rel=1e-12)


@pytest.mark.parametrize("loss", [n for n, r in vocabulary.LOSSES.items() if r.on_logits])
def test_a_loss_on_logits_applies_the_activation_that_its_record_names(loss):
    gradient = np.empty_like(Z)
    LOSSES[loss].gradient(Z, Y, gradient)
    ratio = gradient / (activate(vocabulary.LOSSES[loss].on_logits, Z) - Y)
    assert np.allclose(ratio, ratio[0, 0], rtol=1e-12)


def test_pairs_on_the_sums_skip_the_activation_that_their_loss_applies():
    for (output, loss), on_sums in vocabulary.ON_SUMS.items():
        record = vocabulary.LOSSES[on_sums]
        assert record.on_logits == output or not record.has_gradient
        assert output in vocabulary.LOSSES[loss].outputs


@pytest.mark.parametrize(("output", "loss"), [*PAIRS, ("step", "perceptron")])
def test_the_terms_that_are_written_out_add_up_to_the_loss(output, loss):
    written, a = WRITTEN[loss], activate(output, Z)
    is_on_sums = (output, loss) in vocabulary.ON_SUMS
    places = [
        Place(k, a[row], Y[row], Z[row], is_on_sums) for row in range(len(Y)) for k in range(3)
    ]
    total = sum(written.value(place) for place in places) / written.divided_by(*Y.shape)
    assert total == pytest.approx(loss_for(output, loss).value(a, Z, Y), rel=1e-12)


def test_every_loss_has_a_formula_in_each_table():
    assert set(WRITTEN) == set(vocabulary.LOSSES)
    for record in vocabulary.LOSSES.values():
        assert all((record.label, record.meaning, record.formula, record.quantity))
        assert set(record.outputs) <= set(vocabulary.OUTPUTS)
        assert record.on_logits in ("", *vocabulary.OUTPUTS)


def test_a_loss_that_nobody_wrote_for_numpy_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.delitem(LOSSES, "mse")
    with pytest.raises(NotImplementedError, match="NumPy does not compute the loss “mean squared"):
        loss_for("sigmoid", "mse")
