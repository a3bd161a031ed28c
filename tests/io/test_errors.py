"""Errors for people: one base class with one bit."""

from __future__ import annotations

import ast
import importlib

import pytest

from collector.cli.arguments import WrongInput
from collector.io.errors import SourceError, UserFacingError
from collector.io.secrets import SecretUnavailable
from collector.io.yaml import FaultyFile
from collector.measuring.engine.definition_guard import PastEdited
from collector.monitoring.grafana.client import GrafanaError, PackageMissing, Refused
from collector.report.delivery.parcel import DeliveryError
from collector.report.render.common import ReportError
from collector.service.drain import TooManyRejected
from collector.service.listener import CannotListen
from collector.snapshot import DamagedSnapshot, NotFrozen
from collector.store import StoreError
from tests.worlds.paths import ROOT

INTERNAL = {
    "RejectedRow",  # one record; its text may quote it and goes to the poll log alone
    "FrozenAlready",  # between two processes that freeze at once
    "FilesMoved",  # a log that was rotated while it was read
    "QueryError",  # the simulated desk answers with these two
    "_Refused",
    "BadMessage",  # the web answers with these three: 400, 404 and 503
    "Unknown",
    "Busy",
    "NoAnswer",  # between the entrance and the service; a reader gets 502 or 503
}


def error_classes() -> set[type[BaseException]]:
    """Every exception class of the program."""
    found: set[type[BaseException]] = set()
    for path in (ROOT / "collector").rglob("*.py"):
        if "migrations" in path.parts:
            continue
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef):
                each = getattr(importlib.import_module(name), node.name)
                if issubclass(each, BaseException):
                    found.add(each)
    return found


def test_every_error_derives_from_the_one_base() -> None:
    found = error_classes()
    assert len(found) > 20
    others = {each for each in found if not issubclass(each, UserFacingError)}
    # what only says that a value is wrong becomes a fault of the file or record it stands in
    assert {each.__name__ for each in others if not issubclass(each, ValueError)} == INTERNAL


@pytest.mark.parametrize(
    ("error", "permanent"),
    [
        (SourceError("x"), False),
        (SourceError("x", permanent=True), True),
        (StoreError("x"), False),
        (NotFrozen("x"), False),
        (DamagedSnapshot("x"), True),
        (SecretUnavailable("x"), True),
        (PastEdited("x"), True),
        (CannotListen("x"), True),
        (WrongInput("x"), True),
        (FaultyFile("x", []), True),
        (ReportError("x"), True),
        (TooManyRejected("x"), False),
        (GrafanaError("x"), False),
        (Refused("x", 403), True),
        (Refused("x", 503), False),
        (PackageMissing("x"), True),
        (DeliveryError("x", unclear=True), False),
        (DeliveryError("x", permanent=True), True),
    ],
)
def test_an_error_says_whether_trying_again_is_of_use(
    error: UserFacingError, permanent: bool
) -> None:
    assert isinstance(error, UserFacingError)
    assert error.permanent is permanent
