"""Drawings are brought into the form that the images of a data set have."""

import numpy as np
import pytest

from nn_core import Experiment
from nn_core.datasets.images import image_shape, raw_images
from nn_core.explain.images.digit_centring import (
    MNIST_BOX,
    MNIST_CENTRE,
    MNIST_SHAPE,
    centre_digit,
    centre_of_mass,
    downscale,
)
from nn_core.explain.images.recognition import network_inputs, recognise
from nn_core.explain.images.strokes import MOST_POINTS, MOST_STROKES, SIDE, rasterise, read_strokes
from nn_core.networks.initializers import initial_params
from tests.helpers.real_mnist import real_mnist

SEVEN = [(0.2, 0.1), (0.8, 0.1), (0.45, 0.9)]


def drawn(points, width=0.1, scale=1.0, x=0.0, y=0.0):
    """The ink of a line through points, all of it made smaller and moved."""
    numbers = [n for px, py in points for n in (x + scale * px, y + scale * py, 1)]
    return rasterise(read_strokes([{"width": width * scale, "points": numbers}]))


def test_a_bar_is_scaled_and_moved_as_by_hand():
    ink = np.zeros((280, 280))
    ink[200:260, 30:42] = 1  # 60 x 12: a third of each is 20 x 4
    found = centre_digit(ink, MNIST_SHAPE)
    by_hand = np.zeros(MNIST_SHAPE)
    # The middle of 20 rows lies between two pixels; NumPy rounds 14 - 9.5 = 4.5 to 4.
    by_hand[4:24, 12:16] = 1
    np.testing.assert_allclose(found.image, by_hand, atol=1e-12)
    assert found.box == (200 / 280, 30 / 280, 260 / 280, 42 / 280)


@pytest.mark.parametrize("shape", [MNIST_SHAPE, (8, 8)])
@pytest.mark.parametrize(("scale", "x", "y"), [(1, 0.15, 0.05), (0.5, 0.0, 0.5), (0.25, 0.7, 0.1)])
def test_a_drawing_that_is_moved_and_made_smaller_gives_the_same_image(shape, scale, x, y):
    there = centre_digit(drawn(SEVEN), shape).image
    here = centre_digit(drawn(SEVEN, scale=scale, x=x, y=y), shape).image
    # A quarter of the size has a quarter of the pixels: its edges are as much coarser.
    assert np.abs(here - there).max() < (0.1 if scale == 1 else 0.35)
    assert np.abs(here - there).mean() < 0.02


def test_whole_pixels_further_the_image_is_the_same_to_the_bit():
    ink = drawn(SEVEN, scale=0.5)
    moved = np.roll(ink, (31, 77), axis=(0, 1))
    assert np.array_equal(
        centre_digit(ink, MNIST_SHAPE).image, centre_digit(moved, MNIST_SHAPE).image
    )


@pytest.mark.parametrize("points", [SEVEN, [(0.3, 0.2), (0.3, 0.8), (0.7, 0.8)]])
def test_the_pixel_of_the_centre_of_mass_is_the_14th_in_both_directions(points):
    found = centre_digit(drawn(points, scale=0.4, x=0.5), MNIST_SHAPE)
    for place in centre_of_mass(found.image):
        assert abs(place - MNIST_CENTRE) <= 0.5
    rows, columns = (np.flatnonzero(found.image.sum(axis)) for axis in (1, 0))
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == MNIST_BOX


@pytest.mark.mnist
def test_the_images_of_mnist_are_made_so(monkeypatch):
    """Second witness of the rule: the published files, and that they are left as they are."""
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    images, _ = raw_images("mnist")
    for image in images[:500] / 255:
        for place in centre_of_mass(image):
            assert abs(place - MNIST_CENTRE) <= 0.5
        again = centre_digit(np.kron(image, np.ones((10, 10))), MNIST_SHAPE).image
        np.testing.assert_allclose(again, image, atol=1e-12)


def test_the_embedded_digits_are_as_high_as_ours():
    images, _ = raw_images("digits_8x8")
    assert all(image.any(axis=1).all() for image in images)
    image = centre_digit(drawn(SEVEN, scale=0.3, x=0.1, y=0.6), (8, 8)).image
    assert image.any(axis=1).all()
    # 20 of 32 columns in the middle touch the blocks 1 to 6.
    assert np.flatnonzero(image.any(axis=0)).tolist() == [1, 2, 3, 4, 5, 6]
    widths = [np.ptp(np.flatnonzero(it.any(axis=0))) + 1 for it in images]
    assert np.median(widths) == 6


@pytest.mark.parametrize("shape", [MNIST_SHAPE, (8, 8)])
def test_an_empty_square_is_an_empty_image(shape):
    found = centre_digit(rasterise([]), shape)
    assert found.box is None
    assert found.image.shape == shape
    assert not found.image.any()
    assert not downscale(rasterise([]), shape).any()


@pytest.mark.parametrize("shape", [MNIST_SHAPE, (8, 8)])
@pytest.mark.parametrize(
    "points", [[(0.9, 0.1)], [(0.1, 0.5), (0.9, 0.5)], [(0.5, 0.0), (0.5, 1.0)]]
)
def test_a_dot_and_a_line_fill_the_box_and_stay_inside(shape, points):
    found = centre_digit(drawn(points), shape)
    assert found.image.shape == shape
    assert 0 <= found.image.min() <= found.image.max() <= 1 + 1e-12
    assert found.image.sum() == pytest.approx(
        found.fitted.sum() / (1 if shape == MNIST_SHAPE else 16)
    )


def test_ink_outside_the_square_is_cut_off():
    ink = drawn([(-5, 0.5), (7, 0.5)], width=0.2)
    assert ink.shape == (SIDE, SIDE)
    rows = np.flatnonzero(ink[:, 0] > 0.5)
    assert (rows[0], rows[-1] + 1) == (112, 168)  # a fifth of 280 in the middle
    assert np.array_equal(ink[:, 0], ink[:, -1])


def test_a_drawing_that_fills_the_square_stays_a_picture():
    ink = drawn([(x, y / 29) for y in range(30) for x in (0, 1)], width=0.2)
    image = centre_digit(ink, MNIST_SHAPE).image
    assert image.sum() == pytest.approx(MNIST_BOX**2)


def test_pressure_makes_a_stroke_thinner():
    light = rasterise(read_strokes([{"width": 0.1, "points": [0.5, 0.5, 0.5]}]))
    full = rasterise(read_strokes([{"width": 0.1, "points": [0.5, 0.5, 1]}]))
    assert light.sum() == pytest.approx(np.pi * 7**2, rel=0.02)
    assert full.sum() == pytest.approx(np.pi * 14**2, rel=0.02)


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [3],
        [{}],
        [{"width": 0.1, "points": []}],
        [{"width": 0.1, "points": [1, 2]}],
        [{"width": 0.1, "points": [1, 2, float("nan")]}],
        [{"width": "0.1", "points": [1, 2, 3]}],
        [{"width": 0.1, "points": [[1], 2, 3]}],
        [{"width": 0.1, "points": [0, 0, 1]}] * (MOST_STROKES + 1),
        [{"width": 0.1, "points": [0, 0, 1] * (MOST_POINTS + 1)}],
    ],
)
def test_what_is_no_drawing_is_refused(value):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for a log
        read_strokes(value)


@pytest.mark.parametrize("hidden", [(), (12,), (9, 7)])
def test_contributions_and_bias_add_up_to_the_sum_of_the_guess(hidden):
    experiment = Experiment(
        dataset="digits_8x8", hidden=hidden, activation="tanh", output="softmax",
        loss="cross_entropy", dtype="float64",
    )  # fmt: skip
    rng = np.random.default_rng(0)
    params = [(weight, rng.normal(size=bias.shape)) for weight, bias in initial_params(experiment)]
    image = centre_digit(drawn(SEVEN), image_shape("digits_8x8")).image
    found = recognise(experiment, params, image)
    x = network_inputs(experiment, image)[0]
    for weight, bias in params[:-1]:
        x = np.tanh(x @ weight + bias)
    sums = x @ params[-1][0] + params[-1][1]
    assert found.ranking[0] == sums.argmax()
    assert found.sum == pytest.approx(sums.max())
    assert found.contributions.sum() + found.bias == pytest.approx(sums.max())
    np.testing.assert_allclose(found.probabilities, np.exp(sums) / np.exp(sums).sum(), rtol=1e-9)


def test_what_the_network_sees_has_the_scale_of_its_data():
    mnist = Experiment(dataset="mnist", hidden=(3,), output="softmax", loss="cross_entropy")
    image = np.zeros(MNIST_SHAPE)
    image[0, 0] = 1
    assert network_inputs(mnist, image)[0, :2].tolist() == [1, 0]
    options = {"pixels": "standardised"}
    scaled = network_inputs(mnist.replace(dataset_options=options), image)[0, :2]
    assert scaled == pytest.approx([(1 - 0.1307) / 0.3081, -0.1307 / 0.3081], rel=1e-5)
