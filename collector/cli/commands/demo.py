"""The options of ``demo``."""

from __future__ import annotations

from typing import Annotated

import typer

from collector.cli.options import OutputLanguage


def demo(
    host: Annotated[str, typer.Option(help="Address to serve on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to serve on; 0: any.")] = 9109,
    seed: Annotated[
        int, typer.Option(help="Seed of the simulation; another seed gives another desk.")
    ] = 1,
    speed: Annotated[int, typer.Option(min=1, help="Simulated seconds per second.")] = 60,
    seconds: Annotated[
        int | None, typer.Option(min=1, help="Stop after this many seconds.")
    ] = None,
    months: Annotated[int, typer.Option(min=1, max=60, help="Months of history.")] = 13,
    start: Annotated[
        str | None,
        typer.Option(
            metavar="ISO",
            help="The simulated time to start at. By default now, or outside office hours the "
            "next office hour; at --speed 1 always now.",
        ),
    ] = None,
    language: Annotated[
        OutputLanguage, typer.Option("--language", help="Language of titles and words.")
    ] = OutputLanguage.EN,
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
        start=start,
        language=language.value if language else "en",
    )
