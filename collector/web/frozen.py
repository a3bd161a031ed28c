"""Frozen periods as pages show them: their snapshots, their documents, and what differs now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from collector.config.report import Form
from collector.config.settings import Settings
from collector.measuring.figures.figure import Figure
from collector.model.bilingual import Language, Text
from collector.model.codes import ChangeReason
from collector.model.periods import Period, written_period
from collector.report.render.files import FORMATS
from collector.snapshot.as_figures import figures_of
from collector.snapshot.chain import AMENDMENT, FrozenSnapshot, of_period
from collector.store import SnapshotHead
from collector.text.measures import target_text
from collector.text.period_names import period_title
from collector.text.words import capital, words_in
from collector.text.words.reasons import CHANGE_WORDS
from collector.web.desk import Desk
from collector.web.parameters import Unknown
from collector.web.standing import Standing, standing

SNAPSHOT: Form = "json"
"""The snapshot itself: it holds every number, also those that documents hide."""


@dataclass(frozen=True, slots=True)
class DocumentLink:
    """A document to download: its ``address`` below ``/months/``. ``language`` is None for the
    snapshot itself and an archive package, which have none."""

    form: Form
    language: Language | None
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot: ``kind`` freeze or amendment; ``previous``: the seal before it, empty for the
    first."""

    number: int
    kind: str
    frozen_at: datetime
    seal: str
    previous: str


@dataclass(frozen=True, slots=True)
class FrozenPeriod:
    """A frozen period, such as 2020-07: its snapshots, the freeze first, and its documents."""

    period: str
    title: str
    first: date
    last: date
    snapshots: list[Snapshot]
    documents: list[DocumentLink]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is another now than when it was frozen; without ``organization`` of the whole
    desk. ``then`` or ``now`` is None where there is no such figure."""

    indicator: str
    title: str
    organization: str | None
    then: Standing | None
    now: Standing | None
    then_target: str
    now_target: str


@dataclass(frozen=True, slots=True)
class Amended:
    """What an amendment changed: so many figures and definitions, and the records with why."""

    number: int
    figures: int
    definitions: int
    records: int
    reasons: list[tuple[str, int]]


def frozen_periods(desk: Desk, language: Language) -> list[FrozenPeriod]:
    """Every frozen period, the newest first. Reads no snapshot's content. Raises StoreError."""
    heads = desk.measuring.store.snapshots.heads()
    spans = dict.fromkeys((each.first, each.last) for each in heads)
    newest_first = sorted(spans, key=lambda span: (span[1], span[0]), reverse=True)
    return [
        _period(desk, heads, date.fromisoformat(first), date.fromisoformat(last), language)
        for first, last in newest_first
    ]


def frozen_period(desk: Desk, name: str, language: Language) -> tuple[FrozenPeriod, Period]:
    """A frozen period by its name. Raises Unknown if it is not frozen, and StoreError."""
    period = _parsed(desk, name)
    heads = desk.measuring.store.snapshots.heads()
    if period is None or not of_period(heads, period):
        newest = ", ".join(each.period for each in frozen_periods(desk, language)[:12])
        raise Unknown(f"{name[:60]!r} is not frozen; there are: {newest or 'none yet'}")
    return _period(desk, heads, period.first, period.last, language), period


def documents(settings: Settings, name: str, language: Language) -> list[DocumentLink]:
    """The documents of a period that the reader may see, those in their language first: all but
    the snapshot itself, and an archive package that holds it, unless ``server.documents`` is
    all."""
    made = settings.report
    found = [
        DocumentLink(form, each, f"{name}/{each}.{FORMATS[form][0]}", _form_text(form))
        for each in sorted(made.languages, key=lambda known: known != language)
        for form in made.formats
        if form in FORMATS
    ]
    everything = settings.server.documents == "all"
    if "fgs" in made.formats and made.archive and (everything or not made.archive.unmasked):
        found.append(DocumentLink("fgs", None, f"{name}/archive.zip", _form_text("fgs")))
    if everything:
        found.append(DocumentLink(SNAPSHOT, None, f"{name}/snapshot.json", _form_text(SNAPSHOT)))
    return found


def differences(
    desk: Desk, snapshot: FrozenSnapshot, language: Language
) -> list[Difference] | None:
    """The figures of a frozen month that are others now, by the published ones; None if those do
    not reach back so far. Figures whose data are not up to date are not compared."""
    name = snapshot.content["period"]["name"]
    published = desk.published
    now = {
        (each.indicator, each.organization): each
        for each in (published.months if published else ())
        if each.period.name == name and (each.period.first, each.period.last) == _dates(snapshot)
    }
    if not now:
        return None
    then = {
        (each.indicator, each.organization): each for each in figures_of(snapshot.content, "period")
    }
    found = []
    for key in dict.fromkeys((*then, *now)):
        old, new = then.get(key), now.get(key)
        if _differ(old, new):
            found.append(_difference(old, new, language))
    return found


def amended(snapshot: FrozenSnapshot, language: Language) -> Amended | None:
    """What an amendment says of what it changed; None of a freeze."""
    if snapshot.kind != AMENDMENT:
        return None
    changes: dict[str, Any] = snapshot.content["amends"]["changes"]
    counted = Counter(each["why"] for each in changes["records"])
    reasons = [(CHANGE_WORDS[ChangeReason(why)][language], n) for why, n in counted.most_common()]
    figures, definitions, records = (
        len(changes[part]) for part in ("figures", "definitions", "records")
    )
    return Amended(snapshot.number, figures, definitions, records, reasons)


def _parsed(desk: Desk, name: str) -> Period | None:
    with suppress(ValueError, OverflowError):
        return written_period(name, desk.measuring.fiscal)
    return None


def _period(
    desk: Desk, heads: Sequence[SnapshotHead], first: date, last: date, language: Language
) -> FrozenPeriod:
    fiscal = desk.measuring.fiscal
    words = words_in(language)
    title = capital(period_title(first, last, words, year=fiscal.bounds(last)))
    after = last + timedelta(days=1)
    whole = (
        first.day == 1 and after.day == 1 and (first.year, first.month) == (last.year, last.month)
    )
    name = f"{first:%Y-%m}" if whole else f"{first}..{last}"
    of_it = of_period(heads, Period(name, first, after, after))
    snapshots = [
        Snapshot(each.number, each.kind, desk.moment(each.frozen_at), each.seal, each.previous)
        for each in of_it
    ]
    return FrozenPeriod(
        name, title, first, last, snapshots, documents(desk.settings, name, language)
    )


def _form_text(form: Form) -> str:
    return {"html": "HTML", "json": "JSON", "kolada": "Kolada"}.get(form, form.upper())


def _dates(snapshot: FrozenSnapshot) -> tuple[date, date]:
    return snapshot.first, snapshot.last


def _differ(old: Figure | None, new: Figure | None) -> bool:
    if old is None or new is None:
        return True
    if "stale" in {old.state, new.state}:
        return False
    return _said(old) != _said(new) and not _of_nothing(old, new)


def _said(figure: Figure) -> tuple[object, ...]:
    target = figure.target.text if figure.target else None
    return figure.value, figure.good, figure.eligible, figure.pending, figure.state, target


def _of_nothing(old: Figure, new: Figure) -> bool:
    """Whether both are counts of no records: these were once frozen without a value."""
    return not old.eligible and not new.eligible and old.value is None and new.value == 0


def _difference(old: Figure | None, new: Figure | None, language: Language) -> Difference:
    known = new or old
    assert known is not None
    title: Text = known.title
    return Difference(
        known.indicator,
        title[language],
        known.organization,
        None if old is None else standing(old, language),
        None if new is None else standing(new, language),
        target_text(old.measure, language) if old else "",
        target_text(new.measure, language) if new else "",
    )
