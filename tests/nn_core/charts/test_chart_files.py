"""Charts as files: the picture is the one on the page, and the rows are those it shows."""

import csv
import io
import json
import re
from xml.etree import ElementTree

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from nn_core.charts import confusion_chart, overlay_chart
from nn_core.charts.chart_files import WIDTH, self_contained_spec, to_csv, to_image
from nn_core.charts.converter import PIXELS, convert
from tests.helpers.example_charts import NAMES, SPECS, envelope, parts_of, table_for
from tests.helpers.sources import SOURCES, names_in

SVG = "{http://www.w3.org/2000/svg}"


def drawn(table, spec, kind="svg", width=None):
    """The file, made in this process: quicker than one for each."""
    return convert(json.dumps(self_contained_spec(table, spec, width), allow_nan=False), kind)


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode())))


def titles_of(spec):
    """The names of the axes, wherever they are."""
    axes = [part[name] for part in parts_of(spec) for name in ("x", "y") if name in part]
    titles = [axis.get("title") for axis in axes if isinstance(axis, dict)]
    return {title for title in titles if isinstance(title, str)}


@pytest.mark.parametrize("name", SPECS)
def test_every_chart_is_an_svg_that_parses_and_a_png_of_twice_its_size(name):
    table, spec = table_for(name, 20), SPECS[name]()
    root = ElementTree.fromstring(drawn(table, spec))
    texts = {"".join(text.itertext()) for text in root.iter(f"{SVG}text")}
    assert titles_of(spec) <= texts
    image = Image.open(io.BytesIO(drawn(table, spec, "png")))
    image.load()
    size = [float(root.get(side)) for side in ("width", "height")]
    assert image.size == pytest.approx([PIXELS * side for side in size], abs=2)
    assert size[0] > WIDTH
    assert len(image.convert("RGB").getcolors(1 << 20)) > 20


@pytest.mark.parametrize("name", SPECS)
def test_the_csv_holds_every_row_to_the_last_digit(name):
    table = table_for(name, 20)
    rows = rows_of(to_csv(table))
    assert list(rows[0]) == table.column_names
    for row, expected in zip(rows, table.to_pylist(), strict=True):
        for column, value in expected.items():
            if value is None:
                assert row[column] == ""
            elif isinstance(value, float):
                assert float(row[column]) == value
            else:
                assert row[column] == str(value)


def test_the_curves_of_the_svg_are_those_of_the_csv():
    table = overlay_chart.overlay_table([(name, envelope(50)) for name in NAMES])
    spec = overlay_chart.overlay_spec(NAMES, "loss", log=False, has_legend=False)
    root = ElementTree.fromstring(drawn(table, spec))
    lines = [
        path.get("d")
        for path in root.iter(f"{SVG}path")
        if path.get("aria-roledescription") == "line mark"
    ]
    assert len(lines) == len(NAMES)
    rows = rows_of(to_csv(table))
    for name, line in zip(NAMES, lines, strict=True):
        found = np.array(re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", line), float)
        wanted = np.array([(r["step"], r["value"]) for r in rows if r["name"] == name], float)
        for axis in (0, 1):  # pixels are a straight line of the numbers
            slope, start = np.polyfit(wanted[:, axis], found[:, axis], 1)
            assert slope * (1, -1)[axis] > 0
            assert slope * wanted[:, axis] + start == pytest.approx(found[:, axis], abs=0.01)


def test_the_numbers_in_the_svg_of_a_confusion_matrix_are_those_of_the_csv():
    table = confusion_chart.confusion_table(np.array([[31, 17], [5, 97]]), ("no", "yes"))
    root = ElementTree.fromstring(drawn(table, confusion_chart.confusion_spec(), width=620))
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    counts = [row["count"] for row in rows_of(to_csv(table))]
    assert counts == ["31", "17", "5", "97"]
    assert [text for text in texts if text in counts] == counts


@pytest.mark.parametrize("name", ["loss", "accuracy", "weights", "overlay"])
def test_a_legend_names_each_thing_once(name):
    table = table_for(name, 20)
    root = ElementTree.fromstring(drawn(table, SPECS[name]()))
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    column = next(c for c in ("series", "name") if c in table.column_names)
    words = set(table[column].to_pylist())
    assert len(words) > 1
    assert sorted(text for text in texts if text in words) == sorted(words)


def test_a_legend_has_a_label_for_each_long_name_and_the_csv_the_name():
    names = ('1 "; a long name', "2 \\ 'another' ${name}\n of it", "3 __proto__")
    labels = ("1 seed 0", '2 "seed" ]', "3 \\")
    table = overlay_chart.overlay_table([(name, envelope(5)) for name in names])
    spec = overlay_chart.overlay_spec(names, "loss", labels=labels)
    texts = [
        "".join(t.itertext()) for t in ElementTree.fromstring(drawn(table, spec)).iter(f"{SVG}text")
    ]
    assert [text for text in texts if text in labels] == [*labels]
    assert not [text for text in texts if text in names]
    assert {row["name"] for row in rows_of(to_csv(table))} == {*names}


def test_names_that_look_like_markup_stay_names():
    evil = "</text><script>alert(1)</script>"
    table = overlay_chart.overlay_table([(evil, envelope(5))])
    root = ElementTree.fromstring(drawn(table, overlay_chart.overlay_spec((evil,), evil)))
    assert not list(root.iter(f"{SVG}script"))


def test_a_chart_is_converted_in_a_process_of_its_own():
    table = overlay_chart.overlay_table([(name, envelope(5)) for name in NAMES])
    spec = overlay_chart.overlay_spec(NAMES, "loss")
    files = (to_image(table, spec, "svg"), drawn(table, spec))
    first, second = (re.sub(rb"clip\d+", b"clip", content) for content in files)  # counted on
    assert first == second
    assert spec is overlay_chart.overlay_spec(NAMES, "loss")
    assert "data" not in spec


def test_what_cannot_be_drawn_is_said():
    with pytest.raises(RuntimeError, match=r"the chart could not be drawn: (?!no reason).+"):
        to_image(pa.table({"x": [1]}), {"mark": "no such mark"}, "svg")


def test_every_chart_of_the_app_can_be_downloaded():
    drawing = {name for name in SOURCES if names_in(name, "vega_lite_chart", "altair_chart")}
    assert drawing == {"ui.components.chart"}
