"""LaTeX notation of numbers and symbols."""

from __future__ import annotations

DIGITS = 6
"""Significant digits of a number in a formula; tables show all of them."""

TERMS_IN_A_LINE = 4


def number(value: float) -> str:
    r"""Format a number with 6 significant digits.

    Examples
    --------
    >>> number(0.25), number(-1.23456789e-07)
    ('0.25', '-1.23457 \\cdot 10^{-7}')
    """
    text = f"{value + 0.0:.{DIGITS}g}"  # + 0.0 makes a 0 of −0
    mantissa, _, exponent = text.partition("e")
    if exponent:
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"nan": r"\mathrm{NaN}", "inf": r"\infty", "-inf": r"-\infty"}.get(text, text)


def factor(value: float) -> str:
    r"""Format a number as a factor: in brackets if it has a sign or a power of ten.

    Examples
    --------
    >>> factor(0.25), factor(-2)
    ('0.25', '(-2)')
    """
    text = number(value)
    return text if text.replace(".", "").isdigit() else f"({text})"


def total(terms: list[str]) -> str:
    r"""Format a sum, broken into lines of a few terms each.

    Examples
    --------
    >>> total(["1", "(-2)"])
    '1 + (-2)'
    """
    lines = [
        " + ".join(terms[i : i + TERMS_IN_A_LINE]) for i in range(0, len(terms), TERMS_IN_A_LINE)
    ]
    return r" \\ &\quad + ".join(lines)


def equation(symbol: str, *sides: str) -> str:
    """Format a chain of equations, on several lines if a side is long.

    Parameters
    ----------
    symbol : str
        The left-hand side.
    *sides : str
        The right-hand sides: first the formula with its values, then the result.
    """
    is_long = any(r"\\" in side for side in sides) or sum(map(len, sides)) > 110
    joint = r" \\ &= " if is_long else " = "
    return rf"\begin{{aligned}} {symbol} &= {joint.join(sides)} \end{{aligned}}"


def unit(letter: str, layer: int, index: int) -> str:
    """``z`` of the second unit in the first layer: ``z^{(1)}_{2}``; both counted from 1."""
    return f"{letter}^{{({layer})}}_{{{index}}}"


def below(layer: int, index: int) -> str:
    """An input of a layer: ``x``, or the activation of a unit in the previous layer."""
    return f"x_{{{index}}}" if layer == 1 else unit("a", layer - 1, index)


def weight(layer: int, source: int | str, target: int | str) -> str:
    """The weight from a source to a unit of a layer, numbered from 1 or by an index letter."""
    return f"w^{{({layer})}}_{{{source},{target}}}"


def primed(symbol: str) -> str:
    """The new value of a symbol; in braces, because a prime is a superscript as well.

    Examples
    --------
    >>> primed("w^{(1)}_{1,2}")
    "{w^{(1)}_{1,2}}'"
    """
    return f"{{{symbol}}}'"


PLAIN = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def plain(symbol: str) -> str:
    r"""Convert a LaTeX symbol to Unicode, for tables and graphs.

    Examples
    --------
    >>> plain("w^{(1)}_{2,1}"), plain(r"\delta^{(2)}_{1}"), plain("x_{2}")
    ('w⁽¹⁾₂,₁', 'δ⁽²⁾₁', 'x₂')
    """
    raised = {"(": "⁽", ")": "⁾", **dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))}
    out, i = [], 0
    if symbol.endswith("}'"):
        symbol = symbol[1:-2] + "'"
    for word, sign in ((r"\delta", "δ"), (r"\partial ", "∂"), (r"\ell", "ℓ"), (r"\,", " ")):
        symbol = symbol.replace(word, sign)
    while i < len(symbol):
        if symbol[i : i + 2] in ("^{", "_{"):
            end = symbol.index("}", i)
            inner = symbol[i + 2 : end]
            is_raised = symbol[i] == "^"
            out.append("".join(raised.get(c, c) for c in inner) if is_raised
                       else inner.translate(PLAIN))  # fmt: skip
            i = end + 1
        else:
            out.append(symbol[i])
            i += 1
    return "".join(out)
