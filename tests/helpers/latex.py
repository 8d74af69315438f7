"""Reads a formula of the walk-through as a visitor with a calculator does."""

import math
import re


def value_of(latex: str) -> float:
    """The value of a formula that holds numbers only."""
    text = re.sub(r"\\\\ ?&(= |\\quad )?", "", latex).replace("\\cdot", "*")
    names = {"exp": math.exp, "ln": math.log, "tanh": math.tanh, "max": max, "sqrt": math.sqrt}
    comparison = re.fullmatch(r"\[\(?(.+?)\)? > 0\]", text)
    if comparison:
        return float(value_of(comparison[1]) > 0)
    return float(eval(_python(text), {"__builtins__": {}}, names))  # noqa: S307 - numbers of ours


def _python(text: str) -> str:
    out, i = "", 0
    while i < len(text):
        if text.startswith(r"\frac", i):
            top, i = _group(text, i + 5)
            bottom, i = _group(text, i)
            out += f"(({_python(top)})/({_python(bottom)}))"
        elif text.startswith(r"\sqrt", i):
            inner, i = _group(text, i + 5)
            out += f"sqrt({_python(inner)})"
        elif text.startswith("e^", i):
            inner, i = _group(text, i + 2)
            out += f"exp({_python(inner)})"
        elif text.startswith("^{", i):
            inner, i = _group(text, i + 1)
            out += f"**({_python(inner)})"
        elif text[i] == "^":
            out, i = out + "**", i + 1
        elif text[i] == "\\":
            i += 1
        else:
            out, i = out + text[i], i + 1
    return out


def _group(text: str, start: int) -> tuple[str, int]:
    """What stands between braces from `start` on, and where it ends."""
    depth = 0
    for i in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[start + 1 : i], i + 1
    raise ValueError(text)
