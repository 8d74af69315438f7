"""Programs print the app's own losses, are well written, and hold whatever a name may be."""

import ast
import itertools
import json
import random
import shutil
import subprocess

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_core import Experiment, backends, fit
from nn_core.datasets.table import pack
from nn_core.exchange import programs
from nn_core.exchange.programs.changed_lines import changed_lines, side_by_side
from nn_core.exchange.programs.notebook import notebook
from nn_core.exchange.programs.source import literal, spaced
from nn_core.lessons import recipes
from nn_core.networks.architectures.conv import OFFERED_BY, WHY_NOT
from tests.helpers.frameworks import BACKENDS, installed
from tests.helpers.programs import (
    ROOT,
    assert_prints,
    kernel_of,
    losses_in_the_app,
    losses_on_numpy,
    printed_by,
    printed_by_notebook,
    write,
)
from tests.helpers.real_mnist import real_mnist

DIALECTS = programs.names()
SLOW_TO_IMPORT = ("tensorflow", "keras")  # theirs are in the slow matrix
every_dialect = pytest.mark.parametrize("dialect", DIALECTS)

MANY_POINTS = [[i % 11 / 2 - 2, i % 7 / 2 - 1, i % 3] for i in range(230)]


def case(dataset, *, epochs=12, dtype="float64", **settings):
    return Experiment(dataset=dataset, epochs=epochs, dtype=dtype, **settings)


QUICK = {
    "xor": case("xor", hidden=(3,)),
    "all at once": case(
        "circle", dataset_options={"points": 60, "noise": 10, "features": ["x1", "x2²", "x1·x2"]},
        hidden=(5, 4), activations=("relu", "leaky_relu"), loss="bce", optimizer="rmsprop",
        learning_rate=0.01, dropout=0.3, l1=0.001, l2=0.01, batch_size=16,
    ),
}  # fmt: skip


def convolutions(**settings):
    """A small convolutional network on a few images of 8 × 8 pixels."""
    options = {"train_rows": 100} | settings.pop("dataset_options", {})
    fields = {
        "architecture": "conv", "channels": (2, 3), "kernel": 3, "hidden": (6,), "epochs": 2,
        "activation": "relu", "output": "softmax", "loss": "cross_entropy", "batch_size": 32,
        "learning_rate": 0.01, "backend": "torch", "dataset_options": options,
    }  # fmt: skip
    return case("digits_8x8", **fields | settings)


CONVOLUTIONS = {
    "convolutions": convolutions(),
    "convolutions, all at once": convolutions(
        channels=(3, 2),
        kernel=5,
        hidden=(5, 4),
        activations=("leaky_relu", "tanh"),
        dropout=0.3,
        l1=0.001,
        l2=0.01,
        optimizer="rmsprop",
        batch_size=16,
        initializer="uniform_fan_in",
        dataset_options={"classes": ("4", "1", "8"), "shifted_copies": 1},
    ),
}
MORE_CONVOLUTIONS = {
    "convolutions of mnist, no bias": case(
        "mnist", dataset_options={"train_rows": 100}, architecture="conv", channels=(4, 6),
        kernel=5, hidden=(), bias=False, output="identity", loss="mse_sum", optimizer="nesterov",
        learning_rate=1e-4, batch_size=20, epochs=2, initializer="uniform_fan_in", backend="torch",
    ),
    "convolutions, all images at once": convolutions(
        optimizer="sgd", batch_size=None, initializer="he_normal", epochs=6, patience=3,
        learning_rate=0.1,
    ),
    "convolutions, squared errors": convolutions(
        optimizer="adagrad", output="sigmoid", loss="mse", initializer="normal_small", epochs=3,
    ),
    "convolutions from zero": convolutions(
        optimizer="momentum", initializer="zeros", target_loss=0.1, shuffle=False,
    ),
}  # fmt: skip

SPECIAL = {
    "own points in a file": case(
        "own_points", dataset_options={"points": MANY_POINTS, "test_share": 20}, hidden=(3,),
        output="softmax", loss="cross_entropy", batch_size=50,
    ),
    "a table": case("table", hidden=(3,), loss="bce", batch_size=10),
    "embedded digits": case(
        "digits_8x8", dataset_options={"train_rows": 100}, hidden=(8,), output="identity",
        loss="cross_entropy_logits", learning_rate=0.01, batch_size=32, epochs=3,
    ),
    "embedded digits, some of them, with copies": case(
        "digits_8x8", hidden=(8,), output="softmax", loss="cross_entropy", learning_rate=0.01,
        batch_size=32, epochs=2, dataset_options={
            "train_rows": 100, "classes": ("4", "1", "8"), "shifted_copies": 2,
            "pixels": "standardised",
        },
    ),
    "patience": case(
        "spiral", dataset_options={"points": 40, "arms": 3}, hidden=(3,), output="softmax",
        loss="mse_sum", optimizer="sgd", learning_rate=0.5, patience=2, epochs=25,
    ),
    "target": case(
        "nand", hidden=(), output="identity", loss="bce_logits", initializer="zeros",
        target_loss=0.5, epochs=50,
    ),
    "given, no bias": case(
        "or", hidden=(), bias=False, output="tanh", initializer="given", loss="mse_half",
        given=((((0.25,), (-0.5,)), None),), optimizer="nesterov",
    ),
    "known optimum": case(
        "xor", hidden=(2,), activation="relu", output="identity", initializer="given",
        given_offset=1e-5, optimizer="adam", learning_rate=0.001,
    ),
    "eight layers": case(
        "truth_table", dataset_options={"truth": "0110100110010110"}, hidden=(8,) * 8,
        activation="tanh", learning_rate=0.01,
    ),
    "probabilities": case(
        "blobs", dataset_options={"points": 40}, hidden=(3,), output="softmax", loss="bce",
        optimizer="sgd", learning_rate=0.5, batch_size=7, bias=False,
        initializer="uniform_fan_in",
    ),
    "in order": case(
        "and", hidden=(2,), output="identity", loss="bce_logits_sum", optimizer="momentum",
        learning_rate=0.05, l1=0.01, batch_size=2, shuffle=False, initializer="he_normal",
    ),
    "bumps": case(
        "regression_gauss", dataset_options={"points": 40, "noise": 10}, hidden=(3,),
        output="identity", dropout=0.5,
    ),
}  # fmt: skip

NUMBERS = {"hidden": (4,), "output": "identity", "learning_rate": 0.01}
GROUNDS = {
    "gates": [
        case("xnor", hidden=(3,), loss="mse"),
        case("a_implies_b", hidden=(2,), loss="bce", batch_size=1),
        case("b_and_not_a", hidden=(2,), output="identity", loss="bce_logits_sum", batch_size=3),
    ],
    "bits": [
        case("bits", hidden=(3,), output="softmax", loss="cross_entropy"),
        case("bits", dataset_options={"bits": 3, "answer": "number"}, loss="mse", **NUMBERS),
    ],
    "plane": [
        case("moons", dataset_options={"points": 40}, hidden=(4,), loss="bce", batch_size=8),
        case("gauss", dataset_options={"points": 40}, hidden=(4,), loss="mse_half"),
        case("xor_points", dataset_options={"points": 40, "noise": 20}, hidden=(3,)),
        case("spiral", dataset_options={"points": 40}, hidden=(4,), activation="tanh"),
        case("regression_plane", dataset_options={"points": 40}, **NUMBERS),
        case("regression_sine", dataset_options={"points": 40, "noise": 10}, **NUMBERS),
    ],
    "mnist": [
        case("mnist", dataset_options={"train_rows": 100, "pixels": pixels}, hidden=(6,), epochs=2,
             batch_size=20, learning_rate=0.01, **pair)
        for pixels, pair in (
            ("unit", {"output": "softmax", "loss": "cross_entropy"}),
            ("standardised", {"loss": "mse_sum"}),
        )
    ] + [
        case("mnist", hidden=(6,), epochs=2, batch_size=20, learning_rate=0.01, output="softmax",
             loss="cross_entropy", dataset_options={
                 "train_rows": 100, "classes": ("3", "5"), "shifted_copies": 1,
             }),
    ],
}  # fmt: skip
OPTIMIZERS = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")


def matrix():
    """Each optimizer on each ground, its losses in turn; and the special cases.

    Those with convolutions are PyTorch's, because NumPy cannot have them: see `on`.
    """
    found = dict(QUICK | SPECIAL | CONVOLUTIONS | MORE_CONVOLUTIONS)
    for ground, experiments in GROUNDS.items():
        turn = itertools.cycle(experiments)
        for optimizer in OPTIMIZERS * (1 + (len(experiments) > 3)):
            experiment = next(turn)
            smaller = min(experiment.learning_rate, 0.05)
            found[f"{ground} {len(found)} {optimizer}"] = experiment.replace(
                optimizer=optimizer, learning_rate=smaller
            )
    return found


def on(backend, cases, **changes):
    """The cases that a backend can train, on that backend."""
    can = [name for name, e in cases.items() if e.architecture == "dense" or backend in OFFERED_BY]
    return {name: cases[name].replace(backend=backend, **changes) for name in can}


def check(backend, cases, folder, losses):
    """Write the cases in every dialect of a backend, run them, and compare the losses."""
    written = []
    for dialect, name in itertools.product(programs.names(backend), cases):
        place = folder / f"{dialect}-{name.replace(' ', '_')}"
        if write(place, cases[name], dialect):
            written.append((dialect, name, place))
    assert written
    outputs = printed_by(backend, [place for *_, place in written])
    for (dialect, name, _), printed in zip(written, outputs, strict=True):
        assert_prints(printed, cases[name], losses[name], f"{name} in {dialect}")


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name not in SLOW_TO_IMPORT])
def test_a_program_prints_the_losses_of_the_app(backend, tmp_path):
    installed(backend, backends.label(backend))
    # The other frameworks with convolutions have theirs in the slow matrix.
    name = "convolutions"
    cases = on(backend, QUICK | ({name: CONVOLUTIONS[name]} if backend == "torch" else {}))
    losses = {
        name: fit(e).losses if e.front else losses_on_numpy(e, backend) for name, e in cases.items()
    }
    check(backend, cases, tmp_path, losses)


@pytest.mark.slow
@pytest.mark.mnist
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_program_of_the_matrix_prints_the_losses_of_the_app(
    backend, dtype, tmp_path, monkeypatch
):
    installed(backend, backends.label(backend))
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(real_mnist()))
    wanted = matrix() if dtype == "float64" else QUICK | CONVOLUTIONS
    cases = on(backend, wanted, dtype=dtype)
    found = losses_in_the_app(cases.values(), backend)
    check(backend, cases, tmp_path, dict(zip(cases, found, strict=True)))


def test_rosenblatts_rule_is_a_program_of_numpy_alone(tmp_path):
    e = recipes.get("perceptron-batch").experiment
    places = [write(tmp_path / dialect, e, dialect) for dialect in DIALECTS]
    (place,) = filter(None, places)
    (printed,) = printed_by("numpy", [place])
    assert_prints(printed, e, losses_on_numpy(e, "numpy"), "the perceptron")
    refusals = [programs.script(e, dialect).refusal for dialect in DIALECTS]
    assert all(text.endswith(".") for text in refusals if text)
    assert len([text for text in refusals if text]) == len(DIALECTS) - 1


@every_dialect
def test_a_program_has_no_line_for_what_is_not_set(dialect):
    plain = programs.script(case("xor", hidden=(3,), optimizer="sgd"), dialect).text
    for word in ("masks", "penalty", "batches()", "is_done", "waited", "given"):
        assert word not in plain
    assert len(plain.splitlines()) < 75  # short enough to be read aloud


@every_dialect
def test_a_program_with_convolutions_is_short_or_says_who_has_them(dialect):
    found = programs.script(convolutions(optimizer="sgd"), dialect)
    if programs.backend_of(dialect) not in OFFERED_BY:
        assert WHY_NOT[programs.backend_of(dialect)][1:] in found.refusal
        assert found.refusal[0].isupper()
        assert "choose JAX, Keras, TensorFlow or PyTorch" in found.refusal
        assert found.refusal.endswith(".")
        return
    for word in ("masks", "penalty", "is_done", "waited", "given", "reduce_window"):
        assert word not in found.text
    assert len(found.text.splitlines()) < 100
    # The convolutions follow the settings, and a dense network has no line of them.
    dense = programs.script(case("digits_8x8", hidden=(6,), optimizer="sgd"), dialect).text
    for word in ("conv", "pool", "places", "moveaxis", "x.reshape", "permute(0", "jit_compile=F"):
        assert word not in dense.lower()
    more = programs.script(convolutions(optimizer="sgd", channels=(2, 9)), dialect).text
    changed = [more.splitlines()[line - 1] for line in changed_lines(found.text, more)]
    assert any("(3, 3, 2, 9), (36, 6)" in line for line in changed)


@pytest.mark.parametrize(
    ("dialect", "settings", "packages"),
    [
        ("numpy_by_hand", {}, ("NumPy",)),
        ("torch_4_module", {"architecture": "conv"}, ("NumPy", "PyTorch", "scikit-learn")),
        ("keras_1_sequential", {"architecture": "conv"},
         ("NumPy", "TensorFlow", "Keras", "scikit-learn")),
        ("keras_2_subclassed", {"backend": "keras", "engine": "jax", "dtype": "float32"},
         ("NumPy", "JAX", "Keras")),
    ],
)  # fmt: skip
def test_a_script_names_the_packages_that_it_needs(dialect, settings, packages):
    e = convolutions(**settings) if settings.get("architecture") else case("xor", **settings)
    assert programs.script(e, dialect).packages == packages


def test_every_backend_has_a_dialect_with_a_label_and_a_meaning():
    assert {programs.backend_of(name) for name in DIALECTS} == set(backends.names())
    for name in DIALECTS:
        assert programs.label(name)
        assert programs.meaning(name)
    assert len({programs.label(name) for name in DIALECTS}) == len(DIALECTS)
    assert len(programs.names("torch")) == 4


@pytest.mark.parametrize(
    ("settings", "dialect", "reason"),
    [
        ({"dropout": 0.5}, "keras_1_sequential", "masks"),
        ({"backend": "keras", "engine": "jax"}, "keras_2_subclassed", "float32"),
        ({"loss": "mse_sum", "l2": 0.1, "batch_size": 3}, "keras_2_subclassed", "batch"),
    ],
)
def test_an_experiment_that_a_dialect_cannot_express_is_refused_with_a_sentence(
    settings, dialect, reason
):
    found = programs.script(case("xor", hidden=(3,), **settings), dialect)
    assert found.text == ""
    assert reason in found.refusal
    assert found.refusal.endswith(".")


def test_without_a_point_there_is_no_program():
    e = case("own_points", dataset_options={"points": []}, hidden=(3,))
    assert "place a point" in programs.script(e, "numpy_by_hand").refusal


def test_every_program_passes_the_linter_of_the_project(tmp_path):
    ruff = shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed")
    cases = matrix() | {"perceptron": recipes.get("perceptron-online").experiment}
    cases["convolutions on a GPU"] = convolutions(device="cuda:0", dtype="float32")
    cases["clothes"] = case("fashion_mnist", hidden=(6,), output="softmax", loss="cross_entropy")
    cases["convolutions of many maps"] = convolutions(
        channels=(64, 64), hidden=(100, 200, 300), initializer="normal_large"
    )
    for (name, e), dialect in itertools.product(cases.items(), DIALECTS):
        script = programs.script(e, dialect)
        place = tmp_path / f"{dialect}_{name.replace(' ', '_').replace(',', '')}.py"
        if not script.refusal:
            place.write_text(script.text, encoding="utf-8")
    config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", str(tmp_path)]
    # Programs print, as the scripts of this project do.
    for command in (["check", "--extend-per-file-ignores", "*.py:T20"], ["format", "--diff"]):
        done = subprocess.run(
            [ruff, *command, *config], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-4000:]


NASTY = ['"', "'", "\\", "\n", "\r", "\0", "{", "}", "#", '"""', "\u2028", "\\N{DIGIT ONE}", "%s",
         "${x}", "é", "𝒳", "\x1b", "</script>", '")\nimport os  # ', "f'{1/0}'", "\t"]  # fmt: skip


def hostile_texts(count):
    """Texts that try to leave their quotes."""
    draw = random.Random(0)
    for i in range(count):
        parts = [draw.choice(NASTY) if draw.random() < 0.7 else chr(draw.randrange(32, 0x2FF))
                 for _ in range(draw.randrange(1, 9))]  # fmt: skip
        yield ("".join(parts) + str(i))[:40]


def constants(text, name):
    """The literal that a program assigns to a name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"no {name} in the program")


def test_two_thousand_hostile_names_are_constants_of_the_program():
    rows = pack(np.array([[1.5, 2, 0], [-3, 1e-30, 1], [0, 7, 0], [2, 1e30, 1]]))
    texts = hostile_texts(2000)
    dialects = itertools.cycle(DIALECTS)
    for names in zip(*[texts] * 5, strict=True):
        first, second, target, *classes = names
        options = {"inputs": (first, second), "target": target, "classes": classes, "packed": rows}
        e = case("table", dataset_options=options, hidden=())
        script = programs.script(e, next(dialects))
        assert constants(script.text, "columns") == [first, second, target]
        assert constants(script.text, "classes") == classes
        cells = [cell for cell in json.loads(notebook(script))["cells"]
                 if cell["cell_type"] == "code"]  # fmt: skip
        assert any("".join(cell["source"]) in script.text for cell in cells)
        for cell in cells:
            ast.parse("".join(cell["source"]))


@given(
    st.recursive(
        st.text() | st.booleans() | st.integers() | st.floats(-1e300, 1e300),
        lambda values: st.lists(values, max_size=4),
        max_leaves=8,
    )
)
def test_a_literal_is_read_back_as_what_it_was(value):
    assert ast.literal_eval(literal(value)) == value


def test_what_has_no_literal_is_refused():
    with pytest.raises(TypeError, match="object"):
        literal(object())


def test_a_change_of_one_setting_marks_the_lines_that_say_it():
    e = case("xor", hidden=(3,), optimizer="sgd")
    before = programs.script(e, "torch_4_module").text
    after = programs.script(e.replace(learning_rate=0.5), "torch_4_module").text
    (line,) = changed_lines(before, after)
    assert "lr=0.5" in after.splitlines()[line - 1]
    assert changed_lines(before, before) == []
    assert changed_lines("a\nb\nc", "a\nc") == [2]  # the line that took the place of another


@pytest.mark.parametrize(("left", "right"), list(itertools.pairwise(DIALECTS)))
def test_side_by_side_holds_every_line_of_both_in_order(left, right):
    scripts = [programs.script(QUICK["xor"], name) for name in (left, right)]
    rows = side_by_side(*scripts)
    for script, side in zip(scripts, ("left", "right"), strict=True):
        lines = [line for row in rows if (line := getattr(row, side))]
        assert [line.number for line in lines] == list(range(1, len(lines) + 1))
        assert [line.text for line in lines] == script.text.splitlines()
    for row in rows:
        assert row.is_same == bool(row.left and row.right and row.left.text == row.right.text)
    # The rows to learn from are the same lines everywhere, and so stand beside each other.
    assert any(row.is_same and row.left.text == "table = np.array(" for row in rows)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("dialect", "case"),
    [(dialect, "xor") for dialect in DIALECTS]
    + [(names[-1], "convolutions") for names in map(programs.names, OFFERED_BY)],
)
def test_a_notebook_runs_from_top_to_bottom(dialect, case, tmp_path, monkeypatch):
    backend = programs.backend_of(dialect)
    installed(backend, backends.label(backend))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    kernel = kernel_of(backend, tmp_path)
    (e,) = on(backend, {case: (QUICK | CONVOLUTIONS)[case]}).values()
    printed = printed_by_notebook(notebook(programs.script(e, dialect)), kernel, tmp_path)
    (losses,) = losses_in_the_app([e], backend)
    assert_prints(printed, e, losses, f"{case} in {dialect}")


def test_definitions_stand_two_lines_apart_and_comments_with_them():
    lines = ["x = 1", "# Why", "def f():", "    return x", "y = f()"]
    assert spaced(lines) == "x = 1\n\n\n# Why\ndef f():\n    return x\n\n\ny = f()\n"
