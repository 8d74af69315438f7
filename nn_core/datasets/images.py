"""Images: MNIST, downloaded at first use, and the 8×8 digits that scikit-learn embeds.

MNIST comes as four archives in the IDX format. They are looked for in the folder ``mnist`` under
the one that the environment variable BACKPROP_LIVE_DATA names; where the variable is not set,
they are downloaded once, into the user's cache folder. Either way every byte is checked.

References
----------
.. [1] Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits": the files and
   the IDX format.
.. [2] E. Alpaydin, C. Kaynak, "Optical recognition of handwritten digits", UCI machine learning
   repository, 1998: the source of the 8×8 digits.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import importlib
import importlib.util
import math
import os
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from nn_core.datasets.registry import Dataset, dataset
from nn_core.errors import DataUnavailable
from nn_core.experiment import DatasetOptions, knob
from nn_core.seeds import generator

Array = np.ndarray

FOLDER_VARIABLE = "BACKPROP_LIVE_DATA"
WITHOUT_DOWNLOAD = 'or choose the "embedded 8×8 digits", which need no download'
CONNECT_AND_READ_SECONDS = (5, 30)
ROUNDS = 2  # how often all mirrors are tried in turn
UNSIGNED_BYTE = 0x08  # the type code of IDX for the only type these files use
DAY_SECONDS = 24 * 3600

_listener: ContextVar[Callable[[str], None] | None] = ContextVar("listener", default=None)


@contextmanager
def on_progress(callback: Callable[[str], None]) -> Iterator[None]:
    """Within this context, tell `callback` what loading is busy with.

    Parameters
    ----------
    callback : callable
        Takes a phrase such as "downloading MNIST, 3.1 of 11.6 MB". It is called in the thread
        that loads, at most once for each tenth of a megabyte.
    """
    token = _listener.set(callback)
    try:
        yield
    finally:
        _listener.reset(token)


def _say(phrase: str) -> None:
    listener = _listener.get()
    if listener is not None:
        listener(phrase)


class Archive(NamedTuple):
    """One gzipped IDX file as it was published.

    Attributes
    ----------
    file : str
        Its name.
    size : int
        Its length in bytes.
    sha256 : str
        Checksum of the archive.
    md5 : str
        Checksum of the unpacked bytes: a copy that was packed again differs in all but these.
    shape : tuple of int
        Dimensions of the unpacked array.
    """

    file: str
    size: int
    sha256: str
    md5: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """Four IDX files that make a data set, and where to get them.

    Attributes
    ----------
    name, label : str
        The folder of the files, and what the screen calls the data.
    mirrors : tuple of str
        Addresses of folders that hold the files, each with a slash at its end.
    train_images, train_labels, test_images, test_labels : Archive
        The files.
    classes : tuple of str
        Name of each label.
    mean, std : float
        Of all pixels of the training images, once they are between 0 and 1.
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
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "6bbc9ace898e44ae57da46a324031adb",
        (60_000, 28, 28),
    ),
    train_labels=Archive(
        "train-labels-idx1-ubyte.gz",
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "a25bea736e30d166cdddb491f175f624",
        (60_000,),
    ),
    test_images=Archive(
        "t10k-images-idx3-ubyte.gz",
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "2646ac647ad5339dbf082846283269ea",
        (10_000, 28, 28),
    ),
    test_labels=Archive(
        "t10k-labels-idx1-ubyte.gz",
        4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "27ae3e4e09519cfbb04c329615203637",
        (10_000,),
    ),
    classes=tuple("0123456789"),
    mean=0.1307,
    std=0.3081,
)

SOURCES = {source.name: source for source in (MNIST,)}

DIGITS_SHAPE = (8, 8)
DIGITS_ROWS = 1797
DIGITS_TEST_ROWS = 360
DIGITS_WHITEST = 16

Pixels = Literal["unit", "standardised"]


class MnistOptions(DatasetOptions):
    """How pixels are scaled, and how many images are learned from."""

    pixels: Pixels = knob(
        "unit",
        "Pixels",
        "unit: from 0 (black) to 1 (white). standardised: shifted and scaled to mean 0 and "
        "standard deviation 1 over the training images.",
    )
    train_rows: int = knob(
        60_000,
        "Training images",
        "Only the first so many are used; the 10,000 test images stay.",
        unit="images",
        ge=100,
        le=60_000,
    )


class DigitsOptions(DatasetOptions):
    """How many of the embedded digits are learned from."""

    train_rows: int = knob(
        DIGITS_ROWS - DIGITS_TEST_ROWS,
        "Training images",
        f"The {DIGITS_TEST_ROWS} test images are drawn first, by the seed, and stay the same.",
        unit="images",
        ge=100,
        le=DIGITS_ROWS - DIGITS_TEST_ROWS,
    )


@dataset("MNIST digits", page="digits", inputs=784, outputs=10, options=MnistOptions)
def mnist(options: MnistOptions, rng: np.random.Generator) -> Dataset:
    """70,000 handwritten digits of 28×28 pixels; downloaded at first use, 11.6 MB."""
    return _from_source(MNIST, options)


@dataset("embedded 8×8 digits", page="digits", inputs=64, outputs=10, options=DigitsOptions)
def digits_8x8(options: DigitsOptions, rng: np.random.Generator) -> Dataset:
    """1,797 handwritten digits of 8×8 pixels that come with scikit-learn; they are not MNIST."""
    images, labels = _embedded_digits()
    test, train = _split_digits(rng, options.train_rows)
    x = pixels_to_inputs("digits_8x8", images)
    y = _one_hot(labels, 10)
    return Dataset(
        x=x[train],
        y=y[train],
        x_test=x[test],
        y_test=y[test],
        kind="classes",
        input_names=_pixel_names(*DIGITS_SHAPE),
        output_names=tuple("0123456789"),
        image_shape=DIGITS_SHAPE,
        n_shown=64,
        note="embedded 8×8 digits of scikit-learn, not MNIST: "
        f"{len(train):,} images to learn from, {len(test):,} for the test",
    )


def pixels_to_inputs(name: str, images: Array, pixels: Pixels = "unit") -> Array:
    """Grey levels as the network sees them.

    Parameters
    ----------
    name : str
        The data set whose scale is used: 'mnist' (0 to 255) or 'digits_8x8' (0 to 16).
    images : ndarray of shape (n, height, width)
        Grey levels, 0 for the background; whole numbers or not.
    pixels : {'unit', 'standardised'}
        As in the options of the data set.

    Returns
    -------
    x : ndarray of shape (n, height * width), float32
    """
    x = np.empty((len(images), math.prod(images.shape[1:])), np.float32)
    whitest = DIGITS_WHITEST if name == "digits_8x8" else 255
    # The type is named: NumPy 1 would otherwise divide small whole numbers in float16.
    np.divide(images.reshape(x.shape), whitest, out=x, dtype=np.float32)
    if pixels == "standardised":
        np.subtract(x, np.float32(SOURCES[name].mean), out=x)
        np.divide(x, np.float32(SOURCES[name].std), out=x)
    return x


def raw_images(name: str, seed: int = 0) -> tuple[Array, Array]:
    """The test images of a data set, to be looked at; the training images are not read.

    Parameters
    ----------
    name : str
        'mnist' or 'digits_8x8'.
    seed : int
        The experiment's; it decides which of the embedded digits are test images.

    Returns
    -------
    images : ndarray of shape (n, height, width), uint8
        In the order of the test rows of `nn_core.datasets.load`; shared, so not writeable.
    labels : ndarray of shape (n,), uint8

    Raises
    ------
    DataUnavailable
        If the files are missing or corrupt and cannot be fetched.
    """
    if name == "digits_8x8":
        images, labels = _embedded_digits()
        test, _ = _split_digits(generator(seed, "data"), 0)
        return images[test], labels[test]
    return _raw_test(name)


def image_shape(name: str) -> tuple[int, int]:
    """Height and width of the images of a data set, in pixels; nothing is read."""
    if name == "digits_8x8":
        return DIGITS_SHAPE
    _, height, width = SOURCES[name].test_images.shape
    return height, width


def is_available(name: str) -> bool:
    """Whether a data set is on this machine; nothing is downloaded or checked.

    Parameters
    ----------
    name : str
        Any data set; those that are computed always are.
    """
    if name == "digits_8x8":
        return importlib.util.find_spec("sklearn") is not None
    source = SOURCES.get(name)
    if source is None:
        return True
    try:
        folder = folder_given(source) or cache_folder(source)
    except DataUnavailable:  # no pooch, so nothing was ever downloaded
        return False
    return all((folder / archive.file).is_file() for archive in source.archives)


def folder_given(source: Source) -> Path | None:
    """The folder that BACKPROP_LIVE_DATA names for these files; None where it is not set."""
    root = os.environ.get(FOLDER_VARIABLE)
    return Path(root) / source.name if root else None


def cache_folder(source: Source) -> Path:
    """Where downloaded files are kept."""
    cache: Path = _imported("pooch", source.label).os_cache("backprop-live")
    return cache / source.name


def _from_source(source: Source, options: MnistOptions) -> Dataset:
    """The data set that four IDX files make."""
    _say(f"reading {source.label}")
    rows = options.train_rows
    images = _read(source, source.train_images)
    x = pixels_to_inputs(source.name, images[:rows], options.pixels)
    n_train, *shape = images.shape
    del images
    x_test = pixels_to_inputs(source.name, _read(source, source.test_images), options.pixels)
    return Dataset(
        x=x,
        y=_one_hot(_read(source, source.train_labels)[:rows], len(source.classes)),
        x_test=x_test,
        y_test=_one_hot(_read(source, source.test_labels), len(source.classes)),
        kind="classes",
        input_names=_pixel_names(*shape),
        output_names=source.classes,
        image_shape=(shape[0], shape[1]),
        n_shown=64,
        note=f"the first {rows:,} of {n_train:,} training images" if rows < n_train else "",
    )


@functools.lru_cache(maxsize=4)
def _raw_test(name: str) -> tuple[Array, Array]:
    source = SOURCES[name]
    pair = _read(source, source.test_images), _read(source, source.test_labels)
    for array in pair:
        array.flags.writeable = False
    return pair


@functools.lru_cache(maxsize=1)
def _embedded_digits() -> tuple[Array, Array]:
    bunch = _imported("sklearn.datasets", "The embedded 8×8 digits").load_digits()
    pair = bunch.images.astype(np.uint8), bunch.target.astype(np.uint8)
    for array in pair:
        array.flags.writeable = False
    return pair


def _split_digits(rng: np.random.Generator, train_rows: int) -> tuple[Array, Array]:
    """Rows of the test set and of the training set, without an overlap."""
    order = rng.permutation(DIGITS_ROWS)
    return order[:DIGITS_TEST_ROWS], order[DIGITS_TEST_ROWS:][:train_rows]


def _one_hot(labels: Array, n_classes: int) -> Array:
    y = np.zeros((len(labels), n_classes), np.float32)
    y[np.arange(len(labels)), labels] = 1
    return y


def _pixel_names(height: int, width: int) -> tuple[str, ...]:
    return tuple(
        f"row {row} column {column}"
        for row in range(1, height + 1)
        for column in range(1, width + 1)
    )


def _imported(module: str, label: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        package = {"sklearn.datasets": "scikit-learn"}.get(module, module)
        raise DataUnavailable(
            f"{label} cannot be read, because the package {package} does not import ({error}). "
            f"Install it with `pip install {package}`."
        ) from error


def _read(source: Source, archive: Archive) -> Array:
    """One of the files, checked, as an array."""
    given = folder_given(source)
    if given is not None:
        others = source.archives
        repair = (
            f"Put the four original files ({', '.join(other.file for other in others)}) into "
            f"{given}, unset {FOLDER_VARIABLE} so that they are downloaded, {WITHOUT_DOWNLOAD}."
        )
        return read_idx(given / archive.file, archive, repair)
    return read_idx(_fetched(source, archive), archive, "Delete it; it is then downloaded again.")


def read_idx(path: Path, archive: Archive, repair: str = "") -> Array:
    """The array in a gzipped IDX file, after a check of every byte.

    Parameters
    ----------
    path : Path
        The file.
    archive : Archive
        What it should hold.
    repair : str
        What to do about a file that cannot be used; the end of the message.

    Returns
    -------
    array : ndarray of archive.shape, uint8

    Raises
    ------
    DataUnavailable
        If the file is missing, cannot be read, or holds anything else.
    """
    try:
        with gzip.open(path) as stream:
            return _parse_idx(stream, archive)
    except FileNotFoundError:
        reason = f"{path} is missing."
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as error:
        reason = f"{path} is corrupt: {str(error).rstrip('.')}."
    except OSError as error:
        reason = f"{path} cannot be read: {error.strerror or error}."
    raise DataUnavailable(f"{reason} {repair}".rstrip())


def _parse_idx(stream: gzip.GzipFile, archive: Archive) -> Array:
    """Header and contents; memory is taken only for a header that is right."""
    header = stream.read(4)
    wanted = bytes((0, 0, UNSIGNED_BYTE, len(archive.shape)))
    if header != wanted:
        raise ValueError(
            f"it begins with the bytes {header.hex() or 'of nothing'}, not with the "
            f"{wanted.hex()} of an IDX file of {len(archive.shape)} dimensions"
        )
    sizes = stream.read(4 * len(archive.shape))
    shape = tuple(np.frombuffer(sizes[: len(sizes) // 4 * 4], ">u4").tolist())
    if shape != archive.shape:
        raise ValueError(f"its dimensions are {_by(shape)}, not {_by(archive.shape)}")
    array = np.empty(archive.shape, np.uint8)
    rest = array.data.cast("B")
    while rest:
        n_read = stream.readinto(rest)
        if not n_read:
            raise ValueError(f"{len(rest):,} of its {array.size:,} values are missing")
        rest = rest[n_read:]
    # This read also makes gzip compare its own checksum.
    if stream.read(1):
        raise ValueError(f"it goes on after its {array.size:,} values")
    digest = hashlib.md5(header + sizes, usedforsecurity=False)
    digest.update(array.data)
    if digest.hexdigest() != archive.md5:
        raise ValueError(
            f"the checksum (md5) of its contents is {digest.hexdigest()}, not {archive.md5}"
        )
    return array


def _by(shape: tuple[int, ...]) -> str:
    return " by ".join(f"{size:,}" for size in shape) or "missing"


class _Bar:
    """What pooch calls a progress bar; it turns bytes into phrases.

    Parameters
    ----------
    source : Source
        What is being downloaded.
    n_before : int
        Bytes of the files that are there already.
    """

    def __init__(self, source: Source, n_before: int) -> None:
        self.label = source.label
        self.n_before = n_before
        self.n_all = sum(archive.size for archive in source.archives)
        self.n_here = 0
        self.total = 0  # set by pooch to the length that the server announces
        self._said = ""

    def update(self, n: int) -> None:
        """Count `n` more bytes."""
        self.n_here += n
        n_done = min(self.n_before + self.n_here, self.n_all)
        phrase = f"downloading {self.label}, {n_done / 1e6:.1f} of {self.n_all / 1e6:.1f} MB"
        if phrase != self._said:
            self._said = phrase
            _say(phrase)

    def reset(self) -> None:
        """Count this file's bytes from the start."""
        self.n_here = 0

    def close(self) -> None:
        """Nothing is left open."""


def _fetched(source: Source, archive: Archive) -> Path:
    """Path of a file in the cache, downloaded where it is missing or not the original."""
    pooch = _imported("pooch", source.label)
    folder = cache_folder(source)
    _sweep(folder)
    n_before = sum(
        other.size
        for other in source.archives
        if other is not archive and (folder / other.file).is_file()
    )
    reasons: dict[str, str] = {}
    for mirror in source.mirrors * ROUNDS:
        host = urlsplit(mirror).netloc
        downloader = pooch.HTTPDownloader(
            progressbar=_Bar(source, n_before),
            chunk_size=1 << 16,
            timeout=CONNECT_AND_READ_SECONDS,
        )
        try:
            path = pooch.retrieve(
                mirror + archive.file,
                known_hash=f"sha256:{archive.sha256}",
                fname=archive.file,
                path=folder,
                downloader=downloader,
            )
        except (OSError, ValueError) as error:
            reasons[host] = _why(error)
            if _is_ours(error):
                break
        else:
            return Path(path)
    told = "; ".join(f"{host} {reason}" for host, reason in reasons.items())
    raise DataUnavailable(
        f"{source.label} could not be downloaded into {folder}: {told} (file {archive.file}). "
        "Try again once this machine has a working network, put the four original files into a "
        f"folder {source.name} and name the folder above it in {FOLDER_VARIABLE}, "
        f"{WITHOUT_DOWNLOAD}."
    )


def _is_ours(error: Exception) -> bool:
    """Whether this machine is to blame, so that another mirror cannot help."""
    from requests.exceptions import RequestException

    return isinstance(error, OSError) and not isinstance(error, RequestException)


def _why(error: Exception) -> str:
    """What went wrong with a download, to follow the name of the server."""
    from requests import exceptions

    if _is_ours(error):
        return f"may be fine, but the file cannot be written here ({error})"
    if isinstance(error, exceptions.HTTPError) and error.response is not None:
        return f"answered {error.response.status_code} {error.response.reason}"
    if isinstance(error, exceptions.Timeout):
        return "did not answer in time"
    if isinstance(error, exceptions.ChunkedEncodingError):
        return "broke off before the end"
    if isinstance(error, exceptions.ConnectionError):
        return "cannot be reached"
    if isinstance(error, exceptions.RequestException):
        return f"failed ({type(error).__name__})"
    return "sent another file than the original (its sha256 differs)"


def _sweep(folder: Path) -> None:
    """Remove what interrupted downloads left behind more than a day ago."""
    for litter in folder.glob("tmp*"):
        # Another process may have removed it in the meantime.
        with suppress(OSError):
            if time.time() - litter.stat().st_mtime > DAY_SECONDS:
                litter.unlink()
