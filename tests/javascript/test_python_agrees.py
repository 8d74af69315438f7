"""What JavaScript reads and prints is what Python writes and prints."""

import json
import os
import re
import shutil
import subprocess

import numpy as np
import pytest

from nn_core.charts.live.packing import pack
from tests.helpers.root import ROOT
from ui.components import bundles

NODE = shutil.which("node")
if NODE is None and os.environ.get("BACKPROP_LIVE_REQUIRE_BROWSER"):
    raise RuntimeError("Node is not installed: what the browser runs cannot be tested")
needs_node = pytest.mark.skipif(NODE is None, reason="Node is not installed")

WHOLE = [0, 7, 999, 1000, 12345, 1234567, 10**12]
FRACTIONS = np.random.default_rng(0).uniform(0.001, 1.0, 300).tolist()
FLOATS = np.random.default_rng(1).normal(0, 10, 300).astype(np.float32).astype(float).tolist()


def answer_of_node(code: str, given: bytes | str) -> object:
    """What a module prints as JSON, with `given` on its standard input."""
    done = subprocess.run(
        [str(NODE), "--input-type=module", "--eval", code],
        cwd=ROOT,
        input=given if isinstance(given, bytes) else given.encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def printed(function: str, module: str, numbers: list) -> list[str]:
    """The texts that a function of ours makes of numbers."""
    code = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ {function} }} from "./ui/{module}";
        const numbers = JSON.parse(readFileSync(0, "utf8"));
        console.log(JSON.stringify(numbers.map((number) => {function}(number))));
    """
    return answer_of_node(code, json.dumps(numbers))


@needs_node
def test_a_frame_that_python_packs_is_read_to_the_last_digit():
    weights = np.random.default_rng(2).normal(size=(3, 2)).astype(np.float32)
    steps = np.array([0.0, 1e16, 1 / 3])
    picture = np.arange(7, dtype=np.uint8)
    head = {"seq": 3, "panels": [{"name": "network", "µ": None}, {"name": "loss"}]}
    arrays = {"network/weight0": weights, "network/picture": picture, "loss/steps0": steps}
    code = """
        import { readFileSync } from "node:fs";
        import { decodeFrame } from "./ui/components/common/frame_bytes.js";
        const frame = decodeFrame(new Uint8Array(readFileSync(0)));
        const plain = (_, value) => (ArrayBuffer.isView(value) ? [...value] : value);
        console.log(JSON.stringify(frame.panels, plain));
    """
    network, loss = answer_of_node(code, pack(head, arrays, {"loss/steps0"}))
    assert network["µ"] is None
    assert network["arrays"]["weight0"] == {"values": weights.ravel().tolist(), "shape": [3, 2]}
    assert network["arrays"]["picture"]["values"] == picture.tolist()
    assert loss["arrays"]["steps0"]["values"] == steps.tolist()


@needs_node
def test_a_step_is_printed_as_its_tile_prints_it():
    assert printed("grouped", "live/timeline.js", WHOLE) == [f"{number:,}" for number in WHOLE]


@needs_node
def test_a_probability_is_printed_as_the_sentence_below_it_prints_it():
    expected = [f"{100 * share:.1f}\u00a0%" for share in FRACTIONS]
    assert printed("percent", "components/draw_pad/answer_text.js", FRACTIONS) == expected


@needs_node
def test_a_weight_to_the_last_digit_is_the_weight():
    texts = printed("exact", "components/common/number_text.js", FLOATS)
    assert np.float32([text.replace("−", "-") for text in texts]).tolist() == FLOATS


@needs_node
def test_a_weight_in_the_diagram_is_the_weight_rounded_to_two_decimals():
    expected = [f"{number:.2f}".replace("-", "−").replace("−0.00", "0.00") for number in FLOATS]
    assert printed("fixed", "components/common/number_text.js", FLOATS) == expected


def test_there_is_a_bundle_for_each_component_and_no_other():
    asked = set()
    for path in (ROOT / "ui").rglob("*.py"):
        asked |= set(re.findall(r'\b(?:bundle|CustomElement)\("(\w+)"\)', path.read_text("utf-8")))
    assert asked == {path.stem for path in bundles.FOLDER.iterdir()}


def test_a_bundle_is_code_and_not_a_path_to_streamlit():
    for path in bundles.FOLDER.iterdir():
        assert "\n" in bundles.bundle(path.stem).strip(), path.name
        assert "export" in bundles.bundle(path.stem), path.name


def test_the_lock_file_names_no_registry():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text("utf-8")
