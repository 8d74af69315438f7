"""The page Digits with so little to train that it takes a moment."""

from tests.ui.page_visitor import Visitor


def open_small_digits(visitor: Visitor) -> None:
    """Open the page with the embedded digits, eight hidden units and two epochs."""
    visitor.open("digits")
    visitor.set("Task", "digits_8x8")
    visitor.set("Units 1", 8)
    visitor.set("Epochs (passes)", 2)
