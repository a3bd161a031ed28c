"""A comparison of snapshots as people and programs read it: what is rare in the comparisons of
``test_compare``."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from collector.cli.tables.snapshot import print_comparison
from collector.snapshot import data_versions
from collector.snapshot.change_reasons import ChangeReason
from collector.snapshot.compare import (
    DefinitionChange,
    FigureChange,
    RecordChange,
    SnapshotComparison,
)
from collector.snapshot.comparison_rows import comparison_rows


def version(since, path, before, after):
    return {"from": since, "path": f"indicators.urgent.{path}", "before": before, "after": after}


CHANGED = DefinitionChange(
    "urgent",
    "versions",
    [version("2020-03-01", "target", ">= 80%", ">= 85%")],
    [
        version("2020-03-01", "target", ">= 80%", ">= 90%"),
        version("2020-05-01", "within", "30min", "20min"),
    ],
)


def comparison(figures=(), records=(), definitions=(), **more):
    return SnapshotComparison(
        figures=tuple(figures),
        records=tuple(records),
        definitions=tuple(definitions),
        versions={},
        since="2020-01-01",
        **more,
    )


def printed(found, language="en"):
    out = io.StringIO()
    print_comparison(found, language, Console(file=out, width=120))
    return out.getvalue().replace("\N{NO-BREAK SPACE}", " ")


def test_a_version_that_is_another_is_said_setting_by_setting():
    lines = printed(comparison(definitions=[CHANGED])).splitlines()
    assert lines == [
        "from 2020-03-01: urgent: target: at least 85% → at least 90%",
        "from 2020-05-01: urgent: limit: nothing → 20 min",
    ]


def test_for_programs_each_changed_setting_of_a_version_is_a_row():
    rows = [
        (row["what"], row["then"], row["now"])
        for row in comparison_rows(comparison(definitions=[CHANGED]))
    ]
    assert rows == [
        ("versions.2020-03-01.indicators.urgent.target", ">= 85%", ">= 90%"),
        ("versions.2020-05-01.indicators.urgent.within", None, "20min"),
    ]


def test_for_programs_only_what_differs_in_a_figure_is_a_row():
    change = FigureChange(
        "urgent", None, "period",
        {"good": 8, "excluded": {"spam": 1, "merged": 2}},
        {"good": 8, "excluded": {"spam": 1, "merged": 3}},
    )  # fmt: skip
    (row,) = comparison_rows(comparison(figures=[change]))
    assert (row["what"], row["then"], row["now"]) == ("excluded.merged", 2, 3)


def test_a_long_list_of_records_ends_with_how_many_more_there_are():
    met = {"verdict": "met", "reason": "", "seconds": 60, "counted_at": 0, "organization": None}
    why = next(iter(ChangeReason))
    records = [RecordChange("urgent", "desk", str(n), None, met, why) for n in range(203)]
    text = printed(comparison(records=records))
    assert "Records (203)" in text
    assert "desk/199" in text
    assert "desk/200" not in text
    assert text.splitlines()[-1] == "… 3 more: --format csv"


def test_forecasts_changed_by_earlier_records_are_named():
    forecast = FigureChange("urgent", None, "year_to_date", {"forecast": 0.9}, {"forecast": 0.8})
    text = printed(comparison([forecast], earlier=("urgent", "calls")))
    assert text.splitlines()[-1] == (
        "Forecasts changed by records from before 2020-01-01, which are not named one by one: "
        "urgent, calls"
    )


# Versions of the data that figures are computed with


@pytest.fixture
def zones(tmp_path, monkeypatch):
    """The folder of the system's time zones."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe" / "Stockholm").touch()
    monkeypatch.setattr(data_versions, "TZPATH", (str(tmp_path),))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "content", "version"),
    [
        ("tzdata.zi", b"# version 2020d\n# redo\n", "2020d"),
        ("+VERSION", b"2020a\n", "2020a"),
        ("+VERSION", b"", "unknown"),
        ("tzdata.zi", "# version \N{SNOWMAN}\n".encode(), "unknown"),
        ("other", b"2020a", "unknown"),
    ],
)
def test_the_version_of_the_systems_time_zones(zones, name, content, version):
    Path(zones, name).write_bytes(content)
    assert data_versions.data_versions("Europe/Stockholm")["tzdata"] == version


def test_a_zone_that_the_system_lacks_is_read_from_the_package(zones):
    from tzdata import IANA_VERSION

    assert data_versions.data_versions("Europe/Oslo")["tzdata"] == IANA_VERSION
