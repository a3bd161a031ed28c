"""What can be moved of an indicator: its limit, its target, and when its calendar opens and closes.

Pure: a lever says between which numbers it moves, and ``moved`` gives the configuration with it
moved. The limit, the target and the hours change in every version of the indicator and its
calendar; all else stays as it is in force.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from collector.config.opening_hours import Window
from collector.config.rules import Within
from collector.config.settings import CalendarSettings, Settings
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language, Text
from collector.model.fields import duration_text
from collector.model.quantities import Target
from collector.text.durations import in_largest_unit
from collector.text.measures import target_text
from collector.text.numbers import amount, number

NAMES = ("within", "target", "opens", "closes")

_LABELS: Mapping[str, Text] = {
    "within": Text(sv="Tidsgräns", en="Limit"),
    "target": Text(sv="Målvärde", en="Target"),
    "opens": Text(sv="Öppnar", en="Opens"),
    "closes": Text(sv="Stänger", en="Closes"),
}
_DAYS = Text(sv="arbetsdagar", en="business days")
_DAY = Text(sv="arbetsdag", en="business day")

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
_MOST_STEPS = 40
_HALF_HOUR = 30
_WHOLE_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Lever:
    """A number that can be moved. ``within`` is in seconds (or in business days if its ``text``
    says so), ``target`` in the target's own unit, ``opens`` and ``closes`` in minutes after
    midnight. ``value``: as asked for; ``in_force``: as configured, on the month's last day.
    ``texts``: what is said at each place, from ``low`` on."""

    name: str
    label: str
    low: float
    high: float
    step: float
    in_force: float
    in_force_text: str
    value: float
    text: str
    texts: list[str]

    @property
    def moved(self) -> bool:
        """Whether it stands elsewhere than what is in force."""
        return self.value != self.in_force


@dataclass(frozen=True, slots=True)
class Scale:
    """Where a lever can stand: ``low``, then every ``step`` up to ``high``; and how it is said."""

    name: str
    low: Decimal
    high: Decimal
    step: Decimal
    in_force: Decimal
    said: Callable[[Decimal], str]

    def lever(self, language: Language, asked: str | None) -> Lever:
        """The lever where it was asked to stand. Raises ValueError outside its range."""
        value = self.in_force if asked is None else Decimal(asked)
        if not self.low <= value <= self.high and value != self.in_force:
            raise ValueError(f"{self.name}: {asked} is not between {self.low} and {self.high}")
        return Lever(
            self.name,
            _LABELS[self.name][language],
            float(self.low),
            float(self.high),
            float(self.step),
            float(self.in_force),
            self.said(self.in_force),
            float(value),
            self.said(value),
            [self.said(self.low + self.step * n) for n in range(self.places)],
        )

    @property
    def places(self) -> int:
        """At how many places it can stand."""
        return int((self.high - self.low) / self.step) + 1


def scales(settings: Settings, figure: Figure, day: date, language: Language) -> list[Scale]:
    """The scales of an indicator's levers, as it is in force on ``day``. ``figure``: one of it."""
    indicator = settings.indicator(figure.indicator, day)
    found = []
    within: Within | int | None = getattr(indicator, "within", None)
    if isinstance(within, Within) and within.business_days is not None:
        days = Decimal(within.business_days)
        high = max(4 * days, Decimal(10))
        found.append(Scale("within", Decimal(1), high, Decimal(1), days, _in_days(language)))
    elif within is not None:
        found.append(_of_seconds(_seconds(within), language))
    if figure.target is not None and (scale := _of_target(figure, figure.target, language)):
        found.append(scale)
    name = getattr(indicator, "calendar", None)
    if name is not None and (span := _hours_of_a_day(settings.calendars[name].in_force(day))):
        opens, closes = span
        step = next(each for each in (_HALF_HOUR, 5, 1) if not any(n % each for n in span))
        first, last = (Decimal(each) for each in (opens % step, _WHOLE_DAY))
        moving = Decimal(step)
        found += [
            Scale("opens", first, Decimal(closes) - moving, moving, Decimal(opens), _clock),
            Scale("closes", Decimal(opens) + moving, last, moving, Decimal(closes), _clock),
        ]
    return found


def moved(settings: Settings, indicator: str, day: date, levers: Mapping[str, Lever]) -> Settings:
    """The configuration of one indicator with its levers moved.

    ``day``: when what is in force was read. Raises ValueError if it would close before it opens.
    """
    own: Any = settings.indicators[indicator]
    in_force: Any = settings.indicator(indicator, day)
    changes: dict[str, Any] = {}
    if "within" in levers:
        limit = Decimal(str(levers["within"].value))
        changes["within"] = _limit(in_force.within, int(limit))
    if "target" in levers:
        wanted = Decimal(str(levers["target"].value))
        changes["target"] = _with_number(in_force.target, wanted)
    versions = [
        each.model_copy(update={k: v for k, v in changes.items() if getattr(each, k, None)})
        for each in own.versions
    ]
    own = own.model_copy(update={**changes, "versions": versions})
    calendars = dict(settings.calendars)
    shift = [
        int(levers[name].value - levers[name].in_force) if name in levers else 0
        for name in ("opens", "closes")
    ]
    if any(shift):
        name = in_force.calendar
        if not any(_shifted(calendars[name].in_force(day).hours, *shift).values()):
            raise ValueError(
                f"opens: {levers['opens'].text} is not before {levers['closes'].text}, when it "
                "closes"
                if {"opens", "closes"} <= levers.keys()
                else "opens: it would never be open"
            )
        calendars[name] = _moved_calendar(calendars[name], *shift)
    return settings.model_copy(update={"indicators": {indicator: own}, "calendars": calendars})


# -- limits -----------------------------------------------------------------------------------


def _seconds(within: Within | int) -> int:
    return within if isinstance(within, int) else within.seconds or 0


def _limit(within: Within | int, wanted: int) -> Within | int:
    if isinstance(within, int):
        return wanted
    if within.business_days is not None:
        return Within(text=f"{wanted} business_days", business_days=wanted)
    return Within(text=duration_text(wanted), seconds=wanted)


def _of_seconds(seconds: int, language: Language) -> Scale:
    most = max(4 * seconds, _MOST_STEPS)
    step = next((each for each in _STEPS if most <= each * _MOST_STEPS), most // _MOST_STEPS)
    low = seconds % step or step
    high = low + (most - low) // step * step
    return Scale(
        "within",
        Decimal(low),
        Decimal(high),
        Decimal(step),
        Decimal(seconds),
        lambda each: _duration(int(each), language),
    )


def _duration(seconds: int, language: Language) -> str:
    """``1 h 30 min``: easier to compare on a scale than 90 min beside 2 h."""
    hours, rest = divmod(seconds, 3600)
    if not hours or rest % 60:
        return in_largest_unit(seconds, language)
    minutes = f" {amount(rest // 60, 'min', language)}" if rest else ""
    return f"{amount(hours, 'h', language)}{minutes}"


def _in_days(language: Language) -> Callable[[Decimal], str]:
    return lambda n: f"{number(n, language)} {(_DAY if n == 1 else _DAYS)[language]}"


# -- targets ----------------------------------------------------------------------------------


def _of_target(figure: Figure, target: Target, language: Language) -> Scale | None:
    """None for yes or no, and for zero."""
    in_force = target.number
    if target.comparison == "is" or in_force <= 0:
        return None

    def said(wanted: Decimal) -> str:
        return target_text(replace(figure.measure, target=_with_number(target, wanted)), language)

    if target.unit == "%":
        half = Decimal(50)
        step = Decimal("0.1") if in_force % Decimal("0.5") else Decimal("0.5")
        low = (half if in_force >= half else Decimal(0)) + in_force % step
        return Scale(
            "target", low, low + (half - in_force % step) // step * step, step, in_force, said
        )
    step = Decimal(1).scaleb((in_force * 2 / _MOST_STEPS).adjusted())
    step = next(step * each for each in (1, 2, 5, 10) if in_force * 2 <= step * each * _MOST_STEPS)
    low = in_force % step or step
    high = in_force + (in_force - low)
    return Scale("target", low, max(high, in_force), step, in_force, said)


def _with_number(target: Target, wanted: Decimal) -> Target:
    plain = format(wanted.normalize(), "f")
    unit = target.unit or ""
    text = f"{target.comparison} {'baseline ' if target.baseline else ''}{plain}"
    text += unit if unit in {"", "%"} else f" {unit}"
    return replace(target, number=Decimal(plain), text=text)


# -- hours ------------------------------------------------------------------------------------


def _minutes(clock: str) -> int:
    hours, minutes, *_ = (int(part) for part in clock.split(":"))
    return hours * 60 + minutes


def _clock(minutes: Decimal) -> str:
    hours, rest = divmod(int(minutes), 60)
    return f"{hours:02}:{rest:02}"


def _hours_of_a_day(calendar: CalendarSettings) -> tuple[int, int] | None:
    """When the first open weekday opens and closes; None where a second is set, or none is open."""
    times = [time for windows in calendar.hours.values() for each in windows for time in each]
    if any(time.count(":") > 1 for time in times):
        return None
    for windows in calendar.hours.values():
        if windows:
            return min(_minutes(s) for s, _ in windows), max(_minutes(e) for _, e in windows)
    return None


def _moved_calendar(calendar: CalendarSettings, opens: int, closes: int) -> CalendarSettings:
    versions = [
        each
        if each.hours is None
        else each.model_copy(update={"hours": _shifted(each.hours, opens, closes)})
        for each in calendar.versions
    ]
    hours = _shifted(calendar.hours, opens, closes)
    return calendar.model_copy(update={"hours": hours, "versions": versions})


def _shifted(hours: Mapping[str, list[Window]], opens: int, closes: int) -> dict[str, list[Window]]:
    """The hours with every day's opening and closing moved by so many minutes; a day that would
    close before it opens is closed. Breaks within the day stay where they are."""
    return {day: _day_shifted(windows, opens, closes) for day, windows in hours.items()}


def _day_shifted(windows: list[Window], opens: int, closes: int) -> list[Window]:
    spans = sorted((_minutes(start), _minutes(end)) for start, end in windows)
    if not spans:
        return []
    first = min(max(spans[0][0] + opens, 0), _WHOLE_DAY)
    last = min(max(spans[-1][1] + closes, 0), _WHOLE_DAY)
    spans[0] = first, spans[0][1]
    spans[-1] = spans[-1][0], last
    inside = [(max(start, first), min(end, last)) for start, end in spans]
    return [(_clock(Decimal(a)), _clock(Decimal(b))) for a, b in inside if a < b]
