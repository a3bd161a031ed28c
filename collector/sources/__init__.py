"""The systems that are polled, each in one place. A new source is one line in the table here."""

from collections.abc import Sequence
from importlib import import_module

from collector.sources.asterisk_queue_log.options import AsteriskOptions
from collector.sources.csv.options import CsvCallsOptions, CsvTicketsOptions
from collector.sources.kit.contract import Source, SourceOptions
from collector.sources.request_tracker.options import RequestTrackerOptions

SOURCES: dict[str, type[SourceOptions]] = {
    "csv_calls": CsvCallsOptions,
    "csv_tickets": CsvTicketsOptions,
    "request_tracker": RequestTrackerOptions,
    "asterisk_queue_log": AsteriskOptions,
}
"""By the ``type:`` that a configuration names: its keys, and what the source says of itself."""


def make_source(name: str, options: SourceOptions, organizations: Sequence[str]) -> Source:
    """The source that these options configure, under its name in the configuration. Raises
    SourceError."""
    # Its class is imported here, for whoever polls: all others need the options alone.
    module, _, class_name = options.implementation.partition(":")
    source: Source = getattr(import_module(module), class_name)(name, options, organizations)
    return source
