"""Page Digits with a convolutional network: its form, its refusal on NumPy, and its views."""

import pytest

from nn_core import vocabulary
from tests.helpers.frameworks import installed
from tests.helpers.views import GROUP_OF


@pytest.fixture
def page(visitor):
    """Page Digits with the embedded digits and convolutions."""
    visitor.open("digits")
    visitor.set("Task", "digits_8x8")
    visitor.set("Architecture", "conv")
    return visitor


def test_numpy_says_why_and_another_backend_is_offered(page):
    (sentence,) = page.texts("error")
    assert "NumPy has no convolution" in sentence
    assert "PyTorch" in sentence
    assert page.button("Train").disabled
    page.set("Architecture", "dense")
    assert not page.errors
    assert not page.button("Train").disabled


def test_only_pages_with_images_offer_an_architecture(visitor):
    assert not visitor.offers("Architecture")
    visitor.open("digits")
    options = visitor.control("Architecture").options
    assert options == [word.label for word in vocabulary.ARCHITECTURES.values()]


def test_every_view_opens_on_a_convolutional_network_before_and_after_training(page):
    installed("torch", "PyTorch")
    page.set("Backend", "torch")
    page.set("Maps 1", 3)
    page.set("Units 1", 12)
    page.set("Epochs (passes)", 3)
    assert not page.errors
    groups = page.control("Kind of view").options
    for _ in range(2):
        seen = set()
        for group in groups:
            page.set("Kind of view", group)
            for view in page.control("Details").options:
                page.set("Details", view)
                seen.add(view)
        assert {"Feature maps", "Code", "Save and load"} <= seen
        assert seen.isdisjoint({"Loss surface", "Weights over time"})
        assert seen < set(GROUP_OF)
        run = page.train(120)
    assert run.state == "finished", run.end
    assert run.experiment.channels == (3, 16)
    assert run.latest.params[0][0].shape == (5, 5, 1, 3)


def test_the_program_of_a_convolutional_network_is_shown_and_numpy_says_why_it_has_none(page):
    page.set("Backend", "torch")
    page.open_view("Code")
    assert page.control("Written for").value == "torch_1_tensors"
    text = page.program()
    assert "functional.conv2d" in text
    (said,) = [text for text in page.texts() if text.startswith("This program")]
    assert "needs NumPy, PyTorch and scikit-learn alone" in said
    page.set("Written for", "numpy_by_hand")
    assert "NumPy has no convolution" in page.infos


def test_a_drawn_digit_has_feature_maps_too(page):
    page.set("Backend", "torch")
    stroke = {"width": 0.1, "points": [0.3, 0.2, 1, 0.6, 0.5, 1, 0.4, 0.8, 1]}
    page.session["digits.drawing"] = {
        "strokes": [stroke], "centred": True, "width": 0.1, "number": 1,
    }  # fmt: skip
    page.set("Kind of view", "Draw")
    titles = page.texts("markdown")
    assert any(title.startswith("**Maps of convolution 2**, 4 × 4") for title in titles)
