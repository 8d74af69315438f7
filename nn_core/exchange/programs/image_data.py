"""The lines of a script that read images: MNIST's files, or the digits of scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nn_core.datasets.images import SCALES, SOURCES
from nn_core.datasets.images.sources import FOLDER_VARIABLE
from nn_core.exchange.programs.plan import Plan, rng
from nn_core.exchange.programs.source import literal

Lines = Iterator[str]


def idx_images(plan: Plan) -> Lines:
    """MNIST or Fashion-MNIST, from its files."""
    options: Any = plan.experiment.dataset_options
    source = SOURCES[plan.experiment.dataset]
    yield f"# {FOLDER_VARIABLE} names the folder in which a folder {source.name} holds the files."
    yield f'folder = Path(os.environ.get("{FOLDER_VARIABLE}", ".")) / "{source.name}"'
    files = source.train_images.file, source.train_labels.file
    yield f"files = {literal(files)}"
    yield "if missing := [name for name in files if not (folder / name).exists()]:"
    yield "    raise SystemExit("
    yield f"""        f"Put {{' and '.join(missing)}} of {source.label} \""""
    yield '        f"into the folder {folder.absolute()}. They are at "'
    yield f"        {literal(source.mirrors[0])}"
    yield "    )"
    yield ""
    yield "def read(name, header):"
    yield '    """The bytes of a file behind its header."""'
    yield "    with gzip.open(folder / name) as file:"
    yield "        return np.frombuffer(file.read(), np.uint8, offset=header)"
    yield ""
    yield "images = read(files[0], 16).reshape(-1, 784)"
    yield "labels = read(files[1], 8)"
    yield from _chosen_images(plan)
    if options.shifted_copies:
        yield f"rng = {rng(plan.experiment.seed, 'data')}"
        yield from _copies(plan)
    yield from _scaled_images(plan)


def digits(plan: Plan) -> Lines:
    """The training images of scikit-learn's digits."""
    yield "digits = load_digits()"
    yield f"rng = {rng(plan.experiment.seed, 'data')}"
    yield "train = rng.permutation(1797)[360:]  # the first 360 are for the test"
    yield "images, labels = digits.data[train].astype(np.uint8), digits.target[train]"
    yield from _chosen_images(plan)
    yield from _copies(plan)
    yield from _scaled_images(plan)


def _chosen_images(plan: Plan) -> Lines:
    """Keep the first `images` and `labels` of the chosen classes; count these from 0."""
    options: Any = plan.experiment.dataset_options
    n = options.train_rows
    if options.classes == options.ALL_CLASSES:
        yield f"images, labels = images[:{n}], labels[:{n}]"
        return
    yield f"classes = {[options.ALL_CLASSES.index(name) for name in options.classes]}"
    yield f"chosen = np.flatnonzero(np.isin(labels, classes))[:{n}]"
    yield "images, labels = images[chosen], np.searchsorted(classes, labels[chosen])"


def _copies(plan: Plan) -> Lines:
    """Append shifted copies to `images` and `labels`; `rng` draws them."""
    options: Any = plan.experiment.dataset_options
    copies, most = options.shifted_copies, options.shift
    if not copies:
        return
    height, width = options.SHAPE
    yield "# Copies of the images, moved by some pixels."
    yield f"n, steps = len(images), range(-{most}, {most + 1})"
    yield "moves = [(down, right) for down in steps for right in steps if down or right]"
    yield f"drawn = rng.integers(0, len(moves), ({copies}, n))"
    edges = f"((0, 0), ({most}, {most}), ({most}, {most}))"
    yield f"padded = np.pad(images.reshape(n, {height}, {width}), {edges})"
    yield f"images = np.tile(images, ({1 + copies}, 1))"
    yield f"labels = np.tile(labels, {1 + copies})"
    yield "for i, move in enumerate(drawn.ravel()):"
    yield "    down, right = moves[move]"
    yield f"    rows = slice({most} - down, {most + height} - down)"
    yield f"    columns = slice({most} - right, {most + width} - right)"
    yield "    images[n + i] = padded[i % n, rows, columns].ravel()"


def _scaled_images(plan: Plan) -> Lines:
    """`x` and `y` from `images` and `labels`."""
    options: Any = plan.experiment.dataset_options
    scale = SCALES[plan.experiment.dataset]
    pixels = f"np.divide(images, {scale.whitest}, dtype=np.float32)"
    if options.pixels == "standardised":
        mean, std = literal(scale.mean), literal(scale.std)
        yield f"pixels = {pixels}"
        pixels = f"((pixels - np.float32({mean})) / np.float32({std}))"
    yield f"x = {pixels}" + ('.astype("float64")' if plan.dtype == "float64" else "")
    yield f'y = np.eye({len(options.classes)}, dtype="{plan.dtype}")[labels]'
