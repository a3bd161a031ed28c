"""The page of sources: their age, their last error, what could not be used, and what they allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from collector.model.bilingual import Language, Text
from collector.model.instants import CLOCKS_DIFFER
from collector.text.durations import age
from collector.text.numbers import number
from collector.web.desk import Desk
from collector.web.page import Page, Words
from collector.web.parameters import Question
from collector.web.sources_content import SourcesContent, sources_content

_LOOKS: Mapping[str, tuple[str, str]] = {
    "failing": ("missed", "✗"),
    "unread": ("no_data", "–"),
    "stale": ("stale", "◷"),
    "incomplete": ("at_risk", "▲"),
    "ok": ("met", "✓"),
}
"""The state that a condition looks like, and its symbol."""


class SourcesPage(Page[SourcesContent]):
    """Answers ``/sources?lang=``."""

    NAME = "sources"
    PATH = "/sources"
    LABEL = Text(sv="Källor", en="Sources")
    ABOUT = (
        "How every source stands: when it was read, its last error, what of it could not be used "
        "and why, and how many requests it may be sent."
    )
    CONTENT = SourcesContent
    EVERY = 15
    WORDS: ClassVar[Words] = {
        "title": {"sv": "Källor", "en": "Sources"},
        "none": {"sv": "Inga källor är inlagda.", "en": "No sources are configured."},
        "ok": {"sv": "Aktuell", "en": "Up to date"},
        "failing": {"sv": "Kan inte läsas", "en": "Cannot be read"},
        "unread": {"sv": "Aldrig läst till slutet", "en": "Never read to its end"},
        "stale": {"sv": "Inte läst på länge", "en": "Not read for too long"},
        "incomplete": {"sv": "Läses om från början", "en": "Being read again from the start"},
        "under_way": {"sv": "läses just nu", "en": "being read right now"},
        "tickets": {"sv": "ärenden", "en": "tickets"},
        "calls": {"sv": "samtal", "en": "calls"},
        "queues": {"sv": "köer just nu", "en": "queues right now"},
        "consequence_failing": {
            "sv": "Siffrorna står kvar som de var när källan senast lästes.",
            "en": "The figures stay as they were when the source was last read.",
        },
        "consequence_unread": {
            "sv": "Siffror som bygger på källan är inte kända än.",
            "en": "Figures that depend on it are not known yet.",
        },
        "consequence_stale": {
            "sv": "Siffror som bygger på källan visas som inaktuella.",
            "en": "Figures that depend on it are shown as stale.",
        },
        "consequence_incomplete": {
            "sv": "Gamla och nya poster är blandade tills läsningen är klar.",
            "en": "Old and new records are mixed until the reading is complete.",
        },
        "what_to_do": {"sv": "Vad man gör", "en": "What to do"},
        "failed": {"sv": "Senaste felet", "en": "Last error"},
        "failures": {
            "sv": "{0} försök i rad har misslyckats.", "en": "{0} attempts in a row failed.",
        },
        "one_failure": {
            "sv": "Det senaste försöket misslyckades.", "en": "The last attempt failed.",
        },
        "over": {"sv": "löst sedan dess", "en": "over since then"},
        "age": {"sv": "Läst till slutet", "en": "Read to its end"},
        "every": {"sv": "Läses var", "en": "Read every"},
        "as_of": {"sv": "Data till och med", "en": "Data up to"},
        "newest": {"sv": "Nyaste tidpunkt i posterna", "en": "Newest instant in its records"},
        "last_poll": {"sv": "Senaste läsningen", "en": "Last reading"},
        "poll": {
            "sv": "{0} poster, {1} nya eller ändrade, {2}\N{NO-BREAK SPACE}s",
            "en": "{0} records, {1} new or changed, {2}\N{NO-BREAK SPACE}s",
        },
        "clock": {"sv": "Källans klocka", "en": "The source's clock"},
        "ahead": {"sv": "{0} före vår", "en": "{0} ahead of ours"},
        "behind": {"sv": "{0} efter vår", "en": "{0} behind ours"},
        "requests": {"sv": "Anrop senaste minuten", "en": "Requests in the last minute"},
        "of_limit": {"sv": "{0} av högst {1}", "en": "{0} of {1} at most"},
        "no_limit": {"sv": "{0}, ingen egen gräns", "en": "{0}, no limit of our own"},
        "paused": {
            "sv": "servern vill vara i fred i {0}",
            "en": "the server wants to be left alone for {0}",
        },
        "reconciled": {"sv": "Avstämning", "en": "Reconciliation"},
        "never_reconciled": {"sv": "inte gjord än", "en": "not done yet"},
        "no_reconciliation": {"sv": "avstängd", "en": "switched off"},
        "daily": {"sv": "varje dag kl. {0}", "en": "every day at {0}"},
        "finished": {"sv": "klar {0}", "en": "finished {0}"},
        "going_on": {"sv": "pågår", "en": "under way"},
        "reconciling_failed": {
            "sv": "Avstämningen misslyckades", "en": "The reconciliation failed",
        },
        "nothing_missing": {"sv": "inget saknades", "en": "nothing was missing"},
        "rejected": {"sv": "Avvisade eller ofullständiga", "en": "Rejected or incomplete"},
        "ignored": {"sv": "Rader som inte behövdes", "en": "Entries that gave no record"},
        "doubtful": {"sv": "Tveksamma", "en": "Doubtful"},
        "all_used": {"sv": "Allt har kunnat användas.", "en": "Everything could be used."},
        "total": {"sv": "sedan databasen skapades", "en": "since the store was created"},
        "examples": {"sv": "till exempel", "en": "for example"},
        "poll_now": {"sv": "Läs nu", "en": "Poll now"},
    }  # fmt: skip

    def content(self, desk: Desk, asked: Question) -> SourcesContent:
        """How every source stands now."""
        return sources_content(desk, asked.language)

    def title(self, content: SourcesContent, language: Language) -> str:
        """The same for every question."""
        return self.WORDS["title"][language]

    def sources(self, desk: Desk, content: SourcesContent) -> list[str]:
        """None: the page tells it itself."""
        return []

    def extras(self, desk: Desk, content: SourcesContent, asked: Question) -> Mapping[str, object]:
        """Looks of conditions; instants and durations in words."""
        language, when = asked.language, desk.times(asked.language)
        return {
            "looks": _LOOKS,
            "when": lambda moment: when(int(moment.timestamp())),
            "age": lambda seconds: age(round(seconds), language),
            "decimal": lambda value: number(value, language, 1),
            "apart": lambda seconds: _apart(abs(seconds), language),
            "differs": lambda seconds: abs(seconds) > CLOCKS_DIFFER,
            "runbooks": {
                "failing": "source-stale",
                "stale": "source-stale",
                "unread": "source-never-read",
                "incomplete": "source-never-read",
            },
        }


def _apart(seconds: float, language: Language) -> str:
    """``0.4 s`` or ``5 min``: how far two clocks are apart."""
    if seconds < 10:
        return f"{number(seconds, language, 1)}\N{NO-BREAK SPACE}s"
    return age(round(seconds), language)
