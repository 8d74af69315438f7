"""What a chart shows, in a sentence made from its data."""

import pyarrow as pa
import pytest

from nn_core.charts.alt_text import MOST_NAMED, alt_text
from tests.helpers.example_charts import SPECS, table_for

DESCRIBED = [name for name in SPECS if not name.startswith("linear")]


@pytest.mark.parametrize("name", DESCRIBED)
@pytest.mark.parametrize("n", [1, 5, 40])
def test_every_chart_of_the_app_has_a_sentence_with_numbers_of_its_own(name, n):
    sentence = alt_text(table_for(name, n), SPECS[name]())
    assert sentence.startswith(("Line chart of ", "Bar chart of ", "Heat map of "))
    assert sentence.endswith(".")
    assert any(sign.isdigit() for sign in sentence)
    assert len(sentence) < 700


def test_a_line_is_told_by_where_it_begins_and_ends_in_the_order_of_the_axis():
    table = pa.table(
        {
            "step": [10, 0, 0, 10, 5],
            "value": [0.5, 2.0, 1.0, 1.0, None],
            "name": ["a", "a", "b", "b", "a"],
        }
    )
    spec = SPECS["overlay"]()
    assert alt_text(table, spec) == (
        "Line chart of loss (nats) by step (updates of the weights), from 0 to 10. "
        "a: falls from 2 to 0.5; b: begins and ends at 1."
    )


def test_bars_are_told_from_the_longest_and_more_than_a_few_are_counted():
    table = pa.table(
        {
            "class": [str(i) for i in range(10)],
            "probability": [0.01 * i for i in range(10)],
            "role": ["other"] * 10,
        }
    )
    sentence = alt_text(table, SPECS["probabilities"]())
    assert "9: 0.09; 8: 0.08;" in sentence
    assert sentence.endswith(f"; and {10 - MOST_NAMED} shorter bars.")


@pytest.mark.parametrize("name", DESCRIBED)
def test_a_chart_without_rows_says_so(name):
    empty = table_for(name, 3).slice(0, 0)
    assert alt_text(empty, SPECS[name]()) == "A chart without data so far."
