"""What every kind of indicator must do. It runs for each entry of the table by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from collector.config.checks.consistency import contradictions
from collector.config.definitions import definition_content, parsed_value
from collector.config.indicators import KINDS as MODELS
from collector.measuring.engine.arithmetic import arithmetic
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.explain import explain
from collector.measuring.figures.figure import Figure, manual_figure, measured_figure
from collector.measuring.figures.outlook import Outlook
from collector.measuring.figures.rules import rules_in_words
from collector.measuring.figures.tally import columns, counts, tally
from collector.measuring.judge import deadlines_ahead, judge
from collector.measuring.kinds.base import Kind
from collector.measuring.kinds.progress import Progress
from collector.measuring.kinds.table import KINDS, kind_of
from collector.measuring.verdicts.counts import Counts
from collector.measuring.verdicts.timeline import Timeline, Verdict
from collector.model.bilingual import LANGUAGES, Language
from collector.model.codes import STATES
from collector.model.columns import Int64
from collector.model.periods import FiscalYear, Period, parse_period
from collector.monitoring.metrics.figures import figure_families, target_families
from collector.report.content.definition_words import value_in_words
from collector.report.content.definitions import definition_text
from collector.report.content.report import Report
from collector.store import Store
from collector.text.dates import local_times
from tests.conformance.kind_docs import BLOCK, PAGE, table
from tests.conformance.kind_examples import EXAMPLES, NOW, PERIOD, Example
from tests.worlds import report_world
from tests.worlds.measured import LOCAL, ORGANIZATIONS, at, measure, settings_of, timeline_of
from tests.worlds.samples import save

TODAY = date(2020, 7, 14)
HALF = Progress(0.5, stale=False)
EXPECTED = Outlook(0.5, low=0.4, high=0.6)
NAMES = tuple(KINDS)

each_kind = pytest.mark.parametrize("name", NAMES)
each_language = pytest.mark.parametrize("language", ["sv", "en"])


def example(name: str) -> tuple[Kind[Any], Example]:
    assert name in EXAMPLES, f"tests/conformance/kind_examples.py has no example of {name}"
    return KINDS[name], EXAMPLES[name]


def indicator(name: str, **more: Any) -> dict[str, Any]:
    return {"kind": name, **example(name)[1].settings, **more}


def timeline(name: str, **rules: Any) -> Timeline:
    return timeline_of(indicator(name), {"min_n": 1, **rules})


def tallied(name: str, **rules: Any) -> Counts:
    """The example's verdicts, summed over the organization that all its records are of."""
    chosen = timeline(name, **rules)
    found_table, _ = measure(chosen, list(example(name)[1].records), NOW)
    judged = judge(chosen, found_table, at(NOW), LOCAL)
    day: Int64 = judged.verdicts.counted_at * 0
    sums = tally(chosen, found_table, judged.verdicts, judged.checks, day, 1, ORGANIZATIONS)
    assert sums.shape == (1, len(ORGANIZATIONS) + 1, columns(chosen))
    assert not sums[0, ORGANIZATIONS.index("Askersund")].any()
    return counts(chosen, sums[0, ORGANIZATIONS.index("Laxå")])


def figure(name: str, period: str = PERIOD, **rules: Any) -> Figure:
    """The example's figure."""
    chosen = timeline(name, **rules)
    span: Period = parse_period(period, TODAY)
    if not KINDS[name].is_measured:
        return manual_figure(chosen, span, None, TODAY, FiscalYear())
    return measured_figure(chosen, tallied(name, **rules), span, None, HALF, TODAY)


def test_every_kind_has_settings_and_all_settings_a_kind() -> None:
    assert list(KINDS) == list(MODELS)
    assert set(EXAMPLES) == set(KINDS)


@each_kind
def test_it_is_one_file_and_the_table_finds_it_by_its_settings(name: str) -> None:
    kind = KINDS[name]
    assert Path(f"{type(kind).__module__.replace('.', '/')}.py").stem == name
    assert kind_of(timeline(name).versions[0].indicator) is kind
    assert (kind.name, kind.settings) == (name, MODELS[name])
    assert kind.is_measured == bool(kind.settings.RECORDS)
    assert type(kind).__doc__


@each_kind
def test_verdicts_counted_by_hand(name: str) -> None:
    kind, by_eye = example(name)
    if not kind.is_measured:
        assert not by_eye.records
        return
    chosen = timeline(name)
    _, found = measure(chosen, list(by_eye.records), NOW)
    reasons = [chosen.reasons[reason] for reason in found.reason]
    words = [Verdict(each).name.lower() for each in found.verdict]
    assert tuple(map(" ".join, zip(words, reasons, strict=True))) == tuple(
        f"{each} " if " " not in each else each for each in by_eye.verdicts
    )


@each_kind
def test_the_figure_counted_by_hand(name: str) -> None:
    kind, by_eye = example(name)
    found = figure(name)
    assert found.value == pytest.approx(by_eye.value)
    assert (found.good, found.eligible, found.pending) == (
        by_eye.good,
        by_eye.eligible,
        by_eye.pending,
    )
    assert found.excluded == by_eye.excluded
    assert found.state == by_eye.state
    assert found.formula.startswith(by_eye.formula)
    assert (found.unit in {"ratio", "seconds"}) == (kind.family != "value")
    assert (found.shown_in is not None) == kind.is_mean
    assert found.threshold is not None
    assert bool(sum(found.histogram)) == kind.is_timed


@each_kind
def test_without_a_record_it_is_not_measured(name: str) -> None:
    kind = KINDS[name]
    if kind.is_measured:
        chosen = timeline(name)
        empty = measured_figure(chosen, Counts(), parse_period(PERIOD, TODAY), None, HALF, TODAY)
    else:
        empty = figure(name, "2010-07")
    assert (empty.value, empty.state) == (None, "no_data")


def _states(kind: Kind[Any], chosen: Timeline) -> Iterator[str | None]:
    """The states of many figures: all and none good, few records and many, under way and over."""
    yardstick = chosen.versions[0]
    progress = (
        Progress(0.5, stale=False),
        Progress(1.0, stale=False),
        Progress(0.5, stale=True),
        Progress(0.5, stale=False, unread=True),
    )
    sizes, shares, pending, seconds = (0, 1, 8, 900), (0, 0.5, 0.89, 1), (0, 3, 9), (1, 2, 7, 9)
    for far, n, part, open_, hours in product(progress, sizes, shares, pending, seconds):
        good = round(n * part)
        sums = Counts(good=good, eligible=n, pending=open_, seconds=hours * 3600 * n)
        yield kind.state(yardstick, sums, kind.value(kind.numerator(sums), n), far)
    for value, hoped, over in product((None, 4.0, 6.0), (None, 4.0, 6.0), (False, True)):
        if not kind.is_measured:
            yield kind.state_by_hand(yardstick, value, hoped, over=over)


@each_kind
@pytest.mark.parametrize("higher", [True, False])
def test_it_reaches_the_states_that_it_declares_and_no_other(name: str, higher: bool) -> None:
    kind = KINDS[name]
    target = str(indicator(name)["target"]).replace(">=", "<").replace("<=", "<")
    target = target.replace("<", ">=" if higher else "<")
    chosen = timeline_of(indicator(name, target=target), {"min_n": 5})
    if kind.is_measured:
        found = set(_states(kind, chosen))
    else:  # what is never measured is only given
        yardstick = chosen.versions[0]
        found = {
            kind.state_by_hand(yardstick, value, hoped, over=over)
            for value, hoped, over in product((None, 4.0, 6.0), (None, 4.0, 6.0), (False, True))
        }
    assert found <= kind.states
    impossible = set()
    if kind.is_count and not higher:
        impossible = {"at_risk"}  # no record goes away again
    assert kind.states - found <= impossible
    assert kind.states <= set(STATES)


@each_kind
def test_few_records_hide_it_where_it_has_a_denominator(name: str) -> None:
    kind, by_eye = example(name)
    found = figure(name, min_n=99)
    assert (found.state == "too_few") == kind.has_denominator == ("too_few" in kind.states)
    shown = report_world.figure(
        found.good, found.eligible, found.state, value=found.value, pending=found.pending
    )
    entry = report_world.indicator(
        name, shown, kind=name, unit=found.unit, min_n=99, shown_in=found.shown_in,
        target=report_world.target(str(by_eye.settings["target"]), found.threshold or 0),
    )  # fmt: skip
    report = Report(report_world.content(entry), "en")
    (read,) = report.content.indicators
    assert (report.masks.figure(read, "year_to_date", None) is not None) == kind.has_denominator


@each_kind
def test_its_metrics_are_those_that_it_declares(name: str) -> None:
    kind = KINDS[name]
    found = replace(figure(name, "year_to_date"), outlook=EXPECTED)
    if kind.is_measured:  # one with everything that a figure can have
        sums = replace(tallied(name), good=3, eligible=9, pending=2)
        span = parse_period("year_to_date", TODAY)
        found = measured_figure(timeline(name), sums, span, None, HALF, TODAY)
        found = replace(found, outlook=EXPECTED)
    families = [
        *figure_families("indicator_", [found], whole=True),
        *target_families([found], LANGUAGES),
    ]
    told = {family.name.removeprefix("servicedesk_indicator_") for family in families
            if family.samples}  # fmt: skip
    assert told == set(kind.metrics)
    for family in families:
        assert all(sample.labels["indicator"] == "one" for sample in family.samples)


@each_kind
def test_every_record_is_explained(name: str, sqlite_url: str) -> None:
    kind, by_eye = example(name)
    if not kind.is_measured:
        return
    with Store.open(sqlite_url) as store:
        save(store, *by_eye.records)
        measuring = Measuring(settings_of({"one": indicator(name)}), store)
        chosen, period = measuring.timeline("one"), parse_period(PERIOD, TODAY)
        found = sorted(explain(measuring, chosen, period, at(NOW)), key=lambda each: each.id)
        ahead = list(
            deadlines_ahead(chosen, store.records.open_tickets(), at(NOW), measuring.local)
        )
    words = tuple(f"{each.verdict} {each.reason}".strip() for each in found)
    assert words == by_eye.verdicts
    assert bool(ahead) == kind.has_deadlines
    when = local_times("Europe/Stockholm")
    lines = [
        line
        for each in found
        if each.clock.start is not None
        for line in arithmetic(each, when, "en")
    ]
    assert by_eye.arithmetic in "\n".join(lines)
    assert bool(by_eye.arithmetic) == kind.is_timed


@each_kind
@each_language
def test_its_rule_is_a_sentence_in_either_language(name: str, language: Language) -> None:
    said = rules_in_words(settings_of({"one": indicator(name)}), "one", [TODAY], language)
    other = rules_in_words(
        settings_of({"one": indicator(name)}), "one", [TODAY], "en" if language == "sv" else "sv"
    )
    assert said and said != other
    assert not set("{}_") & set(said)


@each_kind
@each_language
def test_its_definition_is_printed(name: str, language: Language) -> None:
    kind = KINDS[name]
    settings = settings_of({"one": indicator(name)})
    path = "indicators.one.kind"
    definition = definition_content(settings, "one", TODAY)
    assert definition[path] == name
    words = kind.words.sv if language == "sv" else kind.words.en
    assert value_in_words("kind", name, language) == words != name
    frozen = {path: parsed_value(value) for path, value in definition.items()}
    entry = report_world.indicator("one", kind=name, definition=frozen)
    reports = (
        Report(report_world.content(entry), each)
        for each in (language, "en" if language == "sv" else "sv")
    )
    said, other = (definition_text(each, each.content.indicators[0]) for each in reports)
    assert said and said != other
    assert not set('{}_["') & set(said), "a sentence, and no settings"


@each_kind
@each_language
def test_it_has_a_cell_in_the_document(name: str, language: Language) -> None:
    kind, by_eye = example(name)
    found = figure(name)
    shown = report_world.figure(found.good, found.eligible, found.state, value=found.value)
    entry = report_world.indicator(
        name, shown, kind=name, unit=found.unit, min_n=1, shown_in=found.shown_in,
        target=report_world.target(str(by_eye.settings["target"]), found.threshold or 0),
    )  # fmt: skip
    report = Report(report_world.content(entry), language)
    cell = report.value(report.content.indicators[0], "year_to_date")
    assert any(character.isdigit() for character in cell.text)
    assert bool(cell.detail) == kind.has_denominator  # of how many


@each_kind
def test_wrong_settings_are_refused(name: str) -> None:
    _, by_eye = example(name)
    assert not contradictions(settings_of({"one": indicator(name)}))
    assert contradictions(settings_of({"one": indicator(name, **by_eye.bad)}))


def test_the_docs_have_the_table_of_kinds() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = BLOCK.search(page)
    assert found is not None
    assert found[0] == table(), "write it anew: python -m tests.conformance.kind_docs"
    assert [name for name in KINDS if f"\n### {name}\n" not in page] == []
