"""JMESPath expressions in the configuration: read once, and applied to the JSON of a source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from collector.model.page import RejectedRow


class Expression:
    """A JMESPath expression (jmespath.org), as in ``state.name`` or ``events[?kind=='reply']``.

    Raises ValueError for one that cannot be read, or that calls a function that there is not.
    """

    __slots__ = ("_compiled", "text")

    def __init__(self, text: str) -> None:
        import jmespath  # noqa: PLC0415 only where a source has expressions

        self.text = text
        try:
            self._compiled = jmespath.compile(text)
        except (ValueError, KeyError) as error:  # its own text is drawn over several lines
            at = getattr(error, "lex_position", None)
            place = f" from character {at + 1} on" if isinstance(at, int) else ""
            raise ValueError(
                f"{text!r} is not a JMESPath expression{place}: write one such as state.name"
            ) from None
        for problem in _problems(self._compiled.parsed):
            raise ValueError(f"{text!r} {problem}")

    def of(self, value: object, place: str) -> Any:
        """Return what the expression finds in a JSON value; None for nothing.

        ``place``: its path in the configuration. Raises RejectedRow if it cannot be applied, as
        ``length(x)`` to a number.
        """
        try:
            return self._compiled.search(value)
        except (ValueError, TypeError, ArithmeticError, AttributeError, KeyError):
            raise RejectedRow(
                "bad_expression", f"{place}: {self.text!r} cannot be applied to this row"
            ) from None

    def words(self) -> set[str]:
        """Return the texts that stand in it as such: ``reply`` in ``'reply'``."""
        found = (each.get("value") for each in _nodes(self._compiled.parsed))
        return {value for value in found if isinstance(value, str)}

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.str_schema(min_length=1),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda expression: expression.text
            ),
        )


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("children", ()):
        if isinstance(child, dict):
            yield from _nodes(child)


def _problems(tree: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the functions of an expression, which JMESPath says when it runs."""
    from jmespath.functions import Functions  # noqa: PLC0415 as above

    for node in _nodes(tree):
        if node["type"] != "function_expression":
            continue
        name, given = node["value"], len(node["children"])
        if (known := Functions.FUNCTION_TABLE.get(name)) is None:
            yield f"calls {name}(), which is no function of JMESPath"
            continue
        signature = known["signature"]
        many = bool(signature) and signature[-1].get("variadic")
        if given < len(signature) or (given > len(signature) and not many):
            yield f"gives {name}() {given} values instead of {len(signature)}"
