"""A typed view of a snapshot's content: its indicators, their figures and months, and the goals.

Everything here is read from the snapshot; nothing is measured, assessed or rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from collector.measuring.kinds.table import KINDS
from collector.model.bilingual import Text
from collector.model.codes import State
from collector.model.quantities import Target
from collector.text.measures import Measure

Span = Literal["period", "year_to_date"]
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator with its figures. ``raw`` is its entry in the snapshot.

    ``threshold`` is the target's number in the unit of the value (share 0–1, seconds, count).
    ``shown_in`` is the unit that durations are shown in, with its length in seconds.
    ``min_n`` is the number of records below which a figure is masked.
    """

    raw: Json
    id: str
    title: Text
    kind: str
    goal: str | None
    unit: str
    unit_label: Text | None
    shown_in: tuple[str, int] | None
    target: Target | None
    threshold: float | None
    higher_is_better: bool
    min_n: int

    def figure(self, span: Span, organization: str | None = None) -> Json:
        """The figure of a span, of one organization or (None) the whole desk.

        Raises KeyError when the snapshot has no such figure.
        """
        for each in self.raw[span]:
            if each["organization"] == organization:
                return cast(Json, each)
        raise KeyError(f"{self.id}: no figure of {organization or 'the whole'} in {span}")

    def figures(self, span: Span) -> list[Json]:
        """The figures of the organizations in a span, in the snapshot's order."""
        return [each for each in self.raw[span] if each["organization"] is not None]

    def months(self, organization: str | None = None) -> list[Json]:
        """The monthly figures up to the period's last month, earliest first."""
        return [each for each in self.raw["months"] if each["organization"] == organization]

    @property
    def measure(self) -> Measure:
        """The unit and target that are needed to format the indicator's numbers."""
        return Measure(
            unit=self.unit,
            unit_label=self.unit_label,
            shown_in=self.shown_in,
            whole=self.is_count,
            target=self.target,
            threshold=self.threshold,
        )

    @property
    def measured(self) -> bool:
        """Whether its figures are measured from records rather than entered by hand."""
        return KINDS[self.kind].is_measured

    @property
    def on_calls(self) -> bool:
        """Whether its records are calls alone, not tickets."""
        return KINDS[self.kind].settings.RECORDS == ("calls",)

    @property
    def is_count(self) -> bool:
        """Whether its figures count records, and so grow with the length of a period."""
        return KINDS[self.kind].is_count

    @property
    def is_share(self) -> bool:
        """Whether its figures are shares of records."""
        return KINDS[self.kind].is_share

    @property
    def has_denominator(self) -> bool:
        """Whether its figures are shares or means over n records."""
        return KINDS[self.kind].has_denominator


@dataclass(frozen=True, slots=True)
class Goal:
    """An area, a goal of the council, or one of the board; ``under`` is the id of what it serves, a
    level above."""

    id: str
    level: str
    title: Text
    under: str | None


@dataclass(frozen=True, slots=True)
class Content:
    """The content of a snapshot."""

    raw: Json
    indicators: tuple[Indicator, ...]
    goals: tuple[Goal, ...]

    @property
    def first(self) -> date:
        """The period's first date."""
        return date.fromisoformat(self.raw["period"]["first"])

    @property
    def last(self) -> date:
        """The period's last date."""
        return date.fromisoformat(self.raw["period"]["last"])

    @property
    def year(self) -> tuple[date, date, date]:
        """The fiscal year in which the period ends: its first and last date, and the last date that
        the figures of the year so far cover."""
        year = self.raw["year"]
        first, last, to = (date.fromisoformat(year[key]) for key in ("first", "last", "to"))
        return first, last, to

    @property
    def year_is_over(self) -> bool:
        """Whether the figures of the year so far cover all of it, and it was over when they were
        frozen."""
        _, last, to = self.year
        return to == last < datetime.fromisoformat(self.raw["known_at"]).date()

    @property
    def is_year_so_far(self) -> bool:
        """Whether the period is the same as the year so far."""
        first, _, to = self.year
        return (self.first, self.last) == (first, to)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans to show, the year so far last; one if the period is the year so far."""
        return ("year_to_date",) if self.is_year_so_far else ("period", "year_to_date")

    def records_since(self, indicator: Indicator) -> date | None:
        """The date of the first record of an indicator's sources, where they are known."""
        own = indicator.raw["definition"].get("sources", ())
        begins = [
            datetime.fromisoformat(each["records_since"]).date()
            for each in self.raw["sources"]
            if each["name"] in own and each["records_since"]
        ]
        return min(begins, default=None)

    @property
    def organizations(self) -> tuple[str, ...]:
        """The organizations that have figures, in the configured order."""
        return tuple(self.raw["organizations"])


def read_content(content: Json) -> Content:
    """The typed view of a snapshot's content. Raises KeyError when a required key is missing."""
    return Content(
        content,
        tuple(_indicator(each) for each in content["indicators"]),
        tuple(
            Goal(each["id"], each["level"], Text.of(each["title"]), each.get("under"))
            for each in content["goals"]
        ),
    )


def _indicator(raw: Json) -> Indicator:
    target, label, shown = raw["target"], raw["unit_label"], raw["shown_in"]
    return Indicator(
        raw=raw,
        id=raw["id"],
        title=Text.of(raw["title"]),
        kind=raw["kind"],
        goal=raw["goal"],
        unit=raw["unit"],
        unit_label=None if label is None else Text.of(label),
        shown_in=None if shown is None else (shown[0], shown[1]),
        target=None if target is None else Target.parse(target["text"]),
        threshold=None if target is None else target["threshold"],
        higher_is_better=True if target is None else target["higher_is_better"],
        min_n=raw["min_n"],
    )


def state_of(figure: Json) -> State | None:
    """The state of a figure; None without a target."""
    return cast(State | None, figure["state"])
