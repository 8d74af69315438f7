"""Sources of MNIST and Fashion-MNIST: files, mirrors, checksums and folders.

References
----------
.. [1] Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits".
.. [2] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking
   machine learning algorithms", arXiv:1708.07747, 2017: its files and their md5.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from nn_core.datasets.images.idx import Archive
from nn_core.datasets.images.optional_packages import imported

FOLDER_VARIABLE = "BACKPROP_LIVE_DATA"


@dataclass(frozen=True)
class Source:
    """A data set of four IDX files and the places to download them from.

    Attributes
    ----------
    name, label : str
        The name of the folder, and the label on the screen.
    mirrors : tuple of str
        URLs of folders that hold the files, each with a trailing slash.
    train_images, train_labels, test_images, test_labels : Archive
        The files.
    classes : tuple of str
        Name of each label.
    mean, std : float
        Of all pixels of the training images, scaled to [0, 1].
    """

    name: str
    label: str
    mirrors: tuple[str, ...]
    train_images: Archive
    train_labels: Archive
    test_images: Archive
    test_labels: Archive
    classes: tuple[str, ...]
    mean: float
    std: float

    @property
    def archives(self) -> tuple[Archive, ...]:
        """All four files."""
        return self.train_images, self.train_labels, self.test_images, self.test_labels

    @property
    def megabytes(self) -> float:
        """Compressed size of the four files together."""
        return sum(archive.size for archive in self.archives) / 1e6


MNIST = Source(
    name="mnist",
    label="MNIST",
    mirrors=(
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
    ),
    train_images=Archive(
        "train-images-idx3-ubyte.gz",
        9_912_422,
        "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "6bbc9ace898e44ae57da46a324031adb",
        (60_000, 28, 28),
    ),
    train_labels=Archive(
        "train-labels-idx1-ubyte.gz",
        28_881,
        "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "a25bea736e30d166cdddb491f175f624",
        (60_000,),
    ),
    test_images=Archive(
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "2646ac647ad5339dbf082846283269ea",
        (10_000, 28, 28),
    ),
    test_labels=Archive(
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "27ae3e4e09519cfbb04c329615203637",
        (10_000,),
    ),
    classes=tuple("0123456789"),
    mean=0.1307,
    std=0.3081,
)

FASHION_MNIST = Source(
    name="fashion_mnist",
    label="Fashion-MNIST",
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    train_images=Archive(
        "train-images-idx3-ubyte.gz",
        26_421_880,
        "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "",
        (60_000, 28, 28),
    ),
    train_labels=Archive(
        "train-labels-idx1-ubyte.gz",
        29_515,
        "md5:25c81989df183df01b3e8a0aad5dffbe",
        "",
        (60_000,),
    ),
    test_images=Archive(
        "t10k-images-idx3-ubyte.gz",
        4_422_102,
        "md5:bef4ecab320f06d8554ea6380940ec79",
        "",
        (10_000, 28, 28),
    ),
    test_labels=Archive(
        "t10k-labels-idx1-ubyte.gz",
        5_148,
        "md5:bb300cfdad3c16e7a12a480ee83cd310",
        "",
        (10_000,),
    ),
    classes=(
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    mean=0.2860,
    std=0.3530,
)  # fmt: skip

SOURCES = {source.name: source for source in (MNIST, FASHION_MNIST)}


def folder_given(source: Source) -> Path | None:
    """The folder that BACKPROP_LIVE_DATA sets for these files, or None."""
    root = os.environ.get(FOLDER_VARIABLE)
    return Path(root) / source.name if root else None


def cache_folder(source: Source) -> Path:
    """The folder of downloaded files."""
    cache: Path = imported("pooch", source.label).os_cache("backprop-live")
    return cache / source.name
