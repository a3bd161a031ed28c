"""The configuration of the sources that read a queue log from a table."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from collector.io.database import DatabaseUrl
from collector.io.files import ConfigPath
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.fields import Interval, Strict, TimeZoneName
from collector.sources.asterisk_queue_log.options import QueueLogOptions

Column = Annotated[str, Field(min_length=1)]


class TableColumns(Strict):
    """The names of the table's columns. Those of data are ``data`` with the numbers 1 to 5, or
    ``data`` alone with all of it, separated by ``|``."""

    id: Column = "id"
    time: Column = "time"
    callid: Column = "callid"
    queue: Column = "queuename"
    agent: Column = "agent"
    event: Column = "event"
    data: Column = "data"


class TableOptions(QueueLogOptions):
    """The keys that the table of a database and its exports share.

    ``timezone``: the zone of times that contain none; by default that of the configuration, as
    Asterisk writes local time unless ``queue_log_realtime_use_gmt`` is set.
    """

    timezone: TimeZoneName | None = None
    columns: TableColumns = TableColumns()


class AsteriskRealtimeOptions(TableOptions):
    """The keys of an ``asterisk_realtime`` source.

    ``url``: the database, as in ``mysql://kpi@db.example.org/asterisk``, without a password.
    ``table``: its name, with the schema before a dot if it is not in the default one. ``timeout``:
    the most that a query may take.
    """

    ACCESS = frozenset({"url", "password", "timeout", "table"})

    implementation = "collector.sources.asterisk_realtime.source:AsteriskRealtime"
    title = Text(sv="Asterisks kölogg i en databas", en="Asterisk's queue log in a database")
    type: Literal["asterisk_realtime"]
    url: DatabaseUrl
    password: Secret | None = None
    table: Annotated[str, Field(min_length=1)] = "queue_log"
    timeout: Interval = 60


class AsteriskExportOptions(TableOptions):
    """The keys of an ``asterisk_export`` source.

    ``path``: the file or a glob: CSV with a header, or JSON. ``delimiter`` and ``encoding``: found
    out if they are not given.
    """

    ACCESS = frozenset({"path", "delimiter", "encoding"})
    LOCAL: ClassVar[bool] = True

    implementation = "collector.sources.asterisk_realtime.exports:AsteriskExport"
    title = Text(sv="Utdrag ur Asterisks kölogg", en="Exports of Asterisk's queue log")
    type: Literal["asterisk_export"]
    path: ConfigPath
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    encoding: str | None = None
