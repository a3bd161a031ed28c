"""Commentary on figures: one Markdown file per period, indicator and language."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from collector.config.settings import Settings, fiscal_year
from collector.model.bilingual import Language, Text
from collector.model.periods import Period
from collector.report.office.files import read_text
from collector.report.office.folders import (
    PeriodFolder,
    entries,
    folder_of,
    period_folders,
    periods_to_search,
)
from collector.report.office.model import Commentary, OfficeWarning, best_variant
from collector.report.office.texts import name_and_language


def commentary_of(
    settings: Settings, period: Period, indicator: str, language: Language
) -> Commentary | None:
    """The commentary on an indicator's figure; None if there is none.

    It is taken from the folder of the period, or else of the month in which the period ends.
    Raises FaultyFile when a file or folder cannot be read.
    """
    commentary, _ = read_commentary(settings, period)
    return best_variant([each for each in commentary if each.indicator == indicator], language)


def read_commentary(
    settings: Settings, period: Period
) -> tuple[tuple[Commentary, ...], list[OfficeWarning]]:
    """All commentary for a period, and warnings. The period's own takes precedence over its last
    month's.

    Raises FaultyFile when a file or folder cannot be read.
    """
    folders, _ = period_folders(Path(settings.committee.commentary), fiscal_year(settings))
    commentary: dict[tuple[str, Language | None], Commentary] = {}
    own: set[str] = set()
    warnings: list[OfficeWarning] = []
    for wanted in periods_to_search(period):
        folder = folder_of(folders, wanted)
        if folder is None:
            continue
        in_folder, more = commentary_in(settings, folder)
        warnings += more
        commentary |= {(c.indicator, c.language): c for c in in_folder if c.indicator not in own}
        own |= {each.indicator for each in in_folder}
    return tuple(commentary.values()), warnings


def commentary_in(
    settings: Settings, folder: PeriodFolder
) -> tuple[list[Commentary], list[OfficeWarning]]:
    """The commentary in one folder, and warnings about its files.

    Raises FaultyFile when a file or folder cannot be read.
    """
    found, warnings = [], []
    for path in entries(folder.path):
        named = name_and_language(path.name)
        if path.is_dir() or named is None:
            warnings.append(
                unread_warning(path, "it is not a Markdown file", sv="den är ingen Markdown")
            )
            continue
        indicator, language = named
        if indicator not in settings.indicators:
            near = get_close_matches(indicator, settings.indicators, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            hint_sv = f"; menas {near[0]}" if near else ""
            warnings.append(
                unread_warning(
                    path,
                    f"there is no indicator {indicator}{hint}",
                    sv=f"ingen indikator heter {indicator}{hint_sv}",
                )
            )
            continue
        text = read_text(path)
        if text.strip():
            found.append(
                Commentary(indicator, folder.period.name, language, text.strip("\n"), str(path))
            )
        else:
            warnings.append(unread_warning(path, "it is empty", sv="den är tom"))
    return found, warnings


def unread_warning(path: Path, why: str, *, sv: str) -> OfficeWarning:
    """The warning that a file or folder is not read; ``why`` is English, ``sv`` Swedish."""
    return OfficeWarning(
        "file",
        str(path),
        None,
        Text(sv=f"Läses inte: {_safe(sv)}.", en=f"Not read: {_safe(why)}."),
        Text(sv="Rätta namnet eller ta bort den.", en="Correct its name or remove it."),
    )


def _safe(text: str) -> str:
    """Text with its braces escaped for use in a format template."""
    return text.replace("{", "{{").replace("}", "}}")
