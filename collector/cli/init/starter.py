"""The text of a starter configuration, made of a draft. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from collector.cli.init.draft import Draft, Place
from collector.config.indicators import (
    Count,
    MeanDuration,
    ServiceLevel,
    ShareWithin,
    kind_name,
)
from collector.io.yaml import parse_yaml
from collector.model.bilingual import Text
from collector.text.locales import is_locale

_PLAIN = re.compile(r"[^\W_]([\w ./+-]*\w)?")
_ID = re.compile(r"[^a-z0-9]+")
_REMARKS_AT = 36
"""The column at which comments beside values begin."""

_LIMITS = (("30min", "30 min", "30 min"), ("2h", "2 h", "2 h"), ("8h", "8 h", "8 h"))
_LAST_LIMIT = ("2 business_days", "2 arbetsdagar", "2 business days")
_ANSWERED = Text(
    sv="Ärenden med prioritet {0} besvarade inom {1}",
    en="Tickets of priority {0} answered within {1}",
)
_ALL_ANSWERED = Text(sv="Ärenden besvarade inom {0}", en="Tickets answered within {0}")
_DONE = {
    "resolved": Text(
        sv="Ärenden lösta inom 5 arbetsdagar", en="Tickets resolved within 5 business days"
    ),
    "closed": Text(
        sv="Ärenden stängda inom 5 arbetsdagar", en="Tickets closed within 5 business days"
    ),
}
_MEAN = Text(sv="Genomsnittlig handläggningstid", en="Mean handling time")
_COUNT = Text(sv="Antal ärenden", en="Number of tickets")
_CALLS = Text(sv="Samtal besvarade inom {0}", en="Calls answered within {0}")


def starter_text(draft: Draft, place: Place) -> str:
    """Return the configuration as commented YAML, in the language of the place."""
    lines = [
        f"# A first configuration of Servicedesk KPI, written by `init` from {draft.origin}.",
        "# Limits, targets and opening hours are examples: set your own. Then:",
        "#   servicedesk-kpi check",
        "# Every key is described in docs/configuration.md, every kind of figure in",
        "# docs/indicators.md.",
        "",
        _beside(f"timezone: {place.timezone}", "where days, months and years begin"),
        _beside(f"languages: [{place.language}]", "of everything that people read"),
        *_locale(place),
        "store: sqlite:///servicedesk.db",
        *_top(draft),
        "",
        *_calendar(draft, place),
        *_source(draft),
        "",
        "indicators:",
        *_indicators(draft, place),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _top(draft: Draft) -> Iterator[str]:
    if draft.organizations:
        yield _beside(f"organizations: {_flow(draft.organizations)}", "figures are split by these")
    if draft.priorities:
        yield _beside(
            f"priorities: {_flow(draft.priorities)}", "strictest first; the first one pages"
        )


def _locale(place: Place) -> Iterator[str]:
    name = f"{place.language}_{place.country}"
    remark = "how dates are written, and which day begins the week"
    if place.country and is_locale(name):
        yield _beside(f"locale: {name}", remark)
    else:
        yield _beside("# locale: en_US", remark)


def _calendar(draft: Draft, place: Place) -> Iterator[str]:
    if draft.calls:
        return
    yield from ("calendars:", "  office:", f"    timezone: {place.timezone}")
    yield _beside('    hours: {mon-fri: ["08:00-17:00"]}', "an example: your opening hours")
    if place.country:
        yield _beside(f"    holidays: {{country: {place.country}}}", "public holidays are closed")
    else:
        yield _beside("    # holidays: {country: GB}", "set it: public holidays are closed")
    yield ""


def _source(draft: Draft) -> Iterator[str]:
    yield from ("sources:", f"  {draft.name}:")
    yield from _block(draft.options, draft.remarks, "", "    ")


def _block(
    options: Mapping[str, Any], remarks: Mapping[str, str], path: str, indent: str
) -> Iterator[str]:
    for key, value in options.items():
        where = f"{path}{key}"
        if isinstance(value, Mapping):
            yield _beside(f"{indent}{_scalar(key)}:", remarks.get(where, ""))
            yield from _block(value, remarks, f"{where}.", indent + "  ")
        else:
            written = _flow(value) if isinstance(value, list) else _scalar(value)
            line = f"{indent}{_scalar(key)}: {written}"
            yield _beside(line, remarks.get(where, ""))


def _indicators(draft: Draft, place: Place) -> Iterator[str]:
    if draft.calls:
        yield from _of_calls(draft, place)
        return
    if "first_response" in draft.facts:
        yield from _answers(draft, place)
    done = next((event for event in ("resolved", "closed") if event in draft.facts), None)
    if done:
        yield from _share(
            f"{done}_in_time", _DONE[done][place.language], "", done, "5 business_days"
        )
        yield from (
            "  handling_time:",
            f"    title: {_scalar(_MEAN[place.language])}",
            f"    kind: {kind_name(MeanDuration)}",
            "    from: opened",
            f"    to: {done}",
            "    calendar: office",
            "    unit: business_days",
            '    target: "<= 3 business_days"',
            "",
        )
    if not draft.facts:
        title = _scalar(_COUNT[place.language])
        yield from ("  tickets:", f"    title: {title}", f"    kind: {kind_name(Count)}")


def _answers(draft: Draft, place: Place) -> Iterator[str]:
    column = {"sv": 1, "en": 2}[place.language]
    if not draft.priorities:
        limit = _LIMITS[2]
        title = _ALL_ANSWERED[place.language].format(limit[column])
        yield from _share("answered_in_time", title, "", "first_response", limit[0])
    taken: set[str] = set()
    for number, priority in enumerate(draft.priorities[:4]):
        limit = _LIMITS[number] if number < len(_LIMITS) else _LAST_LIMIT
        title = _ANSWERED[place.language].format(priority, limit[column])
        chosen = f"{{priority: {_scalar(priority)}}}"
        yield from _share(
            _identifier(priority, number, taken), title, chosen, "first_response", limit[0]
        )


def _share(name: str, title: str, records: str, event: str, within: str) -> Iterator[str]:
    yield from (f"  {name}:", f"    title: {_scalar(title)}", f"    kind: {kind_name(ShareWithin)}")
    if records:
        yield f"    records: {records}"
    yield from (
        "    from: opened",
        f"    to: {event}",
        f"    within: {within}",
        "    calendar: office",
        '    target: ">= 90%"',
        "",
    )


def _of_calls(draft: Draft, place: Place) -> Iterator[str]:
    queues = _flow(list(draft.queues))
    listed = ", ".join(f"{name} {count}" for name, count in draft.queues.items())
    for seconds in (20, 60):
        title = _CALLS[place.language].format(f"{seconds} s")
        yield from (f"  answered_{seconds}s:", f"    title: {_scalar(title)}")
        yield f"    kind: {kind_name(ServiceLevel)}"
        if seconds == 20:
            yield f"    # the calls of each queue: {listed}; to measure some of them only:"
        yield f"    # records: {{queue: {queues}}}"
        yield f"    within: {seconds}s"
        yield _beside(
            "    formula: answered_of_offered", "answered in time, of all that were not short"
        )
        yield _beside("    short_abandon: 5s", "who hung up within this is left out")
        yield from ('    target: ">= 80%"', "")


def _identifier(priority: str, number: int, taken: set[str]) -> str:
    """Return an id for the indicator of a priority: ``critical_response`` for 1 - Critical."""
    swedish = str.maketrans("åäöé", "aaoe")
    slug = _ID.sub("_", priority.lower().translate(swedish)).strip("_")
    slug = slug.lstrip("0123456789_") or f"priority_{number + 1}"
    name = f"{slug}_response"
    if name in taken:
        name = f"{slug}_{number + 1}_response"
    taken.add(name)
    return name


def _flow(value: Sequence[str] | Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        pairs = (f"{_scalar(k)}: {_scalar(v)}" for k, v in value.items())
        return f"{{{', '.join(pairs)}}}"
    return f"[{', '.join(_scalar(each) for each in value)}]"


def _scalar(value: object) -> str:
    """Return a value as YAML, in quotes where it could be read as something else."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value):
        with suppress(ValueError):
            if parse_yaml(value) == value:
                return value
    return json.dumps(value, ensure_ascii=False)


def _beside(line: str, remark: str) -> str:
    return f"{line.ljust(_REMARKS_AT - 2)}  # {remark}" if remark else line
