"""The wall: a screen that is read from three metres, and that never looks better than it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from collector.model.bilingual import Language, Text
from collector.model.periods import EXPORTED
from collector.text.dates import day
from collector.text.durations import age, duration
from collector.text.period_names import RUNNING
from collector.text.words import capital
from collector.web.assets import assets
from collector.web.desk import Desk
from collector.web.page import Page, Words
from collector.web.parameters import ORGANIZATION, Options, Parameter, Question
from collector.web.standing import parted
from collector.web.wall_content import WallContent, wall_content

_MONTH = "month"


def _periods(_: Desk, language: Language) -> Options:
    return [(name, capital(RUNNING[name][language])) for name in EXPORTED]


def _themes(_: Desk, language: Language) -> Options:
    return [("", ""), ("light", "light"), ("dark", "dark")]


PERIOD = Parameter(
    "period",
    f"One of {', '.join(EXPORTED)}. Without it {_MONTH}.",
    Text(sv="Period", en="Period"),
    _periods,
    default=_MONTH,
)
THEME = Parameter(
    "theme",
    "light or dark; without it that of the screen. It changes nothing in the JSON.",
    Text(sv="Ljust eller mörkt", en="Light or dark"),
    _themes,
    schema={"type": "string", "enum": ["light", "dark"]},
)


class WallPage(Page[WallContent]):
    """Answers ``/wall?period=&organization=&theme=&lang=``."""

    NAME = "wall"
    PATH = "/wall"
    LABEL = Text(sv="Vägg", en="Wall")
    ABOUT = "For a screen on the wall: the worst figures first, and what is open now."
    PARAMETERS = (PERIOD, ORGANIZATION, THEME)
    CONTENT = WallContent
    EVERY = 10
    WORDS: ClassVar[Words] = {
        "title": {"sv": "Servicedesk", "en": "Service desk"},
        "overdue": {"sv": "över tiden", "en": "overdue"},
        "unanswered": {"sv": "{0} obesvarade", "en": "{0} unanswered"},
        "open": {"sv": "öppna", "en": "open"},
        "next_due": {"sv": "nästa om {0}", "en": "next due in {0}"},
        "no_due": {"sv": "ingen tidsgräns löper", "en": "no deadline is running"},
        "waiting": {"sv": "väntar i telefon", "en": "callers waiting"},
        "longest": {"sv": "längst {0}", "en": "longest {0}"},
        "nobody": {"sv": "ingen väntar", "en": "nobody waits"},
        "calls": {"sv": "samtal i dag", "en": "calls today"},
        "answered": {"sv": "{0} besvarade", "en": "{0} answered"},
        "unknown": {"sv": "inte känt", "en": "not known"},
        "target": {"sv": "mål {0}", "en": "target {0}"},
        "indicators": {"sv": "Mått, de sämsta först", "en": "Indicators, the worst first"},
        "now": {"sv": "Just nu", "en": "Right now"},
        "more": {"sv": "Dessutom {0} till:", "en": "And {0} more:"},
        "none": {"sv": "utan målvärde", "en": "without a target"},
        "not_yet": {
            "sv": "Siffrorna är inte mätta än.", "en": "The figures have not been measured yet.",
        },
        "no_indicators": {"sv": "Inga mått är definierade.", "en": "No indicators are defined."},
        "old_data": {"sv": "Gamla data", "en": "Old data"},
        "measured": {"sv": "Mätt kl. {0}", "en": "Measured at {0}"},
        "lost": {
            "sv": "Ingen kontakt med servern sedan kl.", "en": "No contact with the server since",
        },
        "leave": {"sv": "Till målen", "en": "To the goals"},
    }  # fmt: skip

    def content(self, desk: Desk, asked: Question) -> WallContent:
        """The worst figures of the period, and what is open now."""
        period = asked.get("period") or _MONTH
        return wall_content(desk, period, asked.get("organization"), asked.language)

    def title(self, content: WallContent, language: Language) -> str:
        """The name of the organization, or a general one, with the period."""
        name = content.organization or self.WORDS["title"][language]
        return f"{name} · {capital(RUNNING[content.period][language])}"

    def extras(self, desk: Desk, content: WallContent, asked: Question) -> Mapping[str, object]:
        """The files of this page alone, and durations in words."""
        language = asked.language
        return {
            "theme": asked.get("theme"),
            "wall_style": f"static/{assets()['wall.css'].name}",
            "wall_script": f"static/{assets()['wall.js'].name}",
            "age": lambda seconds: age(seconds, language),
            "duration": duration,
            "day": day(content.at.date(), language, desk.settings.locale),
            "parted": parted,
        }
