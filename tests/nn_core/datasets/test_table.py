"""Tables of one's own: what is read, and the sentence for everything that cannot be."""

import csv
import io
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nn_core import Experiment, datasets
from nn_core.datasets.csv_text import MOST_BYTES, read_table
from nn_core.datasets.table import TableOptions, example_csv, pack, select_columns, unpack
from nn_core.errors import InvalidExperiment, TableError

GOOD = "height,weight,name\n1.5,60,a\n1.6,65,b\n1.7,72,a\n1.8,80,b\n1.9,91,a\n"


def chosen(text, inputs=("height", "weight"), target="name", **how):
    content = text if isinstance(text, bytes) else text.encode()
    return select_columns(read_table(content), inputs, target, **how)


def data_of(fields, **more):
    options = TableOptions(**fields, **more)
    softmax = {"output": "softmax"} if options.sizes[1] > 1 else {}
    return datasets.load(Experiment(dataset="table", dataset_options=options, **softmax))


def refusal(text, **how):
    with pytest.raises(TableError) as refused:
        chosen(text, **how)
    return str(refused.value)


def test_classes_are_read_as_names_in_order():
    options = TableOptions(**chosen(GOOD))
    assert options.classes == ("a", "b")
    assert options.kind == "binary"
    np.testing.assert_array_equal(
        options.rows, [[1.5, 60, 0], [1.6, 65, 1], [1.7, 72, 0], [1.8, 80, 1], [1.9, 91, 0]]
    )


def test_whole_numbers_are_classes_where_they_are_few_and_sorted_by_size():
    text = "x,y,k\n" + "".join(f"{i},{i * i},{k}\n" for i, k in enumerate([10, 9, 10, 9, 11]))
    assert chosen(text, ("x", "y"), "k")["classes"] == ("9", "10", "11")
    assert chosen(text, ("x", "y"), "k", as_classes=False)["classes"] == ()


def test_other_numbers_are_predicted_as_numbers():
    text = "x,y,k\n" + "".join(f"{i},{i * i},{i / 2}\n" for i in range(5))
    options = TableOptions(**chosen(text, ("x", "y"), "k"))
    assert options.kind == "number"
    assert options.rows[:, 2].tolist() == [0, 0.5, 1, 1.5, 2]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_do_not_matter(separator, end):
    text = GOOD.replace(",", separator).replace("\n", end)
    assert chosen(text) == chosen(GOOD)


def test_a_decimal_comma_is_understood_where_semicolons_separate():
    assert chosen(GOOD.replace(",", ";").replace(".", ",")) == chosen(GOOD)


def test_utf16_and_a_byte_order_mark_are_understood():
    assert chosen(GOOD.encode("utf-16")) == chosen(GOOD)
    assert chosen(b"\xef\xbb\xbf" + GOOD.encode()) == chosen(GOOD)


def test_without_names_the_columns_are_numbered():
    table = read_table(GOOD.partition("\n")[2].encode())
    assert table.names == ("column 1", "column 2", "column 3")
    assert len(table.rows) == 5
    assert "no names" in table.notes[0]


def test_the_user_can_choose_whether_the_first_row_has_names():
    assert not read_table(b"a,b\nc,d\n", has_header=False).has_header
    assert read_table(b"2019,2020\n1,2\n", has_header=True).names == ("2019", "2020")


def test_a_column_without_a_name_gets_one_and_is_reported():
    table = read_table(b",x,k\n0,1.5,a\n1,1.6,b\n")
    assert table.names == ("column 1", "x", "k")
    assert table.notes == ("Column 1 has no name in the first row; here it is “column 1”.",)


def test_quoted_cells_may_hold_separators_and_line_ends():
    text = 'x,y,k\n1,2,"a, b"\n2,3,"c\nd"\n3,4,"a, b"\n4,6,"a, b"\n'
    assert chosen(text, ("x", "y"), "k")["classes"] == ("a, b", "c\nd")


@pytest.mark.parametrize(
    ("text", "how", "sentence"),
    [
        ("", {}, "The file is empty."),
        (" \n\n", {}, "The file is empty."),
        ("height,weight,name\n", {}, "a first row with names, and no rows below it"),
        (GOOD.replace("72", "abc"), {}, "Row 4, column 'weight': 'abc' is not a number."),
        (GOOD.replace("72", ""), {}, "Row 4, column 'weight': the cell is empty."),
        ("\n\n" + GOOD.replace("72", "abc"), {}, "Row 6, column 'weight': 'abc'"),
        (GOOD.replace("1.7,72,a", "1.7,72,"), {}, "Row 4, column 'name': the cell is empty."),
        (GOOD.replace("72", "nan"), {}, "'nan' is not a number from −1e15 to 1e15"),
        (GOOD.replace("72", "1e999"), {}, "'1e999' is not a number from −1e15 to 1e15"),
        (GOOD.replace("72", "1_000"), {}, "'1_000' is not a number."),
        (GOOD.replace("72", '"1,5"'), {}, "a decimal comma is understood where semicolons"),
        (GOOD.replace("1.7,72,a", "1.7,72"), {}, "Row 4 has 2 cells, and the first row has 3."),
        (GOOD.replace("1.7,72,a", "1,7,72,a"), {}, "Row 4 has 4 cells"),
        (GOOD.replace("weight", "height"), {}, "Columns 1 and 2 are both called 'height'."),
        (GOOD.replace("weight", "w" * 65), {}, "has 65 characters; at most 64"),
        (",".join(["x"] * 30_000) + "\n", {}, "has 30,000 columns; at most 50"),
        ("only\none\ncolumn\n", {}, "is a single column. Separate the columns"),
        (GOOD.replace("72", "7\x002"), {}, "Line 4 holds a NUL byte"),
        (GOOD.replace("name", "größe").encode("latin-1"), {}, "Line 1 is not written in UTF-8"),
        (GOOD.replace("72", '"72'), {}, "A quotation mark may be missing"),
        (GOOD.replace("72", "7" * 200_000), {}, "A quotation mark may be missing"),
        (GOOD.replace("b\n", "a\n"), {}, "Column 'name' is 'a' in every row: there is only one"),
        (
            "height,weight,name\n" + "".join(f"{i},{i},n{i}\n" for i in range(12)), {},
            "Column 'name' has 12 different values; at most 10 classes",
        ),
        ("height,weight,name\n" + "1,2,a\n" * 4, {}, "Column 'height' is 1 in every row"),
        (GOOD[:27], {}, "The file has 1 row of data; at least 4"),
        (GOOD, {"inputs": ("height",)}, "2 to 10 columns of numbers are needed, and 1 is chosen."),
        (GOOD, {"inputs": ("height", "name")}, "it cannot be learned from too"),
        (
            "height,weight,name\n" + "".join(f"{i},{-i},3.5\n" for i in range(5)), {},
            "Column 'name' is 3.5 in every row: there is nothing to predict",
        ),
        (
            GOOD.replace(",b\n", f",{'b' * 65}\n"), {},
            "Row 3, column 'name': the name of the class has 65 characters",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_learned_from_is_a_sentence(text, how, sentence):
    found = refusal(text, **how)
    assert sentence in found
    assert len(found) < 400
    assert found[0].isupper()
    assert found.endswith(".")


def test_a_file_that_is_too_large_is_refused_by_its_size():
    assert "The file has 5.0 MB; at most 5 MB" in refusal(b"1,2\n" * (MOST_BYTES // 4 + 1))


def test_more_rows_than_are_read_are_refused_and_not_cut_off():
    lines = [f"{i},{i % 7},{'ab'[i % 2]}" for i in range(20_001)]
    assert "more than 20,000 rows" in refusal("height,weight,name\n" + "\n".join(lines))
    fields = chosen("height,weight,name\n" + "\n".join(lines[:-1]))
    assert len(TableOptions(**fields).rows) == 20_000


HOSTILE = [
    ",".join(["x"] * 2_500_000),
    '"' * 5_000_000,
    "\n" * 5_000_000,
    "," * 49 + "\n" + ("1," * 49 + "1\n") * 20_000,
    "1,2\n" * 1_250_000,
    "\n" * 4_999_900 + "a,b,c",
    " " * 4_999_900 + "a,b,c",
    "a" * 5_000_000,
    ("9" * 4000 + ",") * 40 + "\n" + ("9" * 4000 + ",") * 40,
]


def said_of(content):
    """The sentence that refuses a file; nothing where it is read."""
    try:
        table = read_table(content)
        select_columns(table, table.names[:10], table.names[-1])
    except TableError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_of_the_largest_size_cost_little(text):
    content = text[: MOST_BYTES - 1].encode()
    tracemalloc.start()
    try:
        assert len(said_of(content)) < 400
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_each_column_is_standardised_over_the_rows_that_are_learned_from():
    rng = np.random.default_rng(1)
    numbers = rng.normal([170, 0.001], [10, 1e-5], (60, 2))
    text = "height,weight,name\n" + "".join(
        f"{a!r},{b!r},{'ab'[i % 2]}\n" for i, (a, b) in enumerate(numbers.tolist())
    )
    data = data_of(chosen(text), test_share=30)
    assert (len(data.x), len(data.x_test)) == (42, 18)
    np.testing.assert_allclose(data.x.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(data.x.std(axis=0), 1, atol=1e-9)
    everything = np.concatenate([data.x, data.x_test])
    # Back by hand: a line through two rows, so that no formula of ours is repeated.
    order = np.argsort(everything[:, 0])
    np.testing.assert_allclose(
        np.interp(everything[order, 0], everything[order[[0, -1]], 0],
                  [numbers[:, 0].min(), numbers[:, 0].max()]),
        np.sort(numbers[:, 0]),
    )  # fmt: skip
    assert np.abs(everything).max() < data.plane.high
    assert data.plane.names == ("height (standardised)", "weight (standardised)")
    assert data.output_names == ("name = b",)


def test_a_number_to_predict_is_standardised_too():
    text = "x,y,z,k\n" + "".join(f"{i},{i * i},{-i},{1e6 * i + 0.5}\n" for i in range(20))
    data = data_of(chosen(text, ("x", "y", "z"), "k"), test_share=0)
    assert data.kind == "number"
    assert data.y.std() == pytest.approx(1)
    assert data.plane is None  # three columns are no plane
    assert "standardised" in data.note


def test_rows_travel_inside_the_experiment_to_the_last_bit():
    rows = np.random.default_rng(0).normal(size=(50, 4)) * 10.0 ** np.arange(-9, 3, 3)
    np.testing.assert_array_equal(unpack(pack(rows), 4), rows)
    wanted = Experiment(dataset="table", dataset_options=chosen(GOOD))
    assert Experiment.from_json(wanted.to_json()) == wanted
    assert hash(Experiment.from_json(wanted.to_json())) == hash(wanted)


def test_the_largest_table_fits_into_an_experiment():
    rows = np.random.default_rng(0).normal(size=(20_000, 11))
    options = TableOptions(
        inputs=tuple(f"c{i}" for i in range(10)), target="y", classes=(), packed=pack(rows)
    )
    np.testing.assert_array_equal(options.rows, rows)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"packed": "§§§"}, "upload the table again"),
        ({"packed": "AAAA"}, "upload the table again"),
        ({"packed": pack(np.full((4, 3), np.nan))}, "upload the table again"),
        ({"packed": pack(np.zeros((3, 3)))}, "upload the table again"),
        ({"packed": pack(np.zeros((20_000, 12)))}, "upload the table again"),
        ({"packed": pack(np.full((4, 3), 2.0))}, "a class that has no name"),
        ({"classes": ("one",)}, "a single class"),
        ({"inputs": ("side", "width")}, "used once only"),
        ({"inputs": ("width",)}, "at least 2"),
    ],
)
def test_an_experiment_with_a_broken_table_is_refused(fields, why):
    with pytest.raises(InvalidExperiment, match=why):
        Experiment(dataset="table", dataset_options=fields)


def test_the_example_can_be_uploaded_as_it_is():
    fields = chosen(example_csv(), ("height", "width"), "side")
    assert TableOptions(**fields).rows.tolist() == TableOptions().rows.tolist()
    assert fields["classes"] == ("lower", "upper")


cells = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["1", "2.5", "-3e2", "1,5", "", "nan", "1e400", '"', "'", "a", "b", "\t", ";"]),
    st.floats().map(repr),
)
grids = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), max_size=12)
)


def written(rows, separator, quoting):
    stream = io.StringIO()
    csv.writer(stream, delimiter=separator, quoting=quoting).writerows(rows)
    return stream.getvalue().encode("utf-8", "surrogatepass")


contents = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=300).map(lambda text: text.encode("utf-8", "replace")),
    st.builds(written, grids, st.sampled_from(",;\t"), st.sampled_from([0, 1])),
)


@settings(deadline=None, max_examples=300)
@given(contents, st.sampled_from([None, True, False]), st.sampled_from([None, True, False]))
@example(b"a,b,c\n1,2,3\n4,5,6\n7,8,9\n1,2,9\n", None, None)
@example(b"\xff\xfe,", None, None)
@example(b",", False, None)
def test_any_bytes_are_data_or_a_sentence(content, has_header, as_classes):
    fields, sentence = None, ""
    try:
        table = read_table(content, has_header)
        inputs = [n for n in table.names[:-1] if table.is_numeric(n)][:10]
        fields = select_columns(table, inputs, table.names[-1], as_classes)
    except TableError as error:
        sentence = str(error)
    if fields is None:
        assert sentence.endswith(".")
        assert len(sentence) < 400
        return
    data = data_of(fields)
    assert np.isfinite(data.x).all()
    assert np.isfinite(data.y).all()
    assert len(data.x) + len(data.x_test) == len(table.rows)
