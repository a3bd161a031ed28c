"""Which languages a desk uses, and its locale: what follows from them, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from collector.config.calendars import special_days
from collector.config.loading.load import load_settings
from collector.config.settings import Settings, fiscal_year
from collector.io.yaml import FaultyFile
from collector.model.bilingual import Text
from collector.model.periods import parse_period
from collector.monitoring.grafana.boards import boards
from collector.text.dates import day, local_times
from collector.text.period_names import period_title
from collector.text.words import Words

DESK = """
timezone: Europe/Stockholm
calendars:
  office:
    timezone: Europe/Stockholm
    hours: {mon-fri: ["08:00-17:00"]}
    holidays: {country: SE, half_days_before: {Trettondedag jul: ["08:00-12:00"]}}
grafana: {url: https://grafana.example.org, token: "${TOKEN}"}
indicators:
  calls: {title: TITLE, kind: count, of: calls}
"""


def load(folder: Path, more: str = "", title: str = "Calls") -> Settings:
    file = folder / "a.yaml"
    file.write_text(DESK.replace("TITLE", title) + more)
    return load_settings(file)


def faults(folder: Path, more: str, title: str = "Calls") -> list[str]:
    with pytest.raises(FaultyFile) as refused:
        load(folder, more, title)
    return [f"{each.path}: {each.message}" for each in refused.value.faults]


def languages(settings: Settings) -> tuple[list[str], list[str], list[str]]:
    assert settings.grafana is not None
    return settings.report.languages, settings.grafana.languages, settings.delivery.languages


def test_without_a_word_about_them_both_are_in_use(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert settings.languages == ["sv", "en"]
    assert languages(settings) == (["sv", "en"], ["sv", "en"], ["sv"])
    assert settings.language == "en"


@pytest.mark.parametrize("in_use", [["en"], ["sv"], ["en", "sv"], ["sv", "en"]])
def test_everything_comes_in_the_languages_in_use_and_the_first_is_the_default(
    tmp_path: Path, in_use: list[str]
) -> None:
    settings = load(tmp_path, f"languages: [{', '.join(in_use)}]")
    assert languages(settings) == (in_use, in_use, in_use[:1])
    assert settings.language == in_use[0]


def test_a_part_may_use_fewer(tmp_path: Path) -> None:
    settings = load(tmp_path, "languages: [en, sv]\nreport: {languages: [sv]}")
    assert languages(settings) == (["sv"], ["en", "sv"], ["en"])


@pytest.mark.parametrize("section", ["report", "delivery"])
def test_a_part_may_not_use_another(tmp_path: Path, section: str) -> None:
    assert faults(tmp_path, f"languages: [en]\n{section}: {{languages: [en, sv]}}") == [
        f"{section}.languages[1]: sv is not in use: remove it, or add it to languages"
    ]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("[en, en]", "languages: lists a language twice"),
        ("[de]", "languages[0]: must be 'sv' or 'en'"),
        ("en", "languages: must be a list, as in [one, two]"),
    ],
)
def test_wrong_languages_are_one_fault(tmp_path: Path, written: str, message: str) -> None:
    assert faults(tmp_path, f"languages: {written}") == [message]


def test_a_text_needs_the_languages_in_use_alone(tmp_path: Path) -> None:
    title = load(tmp_path, "languages: [en]", "{en: Calls}").indicators["calls"].title
    assert title == Text(sv="Calls", en="Calls")
    assert faults(tmp_path, "languages: [en]", "{sv: Samtal}") == [
        "indicators.calls.title.en: is missing: write it in every language in use (languages), or "
        "one text for all"
    ]
    assert faults(tmp_path, "languages: [en, sv]", "{sv: Samtal}") != []


def test_a_text_in_another_language_is_shown_nowhere(tmp_path: Path) -> None:
    title = load(tmp_path, "languages: [en]", "{sv: Samtal, en: Calls}").indicators["calls"].title
    assert title == Text(sv="Calls", en="Calls")


def test_own_words_of_the_report_need_the_languages_in_use_alone(tmp_path: Path) -> None:
    words = load(
        tmp_path, 'languages: [en]\nreport: {words: {of_n: {en: "of all {n}"}}}'
    ).report.words
    assert words["of_n"].en == "of all {n}"


def test_sealed_texts_of_one_language_stand_for_both() -> None:
    assert Text.of({"en": "a", "source": "desk"}) == Text(sv="a", en="a")
    assert Text.of({"sv": "å", "en": "a"}) == Text(sv="å", en="a")


def test_holidays_are_named_in_the_one_language(tmp_path: Path) -> None:
    def epiphany(settings: Settings) -> str:
        calendar = settings.calendars["office"]
        return special_days(calendar, settings.languages)[date(2026, 1, 6)].detail

    assert epiphany(load(tmp_path)) == "Trettondedag jul"
    assert epiphany(load(tmp_path, "languages: [en]")) == "Epiphany"


@pytest.mark.parametrize("written", ["en", "en-US", "en_XX", "English", '""'])
def test_a_locale_is_a_language_and_a_country(tmp_path: Path, written: str) -> None:
    (fault,) = faults(tmp_path, f"locale: {written}")
    assert fault.endswith("is not a known language and country: write them as in en_US")


SUNDAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("locale", "first"),
    [
        ("", date(2026, 2, 23)),
        ("locale: sv_SE", date(2026, 2, 23)),
        ("locale: en_US", SUNDAY),
        ("locale: ar_EG", date(2026, 2, 28)),
    ],
)
def test_the_locale_decides_when_a_week_begins(tmp_path: Path, locale: str, first: date) -> None:
    week = parse_period("week", SUNDAY, fiscal_year(load(tmp_path, locale)))
    assert (week.first, (week.after - week.first).days) == (first, 7)
    assert SUNDAY in week


def test_the_locale_decides_when_a_week_of_the_boards_begins(tmp_path: Path) -> None:
    assert {each.get("weekStart") for each in boards(load(tmp_path, "locale: en_US"))} == {"sunday"}
    assert {each.get("weekStart") for each in boards(load(tmp_path))} <= {None, ""}


@pytest.mark.parametrize(
    ("locale", "written", "instant"),
    [
        (None, "3 July 2020", "Fri 2020-07-03 14:00:00"),
        ("en_GB", "3 July 2020", "Fri 03/07/2020 14:00:00"),
        ("en_US", "July 3, 2020", "Fri 07/03/2020 14:00:00"),
        ("de_DE", "3 July 2020", "Fri 03.07.2020 14:00:00"),
        ("sv_SE", "3 July 2020", "Fri 2020-07-03 14:00:00"),
    ],
)
def test_the_locale_decides_the_form_of_dates(
    locale: str | None, written: str, instant: str
) -> None:
    assert day(date(2020, 7, 3), "en", locale).replace("\u00a0", " ") == written
    assert local_times("Europe/Stockholm", "en", locale)(1593777600) == instant


def test_words_stay_those_of_the_language() -> None:
    assert day(date(2020, 7, 3), "sv", "en_US").replace("\u00a0", " ") == "3 juli 2020"


def test_a_span_within_a_year_names_the_year_once() -> None:
    words = Words("en", locale="en_US")
    title = period_title(date(2020, 1, 1), date(2020, 7, 31), words)
    assert title.replace("\u00a0", " ") == "January 1–July 31, 2020"


def test_documents_have_the_locale_of_the_desk_unless_they_have_their_own(tmp_path: Path) -> None:
    assert load(tmp_path, "locale: en_US").report.locale == "en_US"
    settings = load(tmp_path, "locale: en_US\nreport: {locale: en_GB}")
    assert settings.report.locale == "en_GB"
