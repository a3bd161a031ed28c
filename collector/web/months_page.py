"""The frozen months: what was frozen when, and the documents made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from collector.model.bilingual import Language, Text
from collector.snapshot.chain import by_number, latest
from collector.snapshot.seals import grouped_digits
from collector.store import Delivery, DeliveryKey
from collector.text.dates import LocalTimes
from collector.web.desk import Desk
from collector.web.frozen import (
    Amended,
    Difference,
    FrozenPeriod,
    amended,
    differences,
    frozen_period,
    frozen_periods,
)
from collector.web.page import Page, Words
from collector.web.paging import Paging, paged
from collector.web.parameters import PAGE, Question
from collector.web.rooms import room

_SIZE = 24
_KINDS: Mapping[str, Text] = {
    "freeze": Text(sv="fryst", en="frozen"),
    "amendment": Text(sv="tillägg", en="amendment"),
}
_STAGES: Mapping[str, Text] = {
    "sent": Text(sv="levererad", en="delivered"),
    "sending": Text(sv="påbörjad, oklart om den kom fram", en="begun, end unknown"),
    "failed": Text(sv="misslyckad", en="failed"),
}


@dataclass(frozen=True, slots=True)
class Months:
    """The frozen periods, the newest first. ``snapshots``: how many snapshots there are;
    ``newest_seal``: the last in their chain, to be kept elsewhere."""

    periods: list[FrozenPeriod]
    snapshots: int
    newest_seal: str
    paging: Paging


class MonthsPage(Page[Months]):
    """Answers ``/months``."""

    NAME = "months"
    PATH = "/months"
    LABEL = Text(sv="Månader", en="Months")
    ABOUT = "The frozen periods with their seals, and the documents to download."
    PARAMETERS = (PAGE,)
    CONTENT = Months
    WORDS: ClassVar[Words] = {
        "title": {"sv": "Frysta månader", "en": "Frozen months"},
        "period": {"sv": "Period", "en": "Period"},
        "frozen": {"sv": "Fryst", "en": "Frozen"},
        "documents": {"sv": "Dokument", "en": "Documents"},
        "seal": {"sv": "Sigill", "en": "Seal"},
        "none": {
            "sv": "Ingen månad är fryst ännu. Tjänsten fryser förra månaden på första arbetsdagen "
            "i nästa.",
            "en": "No month is frozen yet. The service freezes last month on the first working "
            "day of the next.",
        },
        "intro": {
            "sv": "Vad nämnden har fått se fryses en gång och ändras aldrig.",
            "en": "What the board was shown is frozen once and never changes.",
        },
        "amendments": {"sv": "med tillägg", "en": "amended"},
        "newest": {
            "sv": "Frysningar i kedjan: {0}. Den nyaste har sigillet",
            "en": "Snapshots in the chain: {0}. The newest has the seal",
        },
    }

    def content(self, desk: Desk, asked: Question) -> Months:
        """The frozen periods of this page of the list."""
        periods = frozen_periods(desk, asked.language)
        shown, paging = paged(periods, asked.page, _SIZE, len(periods))
        every = [each for period in periods for each in period.snapshots]
        newest = max(every, key=lambda each: each.number, default=None)
        return Months(shown, len(every), newest.seal if newest else "", paging)

    def title(self, content: Months, language: Language) -> str:
        """The name of the page."""
        return self.WORDS["title"][language]

    def sources(self, desk: Desk, content: Months) -> list[str] | None:
        """None: what is frozen does not age."""
        return []

    def extras(self, desk: Desk, content: Months, asked: Question) -> Mapping[str, object]:
        """Seals as documents print them."""
        return {"printed": grouped_digits}


@dataclass(frozen=True, slots=True)
class Sent:
    """A delivery of the documents: ``stage`` sent, sending or failed, since ``at``."""

    target: str
    language: str
    stage: str
    text: str
    at: str


@dataclass(frozen=True, slots=True)
class Month:
    """A frozen period. ``number``: the snapshot that is compared with now, the newest.

    ``incomplete`` and ``notes``: sentences frozen with it. ``differences``: figures that are others
    now; None if the published months do not reach back to it.
    """

    frozen: FrozenPeriod
    number: int
    known_at: datetime
    incomplete: list[str]
    notes: list[str]
    deliveries: list[Sent]
    amendments: list[Amended]
    differences: list[Difference] | None


class MonthPage(Page[Month]):
    """Answers ``/months/NAME``; 404 for what is not frozen, and for a damaged snapshot."""

    NAME = "month"
    PATH = "/months/{name}"
    ABOUT = "A frozen period: documents, seals, deliveries, amendments, and what differs now."
    CONTENT = Month
    WORDS: ClassVar[Words] = {
        **MonthsPage.WORDS,
        "all_months": {"sv": "Alla frysta månader", "en": "All frozen months"},
        "number": {"sv": "Nr", "en": "No."},
        "kind": {"sv": "Slag", "en": "Kind"},
        "incomplete": {"sv": "Inte fullständig", "en": "Not complete"},
        "notes": {"sv": "Anmärkningar", "en": "Notes"},
        "known": {"sv": "Som känt", "en": "As known"},
        "deliveries": {"sv": "Leveranser", "en": "Deliveries"},
        "check": {"sv": "Så prövas sigillet", "en": "How to check the seal"},
        "check_paper": {
            "sv": "Jämför sigillet ovan med det som står tryckt på dokumentet.",
            "en": "Compare the seal above with the one printed on the document.",
        },
        "check_store": {
            "sv": "Räkna om alla sigill, siffror och underskrifter, på servern:",
            "en": "Recompute every seal, figure and signature, on the server:",
        },
        "check_file": {
            "sv": "Den som fått ögonblicksbilden som fil (JSON) prövar den utan databasen:",
            "en": "Whoever got the snapshot as a file (JSON) checks it without the database:",
        },
        "intact": {
            "sv": "Innehållet stämmer med sina sigill: det prövades när sidan gjordes.",
            "en": "The content fits its seals: this was checked when the page was made.",
        },
        "now": {"sv": "Skulle det bli annorlunda nu?", "en": "Would it be different now?"},
        "same": {
            "sv": "Nej. Varje siffra är densamma som i ögonblicksbild {0}.",
            "en": "No. Every figure is the same as in snapshot {0}.",
        },
        "differs": {
            "sv": "{0} siffror är andra än i ögonblicksbild {1}.",
            "en": "{0} figures are others than in snapshot {1}.",
        },
        "not_known": {
            "sv": "Det visas här för de senaste 13 månaderna. Andra perioder, och post för post:",
            "en": "That is shown here for the last 13 months. For others, and record by record:",
        },
        "records": {
            "sv": "Vilka poster det beror på, och varför:",
            "en": "Which records it is due to, and why:",
        },
        "indicator": {"sv": "Indikator", "en": "Indicator"},
        "organization": {"sv": "Organisation", "en": "Organization"},
        "then": {"sv": "Då", "en": "Then"},
        "at_present": {"sv": "Nu", "en": "Now"},
        "whole": {"sv": "Alla", "en": "All"},
        "amended": {"sv": "Tilläggens ändringar", "en": "What amendments changed"},
        "amended_line": {
            "sv": "Tillägg {0}: {1} siffror, {2} definitioner, {3} poster",
            "en": "Amendment {0}: {1} figures, {2} definitions, {3} records",
        },
        "unmasked": {
            "sv": "JSON är ögonblicksbilden själv, med tal som dokumenten döljer: inte för "
            "publicering.",
            "en": "JSON is the snapshot itself, with numbers that documents hide: not for "
            "publication.",
        },
    }

    def content(self, desk: Desk, asked: Question) -> Month:
        """What is known of the period. Raises Unknown, SnapshotError if it is damaged, and Busy."""
        language, store = asked.language, desk.measuring.store
        frozen, period = frozen_period(desk, asked.path, language)
        with room():
            newest = latest(store, period)
            later = [
                by_number(store, period, each.number)
                for each in frozen.snapshots
                if each.kind == "amendment"
            ]
            changed = differences(desk, newest, language)
        sent = [pair for each in frozen.snapshots for pair in store.deliveries.of(each.seal)]
        when = desk.times(language)
        return Month(
            frozen,
            newest.number,
            datetime.fromisoformat(newest.content["known_at"]),
            [Text.of(each)[language] for each in newest.content["incomplete"]],
            [Text.of(each)[language] for each in newest.content["notes"]],
            [_sent(*each, language, when) for each in sent],
            [each for each in (amended(one, language) for one in later) if each],
            changed,
        )

    def title(self, content: Month, language: Language) -> str:
        """The period."""
        return content.frozen.title

    def sources(self, desk: Desk, content: Month) -> list[str] | None:
        """All: what is measured now is compared with what was frozen."""
        return None if content.differences is not None else []

    def extras(self, desk: Desk, content: Month, asked: Question) -> Mapping[str, object]:
        """The kinds of snapshots in words, and seals as documents print them."""
        kinds = {kind: text[asked.language] for kind, text in _KINDS.items()}
        return {"kinds": kinds, "printed": grouped_digits}


def _sent(key: DeliveryKey, each: Delivery, language: Language, when: LocalTimes) -> Sent:
    text = _STAGES[each.stage][language]
    return Sent(key.target, key.language, each.stage, text, when(each.at))
