"""The view Code: the program of what the form holds."""

import ast

from nn_core.exchange import programs


def downloads(visitor):
    return [button.label for button in visitor.app.get("download_button")]


def test_the_program_follows_the_form_and_names_the_lines_that_changed(visitor):
    visitor.open_view("Code")
    assert programs.backend_of(visitor.control("Written for").value) == "numpy"
    assert downloads(visitor)[:2] == ["Program", "Notebook"]
    assert "range(1, 3001)" in visitor.program()
    assert visitor.code()["change"] is None
    visitor.set("Epochs (passes)", 500)
    assert "range(1, 501)" in visitor.program()
    change = visitor.code()["change"]
    assert change["said"] == "2 lines changed by Epochs"
    first, second = [start for start, _ in change["places"][0]["ranges"]]
    lines = visitor.program().splitlines()
    assert "range(1, 501)" in lines[first - 1]
    assert "% 50 == 0" in lines[second - 1]
    marked = [cell["number"] for (cell,) in visitor.code()["rows"] if cell["changed"]]
    assert marked == [first, second]


def test_beside_another_dialect_a_change_is_marked_in_both_and_is_no_difference(visitor):
    visitor.open_view("Code")
    visitor.set("Compare with", "jax_functional")
    assert visitor.code()["change"] is None
    visitor.set("Epochs (passes)", 500)
    assert visitor.code()["change"]["said"] == "4 lines changed by Epochs"
    texts = [pane["text"].splitlines() for pane in visitor.code()["panes"]]
    marked = []
    for cells in visitor.code()["rows"]:
        shown = [cell and text[cell["number"] - 1] for text, cell in zip(texts, cells, strict=True)]
        for cell in filter(None, cells):
            assert cell["differs"] == (shown[0] != shown[1])
        if all(cells) and cells[0]["changed"] and cells[1]["changed"]:
            marked.append((shown[0], cells[0]["differs"]))
    # Both dialects say it in the same words, and so it is a change and no difference.
    assert [("range(1, 501)" in marked[0][0], marked[0][1]), len(marked)] == [(True, False), 2]


def test_a_program_that_reads_mnist_says_which_files_and_where_they_are(visitor):
    visitor.open("digits")
    visitor.open_view("Code")
    (said,) = [text for text in visitor.texts() if text.startswith("This program")]
    assert "needs NumPy alone" in said
    for file in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        assert f"/mnist/{file})" in said  # a link
        assert file in visitor.program()
    assert "`BACKPROP_LIVE_DATA`" in said


def test_the_dialect_follows_the_backend_and_another_can_stand_beside_it(visitor):
    visitor.open_view("Code")
    visitor.set("Backend", "torch")
    assert visitor.control("Written for").value == "torch_1_tensors"
    visitor.set("Compare with", "torch_4_module")
    visitor.set("Written for", "jax_functional")
    assert "import jax" in visitor.program()
    assert visitor.code()["change"] is None  # another dialect is no change of a setting
    ast.parse(visitor.program())


def test_an_experiment_that_a_dialect_cannot_express_gets_a_sentence(visitor):
    visitor.open_view("Code")
    visitor.set("Hidden layers", 0)
    visitor.set("Output", "step")
    visitor.set("Loss", "perceptron")
    visitor.set("Written for", "torch_4_module")
    assert "perceptron rule follows no gradient" in visitor.infos
