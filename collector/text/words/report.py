"""The words of the committee's report, in both languages; a municipality may replace each.

Text in braces is a placeholder. The words for states are shared with all other views and cannot be
replaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from collector.model.bilingual import Text
from collector.text.words.annex import ANNEX_WORDS
from collector.text.words.office import OFFICE_WORDS

_WORDS: dict[str, tuple[str, str]] = {
    # the document
    "title": ("Måluppföljning", "Follow-up of goals"),
    "period": ("Period", "Period"),
    "known_at": ("Uppgifter per", "Data as of"),
    "seal": ("Sigill", "Seal"),
    "seal_text": (
        "nr {number}, {seal} … (hela sigillet står i bilagan {chapter})",
        "no. {number}, {seal} … (the whole seal is in the annex {chapter})",
    ),
    "records_since": ("Omfattar", "Covers"),
    "records_since_text": (
        "{what} från {day}",
        "{what} from {day}",
    ),
    "records_since_tickets": ("ärenden", "tickets"),
    "records_since_calls": ("samtal", "calls"),
    "draft": ("UTKAST", "DRAFT"),
    "draft_comment": ("{n} kommentar saknas", "{n} comment is missing"),
    "draft_comments": ("{n} kommentarer saknas", "{n} comments are missing"),
    "draft_figure": ("{n} uppgift stämmer inte", "{n} entry does not add up"),
    "draft_figures": ("{n} uppgifter stämmer inte", "{n} entries do not add up"),
    "draft_left_out": (
        "{n} del av en text har inte kunnat tas med",
        "{n} part of a text could not be included",
    ),
    "draft_left_outs": (
        "{n} delar av texter har inte kunnat tas med",
        "{n} parts of texts could not be included",
    ),
    # the head
    "board": ("Nämnd", "Board"),
    "reference": ("Diarienummer", "Reference"),
    "meeting": ("Sammanträde", "Meeting"),
    "author": ("Ansvarig", "Responsible"),
    "proposal": ("Förslag till beslut", "Proposed decision"),
    "annex": ("Bilaga", "Annex"),
    "amended": ("Rättad", "Amended"),
    "footer": (
        "{title}, {period}. Sigill nr {number}: {seal}. Innehåll: {content}",
        "{title}, {period}. Seal no. {number}: {seal}. Content: {content}",
    ),
    "span_year": ("helåret {year}", "full year {year}"),
    "span_t": ("tertial {n} {year}", "tertial {n} {year}"),
    "span_h": ("halvår {n} {year}", "half-year {n} {year}"),
    "span_known": ("{span}, uppgifter per {day}", "{span}, data as of {day}"),
    "span_q": ("kvartal {n} {year}", "quarter {n} {year}"),
    "incomplete_title": ("Ofullständig", "Incomplete"),
    "incomplete": (
        "Underlaget var ofullständigt när siffrorna frystes, så siffrorna kan komma att ändras:",
        "The data were incomplete when the figures were frozen, so figures may change:",
    ),
    "amendments_title": ("Siffrorna har rättats", "The figures have been amended"),
    "amendments_text": (
        "Detta dokument visar siffrorna som de frystes. {n} rättelse har frysts efteråt, se "
        "bilagan {chapter}.",
        "This document shows the figures as they were frozen. {n} amendment was frozen since, see "
        "the annex {chapter}.",
    ),
    "amendments_texts": (
        "Detta dokument visar siffrorna som de frystes. {n} rättelser har frysts efteråt, se "
        "bilagan {chapter}.",
        "This document shows the figures as they were frozen. {n} amendments were frozen since, "
        "see the annex {chapter}.",
    ),
    # chapters
    "chapter_steering": ("Styrning", "Governance"),
    "chapter_decisions": ("Politiskt fattade beslut", "Political decisions"),
    "chapter_goals": ("Mål", "Goals"),
    "chapter_off_target": (
        "Indikatorer som inte når målet eller är i riskzonen",
        "Indicators off target or at risk",
    ),
    "chapter_off_target_over": (
        "Indikatorer som inte nådde målet",
        "Indicators that did not reach their target",
    ),
    "chapter_comments": ("Kommentarer till övriga indikatorer", "Comments on other indicators"),
    "chapter_economy": ("Ekonomisk rapport", "Economy"),
    "chapter_investments": ("Investeringar", "Investments"),
    "chapter_climate": ("Klimat", "Climate"),
    "chapter_municipalities": ("Kommun för kommun", "Organization by organization"),
    "chapter_distributions": ("Så fördelar sig tiderna", "Distribution of times"),
    "chapter_definitions": ("Så räknas siffrorna", "How the figures are calculated"),
    "chapter_quality": ("Datakvalitet", "Data quality"),
    "chapter_given": ("Uppgifter som angetts för hand", "Figures entered by hand"),
    "chapter_amendments": ("Rättelser", "Amendments"),
    "chapter_signature": ("Sigill och kontroll", "Seal and verification"),
    # the table of goals
    "column_council_goal": ("Kommunfullmäktiges mål", "Council goal"),
    "column_board_goal": ("Nämndmål", "Board goal"),
    "column_indicator": ("Indikator", "Indicator"),
    "column_now": ("Nuvärde", "Now"),
    "column_result": ("Utfall", "Result"),
    "column_forecast": ("Prognos (80\u00a0%-intervall)", "Forecast (80% interval)"),
    "column_target": ("Målvärde", "Target"),
    "column_state": ("Bedömning", "Assessment"),
    "column_trend": ("Trend", "Trend"),
    "goals_caption": (
        "Mål och indikatorer. Nuvärde: {span}. Prognos: hela året.",
        "Goals and indicators. Now: {span}. Forecast: the whole year.",
    ),
    "goals_caption_over": (
        "Mål och indikatorer. Utfall: {span}.",
        "Goals and indicators. Result: {span}.",
    ),
    "goals_first": (
        "Tabellen över mål och indikatorer står först i dokumentet, på sidan 1.",
        "The table of goals and indicators stands first in the document, on page 1.",
    ),
    "goals_first_off": (
        "Tabellen över mål och indikatorer står först i dokumentet, på sidan 1. Här följer de "
        "indikatorer som inte når målet eller är i riskzonen.",
        "The table of goals and indicators stands first in the document, on page 1. Here follow "
        "the indicators that are off target or at risk.",
    ),
    "other_goals": ("Övriga mål", "Other goals"),
    "goals_first_off_over": (
        "Tabellen över mål och indikatorer står först i dokumentet, på sidan 1. Här följer de "
        "indikatorer som inte nådde målet.",
        "The table of goals and indicators stands first in the document, on page 1. Here follow "
        "the indicators that did not reach their target.",
    ),
    "no_goal": ("Utan mål", "Without a goal"),
    "goals_without": ("Mål utan indikator: {titles}.", "Goals without an indicator: {titles}."),
    "target_least": ("minst {value}", "at least {value}"),
    "target_most": ("högst {value}", "at most {value}"),
    "target_over": ("över {value}", "over {value}"),
    "target_under": ("under {value}", "under {value}"),
    "target_increase": ("öka från {value}", "increase from {value}"),
    "target_decrease": ("minska från {value}", "decrease from {value}"),
    "no_target": ("Inget målvärde", "No target"),
    "no_goals_yet": ("Inga indikatorer är definierade.", "No indicators are defined."),
    "of_n": ("av {n}", "of {n}"),
    "n_ticket": ("{n} ärende", "{n} ticket"),
    "n_tickets": ("{n} ärenden", "{n} tickets"),
    "n_call": ("{n} samtal", "{n} call"),
    "n_calls": ("{n} samtal", "{n} calls"),
    "begins": ("från {day}", "from {day}"),
    "value_as_of": ("per {day}", "as of {day}"),
    "pending": ("{n} väntar", "{n} pending"),
    "too_few": ("färre än {n}", "fewer than {n}"),
    "protected": ("Visas inte", "Not shown"),
    "protected_why": ("skyddar en liten grupp", "protects a small group"),
    "set_by": ("angiven av {who}", "set by {who}"),
    "set_by_hand": ("angiven för hand", "set by hand"),
    "computed": ("beräknad {value}", "computed {value}"),
    "required": ("krävs resten av året: {value}", "needed for the rest of the year: {value}"),
    "unreachable": (
        "krävs resten av året: {value}, går inte att nå",
        "needed for the rest of the year: {value}, out of reach",
    ),
    "out_of_reach": ("går inte att nå i år", "out of reach this year"),
    "safe": ("redan nått för året", "reached for the year already"),
    "misses_left": ("{n} missar kvar", "{n} misses left"),
    "one_miss_left": ("1 miss kvar", "1 miss left"),
    "no_miss_left": ("tål ingen miss till", "no room for another miss"),
    "misses_over": ("{n} missar för många", "{n} misses too many"),
    "one_miss_over": ("1 miss för mycket", "1 miss too many"),
    "margin_met": ("klarade målet med {margin}", "reached the target by {margin}"),
    "margin_none": ("klarade målet precis", "reached the target exactly"),
    "margin_missed": ("missade målet med {margin}", "missed the target by {margin}"),
    "percentage_points": ("{n} procentenheter", "{n} percentage points"),
    "state_unlikely": ("Når sannolikt inte", "Unlikely to reach"),
    "state_doubt": ("men sannolikt inte för hela året", "but probably not for the whole year"),
    "state_was_met": ("Nådde målet", "Reached"),
    "state_was_missed": ("Nådde inte målet", "Not reached"),
    "forecast_short_history": ("för kort historik", "history too short"),
    "forecast_nothing_eligible": ("inget att räkna på", "nothing to count"),
    "forecast_not_read": ("källan är inte läst", "source not read"),
    "forecast_none": ("ingen prognos", "no forecast"),
    "trend_better": ("bättre än i fjol", "better than last year"),
    "trend_worse": ("sämre än i fjol", "worse than last year"),
    "trend_other": ("annorlunda än i fjol", "different from last year"),
    "trend_chance": ("ingen säker förändring", "no clear change"),
    "trend_too_few": ("för få att jämföra", "too few to compare"),
    "trend_pending": ("för tidigt att säga", "too early to tell"),
    "trend_not_comparable": ("ej jämförbart med i fjol", "not comparable with last year"),
    "trend_stale": ("ej färdigläst", "not read to its end"),
    "trend_higher": ("högre än i fjol", "higher than last year"),
    "trend_lower": ("lägre än i fjol", "lower than last year"),
    "trend_same": ("samma som i fjol", "the same as last year"),
    "trend_none": ("ingen jämförelse", "nothing to compare"),
    "trend_none_note": (
        "Trend: för {n} indikatorer finns ingen jämförelse med samma period i fjol.",
        "Trend: for {n} indicators there is no comparison with the same period last year.",
    ),
    "last_year": ("{span}: {value}", "{span}: {value}"),
    # what is said first
    "lead_none": ("Ingen indikator är definierad.", "No indicator is defined."),
    "lead_all": ("Av {n} indikatorer: {states}.", "Of {n} indicators: {states}."),
    "lead_one": ("1 indikator: {states}.", "1 indicator: {states}."),
    "lead_met": ("{n} når målet", "{n} on target"),
    "lead_at_risk": ("{n} är i riskzonen", "{n} at risk"),
    "lead_unlikely": ("{n} når sannolikt inte målet", "{n} unlikely to reach the target"),
    "lead_was_met": ("{n} nådde målet", "{n} reached the target"),
    "lead_was_missed": ("{n} nådde inte målet", "{n} did not reach the target"),
    "lead_was_off": ("Nådde inte målet: {titles}.", "Did not reach the target: {titles}."),
    "lead_off_unlikely": (
        "Når sannolikt inte målet: {titles}.",
        "Unlikely to reach the target: {titles}.",
    ),
    "lead_missed": ("{n} når inte målet", "{n} off target"),
    "lead_no_data": ("{n} saknar mätning", "{n} not measured"),
    "lead_too_few": ("{n} visas inte", "{n} not shown"),
    "lead_stale": ("{n} har en inaktuell källa", "{n} with a stale source"),
    "lead_no_target": ("{n} saknar målvärde", "{n} without a target"),
    "lead_off": ("Når inte målet: {titles}.", "Off target: {titles}."),
    "lead_risk": ("I riskzonen: {titles}.", "At risk: {titles}."),
    "and": ("och", "and"),
    "or": ("eller", "or"),
    # a chart each
    "chart_caption": (
        "Månad för månad med målvärde och prognos",
        "Month by month, with target and forecast",
    ),
    "chart_caption_over": (
        "Månad för månad med målvärde",
        "Month by month, with target",
    ),
    "chart_alt": (
        "Diagram över {title}, {first}–{last}. Den senaste siffran är {value}, i {latest_month}. "
        "{target} {forecast}",
        "Chart of {title}, {first}–{last}. The latest figure is {value}, of {latest_month}. "
        "{target} {forecast}",
    ),
    "chart_target": ("Målvärde {value}", "Target {value}"),
    "chart_target_before": ("Före {month} {value}.", "Before {month} {value}."),
    "chart_forecast": ("Prognos helåret {value}", "Full-year forecast {value}"),
    "chart_no_data": ("– ej mätt", "– not measured"),
    "chart_masked": ("· visas inte", "· not shown"),
    "chart_none": (
        "Inget diagram: ingen av månaderna har en siffra som kan visas.",
        "No chart: none of the months has a figure that can be shown.",
    ),
    "chart_data": ("Siffrorna i diagrammet", "The figures of the chart"),
    "spark_alt": (
        "De senaste {n} månaderna gick siffran från {first} i {first_month} till {last} i "
        "{last_month}. Den var lägst i {low_month} med {low} och högst i {high_month} med {high}.",
        "Over the last {n} months the figure went from {first} in {first_month} to {last} in "
        "{last_month}. It was lowest in {low_month} at {low}, highest in {high_month} at {high}.",
    ),
    "spark_alt_same": (
        "De senaste {n} månaderna var siffran {first} från {first_month} till {last_month}.",
        "Over the last {n} months the figure was {first} from {first_month} to {last_month}.",
    ),
    "spark_gaps": (
        "{n} månader är utan siffra.",
        "{n} months have no figure.",
    ),
    "spark_gap": ("En månad är utan siffra.", "One month has no figure."),
    "month": ("Månad", "Month"),
    "value": ("Värde", "Value"),
    "records": ("Antal", "Records"),
    "comment_title": ("Kommentar", "Comment"),
    "comment_missing_title": ("Kommentar saknas", "No comment"),
    "comment_missing": (
        "Målet nås inte, och förvaltningen har inte kommenterat det.",
        "The target is not reached, and the office has not commented on it.",
    ),
    "comment_missing_unlikely": (
        "Målet nås sannolikt inte, och förvaltningen har inte kommenterat det.",
        "The target is unlikely to be reached, and the office has not commented on it.",
    ),
    "comment_missing_over": (
        "Målet nåddes inte, och förvaltningen har inte kommenterat det.",
        "The target was not reached, and the office has not commented on it.",
    ),
    "comment_elsewhere": (
        "Kommentaren finns bara på engelska.",
        "The comment is in Swedish only.",
    ),
    **ANNEX_WORDS,
    # sheets
    "sheet_goals": ("Mål", "Goals"),
    "sheet_municipalities": ("Kommuner", "Organizations"),
    "sheet_months": ("Månader", "Months"),
    "sheet_definitions": ("Definitioner", "Definitions"),
    "sheet_quality": ("Datakvalitet", "Data quality"),
    # pages
    "skip": ("Till innehållet", "Skip to the content"),
    "contents": ("Innehåll", "Contents"),
}  # fmt: skip

OFFICE = "office_"
"""Prefix of the office's keys within ``WORDS``."""

WORDS: Mapping[str, Text] = {
    **{key: Text(sv=sv, en=en) for key, (sv, en) in _WORDS.items()},
    **{f"{OFFICE}{key}": Text(sv=each["sv"], en=each["en"]) for key, each in OFFICE_WORDS.items()},
}
"""All words by key."""

ColumnName = Literal[
    "council_goal", "board_goal", "indicator", "period", "now", "forecast", "target", "state",
    "trend",
]  # fmt: skip
COLUMNS: tuple[ColumnName, ...] = (
    "council_goal", "board_goal", "indicator", "period", "now", "forecast", "target", "state",
    "trend",
)  # fmt: skip
"""The columns that the table of goals can have; ``period`` is shown only if the report's period is
not the year so far."""
