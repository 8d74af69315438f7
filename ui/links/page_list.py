"""The pages of the app, in the order of their links, and which page offers which data sets."""

from __future__ import annotations

from dataclasses import dataclass

from nn_core import datasets


@dataclass(frozen=True)
class Page:
    """A page of the app.

    Attributes
    ----------
    name : str
        Name of its file, and in its address.
    title : str
        Title of its link.
    icon : str
        A Material symbol in Streamlit's notation.
    group : str
        The group of data sets that it offers; empty for a page that offers none, or all.
    """

    name: str
    title: str
    icon: str
    group: str = ""

    @property
    def path(self) -> str:
        """The path of its file, for Streamlit."""
        return path(self.name)


def path(name: str) -> str:
    """The path of the file of a page."""
    return f"pages/{name}.py"


PAGES = (
    Page("gates", "Gates", ":material/join_inner:", "gates"),
    Page("bits", "Bits", ":material/pin:", "bits"),
    Page("plane", "Plane", ":material/scatter_plot:", "plane"),
    Page("digits", "Digits", ":material/draw:", "images"),
    Page("recipes", "Recipes", ":material/menu_book:"),
    Page("pathologies", "Pathologies", ":material/healing:"),
    Page("compare", "Compare", ":material/compare_arrows:"),
    Page("convergence", "Convergence", ":material/stacks:"),
    Page("runs", "Runs", ":material/history:"),
    Page("autodiff", "Autodiff", ":material/function:"),
)

HOME = PAGES[0].name
"""The page that is shown first; its address has no name."""

_PAGE_OF_GROUP = {page.group: page for page in PAGES if page.group}
_GROUP_OF_PAGE = {page.name: page.group for page in PAGES}


def tasks_of(name: str) -> list[str]:
    """The data sets that a page offers."""
    return datasets.names(_GROUP_OF_PAGE[name])


def page_of(task: str) -> str:
    """The name of the page that offers a data set."""
    return _PAGE_OF_GROUP[datasets.describe(task).group].name


def title_of(task: str) -> str:
    """The title of the page that offers a data set."""
    return _PAGE_OF_GROUP[datasets.describe(task).group].title
