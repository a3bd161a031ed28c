"""Jira Service Management, Cloud and Data Center, over the time of change of its issues.

Nothing was recorded from a running Jira.

- Documented for Cloud (REST v3): ``search/jql`` with its tokens, which lags and shows 40 changes of
  an issue at most; ``issue/bulkfetch``, which leaves out what is gone or may not be seen;
  ``changelog/bulkfetch``, whose times are numbers in the example and texts in the schema;
  ``jsdPublic``; client credentials.
- Documented for Data Center (REST v2): ``search`` with ``startAt``, an issue with its changelog,
  personal access tokens, client credentials. For both: the cycles of SLAs.
- Seen in issues of other connectors: ``updated >= MILLISECONDS`` is absolute in JQL, where a quoted
  time is in the zone of the user, to the minute; Data Center tells in the properties of a comment
  what Cloud tells by ``jsdPublic``.
- From memory: ``validateQuery``, the 403 and 404 of Data Center, that the fields of SLAs hold the
  cycles of servicedeskapi, and that auth.atlassian.com takes a form, as Data Center does.

The interface cannot leave out people and the texts of comments; they are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from collector.sources import kit
from collector.sources.kit import HttpClient, Position, Row, Rows, Text, nested, required, text

_COLUMNS = kit.Columns(opened_at="created", resolved_at="resolutiondate", changed_at="updated")
_FIELDS = (
    "status",
    "created",
    "updated",
    "resolutiondate",
    "project",
    "creator",
    "reporter",
    "assignee",
)
_COMMENTS = 100
_NO_STAFF = frozenset({"customer", "app"})
"""Types of accounts, which only Cloud tells."""
_MILLISECONDS_FROM = 10**11
ProjectKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]+$")]


class JiraFields(kit.Strict):
    """The field of an issue, by name or id, from which each of our fields is taken; null: none."""

    kind: str | None = "issuetype"
    priority: str | None = "priority"
    team: str | None = None
    organization: str | None = None
    category: str | None = None


class JiraSla(kit.Strict):
    """The SLAs that are kept beside our figures, by name or id of their fields; null: none."""

    response: str | None = "Time to first response"
    resolution: str | None = "Time to resolution"


class JiraOptions(kit.WebOptions):
    """The keys of a ``jira_service_management`` source.

    Cloud: ``user`` and an API ``token``, or ``client_id`` and ``client_secret`` of a service
    account, then with ``site`` for links; Data Center: a personal access ``token``, or
    ``client_id``, ``client_secret``, ``token_url`` and ``scope``. ``projects``: keys of the service
    projects. ``robots``: account ids (Data Center: keys of users) that are machines.
    """

    implementation = "collector.sources.jira_service_management:Jira"
    title = Text(sv="Jira Service Management", en="Jira Service Management")
    ACCESS = frozenset(
        {"user", "token", "client_id", "client_secret", "token_url", "scope", "site", "sla"}
    )
    settings_in_words: ClassVar = {
        "deployment": Text(sv="Driftform", en="Deployment"),
        "projects": Text(sv="Projekt", en="Projects"),
        "robots": Text(sv="Maskinkonton", en="Machine accounts"),
    }
    HOOK: ClassVar = kit.HookFormat("X-Hub-Signature", ticket="issue.id")
    WORDS: ClassVar = {
        "status": {
            **{"new": "new", "indeterminate": "open", "done": "resolved", "Closed": "closed"},
            **{"Waiting for customer": "on_hold", "Pending": "on_hold"},
        },
        "priority": {
            **{"Highest": "urgent", "High": "high", "Medium": "normal"},
            **{"Low": "low", "Lowest": "low"},
        },
    }
    REMEDIES: ClassVar = kit.told_by(JiraFields)

    type: Literal["jira_service_management"]
    deployment: Literal["cloud", "data_center"] = "cloud"
    projects: Annotated[tuple[ProjectKey, ...], Field(min_length=1)]
    user: str | None = None
    token: kit.Secret | None = None
    client_id: str | None = None
    client_secret: kit.Secret | None = None
    token_url: kit.HttpUrl = "https://auth.atlassian.com/oauth/token"  # noqa: S105 an address
    scope: str = ""
    site: kit.HttpUrl | None = None
    fields: JiraFields = JiraFields()
    sla: JiraSla = JiraSla()
    robots: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way_to_log_in(self) -> Self:
        by_client = self.client_id is not None and self.client_secret is not None
        half = (self.client_id is None) != (self.client_secret is None)
        if half or by_client != (self.token is None) or (by_client and self.user is not None):
            raise ValueError("give either token (Cloud: with user), or client_id and client_secret")
        return self

    def doubts(self) -> Iterator[tuple[tuple[str, ...], str]]:
        """See :class:`~collector.sources.kit.contract.SourceOptions`."""
        if self.is_cloud and self.token and not self.user and self.site is None:
            yield ("token",), "an API token of Jira Cloud goes with a user; set user"

    def login(self) -> kit.Login:
        """See :class:`~collector.sources.kit.web.WebOptions`."""
        if self.client_id is not None and self.client_secret is not None:
            return kit.ClientCredentials(
                self.token_url, self.client_id, self.client_secret, self.scope
            )
        assert self.token is not None
        return kit.bearer(self.token) if self.user is None else kit.basic(self.user, self.token)

    @property
    def is_cloud(self) -> bool:
        """Whether this is Cloud, and not a Data Center."""
        return self.deployment == "cloud"


@dataclass(frozen=True, slots=True)
class Site:
    """What a Jira is like: the word of each status in ``map``, by its id; the ids of the fields
    whose history is kept; our name of each of them, by its id and its name; the ids of the fields
    that are read, by our names."""

    words: Mapping[str, str]
    kept: Sequence[str]
    ours: Mapping[str, str]
    ids: Mapping[str, str]


class Jira(kit.KeysetSystem[HttpClient]):
    """A Jira, whose issues are searched by their time of change. Its index may lag."""

    OVERLAP = 300

    options: JiraOptions
    _listed: tuple[int, int, Iterator[kit.ChangedTicket]] | None = None

    def connect(self) -> HttpClient:
        """See :class:`~collector.sources.kit.system.TicketSystem`."""
        self._listed = None
        return self.options.client(f"rest/api/{3 if self.options.is_cloud else 2}")

    def check(self, connection: HttpClient) -> str:
        """Return what is visible; also if the deployment or a field is another one."""
        found = text(connection.get("serverInfo").body, "deploymentType")
        if (found == "Cloud") != self.options.is_cloud:
            other = "data_center" if self.options.is_cloud else "cloud"
            raise kit.SourceError(f"this is another Jira; set deployment: {other}", permanent=True)
        site = self._look(connection)
        try:
            first = next(self.search(connection, f"{self._scope} ORDER BY created DESC", 1), None)
        except kit.HttpError as error:
            if error.status != 400:
                raise
            line = "projects: one of them is not there, or this user may not browse it"
            raise kit.SourceError(line, permanent=True) from None
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
        return {required(row, "id") for row in self.search(connection, jql, len(ids))}

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
        self, connection: HttpClient, jql: str, size: int, fields: Sequence[str] = ("updated",)
    ) -> Iterator[Row]:
        """Yield the issues of a query, asked for in pages of a size as they are needed."""
        asked: dict[str, Any] = {"jql": jql, "fields": [*fields], "maxResults": size}

        def of_cloud(token: str | None) -> Row:
            more = {"nextPageToken": token} if token else {}
            body = connection.post("search/jql", json={**asked, **more}).body
            return {**body, "nextPageToken": None} if kit.flag(body, "isLast") else body

        def of_data_center(start: int) -> tuple[Rows, bool]:
            more = {"startAt": start, "validateQuery": False}
            body = connection.post("search", json={**asked, **more}).body
            found = list(kit.rows(body, "issues"))
            return found, start + len(found) < (kit.integer(body, "total") or 0)

        if not self.options.is_cloud:
            return kit.by_start(of_data_center)
        return (row for body in kit.by_token(of_cloud) for row in kit.rows(body, "issues"))

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

        def ask(token: str | None) -> Row:
            more = {"nextPageToken": token} if token else {}
            body: Row = connection.post("changelog/bulkfetch", json={**asked, **more}).body
            return body

        for body in kit.by_token(ask) if found else ():
            for log in kit.rows(body, "issueChangeLogs"):
                own = found.setdefault(required(log, "issueId"), [])
                own.extend(kit.rows(log, "changeHistories"))
        return found

    def _comments(self, connection: HttpClient, row: Row) -> Rows:
        """Return the comments of an issue, which are asked for unless all are in its row."""
        part = nested(nested(row, "fields"), "comment")
        found = list(kit.rows(part, "comments"))
        if kit.integer(part, "total") == len(found):
            return found

        def ask(start: int) -> tuple[Rows, bool]:
            params = {"startAt": str(start), "maxResults": str(_COMMENTS)}
            params |= {"orderBy": "created", "expand": "properties"}
            body = connection.get(f"issue/{required(row, 'id')}/comment", params).body
            some = list(kit.rows(body, "comments"))
            return some, start + len(some) < (kit.integer(body, "total") or 0)

        return list(kit.by_start(ask))


def site_of(states: Rows, fields: Rows, options: JiraOptions) -> Site:
    """Return what a Jira is like, of its statuses and fields. Raises SourceError if a field that is
    configured does not exist, or several have its name."""
    words = {required(state, "id"): _word(state, options) for state in states}
    named = [(required(each, "id"), required(each, "name")) for each in fields]
    wanted = {name: each for name, each in options.fields if each}
    wanted |= {f"sla.{name}": each for name, each in options.sla if each}
    ids: dict[str, str] = {}
    for ours, theirs in wanted.items():
        found = {i for i, _ in named if i == theirs} or {i for i, name in named if name == theirs}
        if len(found) == 1:
            ids[ours] = found.pop()
        elif found or "." not in ours:
            how = f"several fields are called {theirs}" if found else f"there is no field {theirs}"
            where = ours if "." in ours else f"fields.{ours}"
            raise kit.SourceError(f"{where}: {how}; write its id", permanent=True)
    kept = {"status": "status", "assignee": kit.OWNER}
    kept |= {ids[name]: name for name in ("priority", "team") if name in ids}
    kept |= {"issuetype": "kind"} if ids.get("kind") == "issuetype" else {}
    return Site(words, [*kept], kept | {name: kept[i] for i, name in named if i in kept}, ids)


def _word(state: Row, options: JiraOptions) -> str:
    category = required(nested(state, "statusCategory"), "key")
    return options.status_word(required(state, "name"), category)


def issue_of(
    row: Row, log: Rows, comments: Rows, options: JiraOptions, site: Site
) -> kit.RawTicket:
    """Return a ticket of an issue, its changes and its comments.

    Raises RejectedRow if it cannot be used.
    """
    fields = {**nested(row, "fields"), "id": row.get("id")}
    outside = {_person(fields, "reporter"), *options.robots}
    history = kit.History(outside, nobody=("", None), words={"status": site.words})
    for at, by, item in sorted(_items(log), key=lambda each: each[0]):
        if name := site.ours.get(text(item, "fieldId") or text(item, "field") or ""):
            ends = ((text(item, end), text(item, f"{end}String")) for end in ("from", "to"))
            history.add(at, by, name, *ends)
    creator, owner = _person(fields, "creator"), _id(nested(fields, "assignee"))
    history.opened(kit.required_instant(fields, "created"), creator, owner)
    for comment in comments:
        act: kit.Act = "reply" if _is_public(comment, options) else "note"
        history.act(kit.required_instant(comment, "created"), _person(comment, "author"), act)
    values = {name: _named(fields.get(i), i) for name, i in site.ids.items() if "." not in name}
    values |= {"status": _word(nested(fields, "status"), options)}
    where = options.site or (None if options.url.startswith("https://api.") else options.url)
    link = where and f"{where}/browse/{required(row, 'key')}"
    return _COLUMNS.ticket(fields, history, link, fields=values, own=_own(fields, site.ids))


def _own(fields: Row, ids: Mapping[str, str]) -> kit.OwnSla:
    """Return Jira's verdicts: the first cycle until the response, the present one until the
    resolution. A cycle that goes on is missed or not decided yet."""
    response, resolution = (
        nested(fields, ids[name]) if name in ids else {}
        for name in ("sla.response", "sla.resolution")
    )
    first = next(chain(kit.rows(response, "completedCycles"), [nested(response, "ongoingCycle")]))
    done = list(kit.rows(resolution, "completedCycles"))
    last = nested(resolution, "ongoingCycle") or (done[-1] if done else {})
    return kit.OwnSla(
        response_due_at=_time(first, "breachTime"),
        response_met=_met(first),
        resolution_due_at=_time(last, "breachTime"),
        resolution_met=_met(last),
        first_response_at=_time(first, "stopTime"),
    )


def _met(cycle: Row) -> bool | None:
    breached = kit.flag(cycle, "breached")
    decided = breached or "stopTime" in cycle
    return None if breached is None or not decided else not breached


def _time(cycle: Row, name: str) -> int | None:
    return kit.epoch(nested(cycle, name), "epochMillis", milliseconds=True)


def _items(log: Rows) -> Iterator[tuple[int, str, Row]]:
    """Yield when, by whom and what was changed."""
    for entry in log:
        created = entry.get("created")
        if isinstance(created, int):
            at = kit.epoch(entry, "created", milliseconds=created >= _MILLISECONDS_FROM)
        else:
            at = kit.instant(entry, "created")
        if at is None:
            raise kit.bad("created")
        for item in kit.rows(entry, "items"):
            yield at, _person(entry, "author"), item


def whole_log(row: Row) -> list[Row]:
    """Return the changes in an issue of Data Center. Raises RejectedRow if some are left out."""
    log = nested(row, "changelog")
    found = list(kit.rows(log, "histories"))
    if len(found) < (kit.integer(log, "total") or 0):
        raise kit.RejectedRow("cut_history", "not all of its changes are shown")
    return found


def _person(row: Row, name: str) -> str:
    """Return an id; an empty one for nobody, and for accounts that are not those of staff."""
    user = nested(row, name)
    return "" if text(user, "accountType") in _NO_STAFF else _id(user)


def _id(user: Row) -> str:
    return text(user, "accountId") or text(user, "key") or text(user, "name") or ""


def _is_public(comment: Row, options: JiraOptions) -> bool:
    """Return whether customers see a comment; Data Center says in its properties if they do not."""
    public = kit.flag(comment, "jsdPublic")
    if public is None and options.deployment == "cloud":
        raise kit.bad("jsdPublic")
    for each in kit.rows(comment, "properties"):
        if public is None and text(each, "key") == "sd.public.comment":
            public = not kit.flag(nested(each, "value"), "internal")
    return public is not False and not nested(comment, "visibility")


def _named(value: Any, name: str) -> str | None:
    """Return what a field says: a text, an object's name, or that of the first of a list."""
    if isinstance(value, list):
        value = value[0] if value else None
    if not isinstance(value, dict):
        return text({name: value}, name)
    value = nested(value, "requestType") or value
    return text(value, "name") or text(value, "value")
