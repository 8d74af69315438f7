"""Every page opens, explains its controls, and trains what it is for."""

import pytest

from tests.helpers.real_mnist import real_mnist
from tests.helpers.root import ROOT
from ui.links.page_list import page_of

PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
PICTURED = ["bits", "digits", "gates", "plane"]  # the pages that show one run


@pytest.mark.parametrize("page", PAGES)
def test_the_page_opens_and_has_one_title(visitor, page):
    visitor.open(page)
    assert len(visitor.texts("title")) == 1


@pytest.mark.parametrize("page", PICTURED)
def test_every_control_has_help(visitor, page):
    visitor.open(page)
    kinds = ("selectbox", "number_input", "select_slider", "toggle", "pills", "segmented_control")
    controls = [control for kind in kinds for control in visitor.app.get(kind)]
    assert len(controls) > (12 if page in PICTURED else 2)
    without = [c.label for c in controls if not c.proto.help]
    assert not without


@pytest.mark.parametrize(
    "page",
    [page if page == "gates" else pytest.param(page, marks=pytest.mark.slow) for page in PICTURED],
)
def test_every_view_below_the_picture_opens_before_and_after_training(visitor, page):
    visitor.open(page)
    if page == "digits":
        visitor.set("Task", "digits_8x8")
    if page == "plane":
        visitor.set("Epochs (passes)", 20)
    groups = visitor.control("Kind of view").options
    for _ in range(2):
        for group in groups:
            visitor.set("Kind of view", group)
            for view in visitor.control("Details").options:
                visitor.set("Details", view)
        visitor.set("Speed limit, steps/s", 1000.0)
        visitor.train()


@pytest.fixture(params=["missing", "corrupt"])
def damaged_mnist(request, tmp_path, monkeypatch):
    folder = tmp_path / "mnist"
    folder.mkdir()
    if request.param == "corrupt":
        for file in (real_mnist() / "mnist").glob("*.gz"):
            content = bytearray(file.read_bytes())
            content[len(content) // 2] ^= 1
            (folder / file.name).write_bytes(content)
    monkeypatch.setenv("BACKPROP_LIVE_DATA", str(tmp_path))
    return folder


def test_mnist_that_cannot_be_read_is_a_sentence(damaged_mnist, visitor):
    visitor.open("digits")
    visitor.set("Task", "mnist")
    visitor.train()
    end = visitor.run.end
    assert end.kind == "data"
    assert str(damaged_mnist) in end.message


def test_each_pathology_opens_on_its_page_and_trains(visitor):
    from nn_core.lessons import pathologies

    for name in pathologies.names():
        pathology = pathologies.get(name)
        visitor.open("pathologies")
        visitor.press("Show it", of=name)
        run = visitor.session[f"{page_of(pathology.broken.dataset)}.run"]
        assert run.experiment == pathology.broken
