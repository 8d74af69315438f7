"""The view Code: the program of what the form holds."""

import ast
import json

from nn_core.exchange import programs
from tests.helpers.views import open_view
from tests.ui.test_pages import open_page


def downloads(app):
    return [button.label for button in app.get("download_button")]


def code(app):
    """What the view gives the browser: panes, rows and what changed."""
    views = [found.proto for found in app.get("bidi_component")]
    (view,) = [view for view in views if "backprop_live_code" in view.component_name]
    return json.loads(view.json)


def program(app):
    return code(app)["panes"][0]["text"]


def test_the_program_follows_the_form_and_names_the_lines_that_changed(app):
    open_page(app, "gates")
    open_view(app, "gates", "Code")
    assert programs.backend_of(app.selectbox(key="gates.form.code.dialect").value) == "numpy"
    assert downloads(app)[:2] == ["Program", "Notebook"]
    assert "range(1, 3001)" in program(app)
    assert code(app)["change"] is None
    app.number_input(key="gates.form.epochs").set_value(500).run()
    assert "range(1, 501)" in program(app)
    change = code(app)["change"]
    assert change["said"] == "2 lines changed by Epochs"
    first, second = [start for start, _ in change["places"][0]["ranges"]]
    lines = program(app).splitlines()
    assert "range(1, 501)" in lines[first - 1]
    assert "% 50 == 0" in lines[second - 1]
    marked = [cell["number"] for (cell,) in code(app)["rows"] if cell["changed"]]
    assert marked == [first, second]


def test_beside_another_dialect_a_change_is_marked_in_both_and_is_no_difference(app):
    open_page(app, "gates")
    open_view(app, "gates", "Code")
    app.selectbox(key="gates.form.code.beside").set_value("jax_functional").run()
    assert code(app)["change"] is None
    app.number_input(key="gates.form.epochs").set_value(500).run()
    assert code(app)["change"]["said"] == "4 lines changed by Epochs"
    texts = [pane["text"].splitlines() for pane in code(app)["panes"]]
    marked = []
    for cells in code(app)["rows"]:
        shown = [cell and text[cell["number"] - 1] for text, cell in zip(texts, cells, strict=True)]
        for cell in filter(None, cells):
            assert cell["differs"] == (shown[0] != shown[1])
        if all(cells) and cells[0]["changed"] and cells[1]["changed"]:
            marked.append((shown[0], cells[0]["differs"]))
    # Both dialects say it in the same words, and so it is a change and no difference.
    assert [("range(1, 501)" in marked[0][0], marked[0][1]), len(marked)] == [(True, False), 2]


def test_a_program_that_reads_mnist_says_which_files_and_where_they_are(app):
    open_page(app, "digits")
    open_view(app, "digits", "Code")
    (said,) = [found.value for found in app.caption if found.value.startswith("This program")]
    assert "needs NumPy alone" in said
    for file in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        assert f"/mnist/{file})" in said  # a link
        assert file in program(app)
    assert "`BACKPROP_LIVE_DATA`" in said


def test_the_dialect_follows_the_backend_and_another_can_stand_beside_it(app):
    open_page(app, "gates")
    open_view(app, "gates", "Code")
    app.selectbox(key="gates.form.backend").set_value("torch").run()
    assert app.selectbox(key="gates.form.code.dialect").value == "torch_1_tensors"
    app.selectbox(key="gates.form.code.beside").set_value("torch_4_module").run()
    assert not app.exception
    app.selectbox(key="gates.form.code.dialect").set_value("jax_functional").run()
    assert not app.exception
    assert "import jax" in program(app)
    assert code(app)["change"] is None  # another dialect is no change of a setting
    ast.parse(program(app))


def test_what_a_dialect_cannot_say_is_said_in_a_sentence(app):
    open_page(app, "gates")
    open_view(app, "gates", "Code")
    app.number_input(key="gates.form.layers").set_value(0).run()
    app.selectbox(key="gates.form.output").set_value("step").run()
    app.selectbox(key="gates.form.loss").set_value("perceptron").run()
    assert not app.exception
    app.selectbox(key="gates.form.code.dialect").set_value("torch_4_module").run()
    assert not app.exception
    assert any("perceptron rule follows no gradient" in info.value for info in app.info)
