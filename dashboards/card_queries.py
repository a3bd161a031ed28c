"""The PromQL of the wall's cards: what is written beside a number is a label of its series."""

from __future__ import annotations

from collector.model.bilingual import Language
from dashboards import queries
from dashboards.queries import by_labels

_CHOSEN = 'indicator=~"$indicator"'
_WHERE = f'period="$period", {_CHOSEN}'


def figure(metric: str, language: Language) -> str:
    """A figure, named by its indicator's short title (the label ``short_sv`` or ``short_en``)."""
    label = f"short_{language}"
    named = queries.info(queries.MEASURED, _CHOSEN)
    return f"{_figure(metric)} * on (indicator) group_left ({label}) {named}"


def without_figure(language: Language) -> str:
    """0, named like a figure, where there is none; also once the collector has gone."""
    kinds = f'kind=~"{queries.MEASURED}", {_CHOSEN}'
    named = f"topk by (indicator) (1, {queries.known('indicator_info', kinds)})"
    any_figure = " or ".join(map(_figure, ("ratio", "seconds", "value")))
    known = f"0 * max by (indicator, short_{language}) ({named})"
    return f"{known} unless on (indicator) ({any_figure})"


def state(language: Language, of: str) -> str:
    """The code of a figure's state, with its target in words as a label (a dash without one), and
    in front of that, as the label ``n``, what a share or a mean rests on (``of``: the word)."""
    target = f"target_{language}"
    code = queries.state("indicator", _WHERE)
    named = queries.targets(language, _CHOSEN)
    without = f'label_replace({code}, "{target}", "–", "", "")'
    told = f"{code} * on (indicator) group_left ({target}) {named} or on (indicator) {without}"
    return f"({told}) * on (indicator) group_left (n) {_n(of)} or on (indicator) ({told})"


def without_target(of: str) -> str:
    """0 for a share or a mean that nothing is demanded of, with the label ``n``."""
    code = queries.state("indicator", _WHERE)
    judged_not = f"0 * ({_counted()}) unless on (indicator) {code}"
    return f"({judged_not}) * on (indicator) group_left (n) {_n(of)}"


def _n(of: str) -> str:
    """1 for each share and mean that has a figure, with ``av 39 · `` as the label ``n``."""
    eligible = by_labels("indicator_eligible", "indicator", _WHERE)
    n = f'count_values by (indicator) ("n", {eligible} and on (indicator) ({_counted()}))'
    return f'label_replace({n}, "n", "{of} $1 · ", "n", "(.+)")'


def _counted() -> str:
    return f"{_figure('ratio')} or {_figure('seconds')}"


def _figure(metric: str) -> str:
    found = by_labels(f"indicator_{metric}", "indicator", _WHERE)
    return queries.in_hours(found) if metric == "seconds" else found
