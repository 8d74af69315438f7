"""Damaged and hostile files of weights and tables: a sentence for each, and nothing else."""

import json
import subprocess
import sys

import pytest

from tests.helpers.root import ROOT


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What became of each file, in a process that may take little memory and run nothing."""
    folder = tmp_path_factory.mktemp("hostile")
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.hostile_files"],
        cwd=folder, env={"PYTHONPATH": str(ROOT), "PATH": ""}, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert not list(folder.iterdir()), "a file was written"
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_there_are_hundreds_of_them_and_most_are_refused(outcomes):
    assert len(outcomes) > 200
    assert len({outcome["name"] for outcome in outcomes}) == len(outcomes)
    refused = [outcome for outcome in outcomes if outcome["told"]]
    # A changed number is still a number; and settings that are no use do not spoil the weights.
    assert len(refused) > 0.7 * len(outcomes)


def test_none_of_them_raises_anything_but_our_own_error(outcomes):
    assert not [outcome for outcome in outcomes if outcome["error"]]


def test_each_refusal_is_a_short_sentence(outcomes):
    for outcome in outcomes:
        told = outcome["told"]
        if told:
            assert told[0].isupper() or told[0] == "“" or told.startswith(("layer", "“"))
            assert told.endswith(".")
            assert 20 < len(told) < 500, told
            assert told.isprintable()
            assert "Traceback" not in told


def test_none_of_them_takes_half_a_second_of_the_processor(outcomes):
    slow = {o["name"]: o["seconds"] for o in outcomes if o["seconds"] >= 0.5}
    assert not slow


def test_none_of_them_opens_imports_or_runs_anything(outcomes):
    did = {outcome["name"]: outcome["did"] for outcome in outcomes if outcome["did"]}
    assert not did


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("npz, a header of 4 TB", "does not go together|does not"),
        ("npz, a bomb of 600 MB", "would unpack to 600,000,000 bytes"),
        ("npz, objects", "no plain array|type"),
        ("npz, 30,000 members", "more members"),
        ("conv npz, a kernel of (65536, 65536, 64, 64)", "does not go together|does not"),
        ("conv npz, a kernel of 500 × 500", "kernels of 3 × 3 or 5 × 5"),
        ("conv npz, kernels alone", "a dense layer behind them"),
        ("a file of PyTorch", "not loaded"),
        ("safetensors, a header of 4 TB", "no .safetensors"),
        ("safetensors, infinity", "NaN or infinity"),
        ("CSV, 30,000 equal names", "columns"),
    ],
)
def test_the_sentence_says_what_is_wrong(outcomes, name, word):
    (told,) = [outcome["told"] for outcome in outcomes if outcome["name"] == name]
    assert any(part in told for part in word.split("|")), told
