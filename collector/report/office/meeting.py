"""The meeting that a document is written for: what its head says, and the proposed decision."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ValidationError

from collector.config.loading.load import faults_of
from collector.io.yaml import Fault, FaultyFile, read_yaml
from collector.model.bilingual import Title
from collector.model.fields import Strict
from collector.report.office.model import Meeting

_KEYS = "title, board, reference, date, author and proposal"


def _points(value: object) -> object:
    return value if isinstance(value, list) else [value]


class _Meeting(Strict):
    title: Title | None = None
    board: Title | None = None
    reference: str = ""
    date: datetime.date | None = None
    author: Title | None = None
    proposal: Annotated[list[Title], BeforeValidator(_points)] = []


def read_meeting(file: Path) -> Meeting:
    """The meeting in a YAML file, every key of which is optional.

    Raises FaultyFile when the file cannot be read or breaks the schema.
    """
    read = read_yaml(file)
    if not isinstance(read.data, dict):
        raise FaultyFile(file, [Fault(f"must have some of the keys {_KEYS}")])
    try:
        said = _Meeting.model_validate(read.data)
    except ValidationError as error:
        raise FaultyFile(file, faults_of(error, read)) from None
    return Meeting(
        str(file),
        said.title,
        said.board,
        said.reference.strip(),
        said.date,
        said.author,
        tuple(said.proposal),
    )
