"""What people say of figures: a Markdown file per period and indicator."""

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
    wanted_in_turn,
)
from collector.report.office.model import Commentary, Doubt, best
from collector.report.office.texts import name_and_language


def commentary_of(
    settings: Settings, period: Period, indicator: str, language: Language
) -> Commentary | None:
    """What people say of an indicator's figure; None where nobody does. Raises FaultyFile.

    It lies in the folder of the period or else of the month that the period ends in.
    """
    found, _ = read_commentary(settings, period)
    return best([each for each in found if each.indicator == indicator], language)


def read_commentary(
    settings: Settings, period: Period
) -> tuple[tuple[Commentary, ...], list[Doubt]]:
    """Every commentary for a period, the period's own before its last month's; what is doubtful.

    Raises FaultyFile.
    """
    folders, _ = period_folders(Path(settings.committee.commentary), fiscal_year(settings))
    commentary: dict[tuple[str, Language | None], Commentary] = {}
    own: set[str] = set()
    doubts: list[Doubt] = []
    for wanted in wanted_in_turn(period):
        folder = folder_of(folders, wanted)
        if folder is None:
            continue
        found, doubtful = commentary_in(settings, folder)
        doubts += doubtful
        commentary |= {(c.indicator, c.language): c for c in found if c.indicator not in own}
        own |= {each.indicator for each in found}
    return tuple(commentary.values()), doubts


def commentary_in(settings: Settings, folder: PeriodFolder) -> tuple[list[Commentary], list[Doubt]]:
    """The commentary of one folder, and what is doubtful of it. Raises FaultyFile."""
    found, doubts = [], []
    for path in entries(folder.path):
        named = name_and_language(path.name)
        if path.is_dir() or named is None:
            doubts.append(unread(path, "no Markdown", sv="den är ingen Markdown"))
            continue
        indicator, language = named
        if indicator not in settings.indicators:
            near = get_close_matches(indicator, settings.indicators, n=1)
            hint = f"; did you mean {near[0]}" if near else ""
            hint_sv = f"; menas {near[0]}" if near else ""
            doubts.append(
                unread(
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
            doubts.append(unread(path, "it is empty", sv="den är tom"))
    return found, doubts


def unread(path: Path, why: str, *, sv: str) -> Doubt:
    """A file or folder that nobody reads."""
    return Doubt(
        "file",
        str(path),
        None,
        Text(sv=f"Läses inte: {_safe(sv)}.", en=f"Is not read: {_safe(why)}."),
        Text(sv="Rätta namnet eller ta bort den.", en="Correct its name or remove it."),
    )


def _safe(text: str) -> str:
    """Text of others within a template."""
    return text.replace("{", "{{").replace("}", "}}")
