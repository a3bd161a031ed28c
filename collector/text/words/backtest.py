"""Words of the back-test."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Text

BACKTEST_WORDS: Mapping[str, Text] = {
    "nothing": Text(
        sv="inget att pröva: inget räkenskapsår inom historiken är avslutat",
        en="nothing to test: no fiscal year within the history has ended",
    ),
    "title": Text(
        sv="Prognoser för {what}, gjorda om av vad som var känt då",
        en="Forecasts of {what}, rebuilt from what was known at the time",
    ),
    "shares": Text(sv="andelar", en="shares"),
    "forecasts": Text(sv="prognoser", en="forecasts"),
    "error": Text(sv="medelfel, {unit}", en="mean error, {unit}"),
    "naive_error": Text(sv="enkel, {unit}", en="naive, {unit}"),
    "better": Text(sv="bäst", en="better"),
    "coverage": Text(sv="i 80 %-intervallet", en="in the 80% interval"),
    "width": Text(sv="dess bredd, {unit}", en="its width, {unit}"),
    "points": Text(sv="p.e.", en="pp"),
    "naive": Text(sv="enkel", en="naive"),
    "forecast": Text(sv="prognos", en="forecast"),
    "after_month": Text(sv="efter månad {month}", en="after month {month}"),
    "year_from": Text(sv="året från {year}", en="year from {year}"),
    "all": Text(sv="alla", en="all"),
    "naive_wins": Text(
        sv="Den enkla är bäst: att året slutar som hittills var totalt sett den bättre prognosen. "
        "Lita inte på dessa.",
        en="Naive wins: 'the year to date stays' was the better forecast overall. Do not rely on "
        "these.",
    ),
    "closer": Text(
        sv="Totalt {gain} närmare än att året slutar som hittills.",
        en="Overall {gain} closer than 'the year to date stays'.",
    ),
    "worse_in": Text(sv="Den enkla är bäst i {what} {names}.", en="Naive wins in {what} {names}."),
    "years": Text(sv="åren från", en="the years from"),
    "indicators": Text(sv="indikatorerna", en="the indicators"),
    "months": Text(sv="månaderna", en="the months"),
}
