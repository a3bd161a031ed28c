"""The systems that can be polled, one package each. A new source is one line in SOURCES."""

from collector.sources.asterisk_queue_log.source import AsteriskQueueLog
from collector.sources.csv.source import CsvCalls, CsvTickets
from collector.sources.kit.contract import Source
from collector.sources.request_tracker.source import RequestTracker

SOURCES: dict[str, type[Source]] = {
    "csv_calls": CsvCalls,
    "csv_tickets": CsvTickets,
    "request_tracker": RequestTracker,
    "asterisk_queue_log": AsteriskQueueLog,
}
"""Source classes by the ``type:`` in the configuration."""
