"""A number with its noun, in the singular or the plural."""

from __future__ import annotations


def counted(number: float, noun: str, form: str = ",") -> str:
    """A number and what it counts; 1 alone takes the singular.

    Parameters
    ----------
    number : float
        How many.
    noun : str
        In the singular; its plural ends in s.
    form : str
        Format of the number. What is shown as 1 is one.

    Examples
    --------
    >>> counted(1, "epoch"), counted(0, "step"), counted(1500, "step")
    ('1 epoch', '0 steps', '1,500 steps')
    >>> counted(0.75, "epoch", ",.4g"), counted(1.00001, "epoch", ",.4g")
    ('0.75 epochs', '1 epoch')
    """
    shown = format(number, form)
    return f"{shown} {noun}" if shown == "1" else f"{shown} {noun}s"
