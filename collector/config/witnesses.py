"""The settings of those who are told each new seal: witnesses outside the database's reach."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from collector.config.delivery import (
    FolderTarget,
    Mailbox,
    MailTarget,
    Repeated,
    TargetName,
    WebhookTarget,
)

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_/-]{0,100}")


def _branch(text: str) -> str:
    if not _BRANCH.fullmatch(text):
        raise ValueError(f"{text!r} is not a branch name: write it as in main")
    return text


def _remote(text: str) -> str:
    if not text or text.startswith("-") or "::" in text:
        raise ValueError("is not a git remote: write it as in git@git.example.org:board/seals.git")
    return text


class MailWitness(MailTarget):
    """Mails each new seal, as ``delivery`` mails reports."""

    name: TargetName


class WebhookWitness(WebhookTarget):
    """Posts each new seal, as ``delivery`` posts reports."""

    name: TargetName


class FolderWitness(FolderTarget):
    """Writes each new seal into a folder, such as one on another machine."""

    name: TargetName


class GitWitness(Repeated):
    """Commits each new seal to a branch of a git remote, and pushes it.

    ``remote`` and the access to it are those of git for this user: keys of ssh or a credential
    helper. ``author``: the address of the commits.
    """

    type: Literal["git"]
    name: TargetName
    remote: Annotated[str, AfterValidator(_remote)]
    branch: Annotated[str, AfterValidator(_branch)] = "main"
    author: Mailbox = "servicedesk-kpi@localhost"


Witness = Annotated[
    MailWitness | WebhookWitness | FolderWitness | GitWitness, Field(discriminator="type")
]
