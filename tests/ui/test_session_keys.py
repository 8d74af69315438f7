"""Every key of the session state is named in one file."""

import ast
import re
from collections import Counter

from tests.helpers.root import ROOT
from ui import session_keys
from ui.links.page_list import PAGES

SOURCES = [
    path
    for folder in ("ui", "pages")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path.name != "session_keys.py"
]
STUDIES = ("compare", "pair", "convergence")
OWNERS = sorted({"pathology", *STUDIES, *(page.name for page in PAGES)})
KEY = re.compile(rf"(\{{(form\.|self\.)?(page|PAGE|NAME)\}}|{'|'.join(OWNERS)})([.-])[\w.{{}}-]+")
READERS = {
    "acting_on", "at_most", "next_number", "peek", "put", "request", "requested", "take", "value",
}  # fmt: skip
DOWNLOADS = {"runs.{}"}
"""Names of files that look like keys."""


def text_of(node):
    """A string with its placeholders in braces; None for any other expression."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = (
        part.value if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
        for part in node.values
    )
    return "".join(parts)


def strings():
    """Each string in ui and pages, with its place."""
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        parts = {
            id(part)
            for node in ast.walk(tree)
            if isinstance(node, ast.JoinedStr)
            for part in ast.walk(node)
            if part is not node
        }
        for node in ast.walk(tree):
            if id(node) not in parts and (text := text_of(node)) is not None:
                yield f"{path.relative_to(ROOT)}, line {node.lineno}", text


def shape(text):
    """The string, whatever its placeholders hold."""
    return re.sub(r"\{[^}]*\}", "{}", text)


def test_no_key_is_spelled_outside_the_file_that_names_them():
    found = [
        f"{place}: {text}"
        for place, text in strings()
        if (key := KEY.fullmatch(text)) and key[4] == "." and shape(text) not in DOWNLOADS
    ]
    assert not found, "name these in ui/session_keys.py"


def test_no_string_is_handed_to_the_session_or_to_a_widget():
    found = []
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="session"), attr=name), args=[first, *_]
                ) if name in READERS and text_of(first) is not None:
                    found.append(f"{path.relative_to(ROOT)}, line {node.lineno}: {text_of(first)}")
                case ast.keyword(arg="key", value=value) if "." in shape(text_of(value) or ""):
                    if not str(text_of(value)).startswith("{key}"):  # a part of a named element
                        found.append(f"{path.relative_to(ROOT)}, line {value.lineno}")
    assert not found, "name these in ui/session_keys.py"


def test_the_key_of_an_element_stands_in_one_place():
    # A key that only styles is written where the element is; one that others need has a name.
    places = Counter(
        shape(text) for _, text in strings() if (key := KEY.fullmatch(text)) and key[4] == "-"
    )
    assert not [text for text, times in places.items() if times > 1]


def test_no_two_names_stand_for_one_key():
    named = {
        name: value("page") if callable(value) else value
        for name, value in vars(session_keys).items()
        if isinstance(value, str)
        or (callable(value) and getattr(value, "__name__", "") == "<lambda>")
    }
    own = {name: key for name, key in named.items() if name[:1] != "_" and name != "FORM"}
    assert len(own) > 80
    assert [key for key, times in Counter(own.values()).items() if times > 1] == []
