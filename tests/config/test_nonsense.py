"""Nonsense of every kind: a configuration or a values file is read, or its faults are named."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from collector.config.calendars import Calendars
from collector.config.definitions import as_text, definitions
from collector.config.loading.load import load_and_check
from collector.config.loading.overrides import also_set_later, with_changes
from collector.config.settings import Settings
from collector.io.yaml import Fault, FaultyFile
from collector.measuring.verdicts.timeline import timelines
from tests.worlds.sizes import sample_size

VALID: dict[str, Any] = {
    "timezone": "Europe/Stockholm",
    "organizations": ["Askersund", "Laxå"],
    "store": "sqlite:///desk.db",
    "priorities": ["urgent", "normal"],
    "fiscal_year_start": 1,
    "tertials": "separate",
    "values_file": "values.csv",
    "server": {"host": "127.0.0.1", "port": 9109},
    "rules": {
        "counted_by": "opened",
        "answers": ["reply", "note"],
        "phone_solved_within": "30min",
        "min_n": 5,
        "versions": [{"valid_from": date(2021, 1, 1), "response_pauses": True}],
    },
    "exclude": {"test": {"category": ["Test"]}},
    "calendars": {
        "office": {
            "timezone": "Europe/Stockholm",
            "hours": {"mon-thu": ["08:00-12:00", "13:00-17:00"], "fri": ["08:00-16:00"]},
            "holidays": {
                "add": [date(2020, 6, 5)],
                "half_days": {date(2020, 12, 23): ["08:00-12:00"]},
            },
            "versions": [{"valid_from": date(2021, 1, 1), "hours": {"mon-fri": ["07:00-16:00"]}}],
        }
    },
    "sources": {
        "desk": {
            "type": "csv_tickets",
            "path": "tickets*.csv",
            "time_format": "%Y-%m-%d %H:%M",
            "timezone": "Europe/Stockholm",
            "columns": {"id": "number"},
            "map": {"priority": {"1": "urgent", "default": "normal"}},
        },
        "rt": {
            "type": "request_tracker",
            "url": "https://rt.example.org",
            "token": "${RT_TOKEN}",
            "every": "60s",
            "map": {"organization": {"default": "Laxå"}},
        },
        "phone": {"type": "asterisk_queue_log", "path": "queue_log*"},
    },
    "goals": {
        "easy": {"level": "council", "title": {"sv": "Lätt", "en": "Easy"}},
        "quick": {"level": "board", "under": "easy", "title": "Quick"},
    },
    "indicators": {
        "urgent": {
            "title": {"sv": "Akuta", "en": "Urgent"},
            "kind": "share_within",
            "goal": "quick",
            "records": {"priority": "urgent"},
            "to": "first_response",
            "within": "30min",
            "calendar": "office",
            "target": ">= 90%",
            "breaks": [date(2019, 2, 1)],
            "forecasts": [{"date": date(2020, 7, 31), "forecast": "90 %"}],
            "versions": [
                {"valid_from": date(2021, 1, 1), "within": "2 business_days", "target": None},
                {"valid_from": date(2022, 1, 1), "rules": {"min_n": 3}, "title": "Most urgent"},
            ],
        },
        "first": {"kind": "share_where", "where": {"only_teams": ["Servicedesk"]}},
        "handling": {
            "kind": "mean_duration",
            "to": "resolved",
            "calendar": "office",
            "unit": "business_days",
            "target": "<= 10 business_days",
        },
        "calls": {
            "kind": "service_level",
            "within": "20s",
            "formula": "short_abandons_met",
            "short_abandon": "5s",
        },
        "number": {"kind": "count", "of": "calls", "target": ">= 100"},
        "sick": {
            "kind": "manual",
            "unit": "%",
            "target": "< baseline 5%",
            "values": [{"date": date(2020, 7, 31), "value": 6.06, "set_by": "HR"}],
        },
        "diploma": {"kind": "manual", "unit": "yes/no", "target": "yes", "valid_days": 400},
    },
}
VALUES = (
    "indicator,organization,date,value,forecast,comment,set_by\n"
    'sick,,2020-06-30,"6,06 %",4 %,One long case,HR\n'
    "sick,Laxå,2020-07-31,5.5,,,\n"
    "diploma,,2020-07-31,ja,yes,,\n"
    "urgent,,2020-06-30,,90 %,New staff,Head of IT\n"
    "handling,,2020-07-31,,9.5 business_days,,\n"
    "number,,2020-07-31,,1200,,\n"
)
DEEP: Any = "x"
for _ in range(200):
    DEEP = [DEEP]
NONSENSE: list[Any] = [
    None, True, False, 0, 1, -1, 10**17, 10**400, 1.5, float("nan"), float("inf"), -1e300,
    "", " ", "x", "yes", "ja", "0", "1,579", "9" * 400, "9" * 5000, "9" * 400 + "d",
    "1" * 400 + "%", ">= " + "9" * 400 + "%", "9" * 5000 + " business_days", "30min", "2h",
    "> baseline 1.234",
    "%Y %Y", "%", "\0", "a\0b", "\ud800", "\u2028", "é" * 3000, "[", "{", "*", "../..", "~", "٣",
    "2020-02-30", "0000-00-00", "9999-12-31", "postgresql://[", "sqlite:///a\0", "https://[x",
    "${A", "file:", "file:/dev/zero", "${NOT_THERE}", "mon-sun", "24:00-08:00", "00:00-24:00",
    date.min, date.max, date(2020, 1, 1), datetime(2020, 1, 1, 8), datetime.max,
    [], {}, [[]], [None], [{}], {"": None}, {"x": {"x": {}}}, {1: 2}, {date(2020, 1, 1): 1},
    {datetime(2020, 1, 1, 8): 1}, {True: 1}, {None: 1}, {"kind": []}, {"type": {}}, DEEP,
    {"valid_from": date(2020, 1, 1)}, {"sv": "a", "en": 1},
    [{"valid_from": datetime(2021, 1, 1, 8)}],
]  # fmt: skip


def places(data: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of nested dictionaries and lists but the top."""
    steps = data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
    for step in steps:
        yield (*place, step)
        yield from places(data[step], (*place, step))


def mutated(chance: random.Random, valid: Any) -> Any:
    """Data with one to three places set to nonsense, taken away, renamed or moved elsewhere."""
    data = deepcopy(valid)
    for _ in range(chance.randint(1, 3)):
        *path, step = chance.choice(list(places(data)))
        holder = data
        for each in path:
            holder = holder[each]
        match chance.randrange(5):
            case 0:
                del holder[step]
            case 1 if isinstance(holder, dict):
                name = chance.choice(["", "x", "versions", 5, None, True, date(2020, 1, 1), "\0"])
                holder[name] = holder.pop(step)
            case 2:
                other = chance.choice(list(places(valid)))
                found = valid
                for each in other:
                    found = found[each]
                holder[step] = deepcopy(found)
            case _:
                holder[step] = deepcopy(chance.choice(NONSENSE))
    return data


def noisy(chance: random.Random, text: str) -> str:
    """Text with some of its characters taken away, doubled, moved or replaced."""
    signs = list(text)
    for _ in range(chance.randint(1, 6)):
        if not signs:
            break
        at = chance.randrange(len(signs))
        match chance.randrange(4):
            case 0:
                del signs[at : at + chance.randint(1, 20)]
            case 1:
                signs[at:at] = signs[at : at + chance.randint(1, 40)]
            case 2:
                signs[at] = chance.choice('\0\t\n\r\x85\u2028:-,;"[]{}&*!#%@`|>\\٣é0')
            case _:
                signs.insert(at, chance.choice(["\n", ",", ";", '"', "- ", "9" * 400, "\ufeff"]))
    return "".join(signs)


def read(file: Path) -> list[Fault]:
    """The faults of a configuration; what has none must be fit to be measured by."""
    settings, faults, doubts = load_and_check(file)
    for each in (*faults, *doubts):
        assert each.message
        assert each.text(file)
    if settings is None:
        assert faults
    elif not faults:
        measurable(settings)
    return faults


def measurable(settings: Settings) -> None:
    made = timelines(settings, Calendars())
    assert [each.id for each in made] == list(settings.indicators)
    for name in settings.indicators:
        assert as_text(definitions(settings, name))


def written(data: Any) -> str:
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def test_without_nonsense_there_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(written(VALID), encoding="utf-8")
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    assert read(tmp_path / "a.yaml") == []


def _data(chance: random.Random) -> str:
    return written(mutated(chance, VALID))


def _text(chance: random.Random) -> str:
    return noisy(chance, written(VALID))


@pytest.mark.parametrize("nonsense", [_data, _text])
@pytest.mark.parametrize("seed", range(4))
def test_wrong_configurations(
    tmp_path: Path, seed: int, nonsense: Callable[[random.Random], str]
) -> None:
    chance = random.Random(seed)
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    refused = 0
    for _ in range(tried := sample_size(16, 50)):
        text = nonsense(chance).encode(errors="surrogatepass")
        (tmp_path / "a.yaml").write_bytes(text)
        refused += bool(read(tmp_path / "a.yaml"))
    assert refused > tried / 2


def _csv(chance: random.Random) -> str:
    return noisy(chance, VALUES)


def _yaml_text(chance: random.Random) -> str:
    return noisy(chance, written(_ENTRIES))


def _yaml_data(chance: random.Random) -> str:
    return written(mutated(chance, _ENTRIES))


_ENTRIES = [
    {"indicator": "sick", "date": date(2020, 7, 30), "value": 6.06, "forecast": "4 %"},
    {"indicator": "urgent", "date": date(2020, 6, 30), "forecast": "90%", "organization": "Laxå"},
    {"indicator": "diploma", "date": date(2020, 7, 31), "value": True, "comment": "paper"},
]


@pytest.mark.parametrize(
    ("suffix", "nonsense"), [("csv", _csv), ("yaml", _yaml_text), ("yaml", _yaml_data)]
)
def test_wrong_values(
    tmp_path: Path, suffix: str, nonsense: Callable[[random.Random], str]
) -> None:
    chance = random.Random(suffix)
    board = written({**VALID, "values_file": f"values.{suffix}"})
    (tmp_path / "a.yaml").write_text(board, encoding="utf-8")
    refused = 0
    for _ in range(tried := sample_size(20, 60)):
        text = nonsense(chance).encode(errors="surrogatepass")
        (tmp_path / f"values.{suffix}").write_bytes(text)
        faults = read(tmp_path / "a.yaml")
        assert all(each.file == str(tmp_path / f"values.{suffix}") for each in faults)
        refused += bool(faults)
    assert refused > tried * 0.4


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("timezone: Europe", 'timezone: "\\ud800"\nx: Europe', "contains half of a surrogate"),
        (
            "sqlite:///desk.db",
            "postgresql://[",
            "store: is not a store address: write sqlite:///FILE or ",
        ),
        (
            "sqlite:///desk.db",
            '"sqlite:///a\\0"',
            "store: is not a store address: write sqlite:///FILE or ",
        ),
        ("tickets*.csv", '"a\\0"', "sources.desk.path: contains a NUL character"),
        ("values_file: values.csv", 'values_file: "\\0"', "values_file: contains a NUL character"),
        (
            "'%Y-%m-%d %H:%M'",
            '"%Y %Y"',
            "sources.desk.time_format: write iso, epoch, epoch_ms, or a",
        ),
        ("min_n: 5", "min_n: " + "9" * 400, "write a plain whole number, or text in quotes"),
        ("min_n: 5", "min_n: '" + "9" * 5000 + "'", "rules.min_n: "),
        ("min_n: 5", "min_n: 010", "write a plain whole number, or text in quotes"),
        ("value: 6.06", "value: " + "9" * 400 + ".5", "indicators.sick.values[0].value: "),
        ("value: 6.06", "value: '1,579'", "'1,579' may be 1579 or 1.579: write 1579, or 1.5790"),
        ("value: 6.06", "value: 1:30.5", "write a plain number, or text in quotes"),
        ("within: 30min", "within: " + "9" * 400 + "d", "is longer than ten years"),
        ("within: 2 business_days", "within: " + "9" * 5000 + " business_days", "write 1 to 2600"),
        ("'>= 90%'", "'>= " + "9" * 400 + "%'", "has too many digits"),
        ("'>= 100'", "'>= 1.234'", "'1.234' may be 1234 or 1.234: write 1234, or 1.2340"),
        ("valid_from: 2022-01-01", "valid_from: 2022-01-01 08:00:00", "must be a date, as in 2020"),
        ("valid_from: 2022-01-01", "valid_from: 20220101", "must be a date, as in 2020-12-24"),
        ("- 2020-06-05", "- 2020-06-05T08:00:00Z", "must be a date, as in 2020-12-24"),
        ("2020-12-23:", "2020-12-23 08:00:00:", "must be a date, as in 2020-12-24"),
        ("- 2019-02-01", "- 0000-00-00", "not valid YAML: '0000-00-00': year 0 is out of range"),
        ("- 2019-02-01", "- " + "[" * 5000, "not valid YAML: nested too deeply"),
        ("- 2019-02-01", "- " + "[" * 150 + "]" * 150, "must be a date, as in 2020-12-24"),
    ],
)
def test_odd_values_are_named(tmp_path: Path, before: str, after: str, wanted: str) -> None:
    text = written(VALID)
    assert before in text
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace(before, after, 1), encoding="utf-8")
    (fault,) = read(tmp_path / "a.yaml")
    assert wanted in fault.text("a.yaml")


PATHS = [
    "", ".", "[", "[0]", "a]", "indicators", "indicators.x", "indicators.urgent[0]",
    "indicators.urgent.versions", "indicators.urgent.versions[0]",
    "indicators.urgent.versions[0].within", "indicators.urgent.versions[9]",
    f"indicators.urgent.versions[{'9' * 5000}]", "indicators.urgent.versions[007]",
    "indicators.urgent.versions[-1]", "indicators.urgent.versions.a.b",
    "indicators.urgent.nothing.versions[0]", "indicators.sick.values[0].date",
    "indicators.urgent.records.priority[0]", "indicators.urgent.within.seconds",
    "indicators.versions.versions[0].x", "organizations[0].x", "organizations[0][0]",
    "organizations.0", "timezone", "timezone.x", "timezone[0]", "rules", "rules.versions",
    "rules.versions[0].min_n", "rules.x.y.z", "calendars.none.hours", "calendars.office",
    "calendars.office.hours.mon-thu", "calendars.office.holidays.half_days.2020-12-23",
    "exclude.a.b", "exclude." + ".".join("a" * 3000), "indicators.\udce5", "indicators.\0",
]  # fmt: skip
ASSIGNED = [
    "", "5", "[", "{a: 1}", '"\\ud800"', "\udce5", "\0", "*a", "!x 1", "9" * 400, "[" * 5000,
    "[" * 150 + "]" * 150, "2020-01-01 08:00:00", "20min", "null", "1:30", ".nan", "a: b: c",
    "- a", "@", ">= 90%", "{valid_from: 2021-01-01}", "=", "2020-02-30", '"\\0"',
]  # fmt: skip


def test_odd_assignments(tmp_path: Path) -> None:
    (tmp_path / "values.csv").write_text(VALUES, encoding="utf-8")
    (tmp_path / "a.yaml").write_text(written(VALID), encoding="utf-8")
    chance = random.Random(1)
    refused = 0
    for path in PATHS:
        for value in chance.sample(ASSIGNED, sample_size(1, 4)):
            change = [f"{path}={value}"]
            try:
                settings = with_changes(tmp_path / "a.yaml", change)
            except FaultyFile as faulty:
                assert all(f"--set {change[0]}" in each.message for each in faulty.faults)
                refused += 1
                continue
            measurable(settings)
            assert isinstance(also_set_later(settings, change), list)
    assert refused > sample_size(30, 100)
