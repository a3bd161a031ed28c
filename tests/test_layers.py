"""The house: fourteen packages in their order, a pure middle, and no circle between files."""

import ast
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "collector"

ORDER = (
    *("model", "business_time", "io", "text", "sources", "config", "store"),
    *("measuring", "snapshot", "report", "monitoring", "web", "service", "cli"),
)
INSIDE = {
    "measuring": ("verdicts", "kinds", "judge", "figures", "engine"),
    "report": ("charts", "office", "content", "render", "delivery"),
}
"""Where a package has an order of its own: which of its parts may import which."""

PURE = (
    "model",
    "business_time",
    "measuring.verdicts",
    "measuring.kinds",
    "measuring.judge",
    "measuring.figures",
)
OUTSIDE = {"time", "os", "socket", "requests", "sqlalchemy", "random", "logging", "pathlib"}
MOST_UNITS = 16
MOST_IMPORTS = 80


@cache
def modules() -> dict[str, Path]:
    """Every module of the program by its dotted name."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if "migrations" not in path.parts:
            found[name] = path
    return found


@cache
def imported(name: str) -> frozenset[str]:
    """What a module imports: modules of the program in full, wherever the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(modules()[name].read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert not node.level, f"{name}: write imports in full"
            members = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {each if each in modules() else node.module for each in members}
    return frozenset(found)


def package(name: str) -> str:
    """The room of a module: ``collector.text.numbers`` lies in ``text``."""
    return [*name.split("."), ""][1]


def edges() -> set[tuple[str, str]]:
    """Which package imports which."""
    pairs = {
        (package(name), package(other))
        for name in modules()
        for other in imported(name)
        if other.startswith("collector.")
    }
    return {(room, other) for room, other in pairs if room and room != other}


def below(name: str, order: tuple[str, ...], depth: int) -> int | None:
    """The place of a module in an order of packages; None where it is in none of them."""
    parts = name.split(".")
    return order.index(parts[depth]) if len(parts) > depth and parts[depth] in order else None


def test_the_house_has_fourteen_rooms() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    loose = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    assert rooms == set(ORDER)
    assert not loose, "a module lies in one of the rooms"


def test_there_are_few_units_and_few_imports_between_them(capsys: pytest.CaptureFixture) -> None:
    units = {package(name) for name in modules()} - {""} | {"dashboards"}
    with capsys.disabled():
        print(f"\nhouse: {len(units)} units, {len(edges())} imports between packages", end=" ")
    assert len(units) <= MOST_UNITS
    assert len(edges()) <= MOST_IMPORTS


def test_a_package_imports_only_what_stands_above_it() -> None:
    upward = [
        f"{name} imports {other}"
        for name in modules()
        for other in sorted(imported(name))
        if other.startswith("collector.")
        and package(name)
        and ORDER.index(package(other)) > ORDER.index(package(name))
    ]
    assert not upward


@pytest.mark.parametrize("room", INSIDE)
def test_inside_a_package_the_order_holds_too(room: str) -> None:
    order, wrong = INSIDE[room], []
    for name in modules():
        own = below(name, order, 2) if package(name) == room else None
        for other in imported(name):
            place = below(other, order, 2) if other.startswith(f"collector.{room}.") else None
            if own is not None and place is not None and place > own:
                wrong.append(f"{name} imports {other}")
    assert not wrong


def test_all_of_measuring_has_a_place_in_its_order() -> None:
    parts = {name.split(".")[2] for name in modules() if name.startswith("collector.measuring.")}
    assert parts == set(INSIDE["measuring"])


def test_the_middle_touches_no_clock_and_no_door() -> None:
    impure = [
        f"{name} imports {other}"
        for name in modules()
        if name.removeprefix("collector.").startswith(PURE)
        for other in imported(name)
        if other.split(".")[0] in OUTSIDE
    ]
    assert not impure


def test_no_circle_between_files() -> None:
    graph = {
        name: {other for other in imported(name) if other in modules() and other != name}
        for name in modules()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(circle.args[1]))


def test_boards_are_built_from_the_program_not_with_it() -> None:
    assert not [
        name for name in modules() if any(o.startswith("dashboards") for o in imported(name))
    ]


def test_every_package_says_what_it_is_for() -> None:
    said = {
        room: ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text()))
        for room in ORDER
    }
    assert all(said.values()), said


def test_no_file_is_too_long_to_find_ones_way() -> None:
    long = {
        name: n
        for name, path in modules().items()
        if (n := len(path.read_text().splitlines())) > 350
    }
    assert not long


MOST_OF_A_SYSTEM = 150
LONGER_SYSTEMS = {
    "zammad": (180, "states go by type or name, answers come from the ticket or from its articles"),
    "itop": (190, "a ticket, its history, its people and its teams are asked for by class, in OQL"),
    "znuny": (200, "routes are settings, errors come with 200, one hidden ticket fails a batch"),
    "glpi": (210, "a session, numbered criteria, and a log that tells all apart by numbers"),
    "jira_service_management": (
        480,
        "Cloud and Data Center are two interfaces, and so in three files",
    ),
}
"""Ticket systems that need more lines than others: how many at most, and why."""


def test_a_ticket_system_is_a_short_file_over_the_kit() -> None:
    """What several of them repeat belongs in the kit."""
    lines: Counter[str] = Counter()
    for name, path in modules().items():
        if name.startswith("collector.sources."):
            lines[name.split(".")[2]] += len(path.read_text().splitlines())
    files = {path.stem for path in (PACKAGE / "sources").glob("*.py")} - {"__init__"}
    most = dict.fromkeys(files, MOST_OF_A_SYSTEM)
    most |= {each: limit for each, (limit, _) in LONGER_SYSTEMS.items()}
    assert {"topdesk", "zammad"} <= files
    assert not {each: lines[each] for each, limit in most.items() if lines[each] > limit}
