"""Damaged and hostile files, each with a name; and a program that reads them all, on its guard.

Run as ``python -m tests.helpers.hostile_files``: it bounds its own memory, forbids itself to run
anything, and prints a line of JSON for each file.
"""

from __future__ import annotations

import gc
import io
import json
import struct
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from nn_core import Experiment
from nn_core.datasets.csv_text import default_inputs, read_table
from nn_core.datasets.table import MOST_INPUTS, example_csv, select_columns
from nn_core.errors import TableError, WeightsError
from nn_core.exchange import weight_files
from nn_core.exchange.weight_files import Checkpoint
from nn_core.networks.initializers import initial_params

MEGABYTES = 200
"""What reading one file may take, beyond what Python and NumPy hold already."""

FORBIDDEN = ("exec", "compile", "import", "open", "os.", "subprocess.", "pickle.", "socket.",
             "ctypes.", "shutil.")  # fmt: skip
EVIL = b"cos\nsystem\n(S'echo hacked > hacked'\ntR."

Files = Iterator[tuple[str, bytes]]


def good() -> Checkpoint:
    experiment = Experiment(dataset="xor", hidden=(8, 3))
    return Checkpoint(initial_params(experiment), experiment, "NumPy", 3)


def npy(descr="<f4", shape="(2, 8)", block=b"", fortran="False", version=b"\x01\x00") -> bytes:
    """A member of an archive, whose header says what it likes."""
    header = f"{{'descr': '{descr}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    header += b" " * (-(len(header) + 11) % 64) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(header) & 0xFFFF) + header + block


def bomb(names: Iterable[str], megabytes: int) -> bytes:
    """An archive of zeros: a thousandth of what it unpacks to."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            with file.open(name, "w") as member:
                for _ in range(megabytes):
                    member.write(bytes(1_000_000))
    return stream.getvalue()


def archive(*members: tuple[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for name, block in members:
            file.writestr(name, block)
    return stream.getvalue()


def tensors(header: object, block: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + block


def damaged(kind: str, content: bytes, rng: np.random.Generator, count: int) -> Files:
    """Cut short, with bytes changed, with a stretch taken out, with something behind the end."""
    for i in range(count):
        cut = int(rng.integers(0, len(content)))
        changed = bytearray(content)
        for place in rng.integers(0, len(content), 1 + i % 4):
            changed[place] ^= int(rng.integers(1, 256))
        start, end = sorted(rng.integers(0, len(content), 2))
        yield f"{kind}, cut at {cut} ({i})", content[:cut]
        yield f"{kind}, bytes changed ({i})", bytes(changed)
        yield f"{kind}, without {start} to {end} ({i})", content[:start] + content[end:]
        if i % 5 == 0:
            yield f"{kind}, longer by {i + 1}", content + bytes(i + 1)


def hostile_npz() -> Files:
    numbers = np.zeros((2, 8), "<f4").tobytes()
    yield "npz, a header of 4 TB", archive(("layer1.weight.npy", npy(shape="(1000000, 1000000)")))
    yield (
        "npz, a header of more than 2**64",
        archive(("layer1.weight.npy", npy(shape="(999999999, 999999999)", block=numbers))),
    )
    yield "npz, a negative shape", archive(("layer1.weight.npy", npy(shape="(-2, 8)")))
    yield (
        "npz, nothing in rows without end",
        archive(("layer1.weight.npy", npy(shape=f"(0, {10**19})", block=b""))),
    )
    yield "npz, a shape with no end", archive(("layer1.weight.npy", npy(shape="(" * 5000)))
    yield (
        "npz, code in the header",
        archive(("layer1.weight.npy", npy(descr="<f4', 'x': __import__('os').system('ls')"))),
    )
    yield "npz, objects", archive(("layer1.weight.npy", npy("|O", "(1,)", EVIL)))
    yield "npz, version 9", archive(("layer1.weight.npy", npy(version=b"\x09\x00", block=numbers)))
    yield "npz, whole numbers", archive(("layer1.weight.npy", npy("<i4", block=numbers)))
    yield "npz, big-endian", archive(("layer1.weight.npy", npy(">f4", block=numbers)))
    yield "npz, too few numbers", archive(("layer1.weight.npy", npy(block=numbers[:-4])))
    yield "npz, too many numbers", archive(("layer1.weight.npy", npy(block=numbers * 2)))
    yield "npz, one dimension", archive(("layer1.weight.npy", npy(shape="(16,)", block=numbers)))
    yield "npz, no rows", archive(("layer1.weight.npy", npy(shape="(0, 8)")))
    yield "npz, no member", archive()
    yield "npz, an empty member", archive(("layer1.weight.npy", b""))
    yield "npz, layer 2 alone", archive(("layer2.weight.npy", npy(block=numbers)))
    yield "npz, a bias alone", archive(("layer1.bias.npy", npy(shape="(8,)", block=numbers[:32])))
    yield (
        "npz, a bias of another layer",
        archive(
            ("layer1.weight.npy", npy(block=numbers)),
            ("layer1.bias.npy", npy(shape="(3,)", block=numbers[:12])),
        ),
    )
    nan = np.full((2, 8), np.nan, "<f4").tobytes()
    yield "npz, NaN", archive(("layer1.weight.npy", npy(block=nan)))
    for name in ("../../evil.npy", "/etc/passwd", "C:\\evil.npy", "layer1.weight.npy/../x",
                 "\n\x00",
                 "layer0.weight.npy", "layer10.weight.npy", "data.pkl", "config.json",
                 "layer1.weight", "🙂" * 999):  # fmt: skip
        yield f"npz, a member {name[:20]!r}", archive((name, npy(block=numbers)))
    yield (
        "npz, a bomb of 600 MB",
        bomb(("layer1.weight.npy",), 600),
    )
    yield (
        "npz, a bomb in every member",
        bomb([f"layer{i}.weight.npy" for i in range(1, 10)], 15),
    )
    yield "npz, 30,000 members", archive(*((f"layer{i}.weight.npy", b"") for i in range(30_000)))
    twice = archive(("layer1.weight.npy", npy(block=numbers)), ("layer1.weighT.npy", npy()))
    yield "npz, one name twice", twice.replace(b"weighT", b"weight")
    lying = bytearray(bomb(("layer1.weight.npy",), 50))
    place = lying.rindex(b"PK\x01\x02")
    struct.pack_into("<L", lying, place + 24, 1000)  # says that it unpacks to 1,000 bytes
    yield "npz, a bomb that says it is small", bytes(lying)
    whole = archive(("layer1.weight.npy", npy(block=numbers)))
    end = whole.rindex(b"PK\x05\x06")
    for field, value in ((8, 65535), (10, 65535), (12, 2**32 - 1), (16, 2**32 - 1), (20, 9)):
        forged = bytearray(whole)
        struct.pack_into("<H" if field in (8, 10, 20) else "<L", forged, end + field, value)
        yield f"npz, a directory with {value} at {field}", bytes(forged)
    locked = bytearray(whole)
    locked[whole.rindex(b"PK\x01\x02") + 8] |= 1
    yield "npz, locked", bytes(locked)
    method = bytearray(whole)
    struct.pack_into("<H", method, whole.rindex(b"PK\x01\x02") + 10, 99)
    yield "npz, packed in an unknown way", bytes(method)
    yield "npz, larger than 4 GB it says", whole[:end] + b"PK\x06\x07" + bytes(16) + whole[end:]
    yield "npz, nothing but its end", whole[end:]
    yield "npz, 17 MB", whole + bytes(17_000_000)


def convolving() -> Checkpoint:
    experiment = Experiment(
        dataset="digits_8x8", architecture="conv", channels=(2, 3), kernel=3, hidden=(4,),
        backend="torch",
    )  # fmt: skip
    return Checkpoint(initial_params(experiment), experiment, "PyTorch", 3)


def hostile_convolutions() -> Files:
    """Kernels that lie about their size, or do not fit what stands beside them."""
    for shape in (
        "(65536, 65536, 64, 64)", "(999999999, 999999999, 999999999, 999999999)",
        "(-3, 3, 1, 2)", "(3, 3, 1, 2, 1)", "(3, 3, 0, 2)", "(3, 3, 1)", "(" + "3, " * 80 + ")",
    ):  # fmt: skip
        block = np.zeros(18, "<f4").tobytes()
        member = ("layer1.weight.npy", npy(shape=shape, block=block))
        yield f"conv npz, a kernel of {shape[:40]}", archive(member)
        sizes = [int(size) for size in shape.strip("()").split(",") if size.strip()]
        described = {"dtype": "F32", "shape": sizes, "data_offsets": [0, len(block)]}
        yield (
            f"conv safetensors, a kernel of {shape[:40]}",
            tensors({"layer1.weight": described}, block),
        )
    good = convolving().arrays
    changes: dict[str, tuple[int, ...]] = {
        "kernels alone": (), "a kernel of 4 × 4": (4, 4, 1, 2), "a wide kernel": (3, 5, 1, 2),
        "a kernel of 500 × 500": (500, 500, 1, 2), "5,000 maps": (3, 3, 1, 5000),
        "5,000 colours": (3, 3, 5000, 2), "a kernel that others do not read": (3, 3, 1, 7),
        "no kernel": (9, 2),
    }  # fmt: skip
    for name, shape in changes.items():
        arrays = dict(good)
        if shape:
            arrays["layer1.weight"] = np.zeros(shape, "f4")
        else:
            arrays = {key: array for key, array in good.items() if key[5] in "12"}
        stream = io.BytesIO()
        np.savez(stream, **arrays)
        yield f"conv npz, {name}", stream.getvalue()
    kernels = bomb([f"layer{i}.weight.npy" for i in (1, 2, 10, 11)], 15)
    yield "conv npz, a bomb in each kernel", kernels
    yield (
        "conv npz, twelve layers",
        archive(*((f"layer{i}.weight.npy", npy(block=bytes(64))) for i in range(1, 13))),
    )


def hostile_settings() -> Files:
    """Whole weights, with something else in the place of the settings."""
    fields = json.loads(good().experiment.to_json())
    many = {
        "many numbers": {**fields, "given": [[[["a"] * 12_000], None]]},
        "many units": {**fields, "hidden": ["x"] * 20_000},
        "many fields": {**fields, **{f"f{i}": 0 for i in range(6000)}},
        "many options": {**fields, "dataset_options": {f"f{i}": 0 for i in range(6000)}},
        "a large network": {**fields, "hidden": [512] * 8},
        "no network": {**fields, "hidden": None, "dataset": ["xor"], "seed": 10**30},
        "many points": {
            **fields, "dataset": "own_points",
            "dataset_options": {"points": [["x", None, {}]] * 6000},
        },
    }  # fmt: skip
    texts = {name: json.dumps(value) for name, value in many.items()}
    texts["brackets"] = "[" * 90_000
    texts["braces"] = '{"a":' * 15_000
    texts["digits"] = "9" * 90_000
    texts["no JSON"] = "\ud83d\x00 NaN"
    texts["too long"] = " " * 250_000
    weights = good().arrays
    for name, text in texts.items():
        stream = io.BytesIO()
        metadata = json.dumps({"experiment": text, "step": "-1e400", "framework": "<b>" * 999})
        np.savez(stream, **weights, metadata=np.array(metadata))
        yield f"npz, settings with {name}", stream.getvalue()
    stream = io.BytesIO()
    np.savez(stream, **weights, metadata=np.array("[" * 200_000))
    yield "npz, metadata of brackets", stream.getvalue()


def hostile_safetensors() -> Files:
    block = np.zeros((2, 8), "<f4").tobytes()
    right = {"dtype": "F32", "shape": [2, 8], "data_offsets": [0, 64]}
    name = "layer1.weight"
    yield "safetensors, a header of 2**64", tensors({}, length=2**64 - 1)
    yield "safetensors, a header of 4 TB", tensors({}, length=4 * 2**40)
    yield "safetensors, a longer header than file", tensors({name: right}, block, length=5000)
    yield "safetensors, an empty header", tensors(b"")
    yield "safetensors, no JSON", tensors(b"{'a': 1}")
    yield "safetensors, a list", tensors([1, 2])
    yield "safetensors, brackets", tensors(b"[" * 200_000)
    yield "safetensors, braces", tensors(b'{"a":' * 50_000)
    yield "safetensors, digits", tensors(b"9" * 200_000)
    yield "safetensors, no text", tensors(b"\xff\xfe" * 99)
    yield "safetensors, no arrays", tensors({})
    yield "safetensors, nothing behind", tensors({name: right})
    yield "safetensors, too little behind", tensors({name: right}, block[:-1])
    yield "safetensors, too much behind", tensors({name: right}, block + b"x")
    yield "safetensors, 30,000 arrays", tensors({f"l{i}": right for i in range(30_000)}, block)
    yield "safetensors, 3,000 arrays", tensors({f"l{i}": right for i in range(3000)}, block)
    same = b'{"layer1.weight":' + json.dumps(right).encode() + b","
    yield "safetensors, one name twice", tensors(same + same[1:-1] + b"}", block)
    for change in (
        {"dtype": "I64"}, {"dtype": "F16"}, {"dtype": None}, {"dtype": "<script>"},
        {"shape": [2**40, 2**40]}, {"shape": [10**30]}, {"shape": [-2, -8]}, {"shape": "2x8"},
        {"shape": [2] * 60}, {"shape": []}, {"shape": [16]}, {"shape": None},
        {"data_offsets": [0, 2**63]}, {"data_offsets": [64, 0]}, {"data_offsets": [-64, 0]},
        {"data_offsets": [0]}, {"data_offsets": "all"}, {"data_offsets": [8, 72]},
    ):  # fmt: skip
        yield f"safetensors with {str(change)[:40]}", tensors({name: {**right, **change}}, block)
    overlapping = {name: right, "layer1.bias": {**right, "shape": [8], "data_offsets": [0, 32]}}
    yield "safetensors, arrays in one place", tensors(overlapping, block)
    for other in ("../../evil", "__class__", "layer1.weight\x00", "layer١.weight", ""):
        yield f"safetensors, an array {other!r}", tensors({other: right}, block)
    for metadata in (1, "x", [1], {"experiment": 3}, {"experiment": "{"}, {"step": [1]}):
        yield (
            f"safetensors, metadata {metadata!r}",
            tensors({"__metadata__": metadata, name: right}, block),
        )
    infinite = np.full((2, 8), np.inf, "<f4").tobytes()
    yield "safetensors, infinity", tensors({name: right}, infinite)


def other_files(rng: np.random.Generator) -> Files:
    yield "nothing", b""
    yield "one byte", b"P"
    yield "PK", b"PK"
    yield "a pickle", EVIL
    yield "a pickle of protocol 4", b"\x80\x04\x95" + bytes(8) + EVIL
    yield "a file of PyTorch", archive(("archive/data.pkl", EVIL), ("archive/version", b"3\n"))
    yield "a file of Keras", archive(("config.json", b"{}"), ("model.weights.h5", b"\x89HDF\r\n"))
    yield "HDF5", b"\x89HDF\r\n\x1a\n" + bytes(500)
    yield "a program", b"\x7fELF" + bytes(500)
    yield "a web page", b"<html><script>alert(1)</script></html>" * 20
    yield "zlib", zlib.compress(bytes(10_000_000))
    for i in range(8):
        yield f"random bytes ({i})", rng.bytes(int(rng.integers(1, 5000)))


def hostile_tables(rng: np.random.Generator) -> Files:
    text = example_csv().encode()
    yield "CSV, 30,000 equal names", b",".join([b"a"] * 30_000) + b"\n" + b",".join([b"1"] * 30_000)
    yield "CSV, 50 equal names", b"\n".join([b",".join([b"a"] * 50)] + [b",".join([b"1"] * 50)] * 9)
    yield "CSV, one line of 4.9 MB", b"1" * 4_900_000
    yield "CSV, one line of commas", b"," * 4_900_000
    yield "CSV, only line ends", b"\n" * 4_900_000
    yield "CSV, only quotes", b'"' * 4_900_000
    yield "CSV, a quote that never ends", b'a,b\n"' + b"1,2\n" * 500_000
    yield "CSV, 6 MB", b"1,2,3\n" * 1_000_000
    yield "CSV, 300,000 rows", b"1,2,3\n" * 300_000
    yield (
        "CSV, rows of all lengths",
        b"a,b\n" + b"".join(b"1," * (i % 60) + b"\n" for i in range(9999)),
    )
    yield "CSV, nothing but zeros", bytes(1_000_000)
    yield "CSV, a bomb", zlib.compress(bytes(100_000_000))
    yield "CSV, an archive", archive(("a.csv", text))
    yield "CSV, half of UTF-16", b"\xff\xfe" + text
    yield "CSV, no UTF-8", b"a,b\n\xff\xfe\xfd,1\n"
    yield "CSV, code", b"=cmd|' /C calc'!A0,__import__('os').system('ls'),c\n" * 20
    yield "CSV, numbers beyond all", b"a,b,c\n" + b"1e999,-1e999,nan\n" * 20
    yield "CSV, long numbers", b"a,b,c\n" + (b"9" * 100_000 + b",1,2\n") * 20
    yield "CSV, long names", b"a" * 100_000 + b",b,c\n" + b"1,2,3\n" * 20
    yield (
        "CSV, all classes",
        b"a,b,c\n" + b"".join(b"%d,%d,k%d\n" % (i, i * i, i) for i in range(9999)),
    )
    yield "CSV, signs", "a,b,c\n\u202e1,\u0661,\u0000\n".encode() * 20
    yield from damaged("CSV", text, rng, 12)


def weights(rng: np.random.Generator) -> Files:
    yield from damaged("npz", weight_files.write_npz(good()), rng, 20)
    yield from damaged("safetensors", weight_files.write_safetensors(good()), rng, 20)
    yield from damaged("conv npz", weight_files.write_npz(convolving()), rng, 5)
    yield from damaged("conv safetensors", weight_files.write_safetensors(convolving()), rng, 5)
    yield from hostile_npz()
    yield from hostile_convolutions()
    yield from hostile_settings()
    yield from hostile_safetensors()
    yield from other_files(rng)


def read_weights(content: bytes) -> None:
    found = weight_files.read(content)
    assert all(np.isfinite(array).all() for array in found.arrays.values())


def read_csv(content: bytes) -> None:
    table = read_table(content)
    target = table.names[-1]
    select_columns(table, default_inputs(table, target, MOST_INPUTS), target)


def limit_memory() -> None:
    """At most `MEGABYTES` more than now."""
    import resource

    with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - no file, a view
        held = int(statm.read().split()[5]) * resource.getpagesize()
    limit = held + MEGABYTES * 2**20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def main() -> None:
    seen: list[str] = []
    is_guarded = False

    def guard(event: str, _: object) -> None:
        if is_guarded and event.startswith(FORBIDDEN):
            seen.append(event)

    rng = np.random.default_rng(0)
    readers: list[tuple[Callable[[bytes], None], Files]] = [
        (read_weights, weights(rng)),
        (read_csv, hostile_tables(rng)),
    ]
    files = [(reader, name, content) for reader, found in readers for name, content in found]
    # What is imported at first use is imported now.
    read_weights(weight_files.write_npz(good()))
    read_weights(weight_files.write_safetensors(good()))
    read_weights(weight_files.write_npz(convolving()))
    read_csv(example_csv().encode())
    gc.collect()
    sys.addaudithook(guard)
    if sys.platform.startswith("linux"):
        limit_memory()
    for reader, name, content in files:
        seen.clear()
        told, error = "", ""
        start = time.process_time()
        is_guarded = True
        try:
            reader(content)
        except (WeightsError, TableError) as refused:
            told = str(refused)
        except BaseException as broken:  # whatever else comes is what the test looks for
            error = f"{type(broken).__name__}: {broken}"[:300]
        is_guarded = False
        seconds = time.process_time() - start
        outcome = {"name": name, "told": told, "error": error, "seconds": seconds}
        sys.stdout.write(json.dumps({**outcome, "did": sorted(set(seen))}) + "\n")


if __name__ == "__main__":
    main()
