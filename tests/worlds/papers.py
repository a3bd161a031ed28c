"""The committee's document as a year makes it: spans, languages and numbers of indicators."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from collector.config.loading.load import load_settings
from collector.config.settings import fiscal_year
from collector.model.bilingual import Language
from collector.model.periods import written_period
from collector.report.blocks import Document
from collector.report.office import Office, read_office
from tests.worlds.report_world import (
    Record,
    before,
    both,
    content,
    expected,
    figure,
    indicator,
    made,
    months,
    target,
)
from tests.worlds.seed_desk import PERIOD, write_desk

SPANS: dict[str, tuple[str, str, str, str]] = {
    "month": ("2020-07", "2020-07-01", "2020-07-31", "2020-08-03T07:30:00+02:00"),
    "tertial": ("2020-05..2020-08", "2020-05-01", "2020-08-31", "2020-09-03T07:30:00+02:00"),
    "half": ("2020-01..2020-06", "2020-01-01", "2020-06-30", "2020-07-03T07:30:00+02:00"),
    "year": ("2020", "2020-01-01", "2020-12-31", "2021-01-11T07:30:00+01:00"),
}
"""Span → the period's name, its first and last day, and the time of the data."""

TITLES = [
    both("Akuta incidenter med återkoppling inom 30 min",
         "Urgent incidents answered within 30 min"),
    both("Högprioriterade incidenter med återkoppling inom 2 h",
         "High priority incidents answered within 2 h"),
    both("Normalprioriterade incidenter med återkoppling inom 8 h",
         "Incidents of normal priority answered within 8 h"),
    both("Beställningar och förfrågningar som är genomförda inom 2 dagar",
         "Orders and requests fulfilled within 2 days"),
    both("Andel ärenden som löses i första linjen", "Tickets resolved by the first line"),
    both("Antal samtal till servicedesk som besvaras inom 20 sekunder",
         "Calls to the service desk answered within 20 seconds"),
    both("Genomsnittlig lösningstid", "Mean time to resolution"),
    both("Nöjda användare enligt enkäten efter lösta ärenden",
         "Users content with how their ticket was resolved"),
    both("Medarbetarundersökning, hållbart medarbetarengagemang (HME)",
         "Staff survey, sustainable employee engagement"),
    both("Tillgänglighet för verksamhetskritiska system", "Availability of critical systems"),
    both("Självservice: lösenordsåterställningar utan kontakt med servicedesk",
         "Password resets without contact with the service desk"),
    both("Informationssäkerhetsklassificerade verksamhetssystem",
         "Systems with a classification of information security"),
]  # fmt: skip

GOALS = [
    ("live", "council", "Lekebergs kommun gör det enkelt för sina medborgare att bo i Lekeberg",
     "Living in Lekeberg is easy", None),
    ("grow", "council", "Lekebergs kommun växer och utvecklas på ett hållbart sätt",
     "Lekeberg grows and develops sustainably", None),
    ("serve", "board", "Ge god service och IT-drift av hög kvalité",
     "Good service and operation of high quality", "grow"),
    ("share", "board", "Ökad samverkan över kommungränserna",
     "More cooperation between the municipalities", "grow"),
    ("climate", "council", "Lekebergs kommun minskar sin klimatpåverkan",
     "Lekeberg lessens its effect on the climate", None),
    ("meet", "board", "Underlätta för digitala möten och att en hållbar teknik används",
     "Meetings online, and sustainable technology", "climate"),
]  # fmt: skip

_SERVED = ["serve", "serve", "serve", "share", "serve", "share", "serve", "meet", None]
_STATES = ["missed", "at_risk", "met", "no_data", "missed", "met", "met", "at_risk"]
_GOOD = {"missed": 75, "at_risk": 89, "met": 97, "no_data": 0}
_VERDICTS = ["worse", "chance", "better", None, "too_few"]


def papers_content(span: str, n: int) -> Record:
    """The frozen content of a span with ``n`` indicators of every state and kind of target."""
    name, first, last, known_at = SPANS[span]
    goals = [
        {"id": name, "level": level, "title": both(sv, en), "under": under}
        for name, level, sv, en, under in GOALS
    ]
    return content(
        *(_indicator(i, over=span == "year", last=last) for i in range(n)),
        period={"name": name, "first": first, "last": last},
        year={"first": "2020-01-01", "last": "2020-12-31", "to": last},
        known_at=known_at,
        goals=goals,
    )


def _indicator(n: int, *, over: bool, last: str) -> Record:
    title = TITLES[n % len(TITLES)]
    if round_ := n // len(TITLES):
        title = {
            k: f"{v}, {'grupp' if k == 'sv' else 'group'} {round_ + 1}" for k, v in title.items()
        }
    state = _STATES[n % len(_STATES)]
    if over and state == "at_risk":
        state = "missed"
    given = n % 4 == 1
    forecast = (
        expected(0.9, given=True, set_by="Förvaltningschef", computed=0.88)
        if given
        else (expected(0.86, 0.81, 0.905, chance=0.3) if state != "no_data" else None)
    )
    good = _GOOD[state]
    verdict = _VERDICTS[n % len(_VERDICTS)]
    more: Record = {
        "forecast": None if over else forecast,
        "required": 0.957 if good and not over else None,
        "misses_left": (good - 90) if good else None,
        "comparisons": [before(verdict, 0.813, 0.04 if verdict == "better" else -0.06)],
        "histogram": [[900, good // 2], [1800, (good + 1) // 2], [7200, 100 - good]] * bool(good),
    }  # fmt: skip
    if good:
        more["median"] = {"low": 900, "high": 1800, "seconds": 1100}
        more["p90"] = {"low": 1800, "high": 7200, "seconds": 3100}
    year = figure(good, 100 if good else 0, state, **more)
    parts = [
        figure(good // 4, 25 if good else 0, state, organization)
        for organization in ("Askersund", "Hallsberg", "Laxå", "Lekeberg")
    ]
    across = [(good - (k * 7 + n) % 9, 100) if good else None for k in range(13)]
    return indicator(
        f"i{n}", year, parts=parts, title=title, goal=_SERVED[n % len(_SERVED)],
        target=target(), months=months(*across, last=last[:7]),
    )  # fmt: skip


@cache
def seeds_office(folder: Path) -> Office:
    """The office's files of the report of 2020, read once per folder."""
    settings = load_settings(write_desk(folder))
    return read_office(settings, written_period(PERIOD, fiscal_year(settings)))


def paper(span: str, n: int, language: Language, **more: Any) -> Document:
    """The document of a span with ``n`` indicators."""
    return made(papers_content(span, n), language, **more)
