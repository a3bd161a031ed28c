"""The systems that can be polled, a file or folder each. A new source is one line in SOURCES."""

from collections.abc import Sequence

from collector.sources.asterisk_ami.options import AsteriskAmiOptions
from collector.sources.asterisk_queue_log.options import AsteriskOptions
from collector.sources.asterisk_realtime.options import (
    AsteriskExportOptions,
    AsteriskRealtimeOptions,
)
from collector.sources.command.options import CommandOptions
from collector.sources.csv.history_options import CsvChangesOptions, CsvEventsOptions
from collector.sources.csv.options import CsvCallsOptions, CsvTicketsOptions
from collector.sources.django_helpdesk import DjangoHelpdeskOptions
from collector.sources.glpi import GlpiOptions
from collector.sources.itop import ItopOptions
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.json.options import JsonCallsOptions, JsonOptions
from collector.sources.kit.contract import Source, SourceOptions
from collector.sources.request_tracker.options import RequestTrackerOptions
from collector.sources.sql.options import SqlCallsOptions, SqlTicketsOptions
from collector.sources.topdesk import TopdeskOptions
from collector.sources.zammad import ZammadOptions
from collector.sources.znuny import ZnunyOptions

SOURCES: dict[str, type[SourceOptions]] = {
    "csv_calls": CsvCallsOptions,
    "csv_tickets": CsvTicketsOptions,
    "csv_changes": CsvChangesOptions,
    "csv_events": CsvEventsOptions,
    "django_helpdesk": DjangoHelpdeskOptions,
    "glpi": GlpiOptions,
    "itop": ItopOptions,
    "jira_service_management": JiraOptions,
    "json": JsonOptions,
    "json_calls": JsonCallsOptions,
    "command": CommandOptions,
    "request_tracker": RequestTrackerOptions,
    "sql_calls": SqlCallsOptions,
    "sql_tickets": SqlTicketsOptions,
    "topdesk": TopdeskOptions,
    "zammad": ZammadOptions,
    "znuny": ZnunyOptions,
    "asterisk_queue_log": AsteriskOptions,
    "asterisk_realtime": AsteriskRealtimeOptions,
    "asterisk_export": AsteriskExportOptions,
    "asterisk_ami": AsteriskAmiOptions,
}
"""By the ``type:`` in the configuration: the model of its keys, and what it says of the source."""


def make_source(name: str, options: SourceOptions, organizations: Sequence[str]) -> Source:
    """Create the source that these options configure, under its name in the configuration.

    Raises SourceError if the options cannot be used.
    """
    return options.source(name, organizations)
