"""The command line: ``servicedesk-kpi``. Exit codes: 0 done, 1 a problem found, 2 wrong input."""

from __future__ import annotations

import atexit
import codecs
import gc
import os
import sys
from functools import cache
from io import TextIOWrapper
from typing import Annotated, Any, NoReturn

import typer

from collector import __version__
from collector.cli.commands.backup import backup, copy, restore
from collector.cli.commands.check import check
from collector.cli.commands.demo import demo
from collector.cli.commands.erase import erase
from collector.cli.commands.explain import explain
from collector.cli.commands.forecast import forecast
from collector.cli.commands.init import init
from collector.cli.commands.measure import measure
from collector.cli.commands.poll import poll
from collector.cli.commands.provision import provision
from collector.cli.commands.purge import purge
from collector.cli.commands.report import report
from collector.cli.commands.run import run
from collector.cli.commands.schema import schema
from collector.cli.commands.snapshot import snapshot
from collector.cli.commands.what_if import what_if
from collector.cli.logs import LogFormat, set_up_log
from collector.cli.options import WrongInput
from collector.io.errors import UserFacingError

COMPLETE_VARIABLE = "_SERVICEDESK_KPI_COMPLETE"
"""The environment variable by which a shell asks for completions."""

app = typer.Typer(
    name="servicedesk-kpi",
    help="Exact service-desk indicators from ticket and telephone systems.",
    pretty_exceptions_enable=False,
)

# Otherwise Pydantic searches the metadata of every installed package for plugins; we have none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """An encoding error handler: replaces what a terminal without UTF-8 cannot show."""
    assert isinstance(error, UnicodeEncodeError)
    ascii_forms = {"≥": ">=", "≤": "<=", "–": "-", "−": "-", "\N{NO-BREAK SPACE}": " "}
    text = error.object[error.start : error.end]
    return "".join(ascii_forms.get(c, "?") for c in text), error.end


codecs.register_error("plainly", _plainly)

_UsageError: type[typer.BadParameter] = typer.BadParameter.__bases__[0]


def main() -> None:
    """Run the command line and exit the process.

    A user's mistake prints one line for each fault and exits 2; an interrupt exits 130.
    """
    # What is imported stays until the end: with Python's threshold of 700 new objects, starting
    # looks through all of it a hundred times, and finds nothing to free.
    gc.set_threshold(50_000, 20, 20)
    atexit.register(gc.freeze)  # the same at the end: a sixth of the time of `measure`
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plainly")
    try:
        code = _run()
        sys.stdout.flush()
    except UserFacingError as error:
        _fail(error)
    except BrokenPipeError:
        # The reader of our output closed the pipe, as `head` does: not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        code = 130
    sys.exit(code)


@cache
def _command_line() -> Any:
    """All commands with their options, which take a quarter of the time of a short command."""
    return typer.main.get_command(app)


def _run() -> int:
    """Run the command and return its exit code. Raises WrongInput for wrong arguments."""
    command = _command_line()
    if COMPLETE_VARIABLE in os.environ:  # a shell asks what could come next
        command.main(prog_name="servicedesk-kpi", complete_var=COMPLETE_VARIABLE)
    try:
        with command.make_context("servicedesk-kpi", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    except _UsageError as error:
        text = error.format_message().rstrip(".").replace("Value error, ", "")
        used = error.ctx.command_path if error.ctx else "servicedesk-kpi"
        text = " ".join(text.replace("Input should be", "must be").split())
        raise WrongInput(f"{text}; see {used} --help") from None
    return 0


def _fail(error: UserFacingError) -> NoReturn:
    print(_complaint(error), file=sys.stderr)
    sys.exit(2)


def _complaint(error: UserFacingError) -> str:
    if isinstance(error, WrongInput):
        return f"error: {error}"
    from collector.io.yaml import FaultyFile  # noqa: PLC0415 - a wrong argument needs no YAML

    return str(error) if isinstance(error, FaultyFile) else f"error: {error}"


@app.callback(invoke_without_command=True)
def _common(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log debug messages.")] = False,
    log_format: Annotated[
        LogFormat,
        typer.Option(
            envvar="SERVICEDESK_KPI_LOG_FORMAT", help="The log: text, or one JSON object a line."
        ),
    ] = "text",
) -> None:
    set_up_log(log_format, verbose=verbose)
    if version:
        print(f"servicedesk-kpi {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


_COMMANDS = (
    init, check, schema, poll, measure, explain, forecast, provision, report, what_if, run, demo,
    backup, restore, copy, purge, erase,
)  # fmt: skip
"""In the order of ``--help``; each command is named after its function."""

for _command in _COMMANDS:
    app.command()(_command)
app.add_typer(snapshot, name="snapshot")
