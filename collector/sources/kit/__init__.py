"""What the sources share, and all that a ticket system needs, to be used as ``kit.NAME``.

``system.py`` is the contract of a ticket system, ``contract.py`` that of any source. The other
names are explained where they stand.
"""

# ruff: noqa: I001 - in as few lines as hold them
from collector.io.errors import SourceError
from collector.io.http import Answer, HttpClient, HttpError, HttpUrl
from collector.io.login import ClientCredentials, Credentials, Login, SessionLogin, basic, bearer
from collector.io.secrets import Secret
from collector.model.bilingual import Text
from collector.model.fields import Strict, TimeZoneName
from collector.model.page import RejectedRow
from collector.model.records import Status, Unrecorded
from collector.sources.kit.backwards import BackwardsSystem
from collector.sources.kit.columns import Columns, Deadline
from collector.sources.kit.history import OWNER, Entries, History
from collector.sources.kit.looking import faults
from collector.sources.kit.options import TicketOptions, numbers, told_by, unrecorded
from collector.sources.kit.paging import by_start, by_token, by_total
from collector.sources.kit.raw import (
    Act, ChangedTicket, Event, Fetched, Ignored, Lines, NotVisible, OwnSla, Position, RawTicket,
    Removed,
)  # fmt: skip
from collector.sources.kit.routes import Route, ask
from collector.sources.kit.single import SingleTickets
from collector.sources.kit.system import KeysetSystem, ListedSystem, NumberedSystem, once_a_poll
from collector.sources.kit.undated import UndatedSystem, by_halves
from collector.sources.kit.values import (
    Row, Rows, bad, by_id, epoch, events, flag, grouped, instant, integer, iso, lines, nested,
    objects, present, required, required_instant, required_integer, rows, text, translated,
)  # fmt: skip
from collector.sources.kit.web import (
    LocalTimes, Robots, TokenOrPassword, UserAndPassword, WebOptions, listed,
)  # fmt: skip
from collector.sources.kit.webhook import HookFormat
from collector.sources.kit.windows import Span, WindowedSystem

__all__ = [
    "OWNER", "Act", "Answer", "BackwardsSystem", "ChangedTicket", "ClientCredentials",
    "Columns", "Credentials", "Deadline", "Entries", "Event", "Fetched", "History",
    "HookFormat", "HttpClient", "HttpError", "HttpUrl", "Ignored", "KeysetSystem", "Lines",
    "ListedSystem", "LocalTimes", "Login", "NotVisible", "NumberedSystem", "OwnSla", "Position",
    "RawTicket", "RejectedRow", "Removed", "Robots", "Route", "Row", "Rows", "Secret",
    "SessionLogin", "SingleTickets", "SourceError", "Span", "Status", "Strict", "Text",
    "TicketOptions", "TimeZoneName", "TokenOrPassword", "UndatedSystem", "Unrecorded",
    "UserAndPassword", "WebOptions", "WindowedSystem", "ask", "bad", "basic", "bearer",
    "by_halves", "by_id", "by_start", "by_token", "by_total", "epoch", "events", "faults",
    "flag", "grouped", "instant", "integer", "iso", "lines", "listed", "nested", "numbers",
    "objects", "once_a_poll", "present", "required", "required_instant", "required_integer",
    "rows", "text", "told_by", "translated", "unrecorded",
]  # fmt: skip
