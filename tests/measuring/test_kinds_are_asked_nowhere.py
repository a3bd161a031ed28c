"""Nothing outside measuring/kinds and the settings' models asks which kind an indicator has.

Whoever must know asks a property: of the kind, of the figure, or of the settings' model.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.measuring.kinds.table import KINDS

ROOT = Path(__file__).parents[2]
MAY_ASK = ("collector/measuring/kinds/", "collector/config/indicators.py")

CLASSES = {kind.settings.__name__ for kind in KINDS.values()} | {
    type(kind).__name__ for kind in KINDS.values()
}
TELLING = {name for name in KINDS if "_" in name}
"""Names that are no words of English: wherever one stands in the code, a kind is meant."""

Question = tuple[int, str]


def sources(pattern: str) -> list[str]:
    found = (
        path.relative_to(ROOT).as_posix()
        for top in ("collector", "dashboards")
        for path in (ROOT / top).rglob(pattern)
    )
    return sorted(name for name in found if not name.startswith(MAY_ASK))


def names(node: ast.AST) -> set[str]:
    """The names in an expression, and the last parts of those with dots."""
    every = ast.walk(node)
    return {
        each.id if isinstance(each, ast.Name) else each.attr
        for each in every
        if isinstance(each, ast.Name | ast.Attribute)
    }


def texts(node: ast.AST) -> set[str]:
    return {
        each.value
        for each in ast.walk(node)
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    }


def docstrings(tree: ast.AST) -> set[int]:
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def questions(tree: ast.AST) -> Iterator[Question]:
    """The lines on which a kind is asked for, and how."""
    prose = docstrings(tree)
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Call(func=ast.Name(id="isinstance" | "issubclass"), args=[_, of]):
                if names(of) & CLASSES:
                    yield line, "a test of its class"
            case ast.MatchClass(cls=of) if names(of) & CLASSES:
                yield line, "a case of its class"
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
                if any(names(side) & CLASSES for side in sides):
                    yield line, "a comparison of its class"
                asks = any("kind" in ast.unparse(side).lower() for side in sides)
                if asks and any(texts(side) & KINDS.keys() for side in sides):
                    yield line, "a comparison of its name"
            case ast.Match(subject=subject, cases=cases):
                patterns = [case.pattern for case in cases]
                if "kind" in ast.unparse(subject).lower() and any(
                    texts(pattern) & KINDS.keys() for pattern in patterns
                ):
                    yield line, "a match of its name"
            case ast.Constant(value=str(text)) if id(node) not in prose:
                if TELLING & set(re.findall(r"\w+", text)):
                    yield line, "its name in a text"


@pytest.mark.parametrize(
    "code",
    [
        "isinstance(indicator, Count | Manual)",
        "isinstance(indicator, indicators.Manual)",
        "type(indicator) is MeanDuration",
        "figure.kind == 'manual'",
        "each['kind'] == 'count'",
        "each.kind not in {'manual', 'count'}",
        "{'mean_duration': 'seconds'}.get(indicator.kind)",
        "pattern = 'share_within|share_where'",
        "match figure.kind:\n    case 'manual': pass",
        "match indicator:\n    case Count(of='calls'): pass",
    ],
)
def test_a_question_is_found(code: str) -> None:
    assert list(questions(ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        '"""What a share_within is."""',
        "line.style != 'count'",
        "ticket.kind == 'incident'",
        "'count' in words",
        "kind.is_share",
    ],
)
def test_other_code_is_none(code: str) -> None:
    assert not list(questions(ast.parse(code)))


def test_no_module_asks() -> None:
    modules = sources("*.py")
    assert len(modules) > 200
    asked = [
        f"{name}:{line}: {how}"
        for name in modules
        for line, how in questions(ast.parse((ROOT / name).read_text(encoding="utf-8")))
    ]
    assert not asked


def test_no_template_asks() -> None:
    templates = [*sources("*.html"), *sources("*.j2"), *sources("*.typ")]
    assert len(templates) > 5
    kinds = "|".join(KINDS)
    compared = re.compile(rf"""kind\W+(?:[!=]=|(?:not )?in)\W*["'](?:{kinds})["']""")
    asked = [
        f"{name}: {match[0]}"
        for name in templates
        for match in compared.finditer((ROOT / name).read_text(encoding="utf-8"))
    ]
    assert not asked
