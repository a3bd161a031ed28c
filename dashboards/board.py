"""Assembles a board: its panels, variables, and links to the other boards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collector.model.bilingual import Language
from collector.model.periods import EXPORTED
from collector.monitoring.promql import series
from dashboards import queries
from dashboards.panels import SOURCE
from dashboards.sdk import boards, model
from dashboards.texts import Words

TAG = "servicedesk-kpi"
ADDRESS = "http://localhost:9109/"
"""The collector's address until provisioning fills in the configured one."""

Part = model.Panel | model.RowPanel
Variable = Callable[[Words], model.VariableModel]


@dataclass(frozen=True, slots=True)
class Board:
    """A board. ``name`` is part of its uid; ``since`` is the start of its time range, ``refresh``
    its interval, which should not be shorter than that of new data."""

    name: str
    panels: Callable[[Words], Sequence[Part]]
    variables: Sequence[Variable] = ()
    since: str = "now-24h"
    refresh: str = "1m"


def dashboard(board: Board, language: Language) -> model.Dashboard:
    """The Grafana dashboard of a board in one language."""
    words = Words(language)
    other: Language = "en" if language == "sv" else "sv"
    title, about = words.board(board.name)
    made = (
        boards.Dashboard(title)
        .uid(f"servicedesk-{board.name}-{language}")
        .description(about)
        .tags([TAG, language])
        .refresh(board.refresh)
        .time(board.since, "now")
        .timezone("browser")
        .readonly()
        .link(_to_others(words, [TAG, language]))
        .link(_to_language(words, f"servicedesk-{board.name}-{other}"))
        .build()
    )
    made.panels = list(board.panels(words))
    made.annotations = model.AnnotationContainer([])
    variables = [_data_source(words), _collector(words), *(each(words) for each in board.variables)]
    made.templating = model.DashboardDashboardTemplating(variables)
    return made


def _to_others(words: Words, tags: list[str]) -> boards.DashboardLink:
    link = boards.DashboardLink(words("boards")).type(model.DashboardLinkType.DASHBOARDS)
    return link.tags(tags).as_dropdown(True).include_vars(True).keep_time(False)


def _to_language(words: Words, uid: str) -> boards.DashboardLink:
    link = boards.DashboardLink(words("other_language")).type(model.DashboardLinkType.LINK)
    return link.url(f"/d/{uid}").include_vars(True).keep_time(True)


def _data_source(words: Words) -> model.VariableModel:
    made = boards.DatasourceVariable("datasource").label(words("data_source"))
    return made.type("prometheus").build()


def _collector(words: Words) -> model.VariableModel:
    """A constant, because a board's URL could otherwise redirect its links to another host."""
    made = boards.ConstantVariable("collector").label(words("collector")).value(ADDRESS).build()
    made.current = model.VariableOption(selected=True, text=ADDRESS, value=ADDRESS)
    made.skip_url_sync = True
    return made


def period_variable(first: str) -> Variable:
    """A variable for the period of the figures; ``first`` is its default."""

    def made(words: Words) -> model.VariableModel:
        names = {each: words.period(each) for each in EXPORTED}
        options = [
            model.VariableOption(selected=each == first, text=text, value=each)
            for each, text in names.items()
        ]
        (current,) = (each for each in options if each.selected)
        query = ", ".join(f"{text} : {name}" for name, text in names.items())
        variable = boards.CustomVariable("period").label(words("period")).values(query)
        return variable.options(options).current(current).build()

    return made


def indicator_variable(
    name: str, kinds: str, where: str, *, several: bool = True, title: str = "title"
) -> Variable:
    """A variable for indicators of ``kinds`` (a pattern): ids as values, titles as texts, the ones
    that fail in the period of ``where`` first. ``title``: which of its titles."""

    def made(words: Words) -> model.VariableModel:
        # labels are not escaped: a title may contain quotes, so it ends before the next label
        shown = f"{title}_{words.language}"
        found = rf'/indicator="(?<value>[^"]+)".*{shown}="(?<text>.*?)"(?:,\w+="|\}})/'
        query = f"query_result({queries.choosable_indicators(kinds, where)})"
        return _query_variable(name, words("indicator"), query, several=several, regex=found)

    return made


def organization_variable(metric: str, whole: str = "") -> Variable:
    """A variable for the organizations of ``metric``, as configured. ``whole``: the pattern that
    stands for all of them, if that is to match series without the label, too."""

    def made(words: Words) -> model.VariableModel:
        query = f"query_result({queries.choosable_organizations(metric)})"
        found = '/organization="([^"]+)"/'
        variable = _query_variable(
            "organization", words("organization"), query, several=True, regex=found
        )
        variable.all_value = whole or None
        return variable

    return made


def label_variable(name: str, metric: str) -> Variable:
    """A variable for the values of a label of ``metric``."""

    def made(words: Words) -> model.VariableModel:
        query = f"label_values({series(metric)}, {name})"
        return _query_variable(name, words(name), query, several=True)

    return made


def _query_variable(
    name: str, text: str, query: str, *, several: bool, regex: str = ""
) -> model.VariableModel:
    variable = (
        boards.QueryVariable(name)
        .label(text)
        .query(query)
        .definition(query)
        .datasource(SOURCE)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.DISABLED if regex else model.VariableSort.ALPHABETICAL_ASC)
        .multi(several)
        .include_all(several)
    )
    if regex:
        variable.regex(regex)
    if several:
        whole = model.VariableOption(selected=True, text=["All"], value=["$__all"])
        variable.current(whole)
    return variable.build()
