"""MNIST and the embedded digits: every way their files can be wrong, and the way they are right."""

import dataclasses
import gzip
import hashlib
import http.server
import os
import struct
import threading
import time
from collections import Counter
from typing import ClassVar

import numpy as np
import pytest

from nn_core import Experiment, datasets
from nn_core.datasets import images
from nn_core.datasets.images import download, mnist, optional_packages, pixels, reading, sources
from nn_core.datasets.images.digits_8x8 import split_digits
from nn_core.datasets.images.idx import Archive
from nn_core.errors import DataUnavailable, InvalidExperiment
from nn_core.explain.inside.samples import sample
from nn_core.seeds import generator
from tests.helpers.real_mnist import real_mnist


@pytest.fixture(autouse=True)
def scale_of_the_toy(monkeypatch):
    monkeypatch.setitem(pixels.SCALES, "toy", pixels.Scale(255, 0.5, 2))


@pytest.fixture
def real(monkeypatch):
    folder = real_mnist()
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(folder))
    reading.raw_test_images.cache_clear()
    reading.training_labels.cache_clear()
    return folder


def packed(array, magic=None):
    """The bytes of an array as a gzipped IDX file; `struct` is the second witness of the header."""
    header = magic or bytes((0, 0, 8, array.ndim))
    plain = header + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()
    return gzip.compress(plain, mtime=0), hashlib.md5(plain).hexdigest()


def archive_of(file, array):
    data, md5 = packed(array)
    checksum = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Archive(file, len(data), checksum, md5, array.shape), data


class ToyOptions(images.ImageOptions):
    ALL_CLASSES: ClassVar[tuple[str, ...]] = ("0", "1")
    classes: tuple[str, ...] = ("0", "1")


class Toy:
    """A data set of 5 + 3 images of 2×2 pixels, as bytes and as a source."""

    def __init__(self, mirrors=()):
        rng = np.random.default_rng(1)
        self.arrays = {
            "train-images.gz": rng.integers(0, 256, (5, 2, 2), np.uint8),
            "train-labels.gz": np.array([0, 1, 0, 1, 1], np.uint8),
            "test-images.gz": rng.integers(0, 256, (3, 2, 2), np.uint8),
            "test-labels.gz": np.array([1, 0, 1], np.uint8),
        }
        made = [archive_of(file, array) for file, array in self.arrays.items()]
        self.files = {archive.file: data for archive, data in made}
        self.source = sources.Source(
            "toy", "Toy", tuple(mirrors), *(a for a, _ in made), classes=("0", "1"), mean=0.5, std=2
        )

    def put(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for file, data in self.files.items():
            (folder / file).write_bytes(data)
        return folder

    def load(self):
        return mnist.from_source(self.source, ToyOptions(), np.random.default_rng(0))


@pytest.fixture
def by_hand(tmp_path, monkeypatch):
    """Toy files in a folder that BACKPROP_LIVE_DATA names."""
    toy = Toy()
    toy.folder = toy.put(tmp_path / "toy")
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    return toy


def test_files_given_by_hand_are_read_as_they_were_written(by_hand):
    data = by_hand.load()
    expected = by_hand.arrays["train-images.gz"].reshape(5, 4).astype(float) / 255
    np.testing.assert_allclose(data.x, expected, rtol=1e-7)  # float32 keeps 7 digits
    assert data.y.tolist() == [[1, 0], [0, 1], [1, 0], [0, 1], [0, 1]]
    assert data.y_test.tolist() == [[0, 1], [1, 0], [0, 1]]
    assert data.x_test.shape == (3, 4)
    assert data.image_shape == (2, 2)
    assert {a.dtype for a in (data.x, data.y, data.x_test, data.y_test)} == {np.dtype("float32")}


def test_a_file_that_was_packed_again_is_accepted(by_hand):
    path = by_hand.folder / "train-images.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1, mtime=7))
    assert hashlib.sha256(
        path.read_bytes()
    ).hexdigest() != by_hand.source.train_images.checksum.removeprefix("sha256:")
    assert by_hand.load().x.shape == (5, 4)


def spoil_missing(path, toy):
    path.unlink()


def spoil_flipped_byte(path, toy):
    array = toy.arrays[path.name].copy()
    array.flat[0] ^= 1
    path.write_bytes(packed(array)[0])


def spoil_archive_checksum(path, toy):
    data = bytearray(path.read_bytes())
    data[-5] ^= 255  # in the CRC of gzip
    path.write_bytes(bytes(data))


def spoil_cut_archive(path, toy):
    path.write_bytes(path.read_bytes()[:-12])


def spoil_cut_contents(path, toy):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:-3]))


def spoil_cut_header(path, toy):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes())[:6]))


def spoil_longer(path, toy):
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()) + b"\0"))


def spoil_magic(path, toy):
    path.write_bytes(packed(toy.arrays[path.name], magic=b"\0\0\x0d\x03")[0])


def spoil_dimensions(path, toy):
    path.write_bytes(packed(np.zeros((2**16, 2, 2), np.uint8))[0])


def spoil_huge_header(path, toy):
    path.write_bytes(gzip.compress(b"\0\0\x08\x03" + b"\xff" * 12))


def spoil_web_page(path, toy):
    path.write_bytes(b"<html>Log in to the hotel's network</html>")


def spoil_empty(path, toy):
    path.write_bytes(b"")


def spoil_empty_inside(path, toy):
    path.write_bytes(gzip.compress(b""))


def spoil_folder(path, toy):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (spoil_missing, "is missing"),
        (spoil_flipped_byte, "checksum (md5) of its contents"),
        (spoil_archive_checksum, "is corrupt"),
        (spoil_cut_archive, "is corrupt"),
        (spoil_cut_contents, "3 of its 20 values are missing"),
        (spoil_cut_header, "its dimensions are missing, not 5 by 2 by 2"),
        (spoil_longer, "goes on after its 20 values"),
        (spoil_magic, "begins with the bytes 00000d03, not with the 00000803"),
        (spoil_dimensions, "its dimensions are 65,536 by 2 by 2, not 5 by 2 by 2"),
        (spoil_huge_header, "its dimensions are 4,294,967,295 by"),
        (spoil_web_page, "is corrupt"),
        (spoil_empty, "is corrupt"),
        (spoil_empty_inside, "begins with the bytes of nothing"),
        (spoil_folder, "cannot be read"),
    ],
    ids=lambda value: value.__name__.removeprefix("spoil_") if callable(value) else "",
)
def test_a_wrong_file_is_refused_with_where_why_and_what_to_do(by_hand, spoil, said):
    path = by_hand.folder / "train-images.gz"
    spoil(path, by_hand)
    with pytest.raises(DataUnavailable) as caught:
        by_hand.load()
    message = str(caught.value)
    assert said in message
    assert str(path) in message
    assert "Put the four original files" in message
    assert "embedded 8×8 digits" in message


def test_a_folder_given_by_hand_is_never_completed_by_a_download(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    monkeypatch.setattr(
        reading, "downloaded_file", lambda *_: pytest.fail("something was downloaded")
    )
    with pytest.raises(DataUnavailable, match=r"train-images-idx3-ubyte\.gz is missing"):
        datasets.load(Experiment(dataset="mnist", hidden=(4,)))


def test_data_are_available_when_all_four_files_are_there(tmp_path, monkeypatch):
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    assert not images.is_available("mnist")
    folder = tmp_path / "mnist"
    folder.mkdir()
    for archive in sources.MNIST.archives:
        assert not images.is_available("mnist")
        (folder / archive.file).touch()
    assert images.is_available("mnist")


def test_computed_and_embedded_data_are_always_available():
    assert images.is_available("xor")
    assert images.is_available("digits_8x8")


# Fashion-MNIST: small archives with checksums of their own, on the way of the real ones.


def fashion_archive(file, array):
    """As Fashion-MNIST publishes: an md5 of the archive, and none of what is in it."""
    data, _ = packed(array)
    checksum = f"md5:{hashlib.md5(data).hexdigest()}"
    return Archive(file, len(data), checksum, "", array.shape), data


@pytest.fixture
def fashion(tmp_path, monkeypatch):
    """Twenty training images and ten for the test, in the folder that is named."""
    rng = np.random.default_rng(2)
    arrays = [
        rng.integers(0, 256, (20, 28, 28), np.uint8), np.tile(np.arange(10, dtype=np.uint8), 2),
        rng.integers(0, 256, (10, 28, 28), np.uint8), np.arange(10, dtype=np.uint8)[::-1].copy(),
    ]  # fmt: skip
    real = sources.FASHION_MNIST
    (tmp_path / "fashion_mnist").mkdir()
    archives = []
    for archive, array in zip(real.archives, arrays, strict=True):
        made, data = fashion_archive(archive.file, array)
        (tmp_path / "fashion_mnist" / archive.file).write_bytes(data)
        archives.append(made)
    names = ("train_images", "train_labels", "test_images", "test_labels")
    small = dataclasses.replace(real, **dict(zip(names, archives, strict=True)))
    monkeypatch.setattr(mnist, "FASHION_MNIST", small)
    monkeypatch.setitem(sources.SOURCES, "fashion_mnist", small)
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    for kept in (reading.raw_test_images, reading.training_labels):
        kept.cache_clear()
    yield arrays
    for kept in (reading.raw_test_images, reading.training_labels):
        kept.cache_clear()


def test_fashion_mnist_is_read_by_the_loader_of_mnist(fashion):
    assert images.is_available("fashion_mnist")
    data = datasets.load(Experiment(dataset="fashion_mnist", hidden=(4,)))
    np.testing.assert_allclose(data.x, fashion[0].reshape(20, 784) / 255, rtol=1e-6)
    assert data.y.argmax(axis=1).tolist() == fashion[1].tolist()
    assert data.output_names[0] == "T-shirt/top"
    assert data.output_names[9] == "Ankle boot"
    pictures, classes = images.raw_images("fashion_mnist")
    np.testing.assert_array_equal(pictures, fashion[2])
    np.testing.assert_array_equal(classes, data.y_test.argmax(axis=1))


def test_some_articles_alone_are_learned_in_the_order_of_their_labels(fashion):
    options = {"classes": ("Bag", "Trouser", "Bag")}
    data = datasets.load(Experiment(dataset="fashion_mnist", dataset_options=options, hidden=()))
    assert data.output_names == ("Trouser", "Bag")
    np.testing.assert_allclose(data.x, fashion[0][[1, 8, 11, 18]].reshape(4, 784) / 255, rtol=1e-6)
    assert data.y.argmax(axis=1).tolist() == [0, 1, 0, 1]
    assert data.y_test.argmax(axis=1).tolist() == [1, 0]
    assert data.note == "only the classes Trouser, Bag"


def test_an_archive_of_fashion_mnist_with_another_checksum_is_refused(fashion, tmp_path):
    path = tmp_path / "fashion_mnist" / "train-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), compresslevel=1, mtime=7))
    with pytest.raises(DataUnavailable, match=r"its checksum \(md5\) is \w+, not the published"):
        datasets.load(Experiment(dataset="fashion_mnist", hidden=()))


def test_the_md5_of_fashion_mnist_are_the_published_ones():
    assert [archive.checksum for archive in sources.FASHION_MNIST.archives] == [
        "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "md5:25c81989df183df01b3e8a0aad5dffbe",
        "md5:bef4ecab320f06d8554ea6380940ec79",
        "md5:bb300cfdad3c16e7a12a480ee83cd310",
    ]


# Subsets and shifted copies.


def embedded(**options):
    return Experiment(dataset="digits_8x8", hidden=(4,), dataset_options=options, seed=3)


def test_a_subset_is_the_first_images_of_the_chosen_digits():
    whole = datasets.load(embedded())
    few = datasets.load(embedded(classes=("8", "3"), train_rows=120, test_rows=100))
    digit, digit_test = whole.y.argmax(axis=1), whole.y_test.argmax(axis=1)
    wanted = [i for i, label in enumerate(digit) if label in (3, 8)][:120]
    wanted_test = [i for i, label in enumerate(digit_test) if label in (3, 8)][:100]
    np.testing.assert_array_equal(few.x, whole.x[wanted])
    np.testing.assert_array_equal(few.x_test, whole.x_test[wanted_test])
    assert few.output_names == ("3", "8")
    assert few.y.argmax(axis=1).tolist() == [int(digit[i] == 8) for i in wanted]
    assert "only the classes 3, 8" in few.note
    assert "the first 120 of" in few.note


def test_the_images_looked_at_are_those_of_the_subset():
    experiment = embedded(classes=("0", "1", "7"), test_rows=100)
    data = datasets.load(experiment)
    pictures, classes = images.raw_images("digits_8x8", 3, experiment.dataset_options)
    np.testing.assert_array_equal(images.pixels_to_inputs("digits_8x8", pictures), data.x_test)
    np.testing.assert_array_equal(classes, data.y_test.argmax(axis=1))


def test_shifted_copies_follow_the_images_and_the_test_stays_as_it_is():
    plain, more = datasets.load(embedded()), datasets.load(embedded(shifted_copies=2))
    n = len(plain.x)
    assert len(more.x) == 3 * n
    np.testing.assert_array_equal(more.x[:n], plain.x)
    np.testing.assert_array_equal(more.x_test, plain.x_test)
    np.testing.assert_array_equal(more.y, np.tile(plain.y, (3, 1)))
    pictures = plain.x.reshape(n, 8, 8)
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    for i in range(0, n, 97):
        # Second witness: cut the window out of a padded image, at each of the eight places.
        places = [
            padded[i, 1 - down : 9 - down, 1 - right : 9 - right].ravel()
            for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)
        ]  # fmt: skip
        for copy in (more.x[n + i], more.x[2 * n + i]):
            assert any(np.array_equal(copy, place) for place in places)
    assert f"{3 * n:,} training images" in more.note


def test_the_copies_go_with_the_seed_and_not_with_the_backend():
    first = datasets.load(embedded(shifted_copies=1))
    again = datasets.load(embedded(shifted_copies=1).replace(backend="torch"))
    np.testing.assert_array_equal(first.x, again.x)
    assert not np.array_equal(first.x[-1], datasets.load(embedded(shifted_copies=2)).x[-1])


def test_standardised_pixels_of_the_embedded_digits_have_mean_0_and_deviation_1():
    data = datasets.load(embedded(pixels="standardised"))
    everything = np.concatenate([data.x, data.x_test])
    assert everything.mean() == pytest.approx(0, abs=1e-3)
    assert everything.std() == pytest.approx(1, abs=1e-3)
    shares = images.inputs_to_intensities("digits_8x8", data.x, "standardised")
    np.testing.assert_allclose(shares, datasets.load(embedded()).x, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"classes": ("4",)}, "at least two"),
        ({"classes": ()}, "at least two"),
        ({"train_rows": 60_000, "shifted_copies": 2}, "make 180,000; at most 120,000 fit"),
    ],
)
def test_what_cannot_be_learned_or_kept_is_refused_with_a_sentence(options, said):
    with pytest.raises(InvalidExperiment, match=said):
        Experiment(dataset="mnist", hidden=(4,), dataset_options=options)


@pytest.mark.mnist
def test_of_mnist_any_digits_may_be_chosen(real):
    options = {"classes": ("3", "5"), "train_rows": 11_000, "shifted_copies": 1, "test_rows": 500}
    experiment = Experiment(dataset="mnist", hidden=(4,), dataset_options=options)
    data = datasets.load(experiment)
    assert data.x.shape == (22_000, 784)
    assert data.x_test.shape == (500, 784)
    # 6,131 threes and 5,421 fives are published.
    assert "the first 11,000 of 11,552 training images" in data.note
    few, n_train, n_test = sample(experiment)
    assert (n_train, n_test) == (22_000, 500)
    np.testing.assert_array_equal(few.x, data.x[: len(few.x)])


# Downloads, from a server on this machine.


class Cut(bytes):
    """An answer that breaks off half-way."""


class Server(http.server.ThreadingHTTPServer):
    """Answers each request by the next of the answers planned for its path, the last for ever."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.plan = {}
        self.asked = []

    def mirror(self, name):
        return f"http://127.0.0.1:{self.server_port}/{name}/"

    def serve(self, name, files):
        for file, data in files.items():
            self.plan[f"/{name}/{file}"] = [data]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        answers = self.server.plan.get(self.path, [404])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, int):
            self.send_error(answer)
            return
        announced = len(answer)
        if isinstance(answer, Cut):
            answer = answer[: announced // 2]
        self.send_response(200)
        self.send_header("Content-Length", str(announced))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    server = Server()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.delenv("BACKPROP_LIVE_DATA", raising=False)
    folder = tmp_path / "cache" / "toy"
    monkeypatch.setattr(download, "cache_folder", lambda source: folder)
    return folder


def test_files_are_downloaded_once_and_then_kept(server, cache):
    toy = Toy([server.mirror("one")])
    server.serve("one", toy.files)
    assert toy.load().x.shape == (5, 4)
    assert {path.name: path.read_bytes() for path in cache.iterdir()} == toy.files
    assert Counter(server.asked) == {f"/one/{file}": 1 for file in toy.files}
    toy.load()
    assert len(server.asked) == 4


def test_a_download_that_is_not_the_original_is_fetched_again(server, cache):
    toy = Toy([server.mirror("one")])
    server.serve("one", toy.files)
    server.plan["/one/test-images.gz"].insert(0, b"<html>Log in to the hotel's network</html>")
    assert toy.load().x_test.shape == (3, 4)
    assert server.asked.count("/one/test-images.gz") == 2


def test_a_download_that_breaks_off_is_fetched_again(server, cache):
    toy = Toy([server.mirror("one")])
    server.serve("one", toy.files)
    server.plan["/one/test-images.gz"].insert(0, Cut(toy.files["test-images.gz"]))
    assert toy.load().x_test.shape == (3, 4)
    server.plan["/one/test-images.gz"] = [Cut(toy.files["test-images.gz"])]
    (cache / "test-images.gz").unlink()
    with pytest.raises(DataUnavailable, match="broke off before the end"):
        toy.load()
    assert {path.name for path in cache.iterdir()} == set(toy.files) - {"test-images.gz"}


def test_a_corrupt_file_in_the_cache_is_fetched_again(server, cache):
    toy = Toy([server.mirror("one")])
    server.serve("one", toy.files)
    toy.put(cache)
    (cache / "train-labels.gz").write_bytes(b"half of i")
    assert toy.load().y.shape == (5, 2)
    assert server.asked == ["/one/train-labels.gz"]
    assert (cache / "train-labels.gz").read_bytes() == toy.files["train-labels.gz"]


def test_the_second_mirror_is_tried_if_the_first_fails(server, cache):
    toy = Toy([server.mirror("gone"), server.mirror("two")])
    server.serve("two", toy.files)
    assert toy.load().x.shape == (5, 4)
    assert server.asked[:2] == ["/gone/train-images.gz", "/two/train-images.gz"]


def test_the_message_has_the_answer_of_every_mirror(server, cache):
    other = Server()  # bound, so its port is real, and closed, so that nobody answers
    other.server_close()
    toy = Toy([server.mirror("gone"), other.mirror("off")])
    with pytest.raises(DataUnavailable) as caught:
        toy.load()
    message = str(caught.value)
    assert f"127.0.0.1:{server.server_port} answered 404 Not Found" in message
    assert f"127.0.0.1:{other.server_port} cannot be reached" in message
    assert "embedded 8×8 digits" in message
    assert "BACKPROP_LIVE_DATA" in message


def test_nothing_is_left_behind_by_a_download_that_is_never_right(server, cache):
    toy = Toy([server.mirror("one")])
    server.plan["/one/train-images.gz"] = [b"wrong"]
    with pytest.raises(DataUnavailable, match="sent another file than the original"):
        toy.load()
    assert server.asked == ["/one/train-images.gz"] * download.ROUNDS
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_not_blamed_on_the_network(server, cache):
    toy = Toy([server.mirror("one"), server.mirror("two")])
    server.serve("one", toy.files)
    cache.parent.mkdir()
    cache.write_text("a file where the folder should be")
    with pytest.raises(DataUnavailable, match="cannot be written here"):
        toy.load()


def test_litter_of_interrupted_downloads_is_swept_after_a_day(server, cache):
    toy = Toy([server.mirror("one")])
    server.serve("one", toy.files)
    toy.put(cache)
    old, young = cache / "tmpold", cache / "tmpyoung"
    old.touch()
    young.touch()
    yesterday = time.time() - download.DAY_SECONDS - 60
    os.utime(old, (yesterday, yesterday))
    toy.load()
    assert young.exists()
    assert not old.exists()


def test_progress_is_reported_in_megabytes_of_all_files(server, cache):
    toy = Toy([server.mirror("one")])
    server.serve("one", toy.files)
    told = []
    with images.on_progress(told.append):
        toy.load()
    assert told[0] == "reading Toy"
    assert "downloading Toy, 0.0 of 0.0 MB" in told
    toy.load()
    n_told = len(told)
    toy.load()
    assert len(told) == n_told  # nobody listens any more


def test_progress_counts_what_is_there_already(monkeypatch):
    told = []
    with images.on_progress(told.append):
        bar = download.DownloadProgress(
            sources.MNIST, n_before=1_682_300
        )  # the three smaller files
        bar.update(1 << 16)
        bar.update(1 << 16)
        bar.reset()
        bar.update(9_912_422)
        bar.close()
    # (1,682,300 + 65,536) / 1e6 = 1.75, twice 1.81, and all 11,594,722 bytes at the end.
    assert told == [
        "downloading MNIST, 1.7 of 11.6 MB",
        "downloading MNIST, 1.8 of 11.6 MB",
        "downloading MNIST, 11.6 of 11.6 MB",
    ]


def test_a_missing_package_is_named():
    with pytest.raises(DataUnavailable, match="pip install no_such_package"):
        optional_packages.imported("no_such_package", "Toy")


# The real data.


@pytest.mark.mnist
def test_mnist_has_the_published_counts(real):
    data = datasets.load(Experiment(dataset="mnist", hidden=(4,)))
    assert data.x.shape == (60_000, 784)
    assert data.x_test.shape == (10_000, 784)
    assert {a.dtype for a in (data.x, data.y, data.x_test, data.y_test)} == {np.dtype("float32")}
    # Images of each digit, as listed by many who counted them.
    counted = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert data.y.sum(axis=0).tolist() == counted
    tested = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert data.y_test.sum(axis=0).tolist() == tested
    assert data.x.min() == 0
    assert data.x.max() == 1
    # 0.1307 and 0.3081 are what everyone rounds these to.
    assert data.x.mean(dtype=float) == pytest.approx(sources.MNIST.mean, abs=5e-5)
    assert data.x.std(dtype=float) == pytest.approx(sources.MNIST.std, abs=5e-5)
    # The first training image is the famous 5, the first test image the 7.
    assert data.y[0].argmax() == 5
    assert data.y_test[0].argmax() == 7
    assert data.shown[0].shape == (64, 784)


@pytest.mark.mnist
def test_standardised_pixels_have_mean_0_and_deviation_1(real):
    options = {"pixels": "standardised", "train_rows": 20_000}
    data = datasets.load(Experiment(dataset="mnist", hidden=(4,), dataset_options=options))
    assert data.x.shape == (20_000, 784)
    assert data.x_test.shape == (10_000, 784)
    # The constants are of all 60,000 images; a third of them differs by some thousandths.
    assert data.x.mean(dtype=float) == pytest.approx(0, abs=0.01)
    assert data.x.std(dtype=float) == pytest.approx(1, abs=0.01)
    assert data.x.min() == pytest.approx((0 - 0.1307) / 0.3081, rel=1e-6)
    assert data.note == "the first 20,000 of 60,000 training images"


@pytest.mark.mnist
def test_the_test_images_can_be_looked_at_alone(real):
    pictures, labels = images.raw_images("mnist")
    assert pictures.shape == (10_000, 28, 28)
    assert pictures.dtype == labels.dtype == np.uint8
    assert labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert images.raw_images("mnist", seed=3)[0] is pictures
    with pytest.raises(ValueError, match="read-only"):
        pictures[0] = 0
    data = datasets.load(
        Experiment(dataset="mnist", hidden=(), dataset_options={"train_rows": 100})
    )
    np.testing.assert_array_equal(data.x_test, images.pixels_to_inputs("mnist", pictures))


def test_the_embedded_digits_are_split_without_an_overlap():
    from sklearn.datasets import load_digits

    data = datasets.load(Experiment(dataset="digits_8x8", hidden=(4,), seed=5))
    assert data.x.shape == (1437, 64)
    assert data.x_test.shape == (360, 64)
    everything = np.concatenate([data.x, data.x_test]) * 16
    expected = load_digits().data
    assert sorted(map(tuple, everything.tolist())) == sorted(map(tuple, expected.tolist()))
    assert data.x.max() == 1
    assert "not MNIST" in data.note


def test_the_embedded_test_digits_are_the_same_however_many_are_learned_from():
    few = Experiment(dataset="digits_8x8", hidden=(), seed=2, dataset_options={"train_rows": 100})
    all_of_them = few.replace(dataset_options={})
    first, second = datasets.load(few), datasets.load(all_of_them)
    np.testing.assert_array_equal(first.x_test, second.x_test)
    np.testing.assert_array_equal(first.x, second.x[:100])


def test_the_pictures_of_the_embedded_digits_go_with_the_seed():
    for seed in (0, 1):
        data = datasets.load(Experiment(dataset="digits_8x8", hidden=(4,), seed=seed))
        pictures, labels = images.raw_images("digits_8x8", seed=seed)
        assert pictures.shape == (360, 8, 8)
        np.testing.assert_array_equal(images.pixels_to_inputs("digits_8x8", pictures), data.x_test)
        np.testing.assert_array_equal(labels, data.y_test.argmax(axis=1))
    assert not np.array_equal(images.raw_images("digits_8x8")[1], labels)


def test_pixels_of_no_image_are_an_empty_table():
    assert images.pixels_to_inputs("mnist", np.empty((0, 28, 28), np.uint8)).shape == (0, 784)


def test_which_digits_are_for_the_test_does_not_depend_on_how_many_are_learned_from():
    first, _ = split_digits(generator(9, "data"))
    again, _ = split_digits(generator(9, "data"))
    np.testing.assert_array_equal(first, again)
