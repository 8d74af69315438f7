"""Page Digits with a convolutional network: its form, its refusal on NumPy, and its views."""

import pytest

from nn_core import vocabulary
from tests.helpers.frameworks import installed
from tests.helpers.views import GROUP_OF, open_view
from tests.ui.details.test_code_view import program
from tests.ui.test_pages import open_page, press, run_of, until


@pytest.fixture
def page(app):
    """Page Digits with the embedded digits and convolutions."""
    open_page(app, "digits")
    app.selectbox(key="digits.form.dataset").set_value("digits_8x8").run()
    app.selectbox(key="digits.form.architecture").set_value("conv").run()
    assert not app.exception
    return app


def errors(app):
    return [error.value for error in app.error]


def test_numpy_says_why_and_another_backend_is_offered(page):
    (sentence,) = errors(page)
    assert "NumPy has no convolution" in sentence
    assert "PyTorch" in sentence
    assert page.button(key="digits.train").disabled
    page.selectbox(key="digits.form.architecture").set_value("dense").run()
    assert not errors(page)
    assert not page.button(key="digits.train").disabled


def test_only_pages_with_images_offer_an_architecture(app):
    assert "gates.form.architecture" not in {box.key for box in app.selectbox}
    open_page(app, "digits")
    options = app.selectbox(key="digits.form.architecture").options
    assert options == [word.label for word in vocabulary.ARCHITECTURES.values()]


def test_every_view_opens_on_a_convolutional_network_before_and_after_training(page):
    installed("torch", "PyTorch")
    page.selectbox(key="digits.form.backend").set_value("torch").run()
    page.number_input(key="digits.form.maps.0").set_value(3).run()
    page.number_input(key="digits.form.units.0").set_value(12).run()
    page.number_input(key="digits.form.epochs").set_value(3).run()
    assert not errors(page)
    groups = page.segmented_control(key="digits.form.views").options
    for _ in range(2):
        seen = set()
        for group in groups:
            page.segmented_control(key="digits.form.views").set_value(group).run()
            for view in page.pills(key="digits.form.view").options:
                page.pills(key="digits.form.view").set_value(view).run()
                assert not page.exception, view
                seen.add(view)
        assert {"Feature maps", "Code", "Save and load"} <= seen
        assert seen.isdisjoint({"Loss surface", "Weights over time"})
        assert seen < set(GROUP_OF)
        press(page, "digits", "train")
        until(page, "digits", lambda run: run.is_over, seconds=120)
    run = run_of(page, "digits")
    assert run.state == "finished", run.end
    assert run.experiment.channels == (3, 16)
    assert run.latest.params[0][0].shape == (5, 5, 1, 3)


def test_the_program_of_a_convolutional_network_is_shown_and_numpy_says_why_it_has_none(page):
    page.selectbox(key="digits.form.backend").set_value("torch").run()
    open_view(page, "digits", "Code")
    assert page.selectbox(key="digits.form.code.dialect").value == "torch_1_tensors"
    text = program(page)
    assert "functional.conv2d" in text
    (said,) = [found.value for found in page.caption if found.value.startswith("This program")]
    assert "needs NumPy, PyTorch and scikit-learn alone" in said
    page.selectbox(key="digits.form.code.dialect").set_value("numpy_by_hand").run()
    assert not page.exception
    assert any("NumPy has no convolution" in info.value for info in page.info)


def test_a_drawn_digit_has_feature_maps_too(page):
    page.selectbox(key="digits.form.backend").set_value("torch").run()
    stroke = {"width": 0.1, "points": [0.3, 0.2, 1, 0.6, 0.5, 1, 0.4, 0.8, 1]}
    page.session_state["digits.drawing"] = {
        "strokes": [stroke], "centred": True, "width": 0.1, "number": 1,
    }  # fmt: skip
    page.segmented_control(key="digits.form.views").set_value("Draw").run()
    assert not page.exception
    titles = [element.value for element in page.markdown]
    assert any(title.startswith("**Maps of convolution 2**, 4 × 4") for title in titles)
