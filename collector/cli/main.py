"""The command line: ``servicedesk-kpi``. Exit codes: 0 done, 1 a problem found, 2 wrong input."""

from __future__ import annotations

import codecs
import json
import logging
import os
import sys
from io import TextIOWrapper
from typing import Annotated, NoReturn

import typer

from collector import __version__
from collector.cli.arguments import (
    ConfigOption,
    LanguageOption,
    RestateOption,
    SpeechOption,
    WrongInput,
    find_configuration,
    instant_of,
)
from collector.cli.explain import explain
from collector.cli.forecast import forecast
from collector.cli.measure import measure
from collector.cli.provision import provision
from collector.cli.report import report
from collector.cli.snapshot import snapshot
from collector.cli.what_if import what_if
from collector.config.loading.load import examine, load_settings
from collector.config.settings import Settings
from collector.io.errors import UserFacingError
from collector.io.yaml import Fault, FaultyFile
from collector.service.poll import check_online, poll_once

_CHATTY = ("apscheduler", "alembic", "urllib3", "sqlalchemy", "uvicorn")
"""Loggers of libraries whose everyday lines are nobody's concern here."""

app = typer.Typer(
    name="servicedesk-kpi",
    help="Exact service-desk indicators from ticket and telephone systems.",
    pretty_exceptions_enable=False,
    add_completion=False,
)

log = logging.getLogger("servicedesk_kpi")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """What a terminal of another encoding than UTF-8 is shown: a missing ✓ is no fault."""
    assert isinstance(error, UnicodeEncodeError)
    signs = {"≥": ">=", "≤": "<=", "–": "-"}
    return "".join(signs.get(c, "?") for c in error.object[error.start : error.end]), error.end


codecs.register_error("plainly", _plainly)

_UsageError: type[typer.BadParameter] = typer.BadParameter.__bases__[0]


def main() -> None:
    """Run the command line. A user's mistake prints one line a fault and exits 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plainly")
    try:
        code = _run()
        sys.stdout.flush()
    except FaultyFile as faulty:
        _fail(str(faulty))
    except UserFacingError as error:
        _fail(f"error: {error}")
    except BrokenPipeError:
        # The reader of our output went away, as `head` does; that is no fault of anybody.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        code = 130
    sys.exit(code)


def _run() -> int:
    """Run what the arguments ask for; the exit code. Raises WrongInput for wrong arguments."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("servicedesk-kpi", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    except _UsageError as error:
        text = error.format_message().rstrip(".").replace("Value error, ", "")
        asked = error.ctx.command_path if error.ctx else "servicedesk-kpi"
        text = " ".join(text.replace("Input should be", "must be").split())
        raise WrongInput(f"{text}; see {asked} --help") from None
    return 0


def _fail(text: str) -> NoReturn:
    print(text, file=sys.stderr)
    sys.exit(2)


@app.callback(invoke_without_command=True)
def _common(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log more.")] = False,
) -> None:
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
        datefmt="%Y-%m-%dT%H:%M:%S%z",
        stream=sys.stderr,
    )
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # the service tells of the rest
    if version:
        print(f"servicedesk-kpi {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(2)


@app.command()
def check(
    config: ConfigOption = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Only the file; ask no source and no store.")
    ] = False,
) -> None:
    """Check the configuration, and that the store and every source answer."""
    file = find_configuration(config)
    settings, faults, warnings = examine(file)
    for warning in warnings:
        print(f"warning: {warning.text(file)}", file=sys.stderr)
    if settings is not None:
        faults += _check_office(settings)
    if faults or settings is None:
        raise FaultyFile(file, faults)
    if not offline:
        problems = check_online(settings, print)
        if problems:
            _fail("\n".join(f"{file}: {problem}" for problem in problems))
    counted = f"{len(settings.indicators)} indicators, {len(settings.sources)} sources"
    print(f"{file}: all is well ({counted}, {len(settings.organizations)} organizations)")


def _check_office(settings: Settings) -> list[Fault]:
    """Tell what is doubtful of the files that the office keeps; what is wrong with them."""
    from collector.report.content.office_tables import examined_offices

    doubts, faults = examined_offices(settings)
    for doubt in doubts:
        print(f"warning: {doubt}", file=sys.stderr)
    return faults


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration, for editors."""
    described = Settings.model_json_schema(by_alias=True)
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", **described}
    print(json.dumps(described, indent=2, ensure_ascii=False))


@app.command()
def poll(
    source: Annotated[str | None, typer.Argument(help="One source; all when left out.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Read again from this date on.")
    ] = None,
    config: ConfigOption = None,
    restate: RestateOption = False,
) -> None:
    """Read every source to its end once, then stop."""
    settings = load_settings(find_configuration(config))
    if not settings.sources:
        raise WrongInput("there are no sources to read; add one under sources")
    if source is not None and source not in settings.sources:
        known = ", ".join(settings.sources) or "none"
        raise WrongInput(f"there is no source {source!r}; configured are: {known}")
    start = None if since is None else instant_of(since, settings.timezone)
    names = [source] if source else list(settings.sources)
    code = poll_once(settings, names, start, print, restate=restate)
    if code:
        raise typer.Exit(code)


for _command in (measure, explain, forecast, provision, report):
    app.command()(_command)
app.command("what-if")(what_if)
app.add_typer(snapshot, name="snapshot")


@app.command()
def run(config: ConfigOption = None, restate: RestateOption = False) -> None:
    """Poll, measure and serve /metrics, /healthz and /readyz until stopped."""
    from collector.service.service import serve

    file = find_configuration(config)
    serve(file, restate=restate)


@app.command()
def demo(
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on; 0: any.")] = 9109,
    seed: Annotated[int, typer.Option(help="Another seed, another desk.")] = 1,
    speed: Annotated[int, typer.Option(min=1, help="Simulated seconds per second.")] = 60,
    seconds: Annotated[
        int | None, typer.Option(min=1, help="Stop by itself after so many seconds.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=60, help="Months of history.")] = 13,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="ISO",
            help="The simulated present at the start; now, or else the next office hour, when "
            "left out; at --speed 1 always now.",
        ),
    ] = None,
    language: SpeechOption = LanguageOption.EN,
) -> None:
    """Run against a simulated desk and telephone system with a year of history."""
    from collector.cli.demo.run import run_demo

    run_demo(
        host=host,
        port=port,
        seed=seed,
        speed=speed,
        seconds=seconds,
        months=months,
        start=None if start is None else instant_of(start, "Europe/Stockholm"),
        language=language.value,
    )
