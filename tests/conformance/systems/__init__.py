"""A fake of each ticket system over the kit, in a module named by its ``type:``.

The module has a class ``Fake``. Everything else is found by itself: the cases of
``tests/conformance/test_ticket_systems.py`` run against it.
"""

from __future__ import annotations

from importlib import import_module

from collector.sources import SOURCES
from collector.sources.kit.options import TicketOptions
from tests.conformance.systems.fake import Fake

TYPES = sorted(name for name, each in SOURCES.items() if issubclass(each, TicketOptions))


def fake_of(kind: str) -> type[Fake]:
    """The fake of a system. Raises ModuleNotFoundError if nobody has written it."""
    found: type[Fake] = import_module(f"tests.conformance.systems.{kind}").Fake
    return found
