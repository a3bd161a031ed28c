"""Every code has its sentence in a snapshot and its words elsewhere, in both languages."""

from __future__ import annotations

import pytest

from collector.model.bilingual import Text
from collector.model.codes import DayKind, GapReason, SpecialDay
from collector.snapshot.completeness import Gap
from collector.snapshot.sentences import gap_sentence, sealed_times
from collector.text.words.reasons import day_words, gap_remedy
from tests.worlds.measured import at

NOTED = {
    GapReason.BEGINS_WITHIN,
    GapReason.BEGINS_WITHIN_YEAR,
    GapReason.ENDS_EARLY,
    GapReason.NO_SOURCE,
}
"""What keeps no period from being frozen: there is nothing to do about it first."""
WHEN = sealed_times("Europe/Stockholm")
AT = at("2020-06-18 16:50")


@pytest.mark.parametrize("reason", GapReason)
def test_every_reason_has_a_sentence_without_a_hole(reason: GapReason) -> None:
    said = gap_sentence(Gap("desk", reason, AT, title=Text(sv="Svar", en="Answers")), WHEN)
    for text in (said.sv, said.en):
        assert text.endswith(".")
        assert not set("{}") & set(text)


def test_a_sentence_names_the_source_and_the_local_instant() -> None:
    said = gap_sentence(Gap("desk", GapReason.NOT_READ, AT), WHEN)
    assert said.en == (
        "The source desk is known up to Thu 2020-06-18 16:50:00: its last whole reading began then."
    )
    assert said.sv == (
        "Källan desk är känd till tor 2020-06-18 16:50:00: då började den senaste hela läsningen."
    )
    export = gap_sentence(Gap("desk", GapReason.FAILING, AT, exported=True), WHEN)
    assert export.en.endswith("its newest file was written then.")
    empty = gap_sentence(Gap("desk", GapReason.NO_RECORDS), WHEN)
    assert empty.en.endswith("not a single record.")


def test_an_hour_that_comes_twice_is_written_with_its_offset() -> None:
    first, second = (WHEN(at("2020-10-25 02:30") + hours * 3600).en for hours in (0, 1))
    assert first == "Sun 2020-10-25 02:30:00 +0200"
    assert second == "Sun 2020-10-25 02:30:00 +0100"


@pytest.mark.parametrize("reason", [each for each in GapReason if each not in NOTED])
def test_every_reason_that_stops_a_freeze_says_what_to_do(reason: GapReason) -> None:
    said = gap_remedy(reason, "desk", "Wed 2020-07-01 00:00:00", "it timed out", exported=False)
    assert said
    assert not set("{}") & set(said)


def test_an_old_export_is_made_anew_before_it_is_read() -> None:
    assert gap_remedy(GapReason.NOT_READ, "desk", "", "", exported=True) == (
        "export it again, then read it: servicedesk-kpi poll desk"
    )


@pytest.mark.parametrize(
    ("day", "sv", "en"),
    [
        (SpecialDay(DayKind.HOLIDAY, "Annandag-jul"), "Annandag-jul", "Annandag-jul"),
        (SpecialDay(DayKind.CLOSED), "stängt enligt konfigurationen", "closed by configuration"),
        (SpecialDay(DayKind.SHORT, "08:00-12:00"), "kort dag 08:00–12:00", "short day 08:00–12:00"),
        (SpecialDay(DayKind.SHORT), "stängt enligt konfigurationen", "closed by configuration"),
        (SpecialDay(DayKind.OPEN, "09:00-14:00"), "öppet 09:00–14:00", "open 09:00–14:00"),
        (SpecialDay(DayKind.NO_HOURS), "stängt hela dagen", "closed all day"),
    ],
)
def test_a_day_is_written_in_both_languages(day: SpecialDay, sv: str, en: str) -> None:
    assert (day_words(day, "sv"), day_words(day, "en")) == (sv, en)
