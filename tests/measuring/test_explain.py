"""The records behind a figure: read as they are needed, filtered first, printed line by line."""

from io import StringIO
from itertools import islice

import pytest
from rich.console import Console

from collector.cli.tables.explanations import print_records
from collector.measuring.engine import explain as module
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explanations
from collector.model.periods import parse_period
from collector.text.dates import local_times
from tests.worlds.measured import RESOLUTION, at, holds, settings_of, ticket
from tests.worlds.samples import save

NOW = at("2020-07-20 12:00")
PLACES = ("Laxå", "Askersund", None)


@pytest.fixture
def measuring(sqlite_store):
    """Seven tickets of one July morning: met, missed, pending and excluded ones of two places."""
    save(
        sqlite_store,
        *(
            ticket(
                f"2020-07-13 0{n}:30",
                str(n),
                organization=PLACES[n % 3],
                resolved_at=f"2020-07-1{3 + n % 3} 1{n}:00" if n < 6 else None,
                status="resolved" if n < 6 else "open",
                changes=holds("2020-07-13 07:00", ("2020-07-13 10:00", "2020-07-13 10:30")),
            )
            for n in range(1, 8)
        ),
    )
    return Measuring(settings_of({"one": RESOLUTION}), sqlite_store)


def found(measuring, organization=None, verdict=None):
    period = parse_period("2020-07", measuring.today(NOW))
    return explanations(measuring, "one", period, NOW, organization, verdict)


def test_names_are_read_as_records_are_taken(measuring, monkeypatch):
    asked = []
    records = measuring.store.records
    read = records.ticket_names
    monkeypatch.setattr(module, "_NAMES_AT_ONCE", 2)
    monkeypatch.setattr(
        type(records), "ticket_names", lambda self, keys: asked.append(len(keys)) or read(keys)
    )
    stream = found(measuring)
    assert asked == []
    assert [each.id for each in islice(stream, 1)] == ["1"]
    assert asked == [2]
    assert [each.id for each in islice(stream, 2)] == ["2", "3"]
    assert asked == [2, 2]
    assert len(list(stream)) == 4
    assert asked == [2, 2, 2, 1]


def test_filters_keep_what_they_name_in_its_order(measuring):
    every = list(found(measuring))
    assert len(every) == 7
    assert len({each.verdict for each in every}) > 1
    for organization in ("Laxå", "Askersund", None):
        for verdict in ("met", "missed", "pending", "excluded", None):
            assert list(found(measuring, organization, verdict)) == [
                each
                for each in every
                if organization in (None, each.organization) and verdict in (None, each.verdict)
            ]


def printed(measuring, width):
    out = StringIO()
    when = local_times("Europe/Stockholm")
    print_records(found(measuring), when, "en", Console(file=out, width=width))
    return out.getvalue()


def test_only_wide_lines_of_the_arithmetic_are_broken(measuring):
    wide, narrow = printed(measuring, 200), printed(measuring, 40)
    assert wide.split() == narrow.split()
    steps = [line for line in narrow.splitlines() if not line.startswith(("met", "missed"))]
    assert max(map(len, steps)) <= 40 < max(map(len, wide.splitlines()))
    assert "    open    Mon 2020-07-13 08:00:00-17:00:00 = 9:00:00\n" in wide
    assert "    on hold Mon 2020-07-13 10:00:00 to Mon 2020-07-13 10:30:00, taken off\n" in wide
