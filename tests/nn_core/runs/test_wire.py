"""What goes over the wire arrives as it was, and what is no frame is refused."""

import io
import json
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from nn_core.events import Failed, Finished, Phase, Progress, Snapshot
from nn_core.runs import wire

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdefgh", max_size=5), inner, max_size=4)
    ),
    max_leaves=10,
)
numbers = arrays.arrays(
    st.sampled_from([np.float32, np.float64, np.int64]),
    arrays.array_shapes(max_dims=3, max_side=4),
)


def _there_and_back(message):
    return wire.read(io.BytesIO(wire.encode(message)))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.dictionaries(st.text("abcdefgh", max_size=5), plain, max_size=4))
def test_plain_values_come_back_equal(message):
    assert _there_and_back(message) == message


@given(numbers)
def test_arrays_come_back_equal_to_the_bit(array):
    back = _there_and_back({"x": [array, {"y": array}]})
    for copy in (back["x"][0], back["x"][1]["y"]):
        assert copy.dtype == array.dtype
        assert copy.tobytes() == array.tobytes()
        assert copy.shape == array.shape


def test_numbers_that_json_cannot_say_come_back_too():
    back = _there_and_back({"loss": float("inf"), "other": -float("inf"), "third": float("nan")})
    assert back["loss"] == float("inf")
    assert back["other"] == -float("inf")
    assert np.isnan(back["third"])


@pytest.mark.parametrize(
    "event",
    [
        Phase("importing PyTorch"),
        Progress(3, 1.5, np.array([0.3, 0.2]), {"test_loss": 0.1}, 0.01, np.eye(2, dtype=int)),
        Snapshot(3, 1.5, [(np.ones((2, 1)), None), (np.ones((1, 1)), np.ones(1))], np.ones((4, 1))),
        Finished(7, 2.0, "patience", {"train_accuracy": 1.0}, 0.5),
        Failed("diverged", "The loss is no longer a finite number.", 12),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_come_back_as_events(event):
    back = wire.message_event(_there_and_back(wire.event_message(event)))
    assert type(back) is type(event)
    for name, value in vars(event).items():
        np.testing.assert_equal(getattr(back, name), value)


@given(numbers, plain)
def test_what_travels_in_a_command_comes_back_to_the_bit(array, value):
    line = json.dumps(wire.packed({"a": [array, None], "v": {"x": value}}), allow_nan=False)
    back = wire.unpacked(json.loads(line))
    assert (back["a"][0].dtype, back["a"][0].shape) == (array.dtype, array.shape)
    assert back["a"][0].tobytes() == array.tobytes()
    assert back["a"][0].flags.writeable
    assert (back["a"][1], back["v"]["x"]) == (None, value)


def test_the_end_of_the_stream_is_no_message():
    whole = wire.encode({"a": np.ones(5)})
    assert wire.read(io.BytesIO(b"")) is None
    for cut in (3, 10, len(whole) - 1):
        assert wire.read(io.BytesIO(whole[:cut])) is None


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("<II", 2**30, 0),  # a gigabyte of head
        struct.pack("<II", 2, 2**31) + b"{}",  # two gigabytes of arrays
        struct.pack("<II", 4, 0) + b"nope",
        struct.pack("<II", 2, 0) + b"[]",
    ],
)
def test_what_is_no_frame_is_refused_before_memory_is_taken(frame):
    with pytest.raises(wire.WireError):
        wire.read(io.BytesIO(frame))


@pytest.mark.parametrize(
    "array",
    [
        {"dtype": "object", "shape": [1], "offset": 0},
        {"dtype": "float64", "shape": [10**9], "offset": 0},
        {"dtype": "float64", "shape": [2**40, 2**40], "offset": 0},
        {"dtype": "float64", "shape": [-1], "offset": 0},
        {"dtype": "float64", "shape": [True], "offset": 0},
        {"dtype": "float64", "shape": [0] * 60, "offset": 0},
        {"dtype": "float64", "shape": [0, 2**70], "offset": 0},
        {"dtype": "float64", "shape": "1", "offset": 0},
        {"dtype": "float64", "shape": [1], "offset": -8},
        {"dtype": "float64", "shape": [1], "offset": 2**70},
        {"dtype": "float64", "shape": [1], "offset": 1},
        {"dtype": "float64", "shape": [1]},
        {"dtype": ["float64"], "shape": [1], "offset": 0},
        ["float64"],
    ],
    ids=str,
)
def test_an_array_that_the_frame_does_not_hold_is_refused(array):
    right = {"dtype": "float64", "shape": [1], "offset": 0}
    for described, is_right in ((right, True), (array, False)):
        head = json.dumps({"value": {"x": {"$array": "0"}}, "arrays": {"0": described}}).encode()
        frame = io.BytesIO(struct.pack("<II", len(head), 8) + head + bytes(8))
        if is_right:
            assert wire.read(frame)["x"].tolist() == [0.0]
            continue
        with pytest.raises(wire.WireError, match="cannot be read"):
            wire.read(frame)


def test_an_array_that_the_head_does_not_describe_is_refused():
    for name in ("1", ["0"], None):
        head = json.dumps({"value": {"x": {"$array": name}}, "arrays": {}}).encode()
        with pytest.raises(wire.WireError, match="cannot be read"):
            wire.read(io.BytesIO(struct.pack("<II", len(head), 0) + head))


def test_an_event_of_another_kind_is_refused():
    with pytest.raises(wire.WireError, match="cannot be read"):
        wire.message_event({"event": "Exploded", "fields": {}})
    with pytest.raises(wire.WireError, match="cannot be read"):
        wire.message_event({"event": "Phase", "fields": {"other": 1}})
