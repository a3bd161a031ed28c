"""All records behind a figure as CSV, written as they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from collector.measuring.engine.stored_tallies import RecordsPurged
from collector.store import StoreError
from collector.web.answers import plain_text
from collector.web.desk import Desk
from collector.web.indicator_page import PERIOD, IndicatorPage, known
from collector.web.indicator_records import csv_of
from collector.web.parameters import Unknown

PATH = "/indicator/{name}/records.csv"
_LINES = 200
"""So many lines are sent at a time."""


def records_csv(desk: Callable[[], Desk]) -> Callable[[Request], Response]:
    """Answers ``/indicator/ID/records.csv`` with the parameters of the page. A store that fails in
    the midst of it breaks the answer off: a list that was cut short must not look complete."""
    page = IndicatorPage()

    def answer(request: Request) -> Response:
        now = desk()
        try:
            asked = page.asked(now, request)
            known(now, asked.path)
            period = now.measuring.period(asked.get("period") or PERIOD.default, now.now)
            now.measuring.purged.require(period.first, f"the records of {period.name}")
            lines = csv_of(now, asked, period)
            first = next(lines)
        except Unknown as error:
            return plain_text(str(error), 404)
        except RecordsPurged as error:
            return plain_text(str(error), 410)
        except ValueError as error:
            return plain_text(str(error), 400)
        except StoreError as error:
            return plain_text(f"the store does not answer: {error}", 503)
        name = quote(f"{asked.path}-{period.name}.csv", safe="")
        return StreamingResponse(
            _in_parts(chain([first], lines)),
            media_type="text/csv",
            headers={
                "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
                "Cache-Control": "no-cache",
            },
        )

    return answer


def _in_parts(lines: Iterator[str]) -> Iterator[str]:
    part: list[str] = []
    for line in lines:
        part.append(line)
        if len(part) == _LINES:
            yield "".join(part)
            part = []
    yield "".join(part)
