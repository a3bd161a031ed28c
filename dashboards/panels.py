"""The kinds of panels: numbers and tables; graphs stand in ``graphs``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collector.monitoring.grafana.layout import COLUMNS, column_width
from dashboards import look
from dashboards.sdk import (
    PromQueryFormat,
    boards,
    build,
    common,
    model,
    prometheus,
    stat,
    table,
)
from dashboards.texts import Words

SOURCE = common.DataSourceRef(type_val="prometheus", uid="${datasource}")
COLLECTOR = "${collector:raw}"


@dataclass(frozen=True, slots=True)
class PanelFrame:
    """What every panel has: a stable number, the key of its texts, and its size in a grid of 24
    columns.

    ``repeat``: a variable, for a panel for each of its values; ``across``: how many of those side
    by side. ``link``: a path at the collector, for panels that belong to no single indicator.
    """

    number: int
    key: str
    width: int
    height: int
    repeat: str | None = None
    across: int = 2
    link: str | None = None


@dataclass(frozen=True, slots=True)
class NumberCard:
    """A number on a card: its query, its legend, and how it is shown. ``colour`` None: the
    mappings decide."""

    name: str
    expr: str
    legend: str
    unit: str = look.NUMBER
    decimals: int | None = None
    mappings: Sequence[model.ValueMapping] = ()
    colour: str | None = look.CARD


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a label, or with ``expr`` of the values of a query. ``empty`` is shown in the
    place of a missing value. ``width`` in pixels; without one it is that of its heading and of what
    its unit and mappings may say, or of the names that provisioning finds in the configuration."""

    name: str
    title: str
    expr: str = ""
    unit: str = look.NUMBER
    decimals: int | None = None
    mappings: Sequence[model.ValueMapping] = ()
    empty: str = "–"
    width: int | None = None
    link: str | None = None

    @property
    def is_word(self) -> bool:
        """Whether its numbers are codes of words, such as those of states."""
        return bool(self.mappings) and self.unit == look.NUMBER and self.decimals is None


def numbers(
    frame: PanelFrame,
    words: Words,
    cells: Sequence[NumberCard],
    *,
    rows: bool = False,
    sizes: tuple[int, int] = (14, 24),
    link: str | None = None,
    nothing: tuple[str, str] | None = None,
    wide: bool = True,
) -> model.Panel:
    """A panel of big numbers. ``sizes``: the height in pixels of their names and of the numbers,
    which Grafana would otherwise make as large as there is room: the less there is to say, the
    larger. ``rows``: one below the other instead of side by side. ``wide``: names may stand left of
    their numbers, where there is room; otherwise above. ``nothing``: the text, and its
    colour, where no query has a result."""
    text, colour = nothing or (words.state("no_data"), look.CARD)
    calcs = build.ReduceDataOptions().calcs(["lastNotNull"]).fields("").values(False)
    panel = (
        stat.Panel()
        .reduce_options(calcs)
        .color_mode(common.BigValueColorMode.BACKGROUND_SOLID)
        .graph_mode(common.BigValueGraphMode.NONE)
        .text_mode(common.BigValueTextMode.VALUE_AND_NAME)
        .orientation(common.VizOrientation.HORIZONTAL if rows else common.VizOrientation.VERTICAL)
        .justify_mode(common.BigValueJustifyMode.CENTER)
        .wide_layout(wide)
        .unit(cells[0].unit)
        .no_value(text)
        .text(build.VizTextDisplayOptions().title_size(sizes[0]).value_size(sizes[1]))
    )
    for cell in cells:
        panel.with_target(query(cell.name, cell.expr).legend_format(cell.legend).instant())
        shown = [put("unit", cell.unit), put("mappings", list(cell.mappings))]
        if cell.decimals is not None:
            shown.append(put("decimals", cell.decimals))
        if cell.colour is not None:
            shown.append(put("color", look.fixed(cell.colour)))
        panel.override_by_query(cell.name, shown)
    if link:
        panel.data_links([link_to(words, link)])
    panel.color_scheme(boards.FieldColor().mode(model.FieldColorModeId.FIXED).fixed_color(colour))
    return framed(panel.build(), frame, words)


def rows(
    frame: PanelFrame, words: Words, columns: Sequence[TableColumn], *, sort: str = "base"
) -> model.Panel:
    """A table with a row for each combination of the labels that the queries share, by the numbers
    of the column ``sort``.

    A column without a title is hidden: such a query adds rows, such a label is used by links. The
    last one takes the width that is left, so that numbers stand beside the names they belong to.
    """
    *_, last = (each for each in columns if each.title)
    made = (
        table.Panel()
        .unit(look.NUMBER)
        .no_value(words("no_rows"))
        .cell_height(common.TableCellHeight.SM)
    )
    excluded = {"Time": True}
    for column in columns:
        name = f"Value #{column.name}" if column.expr else column.name
        if column.expr:
            asked = query(column.name, column.expr).instant()
            made.with_target(asked.format(PromQueryFormat.TABLE))
        if column.title:
            made.override_by_name(name, _shown(column, words, last=column is last))
        elif column.expr:
            excluded[name] = True
        else:  # hidden, but available to links
            made.override_by_name(name, [put("custom.hidden", True)])
    by = next(f"Value #{c.name}" if c.expr else c.name for c in columns if c.name == sort)
    shown = [f"Value #{c.name}" if c.expr else c.name for c in columns]
    options = {
        "excludeByName": excluded,
        "includeByName": {},
        "indexByName": {name: index for index, name in enumerate(shown)},
        "renameByName": {},
    }
    made.color_scheme(boards.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
    made.transformations(
        [
            model.DataTransformerConfig(id_val="merge", options={}),
            model.DataTransformerConfig(
                id_val="sortBy",
                options={"fields": {}, "sort": [{"field": by, "desc": False}]},
            ),
            model.DataTransformerConfig(id_val="organize", options=options),
        ]
    )
    return framed(made.build(), frame, words)


def _shown(column: TableColumn, words: Words, *, last: bool) -> list[model.DynamicConfigValue]:
    found = [put("displayName", words(column.title)), put("noValue", column.empty)]
    found.append(put("unit", column.unit))
    if column.decimals is not None:
        found.append(put("decimals", column.decimals))
    width = column.width or _width(column, words)
    found.append(put("custom.minWidth" if last else "custom.width", width))
    if last or column.is_word:
        found.append(put("custom.align", "left"))
    if column.mappings:
        found.append(put("mappings", list(column.mappings)))
        found.append(put("custom.cellOptions", {"type": "color-background", "mode": "basic"}))
    if column.link:
        found.append(put("links", [link_to(words, column.link).build()]))
    return found


def _width(column: TableColumn, words: Words) -> int:
    """The pixels of the column's heading, or of its widest number or word if that needs more."""
    named = [
        each.text or ""
        for mapping in column.mappings
        for each in (
            mapping.options.values()
            if isinstance(mapping, model.ValueMap)
            else [mapping.options.result]
        )
    ]
    example = look.widest(column.unit) if column.expr else ""
    return column_width(words(column.title), column.empty, example, *named)


def figure_link(words: Words, period: str, fields: str, organization: str = "") -> str:
    """The URL of a figure's page. ``fields``: where Grafana finds the labels, ``__field.labels`` of
    a series or ``__data.fields`` of a row; ``organization``: where it finds the organization, for
    figures of one."""
    own = f"&organization=${{{organization}:percentencode}}" if organization else ""
    asked = f"period={period}{own}&lang={words.language}"
    return f"{COLLECTOR}indicator/${{{fields}.indicator:percentencode}}?{asked}"


def open_tickets(words: Words, priority: str = "") -> str:
    """The path, at the collector, of the page of open tickets. ``priority``: where Grafana finds
    the priority to show; a dash there means tickets without one."""
    own = f"priority=${{{priority}:percentencode}}&" if priority else ""
    return f"open?{own}lang={words.language}"


def page(name: str, words: Words) -> str:
    """The path, at the collector, of one of its pages in the board's language."""
    return f"{name}?lang={words.language}"


def tickets_link(words: Words) -> str:
    """The URL of the open tickets with the priority of a series."""
    return COLLECTOR + open_tickets(words, "__field.labels.priority")


def behind(number: int, text: str, *panels: model.Panel) -> model.RowPanel:
    """A collapsed row: what is behind the board's answer, asked for only once it is opened."""
    place = model.GridPos(h=1, w=COLUMNS)
    return model.RowPanel(
        title=text, id_val=number, collapsed=True, panels=list(panels), grid_pos=place
    )


def query(name: str, expr: str) -> prometheus.Dataquery:
    """A query of the board's Prometheus, under the name by which overrides find it."""
    return prometheus.Dataquery().ref_id(name).expr(expr).datasource(SOURCE)


def put(name: str, value: object) -> model.DynamicConfigValue:
    """What is set for a field by an override."""
    return model.DynamicConfigValue(name, value)


def link_to(words: Words, url: str) -> boards.DashboardLink:
    """The link of a value to its figure, or to the open tickets."""
    title = "to_tickets" if url.startswith(f"{COLLECTOR}open?") else "to_figure"
    made = boards.DashboardLink(words(title)).type(model.DashboardLinkType.LINK)
    return made.url(url).target_blank(True)


def framed(panel: model.Panel, frame: PanelFrame, words: Words) -> model.Panel:
    """A panel with what every panel has."""
    assert panel.field_config is not None
    panel.field_config.defaults.thresholds = look.no_thresholds()
    if panel.field_config.defaults.color is None:
        panel.field_config.defaults.color = look.fixed(look.TARGET)
    panel.id_val = frame.number
    panel.title, panel.description = words.panel(frame.key)
    panel.datasource = SOURCE
    panel.grid_pos = model.GridPos(h=frame.height, w=frame.width)
    if frame.repeat is not None:
        panel.repeat, panel.max_per_row = frame.repeat, frame.across
    if frame.link is not None:
        link = boards.DashboardLink(words("to_collector")).type(model.DashboardLinkType.LINK)
        panel.links = [link.url(COLLECTOR + frame.link).target_blank(True).build()]
    return panel
