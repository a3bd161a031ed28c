"""The page of calls: today by quarter hour, both limits, lost callers, and who waits now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from collector.config.settings import sources_delivering
from collector.model.bilingual import Language, Text
from collector.report.blocks import Drawing
from collector.report.charts.day import Interval, day_chart
from collector.text.characters import DASH
from collector.text.dates import LocalTimes
from collector.text.durations import duration
from collector.text.numbers import percent
from collector.text.vocabulary import STATE_LOOKS
from collector.text.words.records import value_of_field
from collector.web.calls_content import CallsContent, QuarterHour
from collector.web.calls_today import calls_content, queues
from collector.web.desk import Desk
from collector.web.page import Page, Words
from collector.web.palette import LIGHT
from collector.web.parameters import PAGE, Options, Parameter, Question

_WORDS: Words = {
    "title": {"sv": "Samtal i dag", "en": "Calls today"},
    "all": {"sv": "Alla köer", "en": "All queues"},
    "none_configured": {
        "sv": "Ingen telefonväxel är inlagd bland källorna.",
        "en": "No telephone system is configured among the sources.",
    },
    "unknown": {
        "sv": "Dagens samtal är inte kända: telefonväxeln är inte läst till slutet än.",
        "en": "Today's calls are not known: the telephone system was not read to its end yet.",
    },
    "known_until": {
        "sv": "Känt till {0}. Vad som hänt sedan dess vet vi inte.",
        "en": "Known until {0}. What has happened since is not known.",
    },
    "waiting": {"sv": "Väntar nu", "en": "Waiting now"},
    "longest": {"sv": "längst {0}", "en": "longest {0}"},
    "nobody": {"sv": "ingen väntar", "en": "nobody waits"},
    "agents": {"sv": "{0} av {1} agenter lediga", "en": "{0} of {1} agents ready"},
    "refused": {"sv": "{0} släpptes inte in", "en": "{0} not let in"},
    "live_from": {"sv": "just nu, från {0}", "en": "at this moment, from {0}"},
    "by_records": {"sv": "enligt posterna", "en": "by the records"},
    "waiting_unknown": {"sv": "inte känt", "en": "not known"},
    "calls": {"sv": "Samtal", "en": "Calls"},
    "answered_of": {"sv": "{0} besvarade", "en": "{0} answered"},
    "lost_of": {"sv": "{0} tappade", "en": "{0} lost"},
    "open": {"sv": "{0} i kö", "en": "{0} in the queue"},
    "otherwise": {"sv": "{0} på annat sätt", "en": "{0} otherwise"},
    "asa": {"sv": "Genomsnittlig svarstid", "en": "Average speed of answer"},
    "asa_of": {"sv": "av {0} besvarade med känd väntan", "en": "of {0} answered, wait known"},
    "lost": {"sv": "Tappade samtal", "en": "Lost calls"},
    "lost_waits": {
        "sv": "väntade {0} i median, längst {1}", "en": "waited {0} in the median, {1} at most",
    },
    "share": {"sv": "{0} av samtalen", "en": "{0} of the calls"},
    "target": {"sv": "mål {0}", "en": "target {0}"},
    "of": {"sv": "{0} av {1}", "en": "{0} of {1}"},
    "pending": {"sv": "{0} väntar", "en": "{0} waiting"},
    "by_quarter": {"sv": "Efter kvart", "en": "By quarter hour"},
    "quarter": {"sv": "Kvart från kl.", "en": "Quarter hour from"},
    "within": {"sv": "Inom {0}", "en": "Within {0}"},
    "answered": {"sv": "Besvarade", "en": "Answered"},
    "lost_column": {"sv": "Tappade", "en": "Lost"},
    "mean_wait": {"sv": "Medelväntan till svar", "en": "Mean wait to the answer"},
    "longest_wait": {"sv": "Längsta väntan", "en": "Longest wait"},
    "so_far": {"sv": "hittills", "en": "so far"},
    "not_known": {"sv": "inte känt", "en": "not known"},
    "chart": {
        "sv": "Samtal efter kvart: besvarade ovanför linjen, tappade under den",
        "en": "Calls by quarter hour: answered ones above the line, lost ones below it",
    },
    "key_in_time": {"sv": "besvarade inom {0}", "en": "answered within {0}"},
    "key_late": {"sv": "besvarade senare", "en": "answered later"},
    "key_lost": {"sv": "tappade", "en": "lost"},
    "no_calls": {"sv": "Inga samtal har kommit i dag.", "en": "No calls have come today."},
    "no_lost": {"sv": "Inget samtal har tappats i dag.", "en": "No call was lost today."},
    "at": {"sv": "Kl.", "en": "At"},
    "queue": {"sv": "Kö", "en": "Queue"},
    "ended": {"sv": "Hur det slutade", "en": "How it ended"},
    "waited": {"sv": "Väntade", "en": "Waited"},
}  # fmt: skip


def _queues(desk: Desk, language: Language) -> Options:
    return [("", _WORDS["all"][language]), *((each, each) for each in queues(desk))]


QUEUE = Parameter(
    "queue",
    "Only calls of this queue; without it of all. The value other stands for queues beyond the "
    "first fifty.",
    Text(sv="Kö", en="Queue"),
    _queues,
)


class CallsPage(Page[CallsContent]):
    """Answers ``/calls?queue=&page=&lang=``."""

    NAME = "calls"
    PATH = "/calls"
    LABEL = Text(sv="Samtal", en="Calls")
    ABOUT = (
        "Today's calls: each limit, by quarter hour, the lost ones and how long they waited, and "
        "who waits now."
    )
    PARAMETERS = (QUEUE, PAGE)
    CONTENT = CallsContent
    WORDS: ClassVar[Words] = _WORDS
    EVERY = 15

    def content(self, desk: Desk, asked: Question) -> CallsContent:
        """Today's calls as of the last measurement."""
        return calls_content(desk, asked.get("queue"), asked.page, asked.language)

    def title(self, content: CallsContent, language: Language) -> str:
        """The title, with the queue."""
        title = _WORDS["title"][language]
        return f"{title} · {content.queue}" if content.queue else title

    def sources(self, desk: Desk, content: CallsContent) -> list[str]:
        """Those of the telephone."""
        return _sources(desk)

    def extras(self, desk: Desk, content: CallsContent, asked: Question) -> Mapping[str, object]:
        """The drawing, and durations, times and outcomes in words."""
        language = asked.language
        limits = {each.indicator: limit_text(each.within) for each in content.limits}
        share = content.lost / content.calls if content.lost and content.calls else None
        late = (
            content.known_until
            and content.measured_at
            and (content.measured_at - content.known_until).total_seconds() > 2 * 60
        )
        return {
            "configured": bool(_sources(desk)),
            "drawing": _drawing(content, language),
            "limits": limits,
            "duration": lambda seconds: DASH if seconds is None else duration(round(seconds)),
            "clock": lambda moment: f"{moment:%H:%M}",
            "second": lambda moment: f"{moment:%H:%M:%S}",
            "ended": lambda outcome: value_of_field("outcome", outcome, language),
            "lost_share": "" if share is None else percent(share, language),
            "lags": bool(late),
            "known_until": _known_until(content, desk.times(language)),
            "strictest": min((each.within for each in content.limits), default=None),
            "limit_text": limit_text,
        }


def _sources(desk: Desk) -> list[str]:
    return [
        *sources_delivering(desk.settings, "calls"),
        *sources_delivering(desk.settings, "queues"),
    ]


def _known_until(content: CallsContent, when: LocalTimes) -> str:
    """The time, or date and time of what is not of today: ``11:59`` of yesterday is no news."""
    known, now = content.known_until, content.measured_at
    if known is None:
        return DASH
    is_of_today = now is not None and known.date() == now.date()
    return f"{known:%H:%M}" if is_of_today else when(int(known.timestamp()))


def limit_text(seconds: int) -> str:
    """``20 s`` or ``2:00 min``: a limit of a call, short."""
    return f"{seconds}\N{NO-BREAK SPACE}s" if seconds < 120 else duration(seconds)


def _drawing(content: CallsContent, language: Language) -> Drawing | None:
    """The quarter hours as bars, the strictest limit telling those in time; None without calls."""
    if not content.calls:
        return None
    strictest = min(content.limits, key=lambda each: each.within, default=None)
    name = None if strictest is None else strictest.indicator
    return day_chart(
        [_interval(each, name) for each in content.quarters],
        (LIGHT["link"], STATE_LOOKS["missed"].ink),
        _WORDS["chart"][language],
    )


def _interval(each: QuarterHour, limit: str | None) -> Interval:
    label = f"{each.start:%H:%M}" if each.start.minute == 0 else ""
    if each.answered is None:
        return Interval(label, None, None, None)
    good = next((own.good for own in each.within if own.indicator == limit), 0)
    in_time = min(good, each.answered)
    return Interval(label, in_time, each.answered - in_time, each.lost)
