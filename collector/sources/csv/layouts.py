"""What is looked for in the files of a source, by its options."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from pydantic import BaseModel

from collector.sources.csv.empties import never
from collector.sources.csv.formats import date_only, read_time
from collector.sources.csv.options import CsvOptions
from collector.sources.csv.table import Layout


def layout(
    options: CsvOptions,
    names: BaseModel,
    required: AbstractSet[str],
    start: str,
    one_of: Sequence[str] = (),
) -> Layout:
    """Return the layout of files whose columns are ``names`` by our fields.

    ``required``: the fields that every file must have, besides those that are configured, and
    ``one_of`` those of which it must have one. ``start``: that with the time of a row.
    """
    columns: dict[str, str | None] = names.model_dump()
    form = options.form_of(start)
    return Layout(
        columns=columns,
        needed=frozenset(required) | {each for each in names.model_fields_set if columns[each]},
        one_of=one_of,
        start=start,
        is_time=lambda text: _is_time(text, form, options.language),
        delimiter=options.delimiter,
        encoding=options.encoding,
        sheet=options.sheet,
    )


def _is_time(text: str, form: str, language: str | None) -> bool:
    """Whether a text can be read as the time at which a record begins."""
    try:
        moment = read_time(text, form, language)
    except (ValueError, OverflowError, OSError):
        return False
    return not never(moment) and (isinstance(moment, datetime) or date_only(form))
