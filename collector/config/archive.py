"""The settings of the archive package: who hands what over to whom, and by which agreement."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints

from collector.model.fields import Strict

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]

ContentCategory = Literal[
    "Textual works – Digital", "Datasets", "Databases", "Collection", "Mixed", "Other"
]
"""Those of the DILCIS vocabulary CSIPVocabularyContentCategory that a report can be."""


class Organisation(Strict):
    """A public body or department. ``id``: its identification code, such as an organization number
    with a prefix that says of which kind it is, as in ``ORG:212000-0000``."""

    name: Words
    id: Words | None = None


class Contact(Strict):
    """Whom the archive asks. ``details``: address, telephone, one a line."""

    name: Words
    details: list[Words] = []


class ArchiveSettings(Strict):
    """What an archive package says of itself; only ``creator`` is required.

    ``creator``: who created the records (arkivbildare). ``submitter``: who hands them over, by
    default the creator. ``contact``: a person to ask. ``receiver``: the archive. ``agreement``: the
    submission agreement, number and date. ``reference_code``: where in the archive they belong.
    ``content``: the category of what is handed over. ``unmasked``: whether the package also holds
    the snapshot itself, with the figures of groups so small that documents hide them.
    """

    creator: Organisation
    submitter: Organisation | None = None
    contact: Contact | None = None
    receiver: Organisation | None = None
    agreement: Words | None = None
    reference_code: Words | None = None
    content: ContentCategory = "Mixed"
    unmasked: bool = False

    @property
    def submitting(self) -> Organisation:
        """Who hands the package over."""
        return self.submitter or self.creator
