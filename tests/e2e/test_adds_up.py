"""In a real browser: the weights on the page give the outputs on the page, recomputed by hand."""

import math

import pytest

from tests.e2e.visitor import expect

ROWS = [(0, 0), (0, 1), (1, 0), (1, 1)]
TARGETS = [0, 1, 1, 0]


def by_hand(layers, row):
    """Sigmoid layers in plain Python: no array, no library."""
    values = list(row)
    for weight, bias in layers:
        values = [
            1 / (1 + math.exp(-sum(v * w[to] for v, w in zip(values, weight, strict=True)) - b))
            for to, b in enumerate(bias)
        ]
    return values


@pytest.mark.parametrize(
    "hidden", [(2,), pytest.param((3, 2), marks=pytest.mark.slow)], ids=["2-2-1", "2-3-2-1"]
)
def test_the_outputs_in_the_table_are_those_of_the_weights_on_the_page(app, hidden):
    app.open()
    app.unfold("Stop rules and precision")
    app.choose("gates.form.dtype", "float64")
    if len(hidden) > 1:
        app.type_number("gates.form.layers", len(hidden))
    for number, units in enumerate(hidden):
        app.type_number(f"gates.form.units.{number}", units)
    sizes = [2, *hidden, 1]
    app.until(lambda: [len(bias) for _, bias in app.params()] == sizes[1:], "another network")
    app.type_number("gates.form.epochs", 1_000_000)
    app.press("Train")
    app.until(lambda: app.number("step") > 100, "training never began")
    app.press("Pause")
    app.until_state("paused")
    layers, outputs = app.params(), app.outputs()
    assert [len(weight) for weight, _ in layers] == sizes[:-1]
    for row, output in zip(ROWS, outputs, strict=True):
        assert output == pytest.approx(by_hand(layers, row), abs=1e-12)
    # The loss of the pause is that of these outputs, as far as it is written.
    errors = [(output[0] - target) ** 2 for output, target in zip(outputs, TARGETS, strict=True)]
    loss = pytest.approx(sum(errors) / 4, rel=1e-3)
    app.until(lambda: app.number("loss") == loss, f"the loss is not {loss}")
    # What is read on a link is the number in the text, to nine digits.
    app.canvas("network").focus()
    app.page.keyboard.press("ArrowRight")
    app.until(lambda: "weight" in app.tooltip("network"), "no link has the cursor")
    said = app.tooltip("network").split("weight ")[1].replace("−", "-")
    assert float(said) == pytest.approx(layers[0][0][0][0], rel=1e-8)


@pytest.mark.slow
def test_the_outputs_of_points_on_the_plane_are_those_of_the_weights_on_the_page(app):
    app.open("plane")
    app.choose("plane.form.dataset", "your own points")
    app.unfold("Stop rules and precision")
    app.choose("plane.form.dtype", "float64")
    app.type_number("plane.form.epochs", 1_000_000)
    app.press("Train")
    app.until(lambda: app.number("step") > 20, "training never began")
    app.press("Pause")
    app.until_state("paused")
    expect(app.page.locator("tr[data-row]")).to_have_count(8)
    rows = app.page.locator("tr[data-row]").evaluate_all(
        "rows => rows.map(({ dataset }) => [dataset.inputs, dataset.target])"
    )
    loss = 0.0
    for (inputs, target), (output,) in zip(rows, app.outputs(), strict=True):
        values = [float(value.replace("−", "-")) for value in inputs.split()]
        *hidden, (weight, bias) = app.params()
        for w, b in hidden:
            values = [
                math.tanh(sum(v * row[to] for v, row in zip(values, w, strict=True)) + b[to])
                for to in range(len(b))
            ]
        z = sum(v * row[0] for v, row in zip(values, weight, strict=True)) + bias[0]
        assert output == pytest.approx(1 / (1 + math.exp(-z)), abs=1e-12)
        loss -= math.log(output if float(target) else 1 - output) / 8
    app.until(lambda: app.number("loss") == pytest.approx(loss, rel=1e-3), f"it is not {loss}")
