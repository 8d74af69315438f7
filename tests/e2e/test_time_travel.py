"""In a real browser: every kept step can be looked at again, and gone on from."""

import numpy as np
import pytest

from nn_core import Experiment, backends, fit
from nn_core.training.trainer import Trainer
from tests.e2e.visitor import expect


def numbers(app):
    """What the picture is drawn from: weights to the bit, and the outputs in the table."""
    panels = {
        panel["name"]: panel
        for panel in app.picture.evaluate(
            "view => view.parentElement.frame.panels.map(({ arrays, ...panel }) => ({ ...panel, "
            "arrays: Object.fromEntries(Object.entries(arrays).map(([name, array]) => "
            "[name, [...array.values]])) }))"
        )
    }
    layers = {
        name: np.array(values, np.float32)
        for name, values in panels["network"]["arrays"].items()
        if name.startswith(("weight", "bias"))
    }
    return layers, np.array(panels["table"]["outputs"])


def weights_at(experiment, step):
    trainer = Trainer(experiment)
    while trainer.step < step:
        trainer.advance(step - trainer.step)
    return trainer.model.get_params()


def assert_shows(app, params):
    wanted = {}
    for i, (weight, bias) in enumerate(params):
        wanted[f"weight{i}"] = weight.ravel().astype(np.float32)
        wanted[f"bias{i}"] = bias.astype(np.float32)

    def shown():
        layers, _ = numbers(app)
        return all(np.array_equal(layers[name], values) for name, values in wanted.items())

    app.until(shown, "the picture has other weights")


def scrubber(app):
    return app.page.get_by_label("Kept step")


def steps_back(app, presses):
    for _ in range(presses):
        before = app.number("step")
        scrubber(app).press("ArrowLeft")
        app.until(lambda before=before: app.number("step") < before, "the picture stayed")


def test_a_kept_step_is_looked_at_replayed_and_gone_on_from(app):
    app.open()
    expect(scrubber(app)).to_be_disabled()
    expect(app.page.locator(".timeline output")).to_contain_text("Train first")
    app.choose("gates.form.batch_size", "3")
    experiment = Experiment(batch_size=3, epochs=20_000)
    app.type_number("gates.form.epochs", 20_000)
    app.press("Train")
    app.until(lambda: app.number("step") > 200, "training never began")
    expect(app.page.locator(".timeline output")).to_contain_text("Pause the run")
    app.press("Pause")
    app.until_state("paused")
    expect(scrubber(app)).to_be_enabled()
    now = app.number("step")

    steps_back(app, 6)
    step = app.number("step")
    looking = f"Looking back at step {step:,.0f} of {now:,.0f}"
    app.until(lambda: looking in app.message, "the message is another's")
    assert_shows(app, weights_at(experiment, step))

    app.press("Replay")
    app.until(lambda: step < app.number("step") < now, "the replay stood still")
    app.until(lambda: app.number("step") == now, "the replay never ended")
    app.until(lambda: "Paused at step" in app.message, "the replay did not end at now")

    steps_back(app, 6)
    app.press("Resume")
    app.until(lambda: app.number("step") > now, "Resume did not return to now")
    app.press("Pause")
    app.until_state("paused")
    expect(scrubber(app)).to_be_enabled()
    steps_back(app, 6)
    app.slide("gates.form.speed", "none")
    app.press("Continue from here")
    app.until_state("finished")
    app.page.get_by_text("Continued from step").wait_for()
    app.until(lambda: app.number("step") == 40_000, "it does not stand at its end")
    assert_shows(app, fit(experiment).params)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["torch"], indirect=True)
def test_a_framework_goes_on_from_a_kept_step_as_it_did(app, backend):
    app.open()
    app.choose("gates.form.backend", backends.label(backend))
    app.unfold("Stop rules and precision")
    app.choose("gates.form.dtype", "float64")
    app.type_number("gates.form.epochs", 500)
    app.slide("gates.form.speed", "none")
    app.press("Train")
    app.until_state("finished", seconds=180)
    _, outputs = numbers(app)
    expect(scrubber(app)).to_be_enabled()
    steps_back(app, 8)
    _, earlier = numbers(app)
    assert np.abs(earlier - outputs).max() > 1e-6
    app.press("Continue from here")
    app.page.get_by_text("Continued from step").wait_for()
    app.until(lambda: app.number("step") == 500, "it does not go on to the end")
    app.until_state("finished")
    _, again = numbers(app)
    np.testing.assert_allclose(again, outputs, rtol=0, atol=1e-12)
