"""The table of docs/mutation.md from what mutmut left in mutants/: mutants by module and fate."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from mutmut.stats import status_by_exit_code

FATES = ("killed", "timeout", "survived", "no tests")
ROOT = Path("mutants/collector")


def fates(file: Path) -> Counter[str]:
    """How many mutants of one module met which fate; whatever else there is counts as survived."""
    codes = json.loads(file.read_text())["exit_code_by_key"].values()
    found = (status_by_exit_code[code] for code in codes)
    return Counter(fate if fate in FATES else "survived" for fate in found)


def line(name: str, count: Counter[str]) -> str:
    """A row: a mutant that no test reaches has survived, one that never ends is dead."""
    mutants, alive = count.total(), count["survived"] + count["no tests"]
    share = 100 * (1 - alive / mutants)
    cells = (name, mutants, count["killed"], count["timeout"], alive, f"{share:.1f} %")
    return f"| {' | '.join(map(str, cells))} |"


def main() -> None:
    """Prints the table, the whole last."""
    print("| module | mutants | killed | timeouts | survived | share killed |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    whole: Counter[str] = Counter()
    for file in sorted(ROOT.rglob("*.py.meta")):
        if count := fates(file):
            whole += count
            print(line(str(file.relative_to(ROOT)).removesuffix(".meta"), count))
    print(line("all", whole))


if __name__ == "__main__":
    main()
