"""Snapshots made by hand, for what the document says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from collector.model.bilingual import Language
from collector.report.blocks import Document, Table
from collector.report.content.document import build_document

ORGANIZATIONS = ["Askersund", "Hallsberg", "Laxå", "Lekeberg"]
Record = dict[str, Any]


@dataclass(frozen=True)
class Sealed:
    """A snapshot with a seal that nobody computed."""

    content: Record
    number: int = 3
    sha256: str = "c0" * 32
    frozen_at: int = 1_596_441_600  # 3 August 2020, 10:00 in Stockholm
    previous: str = "9e" * 32
    seal: str = "3f2a91c07b65d4e8" * 4


def both(sv: str, en: str | None = None) -> dict[str, str]:
    return {"sv": sv, "en": sv if en is None else en}


def figure(
    good: int = 0,
    eligible: int = 0,
    state: str | None = None,
    organization: str | None = None,
    **more: Any,
) -> Record:
    """A share, unless ``more`` says otherwise."""
    made: Record = {
        "organization": organization,
        "good": good,
        "eligible": eligible,
        "pending": 0,
        "excluded": {},
        "value": good / eligible if eligible else None,
        "state": state or ("no_data" if not eligible else "met"),
        "formula": "elapsed <= 30min / all due",
        "left": 0,
        "misses_left": None,
        "required": None,
        "median": None,
        "p90": None,
        "histogram": [],
        "own_calculation": None,
        "forecast": None,
        "comparisons": [],
        "comment": None,
        "given_on": None,
    }
    return made | more


def expected(
    value: float | None, low: float | None = None, high: float | None = None, **more: Any
) -> Record:
    """A forecast."""
    made: Record = {
        "value": value, "low": low, "high": high, "chance": None, "months": 19, "reason": "",
        "given": False, "set_by": None, "since": None, "comment": None, "computed": None,
        "odd_month": None, "odd_by": None,
    }  # fmt: skip
    return made | more


def before(
    verdict: str | None, value: float | None, change: float | None, eligible: int = 40
) -> Record:
    """The comparison with July of the year before."""
    return {
        "name": "year_before", "period": "2019-07-01..2019-07-31", "value": value,
        "eligible": eligible, "own": None, "days": None, "change": change, "low": None,
        "high": None, "verdict": verdict,
    }  # fmt: skip


def target(text: str = ">= 90%", threshold: float = 0.9, *, high: bool = True) -> Record:
    return {"text": text, "threshold": threshold, "higher_is_better": high}


def months(*values: tuple[int, int] | None, last: str = "2020-07") -> list[Record]:
    """So many months up to the last one, each (good, eligible); None: nothing was measured. Their
    indicator gives them its target."""
    year, month = map(int, last.split("-"))
    end = year * 12 + month - 1
    made = []
    for back, value in zip(range(len(values) - 1, -1, -1), values, strict=True):
        index = end - back
        good, eligible = value or (0, 0)
        made.append({
            "month": f"{index // 12}-{index % 12 + 1:02d}",
            "organization": None,
            "good": good,
            "eligible": eligible,
            "pending": 0,
            "value": good / eligible if eligible else None,
            "state": "met" if eligible else "no_data",
            "threshold": None,
        })  # fmt: skip
    return made


def indicator(
    name: str = "urgent_response",
    year: Record | None = None,
    period: Record | None = None,
    parts: list[Record] | None = None,
    **more: Any,
) -> Record:
    """A share within 30 min of at least 90 %, with the figures given: of the year so far, of the
    period (by default the same) and of organizations (``parts``, in both spans)."""
    year = figure(80, 100, "missed") if year is None else year
    period = year if period is None else period
    made: Record = {
        "id": name,
        "title": both(name),
        "kind": "share_within",
        "goal": None,
        "unit": "ratio",
        "unit_label": None,
        "shown_in": None,
        "target": target(),
        "min_n": 5,
        "calendar": "office",
        "definition": {f"indicators.{name}.within": "30min", "rules.min_n": "5"},
        "definition_changes": [],
        "restatements": [],
        "corrections": [],
        "period": [period, *(parts or [])],
        "year_to_date": [year, *(parts or [])],
        "months": months(*[(8, 10)] * 13),
        "records": {"verdicts": 100, "sha256": "ab" * 32},
    }
    made |= more
    for each in made["months"]:
        if each["threshold"] is None and made["target"]:
            each["threshold"] = made["target"]["threshold"]
    return made


def content(*indicators: Record, **more: Any) -> Record:
    """The content of July 2020, of the calendar year, unless ``more`` says otherwise."""
    made: Record = {
        "format": 1,
        "program": "0.1.0",
        "timezone": "Europe/Stockholm",
        "period": {"name": "2020-07", "first": "2020-07-01", "last": "2020-07-31"},
        "year": {"first": "2020-01-01", "last": "2020-12-31", "to": "2020-07-31"},
        "known_at": "2020-08-03T07:30:00+02:00",
        "incomplete": [],
        "notes": [],
        "verdicts_since": "2019-07-01",
        "organizations": ORGANIZATIONS,
        "goals": [],
        "data_versions": {"holidays": "0.109", "tzdata": "2026a"},
        "sources": [
            {
                "name": "desk", "type": "request_tracker", "complete": True,
                "last_success": "2020-08-03T07:30:00+02:00", "age_seconds": 0,
                "as_of": "2020-08-03T07:30:00+02:00", "records_since": "2019-01-02T08:00:00+01:00",
                "newest_record": "2020-08-03T06:30:19+02:00", "newest_record_age_seconds": 3581,
                "records": 4857, "rejected": {"unmapped": 2},
            }
        ],
        "calibration": {"c": 1.3, "forecasts": 79, "held": 60, "years": 1},
        "calendars": {
            "office": {
                "definition": {
                    **{f"calendars.office.hours.{d}": "08:00-17:00" for d in WEEK},
                    "calendars.office.timezone": "Europe/Stockholm",
                },
                "closed": [
                    ["2020-04-09", "short day, 08:00-12:00"],
                    ["2020-06-19", "Midsommarafton"],
                ],
            }
        },
        "indicators": list(indicators),
    }  # fmt: skip
    return made | more


WEEK = ("mon", "tue", "wed", "thu", "fri")
YEAR_SO_FAR = {"name": "2020-01..2020-07", "first": "2020-01-01", "last": "2020-07-31"}


def made(said: Record, language: Language = "sv", **more: Any) -> Document:
    """The document of a content."""
    return build_document(Sealed(said), language, **more)


def tables(shown: Document) -> list[Table]:
    return [block for block in shown.blocks if isinstance(block, Table)]


def cells(table: Table) -> list[list[str]]:
    """The texts of a table, small print behind a bar; non-breaking spaces as plain ones."""
    return [
        [plain(f"{cell.text} | {cell.detail}" if cell.detail else cell.text) for cell in row]
        for row in table.rows
    ]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def everything(shown: Document) -> str:
    """All the text of a document, to be searched."""
    return plain("\n".join(_texts(shown.blocks)))


def _texts(part: Any) -> list[str]:
    if isinstance(part, str):
        return [part]
    if isinstance(part, tuple | list):
        return [text for each in part for text in _texts(each)]
    slots = getattr(part, "__dataclass_fields__", {})
    return [text for name in slots if name != "svg" for text in _texts(getattr(part, name))]
