"""Asks a Jira: for what changed, and for issues with their changes and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any

from collector.io.errors import SourceError
from collector.io.http import HttpClient, HttpError
from collector.model.page import RejectedRow
from collector.sources.jira_service_management.issues import Site, issue_of, site_of, whole_log
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.kit import raw
from collector.sources.kit.raw import ChangedTicket
from collector.sources.kit.system import KeysetSystem
from collector.sources.kit.values import (
    Row,
    flag,
    integer,
    nested,
    objects,
    rejected,
    required,
    required_instant,
    rows,
    text,
)

_FIELDS = (
    *("status", "created", "updated", "resolutiondate", "project"),
    *("creator", "reporter", "assignee"),
)
_COMMENTS = 100


class Jira(KeysetSystem[HttpClient]):
    """A Jira. See :class:`~collector.sources.kit.system.KeysetSystem`. Its index may lag."""

    OVERLAP = 300

    options: JiraOptions

    def __init__(self, options: JiraOptions) -> None:
        super().__init__(options)
        self._cloud = options.deployment == "cloud"
        self._site: Site | None = None
        self._listed: tuple[int, int, Iterator[ChangedTicket]] | None = None

    def connect(self) -> HttpClient:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        self._site = self._listed = None
        return self.options.client(f"rest/api/{3 if self._cloud else 2}")

    def check(self, connection: HttpClient) -> str:
        """Return what is visible; also if the deployment or a field is another one."""
        found = text(connection.get("serverInfo").body, "deploymentType")
        if (found == "Cloud") != self._cloud:
            other = "data_center" if self._cloud else "cloud"
            raise SourceError(f"this is another Jira; set deployment: {other}", permanent=True)
        site = self._look(connection)
        first = next(self.search(connection, f"{self._scope} ORDER BY created DESC", 1), None)
        lacking = [
            name for name, each in self.options.sla if each and f"sla.{name}" not in site.ids
        ]
        seen = "an issue is" if first else "no issue is"
        line = f"Jira {found}, {seen} visible in {', '.join(self.options.projects)}"
        return "; ".join([line, *(f"no field is called as sla.{name} says" for name in lacking)])

    def changed_tickets(
        self, connection: HttpClient, position: raw.Position, page_size: int
    ) -> Sequence[ChangedTicket]:
        """See :class:`~collector.sources.kit.system.KeysetSystem`.

        A row may show a later change than the index that it was sorted by; it is taken for as old
        as the next one, so that what lies between is not passed.
        """
        at, skip = position.at, position.skip
        if self._listed is not None and skip and self._listed[:2] == (at, skip):
            lines = self._listed[2]
        else:
            lines = islice(self._lines(connection, at, page_size), skip, None)
        some = list(islice(lines, page_size + 1))
        for n in range(len(some) - 2, -1, -1):
            some[n] = replace(some[n], at=min(some[n].at, some[n + 1].at))
        self._listed = at, skip + page_size, chain(some[page_size:], lines)
        return some[:page_size]

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        if self._cloud:
            found: Iterable[Row] = self._issues(connection, ids, ["project"])
            return {required(row, "id") for row in found if self._is_ours(row)}
        jql = f"{self._scope} AND id in ({','.join(ids)})"
        found = self.search(connection, jql, len(ids), strict=False)  # some ids may be gone
        return {required(row, "id") for row in found}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[raw.Fetched]:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        site = self._look(connection)
        fields = [*_FIELDS, *site.ids.values(), *(["comment"] if self._cloud else [])]
        found = {required(row, "id"): row for row in self._issues(connection, ids, fields)}
        logs = self._changelogs(connection, found, site.kept) if self._cloud else {}
        for number in ids:
            row = found.get(number)
            if row is None:  # deleted, or out of sight: Jira does not tell which
                yield raw.NotVisible(number)
            elif not self._is_ours(row):
                yield raw.Ignored(number, "other_project")
            else:
                try:
                    comments = self._comments(connection, number, row)
                    log = logs.get(number, []) if self._cloud else whole_log(row)
                    yield issue_of(row, log, comments, self.options, site)
                except RejectedRow as error:
                    yield rejected(number, error)

    @property
    def _scope(self) -> str:
        projects = ", ".join(f'"{key}"' for key in self.options.projects)
        return f"project in ({projects})"

    def _is_ours(self, row: Row) -> bool:
        project = nested(nested(row, "fields"), "project")
        return text(project, "key") in self.options.projects

    def _look(self, connection: HttpClient) -> Site:
        """Return what this Jira is like, which is asked once in a poll."""
        if self._site is None:
            states, fields = (connection.get(p, kind=list).body for p in ("status", "field"))
            self._site = site_of(objects(states), objects(fields), self.options)
        return self._site

    def search(
        self,
        connection: HttpClient,
        jql: str,
        size: int,
        fields: Sequence[str] = ("updated",),
        *,
        strict: bool = True,
    ) -> Iterator[Row]:
        """Yield the issues of a query, asked for in pages of a size as they are needed.

        ``strict``: raise SourceError if a project is not there for this user, instead of passing
        over its issues.
        """
        asked: dict[str, Any] = {"jql": jql, "fields": [*fields], "maxResults": size}
        asked |= {} if self._cloud else {"startAt": 0, "validateQuery": strict}
        while True:
            try:
                body = connection.post("search/jql" if self._cloud else "search", json=asked).body
            except HttpError as error:
                if error.status != 400 or not strict:
                    raise
                line = "projects: one of them is not there, or this user may not browse it"
                raise SourceError(line, permanent=True) from None
            found = list(rows(body, "issues"))
            yield from found
            if self._cloud:
                token = text(body, "nextPageToken")
                if token is None or flag(body, "isLast"):
                    return
                asked["nextPageToken"] = _other(token, asked)
            else:
                asked["startAt"] += len(found)
                if not found or asked["startAt"] >= (integer(body, "total") or 0):
                    return

    def _lines(self, connection: HttpClient, at: int, size: int) -> Iterator[ChangedTicket]:
        """Yield all that changed since an instant, also if Jira rounds it down to its minute."""
        jql = f"{self._scope} AND updated >= {at * 1000} ORDER BY updated ASC, key ASC"
        for row in self.search(connection, jql, size + 1):
            changed_at = required_instant(nested(row, "fields"), "updated")
            if changed_at >= at:
                yield ChangedTicket(required(row, "id"), changed_at)

    def _issues(
        self, connection: HttpClient, ids: Sequence[str], fields: Sequence[str]
    ) -> Iterator[Row]:
        """Yield those of these issues that can be seen; from Data Center with their changes."""
        if self._cloud:
            asked = {"issueIdsOrKeys": [*ids], "fields": [*fields]}
            yield from rows(connection.post("issue/bulkfetch", json=asked).body, "issues")
            return
        params = {"fields": ",".join(fields), "expand": "changelog"}
        for number in ids:
            answer = connection.get(f"issue/{number}", params, accept={403, 404})
            if answer.status not in (403, 404):
                yield answer.body

    def _changelogs(
        self, connection: HttpClient, ids: Iterable[str], fields: Sequence[str]
    ) -> Mapping[str, Sequence[Row]]:
        """Return the changes of these issues in Cloud, whose search would cut them off at 40."""
        found: dict[str, list[Row]] = {number: [] for number in ids}
        asked: dict[str, Any] = {"issueIdsOrKeys": [*found], "fieldIds": [*fields]}
        asked["maxResults"] = 1000
        while found:
            body = connection.post("changelog/bulkfetch", json=asked).body
            for log in rows(body, "issueChangeLogs"):
                found.setdefault(required(log, "issueId"), []).extend(rows(log, "changeHistories"))
            if (token := text(body, "nextPageToken")) is None:
                break
            asked["nextPageToken"] = _other(token, asked)
        return found

    def _comments(self, connection: HttpClient, number: str, row: Row) -> list[Row]:
        """Return the comments of an issue, which are asked for unless all are in its row."""
        part = nested(nested(row, "fields"), "comment")
        found = list(rows(part, "comments"))
        if integer(part, "total") == len(found):
            return found
        found = []
        while True:
            params = {"startAt": str(len(found)), "maxResults": str(_COMMENTS)}
            params |= {"orderBy": "created", "expand": "properties"}
            body = connection.get(f"issue/{number}/comment", params).body
            some = list(rows(body, "comments"))
            found += some
            if not some or len(found) >= (integer(body, "total") or 0):
                return found


def _other(token: str, asked: Mapping[str, Any]) -> str:
    """Return the token of the next page. Raises SourceError if it is that of the page itself."""
    if token == asked.get("nextPageToken"):
        raise SourceError("Jira leads from a page to the same page; the next poll will try again")
    return token
