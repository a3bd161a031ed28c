"""The command line: ``servicedesk-kpi``. Exit codes: 0 done, 1 a problem found, 2 wrong input."""

from __future__ import annotations

import codecs
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from itertools import islice
from typing import Annotated, NoReturn

import typer

from collector import __version__
from collector.arguments import (
    ConfigOption,
    Format,
    LanguageOption,
    NowOption,
    PeriodOption,
    SpeechOption,
    WrongInput,
    check_indicators,
    find_configuration,
    instant_of,
    now_or,
    period_of,
)
from collector.configuration import examine, load_settings
from collector.explain import Explanation
from collector.indicators.figures import Figure
from collector.output import (
    EXPLANATION_COLUMNS,
    FIGURE_COLUMNS,
    explanation_record,
    figure_record,
    iso_instants,
    write_csv,
    write_json,
)
from collector.runtime import (
    CannotListen,
    check_online,
    explanations,
    opened,
    period_figures,
    poll_once,
)
from collector.settings import Settings
from collector.sources.base import SourceError
from collector.store import PollState, StoreError
from collector.terminal import (
    console,
    local_times,
    print_board,
    print_explanation,
    print_figure,
    print_formulas,
    print_sources,
)
from collector.values import Language, SecretUnavailable
from collector.yaml_file import FaultyFile

CHATTY = ("apscheduler", "alembic", "urllib3", "sqlalchemy", "uvicorn")
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
    except WrongInput as wrong:
        _fail(f"error: {wrong}")
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
    for name in CHATTY:
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
    if faults or settings is None:
        raise FaultyFile(file, faults)
    if not offline:
        problems = check_online(settings, print)
        if problems:
            _fail("\n".join(f"{file}: {problem}" for problem in problems))
    counted = f"{len(settings.indicators)} indicators, {len(settings.sources)} sources"
    print(f"{file}: all is well ({counted}, {len(settings.organizations)} organizations)")


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
    with _in_words():
        code = poll_once(settings, names, start, print)
    if code:
        raise typer.Exit(code)


@app.command()
def measure(
    period: PeriodOption,
    by: Annotated[str | None, typer.Option(help="organization: also each of them.")] = None,
    indicator: Annotated[list[str] | None, typer.Option(help="Only this one; repeatable.")] = None,
    now: NowOption = None,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    language: SpeechOption = LanguageOption.EN,
    config: ConfigOption = None,
) -> None:
    """Print the figures of a period."""
    if by not in (None, "organization"):
        raise WrongInput(f"--by {by}: figures can be split by organization")
    settings = load_settings(find_configuration(config))
    check_indicators(settings, indicator or [])
    at = now_or(now, settings.timezone)
    with _in_words(), opened(settings) as measuring:
        chosen = period_of(measuring.today(at), period)
        figures, states = period_figures(measuring, chosen, at, indicator)
        if by is None:
            figures = [f for f in figures if f.organization is None]
        bounds = measuring.instants(chosen)
    _print_figures(figures, bounds, states, at, settings, output, language.value)


@app.command()
def explain(
    indicator: Annotated[str, typer.Argument(help="The indicator's id.")],
    period: PeriodOption,
    organization: Annotated[str | None, typer.Option(help="Only this organization.")] = None,
    verdict: Annotated[
        str | None, typer.Option(help="Only met, missed, pending or excluded.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most this many records.")] = None,
    now: NowOption = None,
    output: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
    config: ConfigOption = None,
) -> None:
    """Print every record behind a figure: verdict, reason and arithmetic."""
    settings = load_settings(find_configuration(config))
    check_indicators(settings, [indicator])
    if verdict not in (None, "met", "missed", "pending", "excluded"):
        raise WrongInput(f"--verdict {verdict}: is met, missed, pending or excluded")
    if organization is not None and organization not in settings.organizations:
        raise WrongInput(f"--organization {organization}: not one of the configured ones")
    at = now_or(now, settings.timezone)
    with _in_words(), opened(settings) as measuring:
        chosen = period_of(measuring.today(at), period)
        figures, _ = period_figures(measuring, chosen, at, [indicator])
        figures = [f for f in figures if f.organization == organization]
        found = explanations(measuring, indicator, chosen, at, organization, verdict)
        _print_explanations(found, figures, settings, limit, output)


@app.command()
def run(config: ConfigOption = None) -> None:
    """Poll, measure and serve /metrics, /healthz and /readyz until stopped."""
    from collector.service import serve

    settings = load_settings(find_configuration(config))
    with _in_words():
        serve(settings)


@app.command()
def demo(
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
            "left out.",
        ),
    ] = None,
    language: SpeechOption = LanguageOption.EN,
) -> None:
    """Run against a simulated desk and telephone system with a year of history."""
    from collector.demo.run import run_demo

    with _in_words():
        run_demo(
            port=port,
            seed=seed,
            speed=speed,
            seconds=seconds,
            months=months,
            start=None if start is None else instant_of(start, "Europe/Stockholm"),
            language=language.value,
        )


@contextmanager
def _in_words() -> Iterator[None]:
    """Turn what can go wrong outside into one line for people."""
    try:
        yield
    except (StoreError, SourceError, SecretUnavailable, CannotListen) as error:
        raise WrongInput(str(error)) from None


def _print_figures(
    figures: list[Figure],
    bounds: tuple[int, int],
    states: dict[str, PollState],
    now: int,
    settings: Settings,
    output: Format,
    language: Language,
) -> None:
    instant = iso_instants(settings.timezone)
    records = (figure_record(f, instant(bounds[0]), instant(bounds[1])) for f in figures)
    if output is Format.JSON:
        write_json(records, sys.stdout)
    elif output is Format.CSV:
        write_csv(records, FIGURE_COLUMNS, sys.stdout)
    else:
        when = local_times(settings.timezone)
        out = console()
        name = figures[0].period.name if figures else ""
        print_board(figures, f"{name} · {when(bounds[0])} – {when(bounds[1])}", language, out)
        print_formulas(figures, out)
        print_sources(states, now, when, out)


def _print_explanations(
    found: Iterator[Explanation],
    figures: list[Figure],
    settings: Settings,
    limit: int | None,
    output: Format,
) -> None:
    found = islice(found, limit)
    instant = iso_instants(settings.timezone)
    if output is not Format.TABLE:
        records = (explanation_record(each, instant) for each in found)
        if output is Format.JSON:
            write_json(records, sys.stdout)
        else:
            write_csv(records, EXPLANATION_COLUMNS, sys.stdout)
        return
    out, when = console(), local_times(settings.timezone)
    for figure in figures:
        print_figure(figure, out)
    for each in found:
        print_explanation(each, when, out)
