"""The view Code: the program of what the form holds."""

import ast

from nn_core import export
from tests.test_pages import open_page
from tests.views import open_view


def downloads(app):
    return [button.label for button in app.get("download_button")]


def badges(app):
    return [found.value for found in app.markdown if "Changed with the last setting" in found.value]


def program(app, page="gates"):
    _, _, text = app.session_state[f"{page}.code.seen"]
    return text


def test_the_program_follows_the_form_and_names_the_lines_that_changed(app):
    open_page(app, "gates")
    open_view(app, "gates", "Code")
    assert export.backend_of(app.selectbox(key="gates.form.code.dialect").value) == "numpy"
    assert downloads(app)[:2] == ["Program", "Notebook"]
    assert "range(1, 3001)" in program(app)
    assert not badges(app)
    app.number_input(key="gates.form.epochs").set_value(500).run()
    assert "range(1, 501)" in program(app)
    (badge,) = badges(app)
    changed = [int(word.strip(" ]")) for word in badge.rpartition("lines")[2].split(",")]
    lines = program(app).splitlines()
    assert "range(1, 501)" in lines[changed[0] - 1]
    assert "% 50 == 0" in lines[changed[1] - 1]


def test_a_program_that_reads_mnist_says_which_files_and_where_they_are(app):
    open_page(app, "digits")
    open_view(app, "digits", "Code")
    (said,) = [found.value for found in app.caption if found.value.startswith("This program")]
    assert "needs NumPy alone" in said
    for file in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        assert f"/mnist/{file})" in said  # a link
        assert file in program(app, "digits")
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
    assert not badges(app)  # another dialect is no change of a setting
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
