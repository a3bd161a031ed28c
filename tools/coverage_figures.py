"""Print the coverage of the pure packages and of the whole from combined data, and whether each is
as high as it must be; the exit code is 1 where one is not. ``make coverage``

The share of branches is that of coverage.py's ``percent_branches_covered``: of all ways out of a
line that has several, those that some test took. ``coverage report`` shows a mean of statements and
branches instead, which is higher.
"""

import argparse
import json
from pathlib import Path
from tempfile import TemporaryDirectory

from coverage import Coverage


def totals(include: str | None) -> dict[str, float]:
    """Return the totals of coverage.py's JSON report on the files that ``include`` matches."""
    measured = Coverage()
    measured.load()
    with TemporaryDirectory() as folder:
        file = Path(folder, "coverage.json")
        measured.json_report(outfile=str(file), include=include and include.split(","))
        return json.loads(file.read_text())["totals"]


def main() -> None:
    """Print a line for each of the two, and exit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pure", required=True, help="patterns of the pure packages, by commas")
    parser.add_argument("--part", action="store_true", help="a part of the tests: only print")
    given = parser.parse_args()
    failed = False
    for name, include, least in (("pure packages", given.pure, 100), ("whole program", None, 95)):
        found = totals(include)
        low = found["percent_branches_covered"] < least or (
            least == 100 and found["missing_lines"] > 0
        )
        failed |= low
        print(
            f"{name}: {found['percent_branches_covered']:.2f} % of {found['num_branches']} branches"
            f" and {found['percent_statements_covered']:.2f} % of {found['num_statements']}"
            f" statements{f'; at least {least} % are wanted' if low else ''}"
        )
    raise SystemExit(failed and not given.part)


if __name__ == "__main__":
    main()
