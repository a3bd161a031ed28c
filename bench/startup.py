"""The start-up cost of commands, in CPU time of their process (user + system).

``python bench/startup.py [--against TREE]`` compares with a bare typer application that has as many
empty commands, and runs ``measure`` on a small store; ``--against`` also compares with ``measure``
of another checkout with a ``.venv``. Medians of interleaved runs.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from collector.cli.main import app

ROOT = Path(__file__).parents[1]
ROUNDS = 9
BARE = """import typer
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
@app.callback(invoke_without_command=True)
def common(version: bool = False) -> None:
    if version:
        raise typer.Exit
for n in range({count}):
    app.command(f"command{{n}}")(lambda: None)
app()
"""
SETTINGS = """store: sqlite:///store.sqlite
timezone: Europe/Stockholm
sources: {phone: {type: csv_calls, path: calls.csv}}
calendars:
  office:
    {timezone: Europe/Stockholm, hours: {mon-fri: ["08:00-17:00"]}, holidays: {country: SE}}
indicators:
  answered: {title: Answered, kind: service_level, within: 20s, target: ">= 70%"}
"""
HEADER = "id,queue,organization,entered_at,outcome,wait_seconds\n"


def cpu_seconds(command: Sequence[str | Path], folder: Path) -> float:
    """CPU seconds of one run, user and system together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def side_by_side(ours: Sequence[str | Path], theirs: Sequence[str | Path], folder: Path) -> str:
    """A line with the median CPU seconds of both commands, run alternately, and their ratio."""
    runs = [(cpu_seconds(ours, folder), cpu_seconds(theirs, folder)) for _ in range(ROUNDS + 1)]
    a, b = (statistics.median(each) for each in zip(*runs[1:], strict=True))  # the first compiles
    return f"{a:.3f} s, beside {b:.3f} s: {a / b:.2f} times"


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--against", type=Path, help="another checkout, set up")
    other = parser.parse_args().against
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    program, python = ROOT / ".venv/bin/servicedesk-kpi", ROOT / ".venv/bin/python"
    with TemporaryDirectory() as name:
        folder = Path(name)
        count = len(app.registered_commands) + len(app.registered_groups)
        (folder / "bare.py").write_text(BARE.format(count=count))
        print(f"CPU time beside a bare typer application of {count} commands")
        for argument in ("--help", "--version", "nonsense"):
            bare = [python, folder / "bare.py", argument]
            print(f"  {argument:10}{side_by_side([program, argument], bare, folder)}")
        (folder / "servicedesk.yaml").write_text(SETTINGS)
        rows = [f"{n},it,,2020-07-{n % 28 + 1:02} 10:00:00,answered,{n % 40}\n" for n in range(400)]
        (folder / "calls.csv").write_text(HEADER + "".join(rows))
        subprocess.run([program, "poll"], cwd=folder, check=True, capture_output=True)
        measure = ["measure", "--period", "2020-07", "--now", "2020-08-03"]
        subprocess.run([program, *measure], cwd=folder, check=True, capture_output=True)
        print("CPU time of measure on a small store")
        print(f"  --help    {side_by_side([program, *measure], [program, '--help'], folder)}")
        if other is not None:
            theirs = [other.resolve() / ".venv/bin/servicedesk-kpi", *measure]
            print(f"  {other}    {side_by_side([program, *measure], theirs, folder)}")


if __name__ == "__main__":
    main()
