"""The settings of the office's own files that go into the committee's document."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from collector.io.files import ConfigPath
from collector.model.fields import Strict


class CommitteeSettings(Strict):
    """Where the office keeps its files.

    ``folder``: has one subfolder for each report, named after its period, such as
    ``2020-01..2020-07``. ``commentary``: explanations of figures, such as ``2020-07/ID.md``.
    All files are optional: what is missing is left out of the document.
    """

    folder: Annotated[ConfigPath, Field(validate_default=True)] = "committee"
    commentary: Annotated[ConfigPath, Field(validate_default=True)] = "commentary"
