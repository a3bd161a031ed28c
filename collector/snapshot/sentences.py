"""The sentences that snapshots contain, written from codes and read back into them. Pure.

They are sealed: changing a word would change the snapshot. So they live here and not in ``text``,
whose words may change, and no other module infers meaning from a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from collector.model.bilingual import Language, Text
from collector.model.codes import DayKind, GapReason, NoForecast, SpecialDay
from collector.snapshot.completeness import Gap

When = Callable[[int], Text]

_WEEKDAYS = ("mån tis ons tor fre lör sön", "Mon Tue Wed Thu Fri Sat Sun")


def sealed_times(timezone: str) -> When:
    """Return a formatter: epoch seconds → ``Thu 2020-06-18 16:50:00`` in a time zone.

    In Swedish the weekday is ``tor``. The UTC offset is added in the hour that the clock repeats.
    """
    zone = ZoneInfo(timezone)

    def when(instant: int) -> Text:
        moment = datetime.fromtimestamp(instant, zone)
        twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
        shown = f"{moment:%Y-%m-%d %H:%M:%S}" + (f" {moment:%z}" if twice else "")
        sv, en = (names.split()[moment.weekday()] for names in _WEEKDAYS)
        return Text(sv=f"{sv} {shown}", en=f"{en} {shown}")

    return when


# -- why a period is incomplete -----------------------------------------------------------------

_GAPS: dict[GapReason, Text] = {
    GapReason.RUNNING: Text(
        sv="Perioden är inte slut: siffrorna är från {at}.",
        en="The period is not over: the figures are of {at}.",
    ),
    GapReason.NEVER_READ: Text(
        sv="Källan {source} har aldrig lästs till slut.",
        en="The source {source} was never read to its end.",
    ),
    GapReason.READING: Text(
        sv="Källan {source} håller på att läsas om från början.",
        en="The source {source} is being read anew and not to its end yet.",
    ),
    GapReason.NOT_READ: Text(
        sv="Källan {source} är känd till {at}: då började den senaste hela läsningen.",
        en="The source {source} is known up to {at}: its last whole reading began then.",
    ),
    GapReason.NO_RECORDS: Text(
        sv="Källan {source} har inget från före periodens slut: det första är från {at}.",
        en="The source {source} has nothing from before the period's end: its first record is of "
        "{at}.",
    ),
    GapReason.CLOCK: Text(
        sv="Klockan i källan {source} och den egna skiljer sig med {by} h.",
        en="The clock of the source {source} and our own differ by {by} h.",
    ),
    GapReason.BEGINS_WITHIN: Text(
        sv="Källan {source} börjar {at}: inget före det är mätt.",
        en="The source {source} begins {at}: nothing before that was measured.",
    ),
    GapReason.ENDS_EARLY: Text(
        sv="Källan {source} har inget nyare än {at}: kanske saknas slutet av perioden.",
        en="The source {source} has nothing newer than {at}: its end may be missing.",
    ),
    GapReason.NO_SOURCE: Text(
        sv="{title}: ingen källa är inställd, så den är inte mätt.",
        en="{title}: no source is configured, so it is not measured.",
    ),
}
_GAPS[GapReason.FAILING] = _GAPS[GapReason.NOT_READ]
_GAPS[GapReason.BEGINS_WITHIN_YEAR] = _GAPS[GapReason.BEGINS_WITHIN]
_OLD_EXPORT = Text(
    sv="Källan {source} är känd till {at}: då skrevs den senaste filen.",
    en="The source {source} is known up to {at}: its newest file was written then.",
)
_DATABASE_CLOCK = Text(
    sv="Databasens klocka och den egna skiljer sig med {by} h.",
    en="The database's clock and our own differ by {by} h.",
)
_NOT_ONE_RECORD = Text(
    sv="Källan {source} har inget från före periodens slut, inte en enda post.",
    en="The source {source} has nothing from before the period's end, not a single record.",
)


def gap_sentence(gap: Gap, when: When) -> Text:
    """Return the sentence about a gap; ``when``: see :func:`sealed_times`."""
    sentence = _GAPS[gap.reason]
    if gap.exported and gap.reason in {GapReason.NOT_READ, GapReason.FAILING}:
        sentence = _OLD_EXPORT
    if gap.reason is GapReason.NO_RECORDS and gap.at is None:
        sentence = _NOT_ONE_RECORD
    if gap.reason is GapReason.CLOCK and gap.source is None:
        sentence = _DATABASE_CLOCK
    at = None if gap.at is None else when(gap.at)
    off = abs(gap.skew or 0)

    def written(language: Language) -> str:
        return sentence[language].format(
            source=gap.source,
            at="" if at is None else at[language],
            by=f"{off // 3600}:{off // 60 % 60:02d}:{off % 60:02d}",
            title="" if gap.title is None else gap.title[language],
        )

    return Text(sv=written("sv"), en=written("en"))


# -- why there is no forecast -------------------------------------------------------------------

_NO_FORECAST = {
    NoForecast.SHORT_HISTORY: "under three months of history",
    NoForecast.NOTHING_ELIGIBLE: "nothing eligible this year",
    NoForecast.NOT_READ: "sources not read up to now",
}
_NO_FORECAST_CODES = {sentence: code for code, sentence in _NO_FORECAST.items()}


def no_forecast_sentence(reason: NoForecast | None) -> str:
    """Return the sentence about a missing forecast; empty for None."""
    return "" if reason is None else _NO_FORECAST[reason]


def no_forecast(sentence: str) -> NoForecast | None:
    """Read what :func:`no_forecast_sentence` wrote; None for empty or any other text."""
    return _NO_FORECAST_CODES.get(sentence)


# -- days that differ from the weekly hours ------------------------------------------------------

_CLOSED, _SHORT, _NO_WINDOWS = "closed by configuration", "short day, ", "closed"
_OPEN = "open by configuration, "


def special_day_sentence(day: SpecialDay) -> str:
    """Return the sentence about a date of a calendar; of a holiday its name."""
    if day.kind is DayKind.SHORT:
        return _SHORT + (day.detail or _NO_WINDOWS)
    if day.kind is DayKind.OPEN:
        return _OPEN + day.detail
    return _CLOSED if day.kind is DayKind.CLOSED else day.detail


def special_day(sentence: str) -> SpecialDay:
    """Read what :func:`special_day_sentence` wrote; any other text is the name of a holiday."""
    if sentence == _CLOSED:
        return SpecialDay(DayKind.CLOSED)
    if sentence.startswith(_SHORT):
        windows = sentence.removeprefix(_SHORT)
        return SpecialDay(DayKind.SHORT, "" if windows == _NO_WINDOWS else windows)
    if sentence.startswith(_OPEN):
        return SpecialDay(DayKind.OPEN, sentence.removeprefix(_OPEN))
    return SpecialDay(DayKind.HOLIDAY, sentence)
