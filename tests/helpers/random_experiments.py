"""Experiments of all kinds, drawn by Hypothesis."""

from hypothesis import strategies as st

from nn_core import Experiment, datasets, vocabulary

# Pairs of output and loss that must be allowed, as (outputs, losses), for one output and for more.
ANY_LOSS = ["mse", "mse_half", "mse_sum", "bce_logits", "bce_logits_sum"]
ALLOWED = {
    "one": {
        "sigmoid": [*ANY_LOSS, "bce"],
        "identity": ANY_LOSS,
        "tanh": ANY_LOSS,
        "step": ["perceptron"],
    },
    "more": {
        "sigmoid": [*ANY_LOSS, "bce", "cross_entropy_logits"],
        "identity": [*ANY_LOSS, "cross_entropy_logits"],
        "tanh": [*ANY_LOSS, "cross_entropy_logits"],
        "softmax": [*ANY_LOSS, "bce", "cross_entropy", "cross_entropy_logits"],
        "step": ["perceptron"],
    },
}


@st.composite
def options_of(draw, dataset):
    if dataset == "truth_table":
        length = draw(st.sampled_from([2, 4, 8, 16]))
        return {"truth": draw(st.text("01", min_size=length, max_size=length))}
    if dataset == "bits":
        answer = draw(st.sampled_from(["classes", "number"]))
        return {"bits": draw(st.integers(2, 5)), "answer": answer}
    if dataset == "mnist":
        pixels = draw(st.sampled_from(["unit", "standardised"]))
        digits = st.lists(st.sampled_from("0123456789"), min_size=2, max_size=10, unique=True)
        return {
            "pixels": pixels,
            "train_rows": draw(st.integers(100, 60_000)),
            "classes": draw(digits),
        }
    if dataset == "spiral":
        return {"arms": draw(st.integers(2, 5)), "features": draw(st.permutations(["x1", "x2²"]))}
    if dataset == "own_points":
        points = st.tuples(st.floats(-6, 6), st.floats(-6, 6), st.integers(0, 5).map(float))
        return {"points": tuple(draw(st.lists(points, max_size=5)))}
    return {}


@st.composite
def experiments(draw):
    dataset = draw(st.sampled_from(datasets.names()))
    options = draw(options_of(dataset))
    n_outputs = Experiment(dataset=dataset, dataset_options=options, hidden=()).n_outputs
    allowed = ALLOWED["one" if n_outputs == 1 else "more"]
    output = draw(st.sampled_from(sorted(allowed)))
    is_perceptron = output == "step"  # by hand only, and in a single layer
    backend = "numpy" if is_perceptron else draw(st.sampled_from(sorted(vocabulary.BACKENDS)))
    most_layers = 0 if is_perceptron else 3
    forms = [None, *vocabulary.EPSILON_FORMS] if backend == "numpy" else [None]
    hidden = tuple(draw(st.lists(st.integers(1, 512), max_size=most_layers)))
    activation = st.sampled_from(sorted(vocabulary.ACTIVATIONS))
    penalty = st.just(0.0) if is_perceptron else st.floats(0, 10)
    return Experiment(
        dataset=dataset,
        dataset_options=options,
        hidden=hidden,
        activation=draw(activation),
        activations=draw(st.just(()) | st.tuples(*[activation for _ in hidden])),
        dropout=draw(st.floats(0, 0.9)) if hidden else 0.0,
        l1=draw(penalty),
        l2=draw(penalty),
        output=output,
        loss=draw(st.sampled_from(allowed[output])),
        bias=draw(st.booleans()),
        initializer=draw(st.sampled_from(sorted(vocabulary.INITIALIZERS))),
        given_offset=draw(st.floats(-10, 10)),
        optimizer=draw(st.sampled_from(sorted(vocabulary.OPTIMIZERS))),
        learning_rate=draw(st.floats(1e-7, 1000)),
        momentum=draw(st.floats(0, 0.9999)),
        batch_size=draw(st.none() | st.integers(1, 4096)),
        shuffle=draw(st.booleans()),
        epochs=draw(st.integers(1, 1_000_000)),
        target_loss=draw(st.none() | st.floats(0, 1e6)),
        patience=draw(st.none() | st.integers(1, 1_000_000)),
        dtype=draw(st.sampled_from(sorted(vocabulary.DTYPES))),
        seed=draw(st.integers(0, 2**31 - 1)),
        backend=backend,
        engine=draw(st.sampled_from(["", *vocabulary.ENGINES.get(backend, ())])),
        device=draw(st.sampled_from(["cpu", "cuda:0", "mps", "gpu:12"])),
        epsilon_form=draw(st.sampled_from(forms)),
    )
