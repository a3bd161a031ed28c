"""What a configuration says of the files that the office keeps for the committee's document."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from collector.io.files import ConfigPath
from collector.model.fields import Strict


class CommitteeSettings(Strict):
    """Where the office keeps its files.

    ``folder``: what belongs to one report lies in a folder of it that is called as its period,
    such as ``2020-01..2020-07``. ``commentary``: explanations of figures, ``2020-07/ID.md``.
    What is not there is simply not in the document.
    """

    folder: Annotated[ConfigPath, Field(validate_default=True)] = "committee"
    commentary: Annotated[ConfigPath, Field(validate_default=True)] = "commentary"
