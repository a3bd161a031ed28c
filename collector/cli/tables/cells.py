"""Table cells that several tables share, as text that is safe for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collector.cli.tables.markup import escaped
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language
from collector.text.measures import amount_text, target_text
from collector.text.numbers import number
from collector.text.vocabulary import WHOLE_DESK, state_text
from collector.text.words.definitions import exclusion_reason
from collector.text.words.records import value_of_field

_STYLES: dict[str, str] = {
    "met": "green",
    "at_risk": "yellow",
    "missed": "red",
    "no_data": "dim",
    "too_few": "dim",
    "stale": "magenta",
}
"""Names of terminal colours; their shades are the terminal's choice."""


def figure_title(figure: Figure, language: Language) -> str:
    """A figure's title, followed by its organization or part if it is of one."""
    whole = escaped(figure.title[language])
    return f"{whole} · {part_cell(figure, language)}" if is_part(figure) else whole


def row_name(figure: Figure, language: Language) -> str:
    """A figure's title, or only the organization or part: such rows follow those of the whole
    desk."""
    return (
        f"  · {part_cell(figure, language)}" if is_part(figure) else figure_title(figure, language)
    )


def is_part(figure: Figure) -> bool:
    """Whether a figure is of less than the whole desk."""
    return figure.organization is not None or figure.part is not None


def split_field(figures: Iterable[Figure]) -> str | None:
    """The field by which figures are split; empty for organizations, None if they are not."""
    parts = [each for each in figures if is_part(each)]
    if not parts:
        return None
    return next((each.part.by for each in parts if each.part is not None), "")


def part_cell(figure: Figure, language: Language) -> str:
    """Whom or what a figure is about: an organization, the value of a field, or all."""
    if figure.part is not None:
        return escaped(value_of_field(*figure.part, language))
    return escaped(figure.organization or WHOLE_DESK[language])


def excluded_text(excluded: Mapping[str, int], language: Language) -> str:
    """How many records are ``excluded``, by reason; empty without any."""
    return ", ".join(
        f"{number(n, language)} {exclusion_reason(why, language, n)}" for why, n in excluded.items()
    )


def value_cell(figure: Figure, language: Language) -> str:
    """A figure's value with its unit; a dash where there is none."""
    return amount_cell(figure, figure.value, language)


def amount_cell(figure: Figure, amount: float | None, language: Language) -> str:
    """An amount in the unit of a figure's value; a dash for None."""
    return escaped(amount_text(figure.measure, amount, language))


def target_cell(figure: Figure, language: Language) -> str:
    """A figure's target; empty without one."""
    return escaped(target_text(figure.measure, language))


def count_cell(figure: Figure, language: Language) -> str:
    """A figure's n, and how many records are still pending; empty if it is not measured."""
    if not figure.is_measured:
        return ""
    pending = f" (+{number(figure.pending, language)})" if figure.pending else ""
    return number(figure.eligible, language) + pending


def state_cell(state: str | None, language: Language) -> str:
    """Symbol and word of a state, with colour markup; empty for None."""
    return "" if state is None else f"[{_STYLES[state]}]{state_text(state, language)}[/]"
