"""The office's files: every way in which Excel and people write them, what is told of faults."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.config.loading.load import load_settings
from collector.config.settings import Settings, fiscal_year
from collector.io.yaml import FaultyFile
from collector.model.periods import Period, written_period
from collector.report.content.office_tables import climate_table, warning_text
from collector.report.office import Office, commentary_of, read_all_offices, read_office
from collector.report.office.files import read_sheet
from collector.report.office.ledgers import parse_amount, parse_ledger
from tests.worlds.commands import run_here

CONFIG = """
timezone: Europe/Stockholm
organizations: [Askersund, Laxå]
indicators:
  urgent: {kind: manual, unit: "%", target: ">= 90%"}
  budget: {kind: manual, unit: tkr, target: ">= 0 tkr"}
"""
HEADER = ";Budget;Utfall 200731;Årsprognos;Avvikelse\n"
NBSP = "\u00a0"


class Desk:
    """A configuration with a folder for July 2020."""

    def __init__(self, root: Path, more: str = "") -> None:
        self.config = root / "a.yaml"
        self.config.write_text(CONFIG + more, encoding="utf-8")
        self.root = root / "committee"

    def put(self, name: str, content: str | bytes, folder: str = "2020-07") -> None:
        path = self.root / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def comment(self, name: str, text: str, folder: str = "2020-07") -> None:
        self.put(name, text, f"../commentary/{folder}")

    @property
    def settings(self) -> Settings:
        return load_settings(self.config)

    def period(self, text: str = "2020-07") -> Period:
        return written_period(text, fiscal_year(self.settings))

    def read(self, period: str = "2020-07") -> Office:
        return read_office(self.settings, self.period(period))

    def faults(self) -> list[str]:
        """What is wrong, each as FILE:LINE: column: message."""
        with pytest.raises(FaultyFile) as found:
            self.read()
        lines = str(found.value).splitlines()
        start = f"{self.root}/2020-07"
        assert all(line.startswith(start) for line in lines), lines
        return [line.removeprefix(start).removeprefix("/") for line in lines]

    def doubts(self, language: str = "en") -> list[str]:
        """What is doubtful, each as FILE:LINE: what and what to do."""
        return [
            f"{Path(each.where).name}: {warning_text(each, language)}"
            for each in self.read().warnings
        ]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def amounts(office: Office) -> list[tuple[str, ...]]:
    assert office.economy is not None
    return [
        (row.name, *(str(getattr(row.amounts, n)) for n in ("budget", "outcome", "forecast")))
        for row in office.economy.rows
    ]


def test_both_folders_lie_beside_the_configuration(tmp_path):
    found = Desk(tmp_path).settings.committee
    assert (found.folder, found.commentary) == (
        f"{tmp_path}/committee",
        f"{tmp_path}/commentary",
    )


def test_nothing_there_is_nothing_in_the_document(desk):
    assert desk.read() == Office()
    assert read_all_offices(desk.settings) == ([], [], [])


def test_an_empty_folder_too(desk):
    desk.put(".gitkeep", "")
    desk.put("README.md", "How this folder is used")
    desk.put("~$ekonomi.xlsx", "lock")
    assert desk.read() == Office()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-34 559", "-34559"),
        ("−34 559", "-34559"),
        ("– 34 559", "-34559"),
        (f"-34{NBSP}559", "-34559"),
        ("-34\u202f559", "-34559"),
        ("1 234 567", "1234567"),
        ("1 579,5", "1579.5"),
        ("0,1", "0.1"),
        ("1579 tkr", "1579"),
        ("0", "0"),
        ("0,10", "0.10"),
    ],
)
def test_amounts(text, number):
    assert str(parse_amount(text)) == number


@pytest.mark.parametrize(
    "text",
    ["1,579", "1.579", "34 55", "420 kr", "80 %", "x", "ja", "(420)", "--5", "1e3", "", "9" * 20],
)
def test_no_amounts_in_tkr(text):
    with pytest.raises(ValueError, match=r"is not an amount|may be|too many"):
        parse_amount(text)


ECONOMY = HEADER + "Intäkter;-34 559;-20 222;-34 620;61\nLokaler, hyror;34 559;219,5;34 559;0\n"
READ = [("Intäkter", "-34559", "-20222", "-34620"), ("Lokaler, hyror", "34559", "219.5", "34559")]


@pytest.mark.parametrize(
    "content",
    [
        ECONOMY.encode(),
        ECONOMY.replace("\n", "\r\n").encode("utf-8-sig"),
        ECONOMY.replace("-", "–").encode("cp1252"),
        ECONOMY.replace(" 5", f"{NBSP}5").encode("cp1252"),
        ECONOMY.replace(";", "\t").encode("utf-16"),
        ("sep=;\r\n" + ECONOMY).encode(),
        ECONOMY.replace("\n", ";;\n").encode(),
        (ECONOMY + ";;;;\n\n").encode(),
        ECONOMY.replace("Lokaler, hyror", '"Lokaler,\nhyror"').encode(),
        ECONOMY.replace("Utfall 200731", '"Utfall\n200731"').encode(),
        ECONOMY.replace("Budget", "Budget 2020 (tkr)").encode(),
        unicodedata.normalize("NFD", ECONOMY).encode(),
    ],
    ids=[
        "UTF-8", "BOM", "Windows-1252", "NBSP", "UTF-16", "sep", "empty columns", "empty rows",
        "line breaks", "heading of two lines", "unit in heading",
        "decomposed letters",
    ],
)  # fmt: skip
def test_as_excel_saves_it(desk, content):
    desk.put("ekonomi.csv", content)
    office = desk.read()
    assert amounts(office) == READ
    assert office.warnings == ()
    assert str(office.economy.as_of) == "2020-07-31"


@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.sampled_from(
                [HEADER, "A", ";", "\n", "1", "-1 000", "1,5", "Summa", '"', "\x00", "å"]
            ),
            max_size=30,
        ).map(lambda parts: (HEADER + "".join(parts)).encode("cp1252")),
    ),
    st.sampled_from(["csv", "yaml"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_read_or_its_fault_told(tmp_path, content, suffix):
    file = tmp_path / f"economy.{suffix}"
    file.write_bytes(content)
    try:
        found, faults, _ = parse_ledger(read_sheet(file), date(2020, 7, 31), [])
    except FaultyFile as faulty:
        faults, found = faulty.faults, None
    assert (found is None) == bool(faults)
    assert all(each.file == str(file) and each.message for each in faults)


@pytest.mark.parametrize("name", ["economy.yaml", "Ekonomi.yml"])
def test_as_yaml(desk, name):
    desk.put(
        name,
        "- {post: Intäkter, budget: -34 559, utfall: -20222, prognos: -34620}\n"
        '- {post: "Lokaler, hyror", budget: 34559, utfall: 219.5, prognos: "34 559"}\n'
        "- {post: Summa, prognos: -61}\n",
    )
    assert amounts(desk.read()) == READ
    assert desk.read().warnings == ()


def test_amounts_are_exact(desk):
    rows = "".join(f"R{n};0,1;0,2;0,3;-0,2\n" for n in range(10))
    desk.put("ekonomi.csv", f"{HEADER}{rows}Summa;1;2;3;-2\n")
    office = desk.read()
    assert office.warnings == ()
    assert office.economy.total.deviation == Decimal(-2)


def test_a_sum_that_does_not_add_up(desk):
    desk.put("ekonomi.csv", HEADER + "A;10;5;12;-2\nB;1;1;1;0\n\nSumma;11;7;13;-2\n")
    assert desk.doubts("sv") == [
        "ekonomi.csv:5: Summan under Utfall 200731 skrivs som 7, men raderna ger 6. "
        "Dokumentet visar det uträknade; rätta talet i filen."
    ]
    office = desk.read()
    assert [each.shown for each in office.warnings] == [True]
    assert office.economy.total.outcome == 6


def test_a_deviation_that_does_not_add_up(desk):
    desk.put("ekonomi.csv", HEADER + "A;1000;5;2795;1 795\nB;1;1;1;\n")
    assert desk.doubts() == [
        "ekonomi.csv:2: A: the deviation is given as 1,795, but budget minus forecast is −1,795. "
        "The document shows the computed value; correct the number in the file."
    ]


def test_a_sum_without_a_name_only_at_the_end(desk):
    desk.put("ekonomi.csv", HEADER + "A;1;1;1;0\n;1;1;1;0\n")
    assert [row.name for row in desk.read().economy.rows] == ["A"]
    desk.put("ekonomi.csv", HEADER + "A;1;1;1;0\n;1;1;1;0\nB;1;1;1;0\n")
    assert desk.faults() == ["ekonomi.csv:3: has no name; add one"]


@pytest.mark.parametrize("name", ["Summa kostnader", "Delsumma", "Totalt", "Sum of costs"])
def test_a_sum_among_the_rows_would_count_twice(desk, name):
    desk.put("ekonomi.csv", HEADER + f"A;1;1;1;0\n{name};1;1;1;0\nB;1;1;1;0\n")
    assert desk.faults() == [
        f"ekonomi.csv:3: {name!r} is a subtotal; remove it, since sums are computed"
    ]


def test_every_fault_at_once_with_its_line(desk):
    desk.put("ekonomi.csv", HEADER + "A;x;1;1;0\nB;1;;1;0\nC;1,579;1;1;420 kr\n")
    desk.put("investeringar.csv", "Investering;Budget;Prognos\nA;1;1\n")
    desk.put("beslut.csv", "Beslut;Kommentar\nA;B\n")
    desk.put("klimat.yaml", "tonnes: 0\nby: x\nsaved: 1\n")
    found = desk.faults()
    assert [line.split(" ")[0] for line in found] == [
        "beslut.csv:1:", "ekonomi.csv:2:", "ekonomi.csv:3:", "ekonomi.csv:4:", "ekonomi.csv:4:",
        "investeringar.csv:1:", "klimat.yaml:1:", "klimat.yaml:3:",
    ]  # fmt: skip
    assert found[0].endswith("has no column Status; there are: Beslut, Kommentar")
    assert found[1].endswith("'x' is not an amount in tkr: write it like 1579 or -34559")
    assert found[2].endswith("Utfall 200731: is empty; write 0 for no amount")
    assert "may be 1579 or 1.579" in found[3]
    assert "'420 kr' is not an amount in tkr" in found[4]
    assert found[5].endswith("has no column Utfall; there are: Budget, Prognos")
    assert "tonnes: must be more than 0" in found[6]
    assert "saved: is not a known key" in found[7]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "ekonomi.csv: is empty; write headings in its first row"),
        (HEADER, "ekonomi.csv: has no rows; add one, or remove the file"),
        (HEADER + "A;1;1\n", "ekonomi.csv:2: has 3 cells under 5 headings"),
        (HEADER + "A;1;1;1;0;9\n", "ekonomi.csv:2: has 6 cells under 5 headings"),
        (HEADER + 'A;"1;1;1;0\nB;1;1;1;0\n', "is not valid CSV"),
        (";Budget;budget;Utfall;Prognos\n", "ekonomi.csv:1: has the heading 'budget' twice"),
        (";Utfall 200731;Utfall 190731;Budget;Prognos\nA;1;1;1;1\n",
         "ekonomi.csv:1: Utfall 190731: is a second Utfall column; remove one"),
        (";Budget 2019;Utfall;Prognos\nA;1;1;1\n", "ekonomi.csv:1: has no column Budget"),
        (";Budget;Utfall föregående år;Prognos\nA;1;1;1\n", "ekonomi.csv:1: has no column Utfall"),
        (HEADER + "A\x00;1;1;1;0\n", "ekonomi.csv:2: contains a control character (0x00)"),
    ],
)  # fmt: skip
def test_tables_that_cannot_be_read(desk, text, told):
    desk.put("ekonomi.csv", text)
    assert told in "\n".join(desk.faults())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: 1\n", "must be a list of rows"),
        ("- 1\n", "economy.yaml:1: must be a mapping of column names"),
        ("- {post: A, budget: [1], utfall: 1, prognos: 1}\n", "budget: must be a number or text"),
        ("- {post: A, budget: true, utfall: 1, prognos: 1}\n", "budget: must be a number or text"),
        ("- {post: A\n", "not valid YAML"),
    ],
)
def test_yaml_that_cannot_be_read(desk, text, told):
    desk.put("economy.yaml", text)
    assert told in "\n".join(desk.faults())


def test_lines_are_counted_as_the_editor_does(desk):
    rows = '"A\nB";1;1;1;0\n\nC;x;1;1;0\n'
    desk.put("ekonomi.csv", HEADER + rows)
    assert desk.faults()[0].startswith("ekonomi.csv:5: Budget: 'x'")
    desk.put("ekonomi.csv", "sep=;\n" + HEADER + rows)
    assert desk.faults()[0].startswith("ekonomi.csv:6: Budget: 'x'")


def test_last_years_columns_are_not_shown(desk):
    header = ";Budget 2019;Budget 2020;Utfall;Utfall föregående år;Prognos 2\n"
    desk.put("ekonomi.csv", header + "A;7;1;2;8;3\n")
    assert amounts(desk.read()) == [("A", "1", "2", "3")]
    assert desk.doubts() == [
        f"ekonomi.csv:1: The column “{name}” is not used. Correct its name or remove it."
        for name in ("Budget 2019", "Utfall föregående år")
    ]
    assert not any(each.shown for each in desk.read().warnings)


def test_a_row_that_is_there_twice_is_told(desk):
    desk.put("ekonomi.csv", HEADER + "A;1;1;1;0\nB;1;1;1;0\nA;1;1;1;0\n")
    (told,) = desk.doubts()
    assert told.startswith("ekonomi.csv:4: “A” appears twice. Both count")
    assert desk.read().economy.total.budget == 3


def test_every_file_that_was_read_has_its_digest(desk):
    desk.put("ekonomi.csv", ECONOMY)
    desk.put("01-start.md", "Text")
    desk.put("logga.png", "x")
    desk.comment("urgent.md", "Text")
    files = desk.read().files
    assert [name for name, _ in files] == [
        "commentary/2020-07/urgent.md", "committee/2020-07/01-start.md",
        "committee/2020-07/ekonomi.csv",
    ]  # fmt: skip
    assert files[1][1] == hashlib.sha256(b"Text").hexdigest()
    desk.put("ekonomi.csv", ECONOMY + "\n")
    changed = desk.read().files
    assert [one == other for one, other in zip(files, changed, strict=True)] == [True, True, False]


def test_an_outcome_of_another_day(desk):
    desk.put("ekonomi.csv", HEADER.replace("200731", "2020-06-30") + "A;1;1;1;0\n")
    (told,) = desk.doubts("sv")
    assert "Utfallet gäller till 2020-06-30, rapporten till 2020-07-31." in told


def test_organizations_that_are_not_configured(desk):
    desk.put("investeringar.csv", "Kommun;Budget;Utfall;Prognos\nLaxå;1;1;1\nLaxa;2;2;2\n"
             "Gemensamt;3;3;3\nSumma;6;6;6\n")  # fmt: skip
    (told,) = desk.doubts()
    assert told.startswith(
        "investeringar.csv:3: “Laxa” is not one of the configured organizations."
    )
    assert desk.read().investments.total.budget == 6


def test_files_that_nobody_reads(desk):
    for name in ("ekonmi.csv", "ekonomi.xlsx", "klimat.csv", "logga.png"):
        desk.put(name, "x")
    desk.put("x.md", "y", "2020-07/bilder")
    assert [line.partition(" Correct")[0] for line in desk.doubts()] == [
        "bilder: Not read: it is a folder.",
        "ekonmi.csv: Not read: no part of the report has that name; did you mean ekonomi.",
        "ekonomi.xlsx: Not read: save it as .csv or .yaml or .yml.",
        "klimat.csv: Not read: save it as .yaml or .yml.",
        "logga.png: Not read: no part of the report has that name.",
    ]


def test_a_part_given_twice(desk):
    desk.put("ekonomi.csv", ECONOMY)
    desk.put("economy.yaml", "- {post: A, budget: 1, utfall: 1, prognos: 1}\n")
    desk.put("ekonomi.md", "En text")
    desk.put("economy.md", "En annan")
    assert desk.faults() == [
        "ekonomi.csv: also exists as economy.yaml; keep one of them",
        "ekonomi.md: also exists as economy.md; keep one of them",
    ]


@pytest.mark.parametrize("name", ["2020-07", "2020-07..2020-07", "2020-07-01..2020-07-31"])
def test_a_folder_is_called_as_its_period(desk, name):
    desk.put("ekonomi.csv", ECONOMY, name)
    assert desk.read().economy is not None
    assert desk.read("2020-06").economy is None


def test_parts_of_years_by_either_name(desk):
    desk.put("ekonomi.csv", ECONOMY.replace(" 200731", ""), "2020-h1")
    assert desk.read("2020-01..2020-06").economy is not None


def test_two_folders_of_the_same_dates(desk):
    for name in ("2020-07", "2020-07..2020-07"):
        desk.put("ekonomi.csv", ECONOMY, name)
    assert desk.faults() == [
        ": 2020-07 and 2020-07..2020-07 are for the same dates; merge them into one folder"
    ]


def test_folders_that_are_no_period(desk):
    desk.put("ekonomi.csv", ECONOMY, "juli 2020")
    desk.put("ekonomi.csv", ECONOMY, "month")
    _, faults, doubts = read_all_offices(desk.settings)
    assert (faults, [Path(each.file).name for each in doubts]) == ([], ["juli 2020", "month"])


def test_a_folder_that_the_configuration_names_and_is_not_there(tmp_path):
    desk = Desk(tmp_path, "committee: {folder: kommitte}\n")
    _, _, doubts = read_all_offices(desk.settings)
    assert [Path(each.file) for each in doubts] == [tmp_path / "kommitte"]
    (tmp_path / "kommitte").write_text("no folder")
    _, faults, _ = read_all_offices(desk.settings)
    assert "must be a folder" in faults[0].message


def test_check_names_every_fault_of_every_report(desk):
    desk.put("ekonomi.csv", HEADER + "A;x;1;1;0\n", "2019-07")
    desk.put("ekonomi.csv", HEADER + "A;1;1;1;1\n")
    desk.put("01-start.md", "![Graf](a.png)\n")
    desk.comment("urgent.md", "Se [filen](a.pdf)\n", "2020-05")
    desk.comment("urgnt.md", "Text\n", "2020-07")
    done = run_here("check", "--offline", "--config", desk.config)
    assert done.code == 2
    assert "committee/2019-07/ekonomi.csv:2: Budget: 'x' is not an amount" in done.err
    assert "warning: " + str(desk.root / "2020-07/ekonomi.csv:2: A: the deviation") in done.err
    assert "01-start.md:1: An image was left out: Graf. Describe it in words." in done.err
    assert "2020-05/urgent.md:1: A link was left out: a.pdf." in done.err
    assert done.err.count("there is no indicator urgnt; did you mean urgent") == 1
    assert "Traceback" not in done.err


def test_decisions_whose_cells_hold_anything(desk):
    desk.put("beslut.csv", 'Status;Beslut;Kommentar;Nr\nPågår;Att {införa} <b>;;7\n;B;"a;b";8\n')
    office = desk.read()
    assert [(d.decision, d.status, d.comment) for d in office.decisions] == [
        ("Att {införa} <b>", "Pågår", ""),
        ("B", "", "a;b"),
    ]
    assert [line.partition(".csv:")[2] for line in desk.doubts()] == [
        "1: The column “Nr” is not used. Correct its name or remove it.",
        "3: The decision has no status. Add one, such as Pågår.",
    ]


SAVED = "tonnes: 1,7\nby: {sv: Retur, en: Returns}\nsource: Leverantören\ncomparisons:\n"


def compared(desk: Desk, *lines: str) -> list[tuple[str, ...]]:
    desk.put("klimat.yaml", SAVED + "".join(f"  - {line}\n" for line in lines))
    table = climate_table(desk.read().climate, "en")
    return [tuple(cell.text for cell in row) for row in table.rows]


def test_comparisons_by_a_factor(desk):
    rows = compared(
        desk,
        "{unit: mil, kg: 0.95, km: 10, source: Trafikverket}",
        "{unit: varv, kg: 3807.125, km: 40075, source: Trafikverket}",
    )
    assert rows == [
        ("mil", "1,789", "computed with 0.95 kg CO2-eq. per unit; Trafikverket"),
        ("varv", "0.45", "computed with 3,807.125 kg CO2-eq. per unit; Trafikverket"),
    ]
    assert desk.read().warnings == ()


def test_the_reports_own_distances_are_one(desk):
    """45 639 mil are 11.388 times 40 075 km: the report cut what rounds to 11.39."""
    compared(desk, "{unit: mil, value: 45639, km: 10}", "{unit: varv, value: 11.38, km: 40075}")
    assert desk.read().warnings == ()
    compared(desk, "{unit: mil, value: 45639, km: 10}", "{unit: varv, value: 1.14, km: 40075}")
    (told,) = desk.doubts()
    assert told.startswith("klimat.yaml:6: varv is 45,686 km, but mil is 456,390 km.")


def test_a_comparison_that_its_factor_denies(desk):
    rows = compared(desk, "{unit: mil, kg: 0.95, value: 45639, source: x}")
    assert rows[0][1] == "1,789"
    (told,) = desk.doubts()
    assert "mil: the file says 45,639, but the factor gives 1,789." in told


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{unit: mil}", "needs a value, or kg"),
        ("{unit: mil, kg: 0.95}", "has kg without source"),
        ("{unit: mil, value: 0}", "must be more than 0"),
        ("{unit: mil, value: many}", "is not an amount"),
        ("{value: 1}", "unit: is missing"),
    ],
)
def test_no_comparison_is_invented(desk, line, told):
    desk.put("klimat.yaml", f"{SAVED}  - {line}\n")
    (fault,) = desk.faults()
    assert told in fault
    assert fault.startswith("klimat.yaml:5: comparisons[0]")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ett överskott på 420 kr", "420 kr"),
        ("Underskottet om ca 1,9 mkr", "1,9 mkr"),
        ("ett överskott\npå 1 564\ntkr", "1 564 tkr"),
        ("a deficit of 99 tkr", "99 tkr"),
        ("ett överskott på 421 tkr", "421 tkr"),
        # these are in the table, as they are or rounded, or of another year, or no such amount
        ("ett överskott på 420 tkr", None),
        ("ett överskott på 420 000 kronor", None),
        ("ett överskott på drygt 1,6 mkr", None),
        ("ett överskott på 0,4 miljoner kronor", None),
        ("personalens överskott om 1 537 tkr", None),
        ("ett överskott på 0 tkr", None),
        ("2019 var det ett överskott på 900 tkr", None),
        ("Förra årets överskott på 900 tkr", None),
        ("Licenser kostar 99 tkr mer", None),
        ("ett överskott på 5 procent", None),
    ],
)
def test_a_surplus_that_no_table_knows(desk, text, told):
    desk.put("ekonomi.csv", HEADER + "Personal;1 957;-1 579;420;1 537\nB;420;0;1 537;-1117\n")
    desk.put("01-start.md", f"# Start\n\nEn rad.\n{text}. En till.\n")
    found = [line for line in desk.doubts() if "no table" in line]
    if told is None:
        assert found == []
    else:
        line = 4
        assert [each.replace(NBSP, " ").partition(" Compare")[0].partition(" Did you")[0]
                for each in found] == [
            f"01-start.md:{line}: The text mentions {told}, which is in no table."
        ]  # fmt: skip


def test_without_tables_no_surplus_is_doubted(desk):
    desk.put("01-start.md", "Ett överskott på 420 kr.")
    assert desk.doubts() == []


def test_chapters_in_the_order_of_their_numbers_in_one_language(desk):
    for name in ("10-sist.md", "2-mitt.md", "risker_och-hot.md", "2-mitt.en.md", "3-enbart.sv.md"):
        desk.put(name, "Text")
    desk.put("1-start.md", "\ufeff\n# Inledning #\nText")
    office = desk.read()
    assert [each.title for each in office.chapters("sv")] == [
        "Inledning", "Mitt", "Enbart", "Sist", "Risker och hot",
    ]  # fmt: skip
    assert [(s.title, s.language) for s in office.chapters("en")] == [
        ("Inledning", None), ("Mitt", "en"), ("Sist", None), ("Risker och hot", None),
    ]  # fmt: skip
    assert office.sections[0].text == "Text"
    assert office.sections[0].line == 3


def test_commentary_of_the_month_that_a_period_ends_in(desk):
    desk.comment("urgent.md", "I juli")
    desk.comment("urgent.en.md", "In July")
    desk.comment("budget.md", "Juli")
    desk.comment("budget.md", "Januari till juli", "2020-01..2020-07")
    desk.comment("urgent.md", "I juni", "2020-06")

    def said(period, indicator, language="sv"):
        found = commentary_of(desk.settings, desk.period(period), indicator, language)
        return found and (found.text, found.period)

    assert said("2020-07", "urgent") == ("I juli", "2020-07")
    assert said("2020-07", "urgent", "en") == ("In July", "2020-07")
    assert said("2020-01..2020-07", "urgent") == ("I juli", "2020-07")
    assert said("2020-01..2020-07", "budget") == ("Januari till juli", "2020-01..2020-07")
    assert said("2020-01..2020-07", "budget", "en")[0] == "Januari till juli"
    assert said("2020-07", "budget") == ("Juli", "2020-07")
    assert said("2020-06", "urgent") == ("I juni", "2020-06")
    assert said("2020-06", "budget") is None
    assert said("2020-08", "urgent") is None
    assert said("2020", "urgent") is None


def test_commentary_of_no_indicator(desk):
    desk.comment("urgnet.md", "Text")
    desk.comment("urgent.txt", "Text")
    desk.comment("budget.md", " \n")
    told = [line.partition(" Correct")[0] for line in desk.doubts()]
    assert told == [
        "budget.md: Not read: it is empty.",
        "urgent.txt: Not read: it is not a Markdown file.",
        "urgnet.md: Not read: there is no indicator urgnet; did you mean urgent.",
    ]
    assert desk.read().commentary == ()
