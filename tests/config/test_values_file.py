"""Figures and forecasts that people give in a file of their own."""

from datetime import date
from pathlib import Path

import pytest

from collector.config.loading.load import load_and_check, load_settings
from collector.io.yaml import FaultyFile
from collector.model.quantities import Amount

BOARD = """
timezone: Europe/Stockholm
organizations: [Askersund, Laxå]
values_file: values.{suffix}
calendars: {{office: {{timezone: Europe/Stockholm, hours: {{mon-fri: ["08:00-17:00"]}}}}}}
indicators:
  urgent: {{kind: share_within, to: first_response, within: 30min, calendar: office}}
  handling: {{kind: mean_duration, to: resolved, calendar: office, target: "<= 10 business_days"}}
  tickets: {{kind: count, target: ">= 100"}}
  sick: {{kind: manual, unit: "%", target: "< baseline 5%"}}
  budget: {{kind: manual, unit: tkr, target: ">= 0 tkr", values: [{{date: 2020-06-30, value: 1}}]}}
  diploma: {{kind: manual, unit: yes/no, target: "yes"}}
"""
HEADER = "indicator,organization,date,value,forecast,comment,set_by\n"


def board(folder: Path, text: str, suffix: str = "csv", encoding: str = "utf-8") -> Path:
    (folder / f"values.{suffix}").write_bytes(text.encode(encoding))
    file = folder / "servicedesk.yaml"
    file.write_text(BOARD.format(suffix=suffix), encoding="utf-8")
    return file


def faults(folder: Path, text: str, suffix: str = "csv") -> list[str]:
    """What is wrong, each as LINE: COLUMN: message; all are of the values file."""
    file = board(folder, text, suffix)
    _, found, _ = load_and_check(file)
    start = f"{folder}/values.{suffix}"
    lines = [each.text(file) for each in found]
    assert all(line.startswith(start) for line in lines), lines
    with pytest.raises(FaultyFile):
        load_settings(file)
    return [line.removeprefix(start).lstrip(": ") for line in lines]


GIVEN = HEADER + (
    'sick,,2020-07-31,"6,06 %",4 %,One long case,HR\n'
    "sick,Laxå,2020-07-31,5.5,,,\n"
    "budget,,2020-07-31,1 579 tkr,420,,Controller\n"
    "diploma,,2020-07-31,ja,yes,,\n"
    "urgent,,2020-07-31,,90 %,New staff,Head of IT\n"
    "urgent,Laxå,2020-07-31,,85%,,\n"
    "handling,,2020-07-31,,9.5 business_days,,\n"
    "\n"
    "tickets,,2020-07-31,,1200,,\n"
)


def test_all_forms_of_csv(tmp_path):
    settings = load_settings(board(tmp_path, GIVEN))
    sick = settings.indicators["sick"].values
    assert [(v.date, v.value, v.forecast, v.organization) for v in sick] == [
        (date(2020, 7, 31), 6.06, 4.0, None),
        (date(2020, 7, 31), 5.5, None, "Laxå"),
    ]
    assert (sick[0].comment, sick[0].set_by) == ("One long case", "HR")
    budget = settings.indicators["budget"].values
    assert [(v.date.month, v.value, v.forecast) for v in budget] == [(6, 1.0, None), (7, 1579, 420)]
    (diploma,) = settings.indicators["diploma"].values
    assert (diploma.value, diploma.forecast) == (1.0, 1.0)
    urgent = settings.indicators["urgent"].forecasts
    assert [(v.forecast.text, v.organization) for v in urgent] == [("90 %", None), ("85%", "Laxå")]
    assert (urgent[0].comment, urgent[0].set_by) == ("New staff", "Head of IT")
    assert settings.indicators["handling"].forecasts[0].forecast.unit == "business_days"
    assert settings.indicators["tickets"].forecasts[0].forecast.number == 1200


def test_semicolons_a_byte_order_mark_and_words_in_the_header(tmp_path):
    text = "Indicator;Date;Value;Set by\r\nsick;2020-07-31;6,06;Ekonomi, HR\r\n"
    settings = load_settings(board(tmp_path, text, encoding="utf-8-sig"))
    (value,) = settings.indicators["sick"].values
    assert (value.value, value.set_by) == (6.06, "Ekonomi, HR")


def test_yaml(tmp_path):
    text = (
        "- {indicator: sick, date: 2020-07-31, value: 6.06, forecast: 4, set_by: HR}\n"
        "- indicator: urgent\n  date: 2020-07-31\n  forecast: 90%\n  organization: Laxå\n"
        "- {indicator: diploma, date: 2020-07-31, value: yes}\n"
    )
    settings = load_settings(board(tmp_path, text, "yaml"))
    assert settings.indicators["sick"].values[0].value == 6.06
    assert settings.indicators["urgent"].forecasts[0].organization == "Laxå"
    assert settings.indicators["diploma"].values[0].value == 1


@pytest.mark.parametrize(
    ("row", "wanted"),
    [
        ("nobody,,2020-07-31,1,,,", "2: indicator: there is no indicator 'nobody'"),
        (",,2020-07-31,1,,,", "2: indicator: is empty"),
        ("sick,Nora,2020-07-31,1,,,", "2: organization: 'Nora' is not listed under organizations"),
        ("sick,,31/7/2020,1,,,", "2: date: '31/7/2020' is not a date: write it as in 2020-07-31"),
        ("sick,,,1,,,", "2: date: is empty"),
        ("sick,,2020-07-31,six,,,", "2: value: 'six' is not an amount: write 85 %, 9.5 bus"),
        ("sick,,2020-07-31,6 tkr,,,", "2: value: '6 tkr' is not in the indicator's unit (%)"),
        ("sick,,2020-07-31,yes,,,", "2: value: 'yes' is not a number; the unit is %"),
        ("sick,,2020-07-31,,,,", "2: value: is empty, and so is forecast: enter at least one"),
        (
            "urgent,,2020-07-31,90%,,,",
            "2: value: the indicator is measured: only a forecast can be",
        ),
        (
            "urgent,,2020-07-31,,90,,",
            "2: forecast: the forecast of a share must be in per cent, as in 85 %",
        ),
        (
            "urgent,,2020-07-31,,101 %,,",
            "2: forecast: the forecast of a share must be between 0 % and 100 %",
        ),
        ("handling,,2020-07-31,,9.5,,", "2: forecast: needs a unit of time: "),
        (
            "tickets,,2020-07-31,,1200 st,,",
            "2: forecast: is a number of records: write it without a unit",
        ),
        ("tickets,,2020-07-31,,-1,,", "2: forecast: must not be negative"),
        ("tickets,,2020-07-31,,−1,,", "2: forecast: must not be negative"),
        ("tickets,,2020-07-31,,yes,,", "2: forecast: must be a number, not yes or no"),
        ("handling,,2020-07-31,,-2 h,,", "2: forecast: must not be negative"),
        (
            "urgent,,2020-07-31,,-1 %,,",
            "2: forecast: the forecast of a share must be between 0 % and 100 %",
        ),
        ('budget,,2020-07-31,"1,579",,,', "2: value: '1,579' may be 1579 or 1.579: write 1579, or"),
        ("budget,,2020-07-31,,1.579 tkr,,", "2: forecast: '1.579' may be 1579 or 1.579: write 15"),
        ('sick,,2020-07-31,"1,579 %",,,', "2: value: '1,579' may be 1579 or 1.579: write 1579, or"),
        (
            "budget,,2020-07-31," + "9" * 400 + ",,,",
            "2: value: '99999999999999999999'… has ",
        ),
        (
            "diploma,,2020-07-31,2,,,",
            "2: value: must be yes or no, or 1 or 0, since its unit is yes/no",
        ),
        (
            "diploma,,2020-07-31,,1 %,,",
            "2: forecast: must be yes or no, or 1 or 0, since its unit",
        ),
        ("sick,,2020-07-31T08:00,1,,,", "2: date: '2020-07-31T08:00' is not a date: write it"),
        ("sick,,20200731,1,,,", "2: date: '20200731' is not a date: write it as in 2020-07-31"),
        (
            "budget,,2020-06-30,2,,,",
            "2: date: 2020-06-30 already has an entry for the same indicator and organization",
        ),
        (
            "sick,,2020-07-31,1,,a,b,c",
            "2: has 8 cells, but there are 7 columns; quote cells that contain ,",
        ),
        ("sick,,2020-07-31,1", "2: has 4 cells, but there are 7 columns; keep empty cells"),
        ('sick,,2020-07-31,"1,,,', "2: is not valid CSV: unexpected end of data"),
    ],
)
def test_a_wrong_row_is_named(tmp_path, row, wanted):
    (found,) = faults(tmp_path, HEADER + row + "\n")
    assert found.startswith(wanted)


def test_every_fault_is_found_at_once(tmp_path):
    rows = "nobody,Nora,x,six,seven,,\nsick,,2020-07-31,1,,,\nsick,,2020-07-31,2,,,\n"
    assert [line.split(":")[:2] for line in faults(tmp_path, HEADER + rows)] == [
        ["2", " indicator"],
        ["2", " organization"],
        ["2", " date"],
        ["2", " value"],
        ["2", " forecast"],
        ["4", " date"],
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "",
            "1: has no column date; known columns: indicator, organization, date, value",
        ),
        ("indicator,date,note\n", "1: has an unknown column 'note'; known columns: "),
        ("indicator,date,value,Value\n", "1: has the column value twice; remove one"),
    ],
)
def test_a_wrong_header(tmp_path, text, wanted):
    assert faults(tmp_path, text)[0].startswith(wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: 1\n", "must be a list of entries"),
        ("- 5\n", "1: an entry must have keys"),
        ("- {indicator: sick, date: 2020-07-31, amount: 5}\n", "1: 'amount' is not a known key"),
        ("- {indicator: sick\n", "2: not valid YAML"),
        ("-\n  indicator: sick\n  date: 2020-07-31\n  value: [1]\n", "2: value: [1] is not an am"),
        ("- {indicator: sick, date: 2020-07-31, value: .nan}\n", "1: value: nan is not an amount"),
    ],
)
def test_wrong_yaml(tmp_path, text, wanted):
    assert faults(tmp_path, text, "yaml")[0].startswith(wanted)


def test_no_such_file_and_other_encodings(tmp_path):
    file = board(tmp_path, "")
    (tmp_path / "values.csv").unlink()
    _, (fault,), _ = load_and_check(file)
    assert fault.text(file) == f"{tmp_path}/values.csv: cannot be read: No such file or directory"
    (tmp_path / "values.csv").write_bytes(b"indicator,date\nsick,\xe5\n")
    _, (fault,), _ = load_and_check(file)
    assert fault.message == "is not UTF-8 text; save it as CSV UTF-8"
    (tmp_path / "values.csv").write_bytes(b"#" * (1 << 21))
    _, (fault,), _ = load_and_check(file)
    assert fault.message == "is larger than 1024 KiB"


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("85 %", "85", "%"),
        ("85%", "85", "%"),
        ("6,06", "6.06", None),
        ("-420 tkr", "-420", "tkr"),
        ("−420", "-420", None),
        ("1 579 tkr", "1579", "tkr"),
        ("1\u00a0579,5", "1579.5", None),
        ("1 234 567", "1234567", None),
        ("9.5 business_days", "9.5", "business_days"),
        (1579, "1579", None),
        (6.06, "6.06", None),
        (True, "1", None),
        ("Nej", "0", None),
    ],
)
def test_amounts(text, number, unit):
    amount = Amount.parse(text)
    assert (str(amount.number), amount.unit) == (number, unit)


@pytest.mark.parametrize(
    ("text", "number"),
    [("1579", "1579"), ("1.5790", "1.5790"), ("0.579", "0.579"), ("0,579", "0.579"),
     ("1234.567", "1234.567"), ("12,5", "12.5"), ("1.57", "1.57"), ("1 579", "1579")],
)  # fmt: skip
def test_what_has_one_reading(text, number):
    assert str(Amount.parse(text).number) == number


@pytest.mark.parametrize("text", ["1,579", "1.579", "-12,345 tkr", "−123.456", "999,000 %"])
def test_thousands_or_decimals(text):
    with pytest.raises(
        ValueError, match=r"may be \S+ or \S+: write \S+, or \S+0 with one more decimal"
    ):
        Amount.parse(text)


def test_lines_are_those_of_the_file_whatever_their_texts_hold(tmp_path):
    """Some signs end a line in the eyes of some programs, and a quoted text may hold several."""
    rows = 'sick,,2020-07-30,1,,a\x85b\u2028c\x1cd,\nsick,,2020-07-31,1,,"two\nlines",\n'
    settings = load_settings(board(tmp_path, HEADER + rows))
    comments = [value.comment for value in settings.indicators["sick"].values]
    assert comments == ["a\x85b\u2028c\x1cd", "two\nlines"]
    assert faults(tmp_path, HEADER + rows + "nobody,,2020-07-31,1,,,\n") == [
        "5: indicator: there is no indicator 'nobody'"
    ]


INLINE = """
timezone: UTC
indicators:
  one: {{kind: manual, {}}}
"""


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ('unit: tkr, target: ">= 5%"', "indicators.one.target: '>= 5%' is not in the indicator's"),
        ('target: ">= 5 tkr"', "indicators.one.target: '>= 5 tkr' is not in the indicator's unit"),
        ('unit: tkr, target: "yes"', "indicators.one.target: the unit is tkr; yes or no needs the"),
        ('target: "no"', "indicators.one.target: the unit is none; yes or no needs the unit ye"),
        ('unit: yes/no, target: ">= 1"', 'indicators.one.target: the unit is yes/no: write "yes"'),
        ('unit: "%", versions: [{valid_from: 2021-01-01, target: "> 5 tkr"}]',
         "indicators.one.versions[0].target: '> 5 tkr' is not in the indicator's unit (%)"),
        ("unit: yes/no, values: [{date: 2020-01-01, value: 2}]",
         "indicators.one.values[0].value: must be yes or no, or 1 or 0, since its unit is yes/no"),
        ("unit: yes/no, values: [{date: 2020-01-01, forecast: 0.5}]",
         "indicators.one.values[0].forecast: must be yes or no, or 1 or 0, since its unit"),
        ("unit: tkr, values: [{date: 2020-01-01, value: yes}]",
         "indicators.one.values: entry 0 is yes or no, but the unit is tkr: write a number"),
        ('values: [{date: 2020-01-01, value: 1}, {date: 2020-01-02, value: "ja"}]',
         "indicators.one.values: entry 1 is yes or no, but the unit is none: write a number"),
    ],
)  # fmt: skip
def test_figures_given_by_hand_are_in_their_unit(tmp_path, keys, wanted):
    file = tmp_path / "a.yaml"
    file.write_text(INLINE.format(keys))
    _, found, _ = load_and_check(file)
    (fault,) = found
    assert f"{fault.path}: {fault.message}".startswith(wanted)


@pytest.mark.parametrize(
    ("keys", "values"),
    [
        ('unit: tkr, target: ">= 5 tkr"', []),
        ('unit: tkr, target: ">= 5"', []),
        ('target: ">= 5", values: [{date: 2020-01-01, value: "1.5790"}]', [1.579]),
        ('unit: yes/no, target: "yes", values: [{date: 2020-01-01, value: yes}, '
         '{date: 2020-01-02, value: "no"}, {date: 2020-01-03, value: ja}, '
         "{date: 2020-01-04, value: 0}]", [1, 0, 1, 0]),
    ],
)  # fmt: skip
def test_units_that_agree(tmp_path, keys, values):
    file = tmp_path / "a.yaml"
    file.write_text(INLINE.format(keys))
    assert [each.value for each in load_settings(file).indicators["one"].values] == values


@pytest.mark.parametrize(
    ("indicator", "wanted"),
    [
        ('kind: count, target: ">= 100 st"', "is a number of records: write it without a unit"),
        ('kind: count, target: ">= 10%"', "is a number of records: write it without a unit"),
        ('kind: count, target: "yes"', 'must be a number, as in ">= 100"'),
        ('kind: count, target: ">= -1"', "must not be negative"),
        (
            'kind: mean_duration, to: resolved, calendar: c, target: "<= -1h"',
            "must not be negative",
        ),
    ],
)
def test_targets_of_what_is_counted(tmp_path, indicator, wanted):
    file = tmp_path / "a.yaml"
    calendar = 'calendars: {c: {timezone: UTC, hours: {mon: ["08:00-09:00"]}}}'
    file.write_text(f"timezone: UTC\n{calendar}\nindicators:\n  one: {{{indicator}}}\n")
    _, (fault,), _ = load_and_check(file)
    assert fault.path == "indicators.one.target"
    assert fault.message.startswith(wanted)


@pytest.mark.parametrize("text", ["", "%", "5 5", "1,5,5", "abc", None, float("inf"), [1], "5 % x"])
def test_no_amounts(text):
    with pytest.raises(ValueError, match="is not an amount"):
        Amount.parse(text)
