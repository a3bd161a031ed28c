"""."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from collector.model.bilingual import Language

_WEEKDAYS: dict[Language, str] = {
    "sv": "mån tis ons tor fre lör sön",
    "en": "Mon Tue Wed Thu Fri Sat Sun",
}


class LocalTimes(Protocol):
    """Instants as people read them."""

    def __call__(self, instant: int) -> str: ...


def local_times(timezone: str, language: Language = "en") -> LocalTimes:
    """``Thu 2020-06-18 16:50:00`` in a time zone, in Swedish ``tor``; the offset is added where it
    is not unique."""
    zone, weekdays = ZoneInfo(timezone), _WEEKDAYS[language].split()

    def text(instant: int) -> str:
        moment = datetime.fromtimestamp(instant, zone)
        twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
        shown = f"{weekdays[moment.weekday()]} {moment:%Y-%m-%d %H:%M:%S}"
        return shown + (f" {moment:%z}" if twice else "")

    return text
