"""What a name means stands in a record, never in its spelling, and is written down once."""

import ast

from nn_core.vocabulary import PROBABILITY_MARGIN
from tests.helpers.sources import CORE, TREES

TESTS_OF_SPELLING = {"startswith", "endswith", "removeprefix", "removesuffix", "partition", "split"}
MAY_NAME_THE_MARGIN = {"nn_core.vocabulary", "nn_core.experiment"}
"""The experiment also has 1e-7 as its least learning rate."""


def is_a_loss(node: ast.AST) -> bool:
    """Whether an expression is the name of a loss: `loss`, `experiment.loss` and the like."""
    match node:
        case ast.Name(id="loss") | ast.Attribute(attr="loss"):
            return True
    return False


def places(module: str, node: ast.AST) -> str:
    return f"{module}, line {node.lineno}: {ast.unparse(node)}"


def test_nothing_is_decided_by_the_spelling_of_a_loss():
    found = []
    for module, tree in TREES.items():
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Attribute(value=value, attr=attr)):
                    if attr in TESTS_OF_SPELLING and is_a_loss(value):
                        found.append(places(module, node))
                case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[of]):
                    if is_a_loss(of):
                        found.append(places(module, node))
    assert not found, "give the record in nn_core.vocabulary.LOSSES a field"


def test_nothing_in_the_core_is_decided_by_the_group_of_a_data_set():
    found = [
        places(module, node)
        for module in CORE
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Compare)
        and isinstance(node.left, ast.Attribute)
        and node.left.attr == "group"
    ]
    assert not found, "give nn_core.datasets.registry.Entry a field"


def test_no_module_of_the_core_reads_the_beginning_of_a_reason():
    found = [
        places(module, node)
        for module in CORE
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TESTS_OF_SPELLING
        and ast.unparse(node.func.value).endswith((".reason", ".note", ".message"))
    ]
    assert not found, "give nn_core.errors.Problem, or the record, a field"


def test_the_margin_of_probabilities_is_written_down_once():
    found = [
        places(module, node)
        for module in CORE
        if module not in MAY_NAME_THE_MARGIN
        for node in ast.walk(TREES[module])
        if isinstance(node, ast.Constant) and node.value == PROBABILITY_MARGIN
    ]
    assert not found, "import it from nn_core.vocabulary"


def test_the_pairs_that_are_computed_from_the_sums_are_written_down_once():
    pair = ("sigmoid", "bce")
    keys = (ast.Dict, ast.Set)
    found = [
        module
        for module in CORE
        for node in ast.walk(TREES[module])
        if isinstance(node, keys)
        for key in (node.keys if isinstance(node, ast.Dict) else node.elts)
        if isinstance(key, ast.Tuple)
        and [getattr(part, "value", None) for part in key.elts] == [*pair]
    ]
    assert found == ["nn_core.vocabulary"]
