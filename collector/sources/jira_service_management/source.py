"""Asks a Jira: for what changed, and for issues with their changes and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import Any

from collector.sources import kit
from collector.sources.jira_service_management.issues import Site, issue_of, site_of, whole_log
from collector.sources.jira_service_management.options import JiraOptions
from collector.sources.kit import HttpClient, Position, Row, Rows, nested, required, text

_FIELDS = (
    *("status", "created", "updated", "resolutiondate", "project"),
    *("creator", "reporter", "assignee"),
)
_COMMENTS = 100


class Jira(kit.KeysetSystem[HttpClient]):
    """A Jira, whose issues are searched by their time of change. Its index may lag."""

    OVERLAP = 300

    options: JiraOptions
    _listed: tuple[int, int, Iterator[kit.ChangedTicket]] | None = None

    def connect(self) -> HttpClient:
        self._listed = None
        return self.options.client(f"rest/api/{3 if self.options.is_cloud else 2}")

    def check(self, connection: HttpClient) -> str:
        """Return what is visible; also if the deployment or a field is another one."""
        found = text(connection.get("serverInfo").body, "deploymentType")
        if (found == "Cloud") != self.options.is_cloud:
            other = "data_center" if self.options.is_cloud else "cloud"
            raise kit.SourceError(f"this is another Jira; set deployment: {other}", permanent=True)
        site = self._look(connection)
        first = next(self.search(connection, f"{self._scope} ORDER BY created DESC", 1), None)
        lacking = [
            name for name, each in self.options.sla if each and f"sla.{name}" not in site.ids
        ]
        seen = "an issue is" if first else "no issue is"
        line = f"Jira {found}, {seen} visible in {', '.join(self.options.projects)}"
        return "; ".join([line, *(f"no field is called as sla.{name} says" for name in lacking)])

    def changed_tickets(self, connection: HttpClient, position: Position, size: int) -> kit.Lines:
        """See :class:`~collector.sources.kit.system.KeysetSystem`.

        A row may show a later change than the index that it was sorted by; it is taken for as old
        as the next one, so that what lies between is not passed.
        """
        at, skip = position.at, position.skip
        if self._listed is not None and skip and self._listed[:2] == (at, skip):
            lines = self._listed[2]
        else:
            lines = islice(self._lines(connection, at, size), skip, None)
        some = list(islice(lines, size + 1))
        for n in range(len(some) - 2, -1, -1):
            some[n] = replace(some[n], at=min(some[n].at, some[n + 1].at))
        self._listed = at, skip + size, chain(some[size:], lines)
        return some[:size]

    def existing(self, connection: HttpClient, ids: Sequence[str]) -> set[str]:
        if self.options.is_cloud:
            found: Iterable[Row] = self._issues(connection, ids, ["project"])
            return {required(row, "id") for row in found if self._is_ours(row)}
        jql = f"{self._scope} AND id in ({','.join(ids)})"
        found = self.search(connection, jql, len(ids), strict=False)  # some ids may be gone
        return {required(row, "id") for row in found}

    def fetch(self, connection: HttpClient, ids: Sequence[str]) -> Iterator[kit.Fetched]:
        site, cloud = self._look(connection), self.options.is_cloud
        fields = [*_FIELDS, *site.ids.values(), *(["comment"] if cloud else [])]
        found = kit.by_id(self._issues(connection, ids, fields))
        logs = self._changelogs(connection, found, site.kept) if cloud else {}
        for number in ids:
            row = found.get(number)
            if row is None:  # deleted, or out of sight: Jira does not tell which
                yield kit.NotVisible(number)
            elif not self._is_ours(row):
                yield kit.Ignored(number, "other_project")
            else:
                log = logs.get(number, []) if cloud else None
                yield kit.translated(number, partial(self._issue, connection, row, log))

    def _issue(self, connection: HttpClient, row: Row, log: Rows | None) -> kit.RawTicket:
        comments = self._comments(connection, row)
        log = whole_log(row) if log is None else log
        return issue_of(row, log, comments, self.options, self._look(connection))

    @property
    def _scope(self) -> str:
        projects = ", ".join(f'"{key}"' for key in self.options.projects)
        return f"project in ({projects})"

    def _is_ours(self, row: Row) -> bool:
        return text(nested(nested(row, "fields"), "project"), "key") in self.options.projects

    @kit.once_a_poll
    def _look(self, connection: HttpClient) -> Site:
        """Return what this Jira is like."""
        states, fields = (kit.listed(connection, path) for path in ("status", "field"))
        return site_of(states, fields, self.options)

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

        def ask(more: Mapping[str, Any]) -> Any:
            path = "search/jql" if self.options.is_cloud else "search"
            try:
                return connection.post(path, json={**asked, **more}).body
            except kit.HttpError as error:
                if error.status != 400 or not strict:
                    raise
                line = "projects: one of them is not there, or this user may not browse it"
                raise kit.SourceError(line, permanent=True) from None

        if self.options.is_cloud:
            return kit.by_token(ask, "issues")
        asked["validateQuery"] = strict
        return kit.by_total(lambda at: ask({"startAt": at}), "issues")

    def _lines(self, connection: HttpClient, at: int, size: int) -> Iterator[kit.ChangedTicket]:
        """Yield all that changed since an instant, also if Jira rounds it down to its minute."""
        jql = f"{self._scope} AND updated >= {at * 1000} ORDER BY updated ASC, key ASC"
        for row in self.search(connection, jql, size + 1):
            changed_at = kit.required_instant(nested(row, "fields"), "updated")
            if changed_at >= at:
                yield kit.ChangedTicket(required(row, "id"), changed_at)

    def _issues(
        self, connection: HttpClient, ids: Sequence[str], fields: Sequence[str]
    ) -> Iterator[Row]:
        """Yield those of these issues that can be seen; from Data Center with their changes."""
        if self.options.is_cloud:
            asked = {"issueIdsOrKeys": [*ids], "fields": [*fields]}
            yield from kit.rows(connection.post("issue/bulkfetch", json=asked).body, "issues")
            return
        params = {"fields": ",".join(fields), "expand": "changelog"}
        for number in ids:
            answer = connection.get(f"issue/{number}", params, accept={403, 404})
            if answer.status not in (403, 404):
                yield answer.body

    def _changelogs(
        self, connection: HttpClient, ids: Iterable[str], fields: Sequence[str]
    ) -> Mapping[str, Rows]:
        """Return the changes of these issues in Cloud, whose search would cut them off at 40."""
        found: dict[str, list[Row]] = {number: [] for number in ids}
        asked = {"issueIdsOrKeys": [*found], "fieldIds": [*fields], "maxResults": 1000}

        def ask(more: Mapping[str, str]) -> Any:
            return connection.post("changelog/bulkfetch", json={**asked, **more}).body

        for log in kit.by_token(ask, "issueChangeLogs") if found else ():
            own = found.setdefault(required(log, "issueId"), [])
            own.extend(kit.rows(log, "changeHistories"))
        return found

    def _comments(self, connection: HttpClient, row: Row) -> Rows:
        """Return the comments of an issue, which are asked for unless all are in its row."""
        part = nested(nested(row, "fields"), "comment")
        found = list(kit.rows(part, "comments"))
        if kit.integer(part, "total") == len(found):
            return found

        path = f"issue/{required(row, 'id')}/comment"
        asked = {"maxResults": str(_COMMENTS), "orderBy": "created", "expand": "properties"}
        return list(
            kit.by_total(
                lambda at: connection.get(path, {**asked, "startAt": str(at)}).body, "comments"
            )
        )
