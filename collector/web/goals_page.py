"""The first page: how every goal stands, and what is open now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import ClassVar

from collector.model.bilingual import Language, Text
from collector.model.periods import EXPORTED
from collector.text.dates import month
from collector.text.durations import age, duration
from collector.text.period_names import RUNNING
from collector.text.vocabulary import STATE_LOOKS
from collector.text.words import capital
from collector.web.desk import Desk
from collector.web.goals_content import YEAR, GoalsContent, goals_content, months_ago, sparklines
from collector.web.page import Page, Words
from collector.web.parameters import ORGANIZATION, Options, Parameter, Question
from collector.web.standing import parted

_EARLIER = 12
"""How many months before the present one can be chosen, but for the last: that has a name."""


def _periods(desk: Desk, language: Language) -> Options:
    """The year to date first, then the other exported periods, then the months before."""
    earlier = [months_ago(desk, n) for n in range(2, _EARLIER + 1)]
    return [
        (name, _name(desk, language, name))
        for name in (YEAR, *(name for name in EXPORTED if name != YEAR), *earlier)
    ]


def _period(desk: Desk, text: str) -> str:
    months = [months_ago(desk, n) for n in range(_EARLIER + 1)]
    if text not in (*EXPORTED, *months):
        raise ValueError(
            f"period: {text[:60]!r} is not one of {', '.join(EXPORTED)}, nor one of the months "
            f"{months[-1]} to {months[0]}"
        )
    return text


def _name(_: Desk, language: Language, text: str) -> str:
    if text in RUNNING:
        return capital(RUNNING[text][language])
    return capital(month(date.fromisoformat(f"{text}-01"), language))


PERIOD = Parameter(
    "period",
    f"One of {', '.join(EXPORTED)}, or one of the last months, such as 2020-07. Without it {YEAR}.",
    Text(sv="Period", en="Period"),
    _periods,
    _period,
    default=YEAR,
    named=_name,
)


class GoalsPage(Page[GoalsContent]):
    """Answers ``/?period=&organization=&lang=``."""

    NAME = "goals"
    PATH = "/"
    LABEL = Text(sv="Mål", en="Goals")
    ABOUT = "Every goal with its indicators: now, target, state, forecast; and what is open now."
    PARAMETERS = (PERIOD, ORGANIZATION)
    CONTENT = GoalsContent
    EVERY = 15
    WORDS: ClassVar[Words] = {
        "title": {"sv": "Mål och indikatorer", "en": "Goals and indicators"},
        "indicator": {"sv": "Indikator", "en": "Indicator"},
        "target": {"sv": "Målvärde", "en": "Target"},
        "state": {"sv": "Läge", "en": "State"},
        "month": {"sv": "Månaden", "en": "Month"},
        "year_to_date": {"sv": "Hittills i år", "en": "Year to date"},
        "forecast": {"sv": "Prognos helåret", "en": "Forecast of the year"},
        "interval": {"sv": "80 %-intervall", "en": "80% interval"},
        "chance": {"sv": "chans {0}", "en": "chance {0}"},
        "rest": {"sv": "Resten av året", "en": "Rest of the year"},
        "at_least": {"sv": "krävs minst {0}", "en": "needs at least {0}"},
        "at_most": {"sv": "får vara högst {0}", "en": "may be {0} at most"},
        "trend": {"sv": "13 månader", "en": "13 months"},
        "pending": {"sv": "väntar", "en": "pending"},
        "no_goal": {"sv": "Utan mål", "en": "Without a goal"},
        "now": {"sv": "Just nu", "en": "Right now"},
        "overdue": {"sv": "över tiden", "en": "overdue"},
        "unanswered": {"sv": "varav obesvarade", "en": "of these unanswered"},
        "open": {"sv": "öppna ärenden", "en": "open tickets"},
        "next_due": {"sv": "nästa tidsgräns om {0}", "en": "next deadline in {0}"},
        "no_due": {"sv": "ingen tidsgräns löper", "en": "no deadline is running"},
        "waiting": {"sv": "väntar i telefon", "en": "callers waiting"},
        "longest": {"sv": "längst {0}", "en": "longest {0}"},
        "nobody": {"sv": "ingen väntar", "en": "nobody waits"},
        "waiting_unknown": {"sv": "inte känt", "en": "not known"},
        "live_from": {"sv": "just nu, från {0}", "en": "at this moment, from {0}"},
        "by_records": {"sv": "enligt posterna", "en": "by the records"},
        "calls": {"sv": "samtal i dag", "en": "calls today"},
        "answered": {"sv": "{0} besvarade", "en": "{0} answered"},
        "tickets_unknown": {
            "sv": "Öppna ärenden: inte känt, källan är inte läst.",
            "en": "Open tickets: not known, the source was not read.",
        },
        "calls_unknown": {
            "sv": "Telefon: inte känt, källan är inte läst.",
            "en": "Telephone: not known, the source was not read.",
        },
        "not_yet": {
            "sv": "Siffrorna mäts för första gången. Sidan visar dem så snart de finns.",
            "en": "The figures are being measured for the first time. They appear here when ready.",
        },
        "none": {"sv": "Inga indikatorer är definierade.", "en": "No indicators are defined."},
        "states": {"sv": "Indikatorer efter läge", "en": "Indicators by state"},
    }

    def content(self, desk: Desk, asked: Question) -> GoalsContent:
        """The goals in the period asked for."""
        return goals_content(
            desk, asked.get("period") or YEAR, asked.get("organization"), asked.language
        )

    def title(self, content: GoalsContent, language: Language) -> str:
        """The title, with the organization."""
        title = self.WORDS["title"][language]
        return f"{title} · {content.organization}" if content.organization else title

    def extras(self, desk: Desk, content: GoalsContent, asked: Question) -> Mapping[str, object]:
        """Drawings, names of periods, and durations in words."""
        language = asked.language
        period = _name(desk, language, content.period)
        other = [each for each in ("month", YEAR) if each != content.period]
        return {
            "sparks": sparklines(desk, content, language),
            "period": period,
            "shown": other,
            "parted": parted,
            "age": lambda seconds: age(seconds, language),
            "duration": duration,
            "state_words": {state: look.word[language] for state, look in STATE_LOOKS.items()},
        }
