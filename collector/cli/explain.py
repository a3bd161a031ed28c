"""Implements ``explain``: prints every record behind a figure."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from collector.cli.arguments import (
    check_indicators,
    instant_or_now,
    language_of,
    parse_period_option,
)
from collector.cli.options import Format, OutputLanguage, WrongInput, find_configuration
from collector.cli.tables.definitions import (
    print_definition,
    print_restatements,
    print_values_by_hand,
)
from collector.cli.tables.explanations import print_figure, print_records
from collector.cli.tables.layout import console
from collector.config.loading.load import load_settings
from collector.measuring.engine.explain import Explanation, explanations
from collector.measuring.engine.questions import (
    manual_values_known,
    open_measuring,
    period_figures,
)
from collector.measuring.figures.rules import rules_in_words
from collector.text.dates import local_times
from collector.text.words.tables import word


def print_explanations(
    *,
    indicator: str,
    period: str,
    organization: str | None,
    verdict: str | None,
    disagreements: bool,
    limit: int | None,
    now: str | None,
    output: Format,
    language: OutputLanguage | None,
    config: Path | None,
    restate: bool,
) -> None:
    """Print every record behind a figure: verdict, reason and arithmetic.

    Raises WrongInput for an unknown indicator, verdict or organization, or a wrong period.
    """
    settings = load_settings(find_configuration(config))
    check_indicators(settings, [indicator])
    if verdict not in (None, "met", "missed", "pending", "excluded"):
        raise WrongInput(f"--verdict {verdict}: must be met, missed, pending or excluded")
    if organization is not None and organization not in settings.organizations:
        raise WrongInput(f"--organization {organization}: is not one of the configured ones")
    at = instant_or_now(now, settings.timezone)
    with open_measuring(settings, restate=restate, known_at=at if now else None) as measuring:
        chosen = parse_period_option(measuring, period, at)
        found = explanations(
            measuring,
            indicator,
            chosen,
            at,
            organization,
            verdict,
            disagreements=disagreements,
        )
        gone = measuring.purged.gone(chosen)
        if output is not Format.TABLE:
            if gone is not None:
                print(f"note: {word('purged_list', 'en', *gone)}", file=sys.stderr)
            _write_for_programs(islice(found, limit), settings.timezone, output)
            return
        figures, _ = period_figures(measuring, chosen, at, [indicator])
        spoken = language_of(settings, language)
        out, when = console(), local_times(settings.timezone, spoken, settings.locale)
        for figure in figures:
            if figure.organization != organization:
                continue
            days = [chosen.first, *figure.turns]
            rule = rules_in_words(settings, indicator, days, spoken)
            print_figure(figure, rule, spoken, out)
            print_definition(settings, indicator, days, spoken, out)
        restated = measuring.store.ledger.restatements(indicator)
        print_restatements(restated, when, spoken, out)
        print_values_by_hand(manual_values_known(measuring, indicator), when, spoken, out)
        if gone is not None:
            out.print(word("purged_list", spoken, *gone), markup=False)
        print_records(islice(found, limit), when, spoken, out)


def _write_for_programs(found: Iterable[Explanation], timezone: str, output: Format) -> None:
    # Imported here because the terminal's table needs none of it.
    from collector.cli.output import write  # noqa: PLC0415
    from collector.measuring.engine.explanation_rows import (  # noqa: PLC0415
        EXPLANATION_COLUMNS,
        explanation_record,
        explanation_row,
    )
    from collector.text.iso_times import iso_instants  # noqa: PLC0415

    instant = iso_instants(timezone)
    made = explanation_row if output is Format.CSV else explanation_record
    write((made(each, instant) for each in found), EXPLANATION_COLUMNS, output.value, sys.stdout)
