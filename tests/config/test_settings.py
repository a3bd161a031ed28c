"""The configuration that is right: defaults, small languages, calendars, secrets, paths, schema."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from pydantic import ValidationError

from collector.config.calendars import build_calendar, special_days
from collector.config.indicators import Manual, MeanDuration, ServiceLevel, ShareWhere, ShareWithin
from collector.config.loading.load import load_and_check, load_settings
from collector.config.loading.overrides import with_changes
from collector.config.settings import CalendarSettings, Settings
from collector.io.secrets import SecretUnavailable
from collector.io.yaml import FaultyFile
from collector.model.codes import WEEKDAYS, DayKind
from collector.model.fields import parse_duration
from collector.model.quantities import Target
from collector.sources import SOURCES
from collector.store import Store, StoreError
from collector.store.engine import parse_url, with_password
from tests.worlds.commands import run_here, run_process
from tests.worlds.paths import ROOT

BOARD = ROOT / "config/servicedesk.yaml"
SECRET = "hush-5b1f0c"
MINIMAL = """
timezone: Europe/Stockholm
indicators:
  budget: {title: {sv: Budget, en: Budget}, kind: manual, target: ">= 0 tkr", unit: tkr}
"""


def _load(folder: Path, text: str) -> Settings:
    file = folder / "a.yaml"
    file.write_text(text)
    return load_settings(file)


def test_defaults(tmp_path: Path) -> None:
    settings = _load(tmp_path, MINIMAL)
    assert settings.store == f"sqlite:///{tmp_path}/servicedesk.db"
    assert settings.priorities == ["urgent", "high", "normal", "low"]
    assert (settings.server.host, settings.server.port) == ("127.0.0.1", 9109)
    assert settings.rules_of("budget").model_dump() == {
        "counted_by": "opened",
        "priority": "at_open",
        "response_pauses": False,
        "resolution_pauses": True,
        "closed_pauses": False,
        "resolution": "last",
        "answers": ["reply"],
        "phone_solved_within": 1800,
        "withdrawn": "unanswered",
        "refused": "apart",
        "before_opening": "by_source",
        "min_n": 5,
    }
    assert settings.organizations == []
    assert not settings.exclude
    assert not settings.calendars
    assert not settings.sources
    assert not settings.goals


def test_own_rules_win_and_nothing_can_be_changed(tmp_path: Path) -> None:
    settings = _load(
        tmp_path, MINIMAL.rstrip().removesuffix("}") + ", rules: {min_n: 0}}\nrules: {min_n: 9}\n"
    )
    assert settings.rules.min_n == 9
    assert settings.rules_of("budget").min_n == 0
    assert settings.rules_of("budget").counted_by == "opened"
    with pytest.raises(ValidationError):
        settings.timezone = "UTC"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0s", 0), ("30s", 30), ("30min", 1800), ("30m", 1800), ("2h", 7200), ("8 h", 28800),
     (" 1d ", 86400), ("3653d", 3653 * 86400)],
)  # fmt: skip
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "30", 30, 1.5, "-1h", "1.5h", "1h30min", "h", "1w", None, True, "3654d", "٣h x"]
)
def test_what_is_no_duration(text: object) -> None:
    with pytest.raises(ValueError, match=r"not a duration|longer than ten years"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (">= 90%", (">=", "90", "%", False, True)),
        (">=90 %", (">=", "90", "%", False, True)),
        ("> baseline 71.13", (">", "71.13", None, True, True)),
        ("> baseline 71,13", (">", "71.13", None, True, True)),
        ("< baseline 5%", ("<", "5", "%", True, False)),
        ("<= 10 business_days", ("<=", "10", "business_days", False, False)),
        ("<= 6,4 h", ("<=", "6.4", "h", False, False)),
        (">= -420 tkr", (">=", "-420", "tkr", False, True)),
        ("yes", ("is", "1", None, False, True)),
        ("Yes", ("is", "1", None, False, True)),
        (True, ("is", "1", None, False, True)),
        ("no", ("is", "0", None, False, True)),
        (False, ("is", "0", None, False, True)),
    ],
)
def test_targets(text: object, expected: tuple[str, str, str | None, bool, bool]) -> None:
    target = Target.parse(text)
    comparison, number, unit, baseline, higher = expected
    assert target.comparison == comparison
    assert target.number == Decimal(number)
    assert target.unit == unit
    assert target.baseline is baseline
    assert target.higher_is_better is higher


@pytest.mark.parametrize("text", ["", "90%", "= 90%", "=> 90%", ">= ", ">= ninety", ">= 1 000", 90,
                                  None, ">= 90%%", ">= 9.9.9%", "baseline 5",
                                  "ja", []])  # fmt: skip
def test_what_is_no_target(text: object) -> None:
    with pytest.raises(ValueError, match="is not a target: write one such as"):
        Target.parse(text)


def test_yes_without_quotes(tmp_path: Path) -> None:
    settings = _load(tmp_path, MINIMAL.replace('">= 0 tkr", unit: tkr', 'yes, unit: "yes/no"'))
    target = settings.indicators["budget"].target
    assert target == Target.parse("yes")
    assert target is not None
    assert target.text == "yes"


def _calendar(hours: str, holidays: str = "{}", timezone: str = "Europe/Stockholm") -> Any:
    return CalendarSettings.model_validate(
        yaml.safe_load(f"{{timezone: {timezone}, hours: {hours}, holidays: {holidays}}}")
    )


def _open_hours(settings: CalendarSettings, day: str) -> float:
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(settings.timezone))
    noon_after = int(start.timestamp()) + 27 * 3600
    midnight = datetime.fromtimestamp(noon_after, start.tzinfo).replace(hour=0, minute=0, second=0)
    elapsed = build_calendar(settings).elapsed(int(start.timestamp()), int(midnight.timestamp()))
    return float(elapsed) / 3600


@pytest.mark.parametrize(
    ("hours", "days"),
    [
        ('{mon-fri: ["08:00-17:00"]}', "mon tue wed thu fri"),
        ('{mon-sun: ["00:00-24:00"]}', "mon tue wed thu fri sat sun"),
        ('{Mon - Tue: ["08:00-17:00"], SAT: ["10:00-12:00"]}', "mon tue sat"),
        ('{wed-wed: ["08:00-17:00"]}', "wed"),
    ],
)
def test_ranges_of_days(hours: str, days: str) -> None:
    assert sorted(_calendar(hours).hours, key=WEEKDAYS.index) == days.split()


@pytest.mark.parametrize("day", ["mon-", "-fri", "mon-fri-sat", "1", "monday", ""])
def test_what_is_no_range_of_days(day: str) -> None:
    with pytest.raises(ValidationError, match="is not a day or a range of days"):
        _calendar(f'{{"{day}": ["08:00-17:00"]}}')


@pytest.mark.parametrize(
    ("windows", "hours"),
    [
        ('["08:00-17:00"]', 9),
        ('["08:00-12:00", "13:00-17:00"]', 8),
        ('["13:00-17:00", "08:00-12:00"]', 8),
        ('["08:00-12:00", "12:00-17:00"]', 9),
        ('["00:00-24:00"]', 24),
        ('["08:00:00-08:00:36"]', 0.01),
        ('[" 08:00 - 17:00 "]', 9),
        ("[]", 0),
    ],
)
def test_windows(windows: str, hours: float) -> None:
    settings = _calendar(f'{{mon: {windows}, tue: ["08:00-17:00"]}}')
    assert _open_hours(settings, "2020-07-13") == hours


@pytest.mark.parametrize("window", ["8:00-17:00", "08:00–17:00", "08-17", "24:00-24:00",
                                    "08:00-08:00", "08:00-08:00:00", "08:00-24:01", "",
                                    "x"])  # fmt: skip
def test_what_is_no_window(window: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a time window|closes before it opens"):
        _calendar(f'{{mon: ["{window}"]}}')


OFFICE = '{mon-fri: ["08:00-17:00"]}'


def test_only_public_holidays_unless_said_otherwise() -> None:
    eves = ["2020-06-19", "2020-12-24", "2020-12-31"]
    public = _calendar(OFFICE, "{country: SE}")
    assert [_open_hours(public, day) for day in eves] == [9, 9, 9]
    assert _open_hours(public, "2020-12-25") == 0
    assert _open_hours(public, "2020-05-21") == 0  # Ascension Day
    de_facto = _calendar(OFFICE, "{country: SE, categories: [public, de_facto]}")
    assert [_open_hours(de_facto, day) for day in eves] == [0, 0, 0]
    assert _open_hours(de_facto, "2020-12-25") == 0
    assert special_days(de_facto)[date(2020, 6, 19)] == (DayKind.HOLIDAY, "Midsommarafton")
    none = _calendar(OFFICE)
    assert _open_hours(none, "2020-12-25") == 9


def test_half_days() -> None:
    settings = _calendar(
        OFFICE,
        "{country: SE, half_days: {2020-12-23: ['08:00-12:00'], 2020-12-25: ['08:00-12:00']},"
        " half_days_before: {Långfredagen: ['08:00-12:00'], Påskdagen: ['08:00-12:00'],"
        " Alla helgons dag: ['08:00-13:00'], Annandag jul: ['08:00-12:00']}}",
    )
    assert _open_hours(settings, "2020-12-23") == 4
    assert _open_hours(settings, "2020-12-25") == 0, "a holiday wins"
    assert _open_hours(settings, "2020-04-09") == 4, "Maundy Thursday"
    assert _open_hours(settings, "2020-10-30") == 5
    assert _open_hours(settings, "2020-04-11") == 0, "a Saturday has no hours to shorten"
    assert _open_hours(settings, "2019-12-25") == 0, "the eve is itself a holiday"
    assert special_days(settings)[date(2020, 4, 9)] == (DayKind.SHORT, "08:00-12:00")


def test_a_half_day_on_a_sunday_stays_closed() -> None:
    # 1 May 2023 was a Monday, so its eve a Sunday; in 2020 the eve was a Thursday
    settings = _calendar(OFFICE, "{country: SE, half_days_before: {Första maj: ['08:00-12:00']}}")
    assert _open_hours(settings, "2023-04-30") == 0
    assert _open_hours(settings, "2020-04-30") == 4


def test_single_half_days_win() -> None:
    settings = _calendar(
        OFFICE,
        "{country: SE, half_days: {2020-04-09: ['08:00-15:00'], 2020-04-18: ['10:00-12:00']},"
        " half_days_before: {Långfredagen: ['08:00-12:00']}}",
    )
    assert _open_hours(settings, "2020-04-09") == 7
    assert _open_hours(settings, "2020-04-18") == 2, "open on one Saturday"


def test_days_that_are_open_in_any_case() -> None:
    settings = _calendar(
        OFFICE,
        "{country: SE, add: [2020-07-13], half_days: {2020-12-12: ['08:00-09:00']},"
        " open: {2020-12-12: ['09:00-14:00'], 2020-12-25: ['08:00-10:00'],"
        " 2020-07-13: ['08:00-12:00']}}",
    )
    assert _open_hours(settings, "2020-12-12") == 5, "a Saturday"
    assert _open_hours(settings, "2020-12-25") == 2, "a public holiday"
    assert _open_hours(settings, "2020-07-13") == 4, "a day that is also listed as closed"
    assert _open_hours(settings, "2020-12-19") == 0, "other Saturdays stay closed"
    assert special_days(settings)[date(2020, 12, 12)] == (DayKind.OPEN, "09:00-14:00")


def test_added_and_removed_days() -> None:
    settings = _calendar(
        OFFICE, "{country: SE, add: [2020-07-13, 2020-12-24], remove: [2020-06-06, 2020-05-21]}"
    )
    assert _open_hours(settings, "2020-07-13") == 0
    assert _open_hours(settings, "2020-05-21") == 9
    assert special_days(settings)[date(2020, 7, 13)] == (DayKind.CLOSED, "")
    assert date(2020, 5, 21) not in special_days(settings)


@pytest.mark.parametrize("language", ["en_US.UTF-8", "C"])
def test_names_do_not_follow_the_machine(tmp_path: Path, language: str) -> None:
    locale = dict.fromkeys(("LANG", "LC_ALL", "LANGUAGE", "LC_MESSAGES"), language)
    outcome = run_process(["check", "--offline", "--config", str(BOARD)], cwd=tmp_path, env=locale)
    assert outcome.code == 0, outcome.err


# Secrets


RT = """
timezone: Europe/Stockholm
sources:
  desk: {type: request_tracker, url: "https://rt.example.org", token: "%s"}
indicators:
  a: {title: {sv: A, en: A}, kind: share_where, where: {kind: incident}, target: ">= 1%%"}
"""


def _everything_said(settings: Settings) -> str:
    desk = settings.sources["desk"]
    return "\n".join(
        [repr(settings), str(settings), repr(desk), str(settings.model_dump()),
         settings.model_dump_json(), str(settings.model_dump(mode="json"))]
    )  # fmt: skip


def test_a_secret_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", SECRET)
    settings = _load(tmp_path, RT % "${DESK_TOKEN}")
    token = settings.sources["desk"].token  # type: ignore[attr-defined]
    assert token.reveal() == SECRET
    said = _everything_said(settings) + repr(token) + str(token) + f"{token}"
    assert SECRET not in said
    assert "${DESK_TOKEN}" in said
    monkeypatch.setenv("DESK_TOKEN", SECRET + "2")
    assert token.reveal() == SECRET + "2", "read when it is used"
    monkeypatch.delenv("DESK_TOKEN")
    with pytest.raises(SecretUnavailable, match="environment variable DESK_TOKEN is not set"):
        token.reveal()


def test_a_secret_of_a_file_beside_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/token").write_text(f"{SECRET}\n")
    monkeypatch.chdir(tmp_path)
    settings = _load(Path("conf"), RT % "file:token")
    token = settings.sources["desk"].token  # type: ignore[attr-defined]
    monkeypatch.chdir("/")
    assert token.reveal() == SECRET
    assert SECRET not in _everything_said(settings)
    (tmp_path / "conf/token").write_text(" \n")
    with pytest.raises(SecretUnavailable, match=r"conf/token is empty$"):
        token.reveal()
    (tmp_path / "conf/token").write_bytes(b"\xff" + SECRET.encode())
    with pytest.raises(SecretUnavailable, match="not UTF-8") as failed:
        token.reveal()
    assert failed.value.__suppress_context__
    (tmp_path / "conf/token").unlink()
    with pytest.raises(SecretUnavailable, match="cannot be read: No such file"):
        token.reveal()


@pytest.mark.parametrize("text", [SECRET, f"${{{SECRET}}}", f"$DESK {SECRET}", f"{SECRET}${{A}}"])
def test_a_plain_secret_is_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(FaultyFile, match="never in plain text") as faulty:
        _load(tmp_path, RT % text)
    assert SECRET not in str(faulty.value)
    assert SECRET not in repr(faulty.value.faults)


def test_a_missing_secret_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_TOKEN", raising=False)
    (tmp_path / "a.yaml").write_text(RT % "${DESK_TOKEN}")
    outcome = run_here("check", "--offline", "--config", tmp_path / "a.yaml")
    assert outcome.code == 0
    assert f"warning: {tmp_path / 'a.yaml'}:4: sources.desk.token: the environment" in outcome.err


def test_a_password_in_the_address_of_the_store_warns(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{MINIMAL}store: postgresql://kpi:{SECRET}@db/desk\n")
    outcome = run_here("check", "--offline", "--config", tmp_path / "a.yaml")
    assert outcome.code == 0
    assert "store: contains a password: move it to store_password" in outcome.err
    assert SECRET not in outcome.err + outcome.out


def test_braces_in_a_wrong_value(tmp_path: Path) -> None:
    with pytest.raises(FaultyFile, match=re.escape("'{x}{0}' is not a time zone")):
        _load(tmp_path, MINIMAL.replace("Europe/Stockholm", '"{x}{0}"'))


# Paths


def test_relative_paths_begin_at_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    monkeypatch.chdir(tmp_path)
    settings = _load(
        Path("conf"),
        MINIMAL + "store: sqlite:///data/desk.db\nsources:\n"
        "  a: {type: csv_calls, path: ../exports/*.csv}\n"
        "  b: {type: asterisk_queue_log, path: /var/log/asterisk/queue_log}\n"
        "  c: {type: request_tracker, url: 'https://rt.example.org', token: 'file:/run/token',"
        " ca_file: ca.pem}\n",
    )
    folder = tmp_path / "conf"
    assert settings.store == f"sqlite:///{folder}/data/desk.db"
    dumped = {name: source.model_dump() for name, source in settings.sources.items()}
    assert dumped["a"]["path"] == f"{folder}/../exports/*.csv"
    assert dumped["b"]["path"] == "/var/log/asterisk/queue_log"
    assert dumped["c"]["ca_file"] == f"{folder}/ca.pem"
    assert dumped["c"]["token"] == "file:/run/token"


@pytest.mark.parametrize("store", ["sqlite:////var/lib/desk.db", "postgresql://kpi@db/desk"])
def test_other_stores_stay_as_they_are(tmp_path: Path, store: str) -> None:
    assert _load(tmp_path, f"{MINIMAL}store: {store}\n").store == store


def test_a_folder_that_no_address_can_name(tmp_path: Path) -> None:
    (tmp_path / "what?").mkdir()
    with pytest.raises(FaultyFile, match=r"path cannot contain \?"):
        _load(tmp_path / "what?", MINIMAL)
    assert _load(tmp_path / "what?", f"{MINIMAL}store: sqlite:////var/lib/desk.db\n").store
    (tmp_path / "100 %[1] #å").mkdir()
    assert "100 %[1] #å/servicedesk.db" in _load(tmp_path / "100 %[1] #å", MINIMAL).store


# The schema


def _schema() -> dict[str, Any]:
    outcome = run_here("schema")
    assert outcome.code == 0
    schema: dict[str, Any] = json.loads(outcome.out)
    return schema


def _problems(schema: Any, value: Any, root: Any, path: str = "") -> list[str]:
    """What a JSON Schema has against a value: the keywords that ours uses, and no others."""
    known = {
        "$ref", "$schema", "$defs", "title", "description", "default", "discriminator", "format",
        "type", "enum", "const", "anyOf", "oneOf", "items", "properties", "required", "pattern",
        "additionalProperties", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
        "minLength", "propertyNames",
    }  # fmt: skip
    assert schema.keys() <= known, schema.keys() - known
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return _problems(root["$defs"][name], value, root, path)
    for key in ("anyOf", "oneOf"):
        if key in schema:
            found = [_problems(option, value, root, path) for option in schema[key]]
            fitting = sum(not each for each in found)
            return [] if fitting == 1 or (fitting and key == "anyOf") else min(found, key=len)
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int,
             "number": (int, float), "null": type(None)}  # fmt: skip
    expected = schema.get("type")
    if expected and not isinstance(value, types[expected]):
        return [f"{path}: {value!r} is no {expected}"]
    problems = []
    if "const" in schema and value != schema["const"]:
        problems.append(f"{path}: {value!r} is not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        problems.append(f"{path}: {value!r} is not one of {schema['enum']}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        problems.append(f"{path}: {value!r} does not match")
    if isinstance(value, dict):
        own, more = schema.get("properties", {}), schema.get("additionalProperties", True)
        problems += [f"{path}.{k}: missing" for k in schema.get("required", []) if k not in value]
        for key, each in value.items():
            if key not in own and more is False:
                problems.append(f"{path}.{key}: unknown")
            else:
                below = own.get(key, {} if more is True else more)
                problems += _problems(below, each, root, f"{path}.{key}")
    if isinstance(value, list):
        for each in value:
            problems += _problems(schema.get("items", {}), each, root, f"{path}[]")
    return problems


def _plain(value: Any) -> Any:
    """YAML's dates as an editor sees them: text."""
    return json.loads(json.dumps(_text_keys(value), default=str))


def _text_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _text_keys(each) for key, each in value.items()}
    return [_text_keys(each) for each in value] if isinstance(value, list) else value


def test_the_schema_accepts_the_board() -> None:
    schema = _schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert _problems(schema, _plain(yaml.safe_load(BOARD.read_text())), schema) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"colour": "blue"}, ".colour: unknown"),
        ({"timezone": None}, ".timezone: None is no string"),
        ({"sources": {"a": {"type": "csv_calls", "path": "a", "every": "60"}}}, "does not match"),
        ({"sources": {"a": {"type": "csv_calls", "path": "a", "colums": {}}}}, "colums: unknown"),
        ({"indicators": {"a": {"kind": "service_level"}}}, ".within: missing"),
    ],
)
def test_the_schema_refuses(change: dict[str, Any], problem: str) -> None:
    schema = _schema()
    board = {**_plain(yaml.safe_load(BOARD.read_text())), **change}
    assert any(problem in each for each in _problems(schema, board, schema))


def test_the_schema_knows_every_key_of_every_source() -> None:
    definitions = _schema()["$defs"]
    for name, options in SOURCES.items():
        described = definitions[options.__name__]
        assert described["additionalProperties"] is False
        assert described["properties"].keys() == options.model_fields.keys()
        assert described["properties"]["type"]["const"] == name


# The shipped board


def test_the_board_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RT_TOKEN", raising=False)
    outcome = run_here("check", "--offline", "--config", BOARD)
    assert outcome.code == 0
    warnings = outcome.err.splitlines()
    assert all(line.startswith(f"warning: {BOARD}:") for line in warnings)
    assert sum("RT_TOKEN is not set" in line for line in warnings) == 1
    verdict = outcome.out.splitlines()[-1]
    assert verdict.startswith(f"{BOARD}: usable, with {len(warnings)} warnings (12 indicators, ")


def test_the_board_is_the_committees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RT_TOKEN", SECRET)
    settings, faults, warnings = load_and_check(BOARD)
    assert settings is not None
    assert faults == []
    assert [(w.path, w.message[:4]) for w in warnings] == [
        ("indicators.equipment_orders.target", "is 0")
    ]
    assert settings.organizations == ["Askersund", "Hallsberg", "Laxå", "Lekeberg"]
    targets = {
        name: (each.target.text, type(each), getattr(each, "within", None))
        for name, each in settings.indicators.items()
        if each.target
    }
    limits = {
        n: w if isinstance(w, int) or w is None else w.text for n, (_, _, w) in targets.items()
    }
    assert {n: (t, k, limits[n]) for n, (t, k, _) in targets.items()} == {
        "urgent_response": (">= 90%", ShareWithin, "30min"),
        "high_response": (">= 85%", ShareWithin, "2h"),
        "normal_response": (">= 90%", ShareWithin, "8h"),
        "first_line": (">= 45%", ShareWhere, None),
        "handling_time": ("<= 10 business_days", MeanDuration, None),
        "equipment_orders": (">= 0%", ShareWithin, "2 business_days"),
        "answered_20s": (">= 70%", ServiceLevel, 20),
        "answered_60s": (">= 70%", ServiceLevel, 60),
        "engagement": ("> baseline 71.13", Manual, None),
        "sick_leave": ("< baseline 5%", Manual, None),
        "budget": (">= 0 tkr", Manual, None),
        "environment_diploma": ("yes", Manual, None),
    }
    for indicator in settings.indicators.values():
        assert indicator.title.sv
        assert indicator.title.en
        assert indicator.title.sv != indicator.title.en
        assert indicator.goal in settings.goals
    given = {
        name: (each.values[0].value, each.values[0].forecast)
        for name, each in settings.indicators.items()
        if isinstance(each, Manual)
    }
    assert given == {
        "engagement": (59, 57),
        "sick_leave": (6.06, 4),
        "budget": (1579, 420),
        "environment_diploma": (1, 1),
    }


def test_the_password_of_the_store_is_a_secret_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    postgresql = f"{MINIMAL}store: postgresql://kpi@db/desk\n"
    (tmp_path / "password").write_text(SECRET + "\n")
    settings = _load(tmp_path, f"{postgresql}store_password: file:password\n")
    assert settings.store_password is not None
    url = with_password(parse_url(settings.store), settings.store_password)
    assert (url.password, url.host) == (SECRET, "db")
    assert SECRET not in str(url)
    gone = _load(tmp_path, postgresql + "store_password: ${STORE_PASSWORD}\n")
    monkeypatch.delenv("STORE_PASSWORD", raising=False)
    with pytest.raises(StoreError, match=r"password: the environment variable STORE_PASSWORD is"):
        Store.open(gone.store, gone.store_password)
    with pytest.raises(FaultyFile, match="store_password: is only for PostgreSQL"):
        _load(tmp_path, f"{MINIMAL}store_password: file:password\n")
    with pytest.raises(FaultyFile, match="never in plain text"):
        _load(tmp_path, f"{postgresql}store_password: {SECRET}\n")


def test_alerts_and_grafana_name_what_there_is(tmp_path: Path) -> None:
    text = MINIMAL + (
        "alerts: {deploy: grafana, page: [urgent, soon], due_soon: {later: 1h}, calendar: shop}\n"
    )
    with pytest.raises(FaultyFile) as faulty:
        _load(tmp_path, text)
    told = str(faulty.value)
    assert "alerts.page: 'soon' is not listed under priorities" in told
    assert "alerts.due_soon: 'later' is not listed under priorities" in told
    assert "alerts.calendar: there is no calendar 'shop'" in told
    assert "alerts.deploy: is grafana, but there is no grafana section" in told
    grafana = MINIMAL + (
        "grafana:\n  url: https://grafana.example.org/kpi\n  token: ${GRAFANA_TOKEN}\n"
        "  contact_points:\n"
        "    - {name: desk, type: email, settings: {addresses: a@example.org}}\n"
        "    - {name: desk, type: webhook, settings: {url: '${HOOK}', tries: 3}}\n"
        "  receivers: {page: nobody, warn: desk}\n"
    )
    with pytest.raises(FaultyFile) as faulty:
        _load(tmp_path, grafana)
    told = str(faulty.value)
    assert "grafana.contact_points[1].name: 'desk' is the name of an earlier contact point" in told
    assert "grafana.receivers.page: there is no contact point 'nobody'" in told
    assert "warn" not in told
    fine = _load(tmp_path, grafana.replace("name: desk, type: web", "name: nobody, type: web"))
    assert fine.grafana is not None
    assert fine.grafana.url == "https://grafana.example.org/kpi/"
    hook = fine.grafana.contact_points[1].settings
    assert repr(hook) == "{'url': Secret(${HOOK}), 'tries': 3}"
    for wrong in ("grafana.example.org", "https://user:word@example.org"):
        with pytest.raises(FaultyFile, match=r"grafana.url: is not a web address: write it as in"):
            _load(tmp_path, grafana.replace("https://grafana.example.org/kpi", wrong))


def test_whom_alerts_page_follows_the_order_of_priorities(tmp_path: Path) -> None:
    desk = MINIMAL + "priorities: [P1, P2, P3, P4]\n"
    assert _load(tmp_path, desk).paging == ["P1"]
    assert _load(tmp_path, desk).due_soon == {"P1": 600, "P2": 1800, "P3": 3600}
    alone = _load(tmp_path, desk + "alerts: {page: [P1, P2]}\n")
    assert (alone.paging, alone.due_soon["P3"]) == (["P1", "P2"], 3600)
    soon = _load(tmp_path, desk + "alerts: {due_soon: {P4: 1d}}\n")
    assert (soon.paging, soon.due_soon) == (["P1"], {"P4": 86400})
    nobody = _load(tmp_path, desk + "alerts: {page: [], due_soon: {}}\n")
    assert (nobody.paging, nobody.due_soon) == ([], {})
    usual = _load(tmp_path, MINIMAL)
    assert usual.paging == ["urgent"]
    assert usual.due_soon == {"urgent": 600, "high": 1800, "normal": 3600}
    for key in ("page", "due_soon"):
        with pytest.raises(
            FaultyFile, match=rf"alerts.{key}: is empty: write \[\] or {{}} for none"
        ):
            _load(tmp_path, f"{desk}alerts: {{{key}: }}\n")


def test_the_environment_goes_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = (
        "store=postgresql://kpi@db/desk\n\n  server.host=0.0.0.0\nserver.url=http://kpi.example/"
    )
    monkeypatch.setenv("SERVICEDESK_KPI_SET", lines)
    settings = _load(tmp_path, MINIMAL)
    assert settings.store == "postgresql://kpi@db/desk"
    assert (settings.server.host, settings.server.address) == ("0.0.0.0", "http://kpi.example/")
    other = with_changes(tmp_path / "a.yaml", ["timezone=UTC"])
    assert (other.store, other.timezone) == (settings.store, "UTC")
    for wrong, told in (
        ("server.port", "SERVICEDESK_KPI_SET: server.port: write PATH=VALUE"),
        ("timezone[0]=x", "SERVICEDESK_KPI_SET: timezone[0]: the parent of 0 is not a list"),
        (f"stroe=postgresql://kpi:{SECRET}@db/desk", "stroe: is not a known key"),
    ):
        monkeypatch.setenv("SERVICEDESK_KPI_SET", wrong)
        with pytest.raises(FaultyFile, match=re.escape(told)) as faulty:
            _load(tmp_path, MINIMAL)
        assert SECRET not in str(faulty.value)
