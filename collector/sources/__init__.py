"""The table of sources. A new source is one file here and one line in this table."""

from typing import Any

from collector.sources.asterisk_queue_log import AsteriskQueueLog
from collector.sources.csv_files import CsvCalls, CsvTickets
from collector.sources.request_tracker import RequestTracker

SOURCES: dict[str, Any] = {
    "csv_calls": CsvCalls,
    "csv_tickets": CsvTickets,
    "request_tracker": RequestTracker,
    "asterisk_queue_log": AsteriskQueueLog,
}
