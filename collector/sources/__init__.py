"""The table of sources. A new source is one file here and one line in this table."""

from typing import Any

from collector.sources.asterisk_queue_log.source import AsteriskQueueLog
from collector.sources.csv.source import CsvCalls, CsvTickets
from collector.sources.request_tracker.source import RequestTracker

SOURCES: dict[str, Any] = {
    "csv_calls": CsvCalls,
    "csv_tickets": CsvTickets,
    "request_tracker": RequestTracker,
    "asterisk_queue_log": AsteriskQueueLog,
}
