"""What is said of the values that records have, in both languages."""

import pytest

from collector.model.records import Unrecorded
from collector.text.words.facts import also_text, lacking_text, unknown_text, unseen_text


def test_the_value_that_may_be_meant_comes_first_and_long_lists_end():
    seen = ["Nord", "Syd", "Öst", "servicedesk"]
    said = unseen_text("team", "Service Desk", seen, "en")
    assert said == (
        "no record has team 'Service Desk'; seen: servicedesk, Nord, Syd, Öst; did you mean "
        "'servicedesk'?"
    )
    many = [f"team {n}" for n in range(11)]
    assert unseen_text("team", "x", many, "en").endswith("team 5, team 6, … (11)")
    assert unseen_text("team", "x", [], "en") == "no record has team 'x'; seen: none"
    assert unseen_text("team", "x", [], "sv") == "ingen post har grupp 'x'; sedda: inga"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "poster har prioritet P5, P6, som inte finns bland hög, låg: översätt dem"),
        ("en", "records have priority P5, P6, which is none of hög, låg: map it"),
    ],
)
def test_values_that_are_none_of_ours(language, said):
    assert unknown_text("priority", ["P6", "P5"], ["hög", "låg"], language) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("sv", "poster har även grupp 'IT ', 'it' bredvid 'IT', som inte räknas: ange båda"),
        ("en", "records also have team 'IT ', 'it' beside 'IT', which do not count: name them, "
               "too"),
    ],
)  # fmt: skip
def test_other_ways_of_writing_a_value(language, said):
    assert also_text("team", "IT", ["IT ", "it"], language) == said


@pytest.mark.parametrize(
    ("fact", "whole", "remedy", "language", "end"),
    [
        (Unrecorded.WAIT, False, "", "sv", "samtal därifrån räknas inte"),
        (Unrecorded.WAIT, False, "", "en", "its calls are left out"),
        (Unrecorded.HOLDS, False, "map", "sv", "ärenden därifrån räknas inte; ange map"),
        (Unrecorded.HOLDS, True, "map", "sv", "kan inte mätas; ange map"),
        (Unrecorded.HOLDS, True, "map", "en", "cannot be measured; give map"),
    ],
)
def test_what_a_source_does_not_record(fact, whole, remedy, language, end):
    said = lacking_text(["desk"], fact, remedy, language, whole=whole)
    assert said.split(": ", 1)[1] == end
    assert said.startswith("desk ")
