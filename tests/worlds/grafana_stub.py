"""A Grafana with a memory: its API as far as provisioning needs it, and its known traps.

``version`` decides how it behaves: 11.4 refuses new uids in a rule group; 12.1 and 13.0 add each
their own to what they keep. Every request and every answer is held against the specifications.
What a role may do is in grafana_roles.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.worlds.go_templates import ExpandError, expand
from tests.worlds.grafana_roles import ANONYMOUS, Account, needed_role
from tests.worlds.openapi import at_hand, complaints_of_answer, complaints_of_request
from tests.worlds.serving import served

TOKEN = "glsa_hush-7f3c9d"
V11, V12, V13 = "11.4.0", "12.1.0", "13.0.0-90210.patch2"

REDACTED = "[REDACTED]"
SECRET_SETTINGS = {
    "webhook": {"password", "authorization_credentials"},
    "slack": {"url", "token"},
    "pagerduty": {"integrationKey"},
    "telegram": {"bottoken"},
}
REQUIRED_SETTINGS = {"webhook": {"url"}, "email": {"addresses"}, "pagerduty": {"integrationKey"}}
WEEK = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")

Json = dict[str, Any]


class No(Exception):
    """A request that Grafana refuses."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Request:
    verb: str
    path: str
    """After /api, quoted as it came."""
    query: str
    body: Any
    headers: dict[str, str]


@dataclass
class Stub:
    """What it holds, and what it was asked."""

    version: str = V12
    hide_version: bool = False
    prefix: str = "/"
    role: str = "Admin"
    """Of the service account whose token is TOKEN."""
    anonymous: bool = False
    """Whether it takes everyone whom it does not know for a viewer."""
    delay: int = 2
    """How many requests about a new folder it refuses, unless its maker is an admin."""
    ill: dict[str, str] = field(default_factory=dict)
    """Address of a Prometheus → what is wrong with it."""
    empty: set[str] = field(default_factory=set)
    """The addresses of those that hold no metrics of ours."""
    log: list[str] = field(default_factory=list)
    """The errors that it logs."""
    fresh: dict[str, int] = field(default_factory=dict)
    folders: dict[str, Json] = field(default_factory=dict)
    boards: dict[str, Json] = field(default_factory=dict)
    """uid → {"dashboard", "folderUid", "provisioned", "v2"}."""
    sources: dict[str, Json] = field(default_factory=dict)
    rules: dict[str, Json] = field(default_factory=dict)
    intervals: dict[tuple[str, str], int] = field(default_factory=dict)
    points: list[Json] = field(default_factory=list)
    timings: dict[str, Json] = field(default_factory=dict)
    policies: Json = field(
        default_factory=lambda: {"receiver": "grafana-default-email", "group_by": ["alertname"]}
    )
    asked: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)
    """The uids of rules whose state was reset, since they were changed."""
    before: Callable[[Request], None] = lambda request: None
    """Called before a request is carried out; what it raises decides."""
    after: Callable[[Request], None] = lambda request: None
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10**6)))

    def __post_init__(self) -> None:
        self.points.append(
            {
                "uid": "default-email",
                "name": "grafana-default-email",
                "type": "email",
                "settings": {"addresses": "<example@email.com>"},
                "disableResolveMessage": False,
                "provenance": "",
            }
        )

    @property
    def writes(self) -> list[Request]:
        """What asked to change something, and was not refused at the door."""
        return [r for r in self.asked if r.verb != "GET" and r.path != "/ds/query"]

    @property
    def major(self) -> int:
        return int(self.version.split(".")[0])

    def held(self) -> str:
        """All that it holds, without its own bookkeeping, as text."""
        whole = copy.deepcopy(
            {
                "folders": self.folders,
                "boards": self.boards,
                "sources": self.sources,
                "rules": self.rules,
                "intervals": {"/".join(key): value for key, value in self.intervals.items()},
                "points": sorted(self.points, key=lambda point: point["uid"]),
                "timings": self.timings,
                "policies": self.policies,
            }
        )
        return json.dumps(_without_numbers(whole), sort_keys=True, indent=1)

    # -- ASGI -------------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        text = b""
        while True:
            message = await receive()
            text += message.get("body", b"")
            if not message.get("more_body"):
                break
        raw = scope["raw_path"].decode()
        request = Request(
            scope["method"],
            raw.removeprefix(self.prefix.rstrip("/") + "/api"),
            scope["query_string"].decode(),
            json.loads(text) if text else None,
            {k.decode().lower(): v.decode() for k, v in scope["headers"]},
        )
        known = raw.startswith(self.prefix.rstrip("/") + "/api/")
        try:
            status, answer = self._answer(request) if known else (404, {"message": "Not found"})
        except ConnectionError:
            await _break(send)
            return
        body = b"" if answer is None else json.dumps(answer).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        if body:
            headers.append((b"content-type", b"application/json"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _answer(self, request: Request) -> tuple[int, Any]:
        try:
            self.before(request)
            account = self._account(request)
            self.asked.append(request)
            if at_hand():
                self.complaints += complaints_of_request(
                    request.verb, request.path, request.query, request.body
                )
            parts = [unquote(part) for part in request.path.strip("/").split("/")]
            self._authorize(account, request, parts)
            status, answer = self._route(request, parts)
            answer = copy.deepcopy(answer)
            if at_hand():
                self.complaints += complaints_of_answer(request.verb, request.path, status, answer)
            self.after(request)
        except No as no:
            return no.status, {"message": str(no)}
        return status, answer

    def _account(self, request: Request) -> Account:
        known = request.headers.get("authorization") == f"Bearer {TOKEN}"
        if known:
            return Account("kpi", self.role)
        if request.path == "/health" or self.anonymous:
            return ANONYMOUS
        raise No(401, "Invalid API key")

    def _authorize(self, account: Account, request: Request, parts: list[str]) -> None:
        if request.path == "/user" and account is ANONYMOUS:
            raise No(401, "Unauthorized")
        if not account.may(needed_role(request.verb, parts)):
            raise No(403, "You'll need additional permissions to perform this action.")
        folder, created = _folder_of(parts, request.body), parts == ["folders"]
        if folder is None or account.role == "Admin":
            return
        if not created and (folder not in self.folders or self.fresh.get(folder, 0) > 0):
            self.fresh[folder] = max(0, self.fresh.get(folder, 0) - 1)
            raise No(403, "You'll need additional permissions. Permissions needed: folders:read")
        if created and folder not in self.folders:
            self.fresh[folder] = self.delay

    def _route(self, request: Request, parts: list[str]) -> tuple[int, Any]:
        verb, body = request.verb, request.body
        match verb, *parts:
            case "GET", "health":
                version = "" if self.hide_version else self.version
                return 200, {"database": "ok", "version": version, "commit": "abc"}
            case "GET", "user":
                return 200, {"uid": "service-account:2", "name": "kpi", "login": "sa-1-kpi"}
            case "POST", "ds", "query":
                return self._query(body)
            case "GET", "frontend", "settings":
                return 200, {"buildInfo": {"version": self.version}}
            case _, "folders", *rest:
                return self._folders(verb, rest, body)
            case "GET", "search":
                return 200, self._search(parse_qs(request.query))
            case "POST", "dashboards", "db":
                return 200, self._save_board(body)
            case _, "dashboards", "uid", uid:
                return self._board(verb, uid)
            case _, "datasources", *rest:
                return self._sources(verb, rest, body)
            case _, "v1", "provisioning", *rest:
                provenance = "" if "x-disable-provenance" in request.headers else "api"
                return self._provisioning(verb, rest, body, provenance)
        raise No(404, "Not found")

    # -- folders and boards -----------------------------------------------------------------------

    def _folders(self, verb: str, rest: list[str], body: Any) -> tuple[int, Any]:
        match verb, *rest:
            case ("POST",):
                uid = body.get("uid") or f"f{next(self.numbers)}"
                if uid in self.folders:
                    raise No(412 if self.major < 12 else 409, "a folder of that uid exists")
                self.folders[uid] = {
                    "uid": uid,
                    "title": body["title"],
                    "id": next(self.numbers),
                    "version": 1,
                }
                return 200, self.folders[uid]
            case _, uid if uid not in self.folders:
                raise No(404, "folder not found")
            case "GET", uid:
                return 200, self.folders[uid]
            case "PUT", uid:
                folder = self.folders[uid]
                if not body.get("overwrite") and body.get("version") != folder["version"]:
                    raise No(412, "the folder has been changed by someone else")
                folder |= {"title": body["title"], "version": folder["version"] + 1}
                return 200, folder
        raise No(404, "Not found")

    def _search(self, query: dict[str, list[str]]) -> list[Json]:
        tags = set(query.get("tag", []))
        limit = int(query.get("limit", ["1000"])[0])
        return [
            {
                "uid": uid,
                "title": board["dashboard"]["title"],
                "tags": board["dashboard"].get("tags") or [],
                "type": "dash-db",
                "folderUid": board["folderUid"],
            }
            for uid, board in self.boards.items()
            if tags <= set(board["dashboard"].get("tags") or [])
        ][:limit]

    def _save_board(self, body: Json) -> Json:
        if "folderId" in body:
            self.complaints.append("folderId is dead: the board would land in the root folder")
        board, folder = dict(body["dashboard"]), body.get("folderUid", "")
        if folder and folder not in self.folders:
            raise No(400, "folder not found")
        uid = board.get("uid") or f"b{next(self.numbers)}"
        there = self.boards.get(uid)
        if there and there.get("provisioned"):
            raise No(400, "Cannot save provisioned dashboard")
        if there and not body.get("overwrite"):
            raise No(412, "The dashboard has been changed by someone else")
        for other, each in list(self.boards.items()):
            same = each["folderUid"] == folder and each["dashboard"]["title"] == board["title"]
            if other != uid and same and self.major < 12:
                if not body.get("overwrite"):
                    raise No(412, "A dashboard with the same name in the folder already exists")
                del self.boards[other]  # as it did
        version = there["dashboard"]["version"] + 1 if there else 1
        board |= {"uid": uid, "id": next(self.numbers), "version": version}
        if self.major >= 12:  # migrated as it is kept
            board["schemaVersion"] = 42
            board.setdefault("preload", False)
            builtin = {"builtIn": 1, "name": "Annotations & Alerts", "type": "dashboard"}
            listed = board.get("annotations", {}).get("list", [])
            board["annotations"] = {"list": [builtin, *listed]}
        if self.major >= 13:  # panels as its schema has them
            for panel in board.get("panels", []):
                panel.setdefault("transparent", False)
                panel.setdefault("pluginVersion", self.version)
        self.boards[uid] = {"dashboard": board, "folderUid": folder}
        return {
            "id": board["id"],
            "uid": uid,
            "status": "success",
            "title": board["title"],
            "url": f"/d/{uid}",
            "version": version,
        }

    def _board(self, verb: str, uid: str) -> tuple[int, Any]:
        board = self.boards.get(uid)
        if board is None:
            raise No(404, "Dashboard not found")
        if verb == "DELETE":
            del self.boards[uid]
            return 200, {"message": "deleted", "title": board["dashboard"]["title"], "uid": uid}
        if board.get("v2"):
            raise No(406, "dashboard api version not supported, use dashboard.grafana.app/v2")
        meta = {"folderUid": board["folderUid"], "provisioned": bool(board.get("provisioned"))}
        return 200, {"dashboard": board["dashboard"], "meta": meta}

    # -- data sources -----------------------------------------------------------------------------

    def _sources(self, verb: str, rest: list[str], body: Any) -> tuple[int, Any]:
        match verb, *rest:
            case "GET", "uid", uid, "health" if uid in self.sources:
                if wrong := self.ill.get(self.sources[uid]["url"]):
                    return 400, {"status": "ERROR", "message": wrong}
                return 200, {"status": "OK", "message": "Successfully queried the Prometheus API."}
            case ("GET",):
                alone = {"version", "secureJsonFields"}  # shown only of one that is asked for
                listed = [dict(source) for source in self.sources.values()]
                return 200, [{k: v for k, v in e.items() if k not in alone} for e in listed]
            case ("POST",):
                if any(body["name"] == e["name"] for e in self.sources.values()):
                    raise No(409, "data source with the same name already exists")
                if body["uid"] in self.sources:
                    raise No(409, "data source with the same uid already exists")
                kept = {"isDefault": False, "readOnly": False, **body}
                kept |= {"id": next(self.numbers), "orgId": 1, "version": 1}
                self.sources[body["uid"]] = kept
            case _, "uid", uid if uid not in self.sources:
                raise No(404, "Data source not found")
            case "GET", "uid", uid:
                return 200, self.sources[uid]
            case "DELETE", "uid", uid:
                del self.sources[uid]
                return 200, {"message": "Data source deleted"}
            case "PUT", "uid", uid:
                there = self.sources[uid]
                kept = {"isDefault": False, "readOnly": False, **body, "id": there["id"]}
                kept |= {"orgId": 1, "version": there["version"] + 1}
                self.sources[uid] = kept
            case _:
                raise No(404, "Not found")
        return 200, {"datasource": kept, "id": kept["id"], "message": "", "name": kept["name"]}

    def _query(self, body: Json) -> tuple[int, Any]:
        uid = body["queries"][0]["datasource"]["uid"]
        if uid not in self.sources:
            raise No(404, "Data source not found")
        url = self.sources[uid]["url"]
        if wrong := self.ill.get(url):
            return 400, {"results": {"A": {"status": 500, "error": wrong}}}
        values = [] if url in self.empty else [[1796000000000], [1]]
        frame = {"schema": {"refId": "A"}, "data": {"values": values}}
        return 200, {"results": {"A": {"status": 200, "frames": [frame]}}}

    # -- alerting ---------------------------------------------------------------------------------

    def _provisioning(
        self, verb: str, rest: list[str], body: Any, provenance: str
    ) -> tuple[int, Any]:
        match rest:
            case ["contact-points", *own]:
                return self._points(verb, own, body, provenance)
            case ["mute-timings", *own]:
                return self._timings(verb, own, body, provenance)
            case ["policies"]:
                return self._policies(verb, body, provenance)
            case ["alert-rules", *own]:
                return self._rules(verb, own, body, provenance)
            case ["folder", folder, "rule-groups", group]:
                if folder not in self.folders:
                    raise No(403, "user does not have access to the folder")
                return self._group(verb, folder, group, body, provenance)
        raise No(404, "Not found")

    def _points(self, verb: str, own: list[str], body: Any, provenance: str) -> tuple[int, Any]:
        if verb == "GET":
            return 200, [_redacted(point) for point in self.points]
        if body is not None:
            if REDACTED in json.dumps(body):
                self.complaints.append("a redacted secret was put back")
            lacking = REQUIRED_SETTINGS.get(body["type"], set()) - set(body["settings"])
            if lacking:
                raise No(400, f"required setting {sorted(lacking)[0]} is at_hand")
        point: Json = {"disableResolveMessage": False, **(body or {}), "provenance": provenance}
        if verb == "POST":
            if any(each["uid"] == body["uid"] for each in self.points):
                raise No(400, "contact point of that uid exists")
            self.points.append(point)
            return 202, _redacted(point)
        place = next((n for n, each in enumerate(self.points) if each["uid"] == own[0]), None)
        if place is None:
            raise No(404, "contact point not found")
        if verb == "PUT":
            self.points[place] = {**point, "uid": own[0]}
            return 202, {"message": "contactpoint updated"}
        name = self.points[place]["name"]
        alone = sum(each["name"] == name for each in self.points) == 1
        if alone and name in self._used_receivers():
            raise No(500, f"contact point {name!r} is currently used by a notification policy")
        del self.points[place]
        return 202, {"message": "contactpoint deleted"}

    def _used_receivers(self) -> set[str]:
        rules = [
            (r.get("notification_settings") or {}).get("receiver") for r in self.rules.values()
        ]
        return {*_receivers(self.policies), *(each for each in rules if each)}

    def _timings(self, verb: str, own: list[str], body: Any, provenance: str) -> tuple[int, Any]:
        if body is not None:
            for interval in body["time_intervals"]:
                _check_interval(interval)
        kept = {**(body or {}), "provenance": provenance, "version": f"v{next(self.numbers)}"}
        match verb, *own:
            case ("GET",):
                return 200, list(self.timings.values())
            case ("POST",):
                if body["name"] in self.timings:
                    raise No(400, "time interval with that name exists")
                self.timings[body["name"]] = kept
                return 201, kept
            case _, name if name not in self.timings:
                raise No(404, "time interval not found")
            case "PUT", name:
                self.timings[name] = {**kept, "name": name}
                return 202, self.timings[name]
            case "DELETE", name:
                if name in _muted(self.policies):
                    raise No(409, "time interval is used")
                del self.timings[name]
                return 204, None
        raise No(404, "Not found")

    def _policies(self, verb: str, body: Any, provenance: str) -> tuple[int, Any]:
        if verb == "GET":
            return 200, self.policies
        if verb != "PUT":
            raise No(404, "Not found")
        before = self.policies.get("provenance", "")
        if before and before != provenance:
            raise No(400, f"cannot change provenance from {before!r} to {provenance!r}")
        unknown = _receivers(body) - {point["name"] for point in self.points}
        if unknown:
            raise No(400, f"receiver {sorted(unknown)[0]!r} does not exist")
        self.policies = {**body, **({"provenance": provenance} if provenance else {})}
        return 202, {"message": "policies updated"}

    def _rules(self, verb: str, own: list[str], body: Any, provenance: str) -> tuple[int, Any]:
        match verb, *own:
            case ("GET",):
                return 200, [self._shown(rule) for rule in self.rules.values()]
            case ("POST",):
                if body["uid"] in self.rules:
                    raise No(409, "a rule of that uid exists")
                self._keep_rule(body, provenance)
                self.intervals.setdefault((body["folderUID"], body["ruleGroup"]), 60)
                return 201, self._shown(self.rules[body["uid"]])
            case "DELETE", uid:
                self.rules.pop(uid, None)
                self._forget_empty_groups()
                return 204, None
        raise No(404, "Not found")

    def _group(
        self, verb: str, folder: str, group: str, body: Any, provenance: str
    ) -> tuple[int, Any]:
        inside = [
            rule
            for rule in self.rules.values()
            if (rule["folderUID"], rule["ruleGroup"]) == (folder, group)
        ]
        if verb == "PUT":
            self._replace_group(folder, group, inside, body, provenance)
            inside = [self.rules[rule["uid"]] for rule in body["rules"]]
        elif verb != "GET" or not inside:
            raise No(404, "rule group not found")
        return 200, {
            "title": group,
            "folderUid": folder,
            "interval": self.intervals[folder, group],
            "rules": [self._shown(rule) for rule in inside],
        }

    def _replace_group(
        self, folder: str, group: str, inside: list[Json], body: Json, provenance: str
    ) -> None:
        if body["interval"] % 10:
            raise No(400, "interval should be a multiple of 10 s")
        if "rules" not in body:
            self.intervals[folder, group] = body["interval"]
            return
        uids = {rule["uid"] for rule in body["rules"]}
        takes_new_uids = self.major >= 12
        if not takes_new_uids and (unknown := uids - set(self.rules)):
            raise No(400, f"failed to find rule {sorted(unknown)[0]}")
        for rule in body["rules"]:
            self._check_rule(rule)
        for rule in inside:
            if rule["uid"] not in uids:
                del self.rules[rule["uid"]]
        for rule in body["rules"]:
            self._keep_rule({**rule, "folderUID": folder, "ruleGroup": group}, provenance)
        self.intervals[folder, group] = body["interval"]
        self._forget_empty_groups()

    def _check_rule(self, rule: Json) -> None:
        if rule["folderUID"] not in self.folders:
            raise No(400, "folder does not exist")
        receiver = (rule.get("notification_settings") or {}).get("receiver")
        if receiver and receiver not in {point["name"] for point in self.points}:
            raise No(400, f"receiver {receiver!r} does not exist")

    def _keep_rule(self, rule: Json, provenance: str) -> None:
        self._check_rule(rule)
        kept = copy.deepcopy(rule)
        for query in kept["data"]:
            query.setdefault("queryType", "")
            query["model"] = {"intervalMs": 1000, "maxDataPoints": 43200, **query["model"]}
        kept["provenance"] = provenance
        self._evaluate(kept)
        if self.major < 12:  # they came later, and what is not known is dropped
            for key in ("keep_firing_for", "at_handSeriesEvalsToResolve"):
                kept.pop(key, None)
        before = self.rules.get(rule["uid"])
        if before is not None and _content(before) == _content(kept):
            return  # an empty difference is no change
        if before is not None:
            self.resets.append(rule["uid"])
        self.rules[rule["uid"]] = {**kept, "id": next(self.numbers)}

    def _evaluate(self, rule: Json) -> None:
        """Expand its annotations as at an evaluation whose query is empty."""
        for text in rule["annotations"].values():
            try:
                expand(text)
            except ExpandError as error:
                self.log.append(f"{rule['title']}: failed to expand template: {error}")

    def _shown(self, rule: Json) -> Json:
        shown = {**rule, "orgID": 1, "updated": "2026-11-24T10:00:00Z"}
        shown.setdefault("isPaused", False)
        shown.setdefault("notification_settings", None)
        shown.setdefault("record", None)
        shown["for"] = _as_go_says(shown["for"])
        if self.major >= 12:
            shown["keep_firing_for"] = _as_go_says(shown.get("keep_firing_for", "0s"))
        return shown

    def _forget_empty_groups(self) -> None:
        used = {(rule["folderUID"], rule["ruleGroup"]) for rule in self.rules.values()}
        self.intervals = {key: value for key, value in self.intervals.items() if key in used}


async def _break(send: Any) -> None:
    """End the connection in the midst of an answer."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})


def _folder_of(parts: list[str], body: Any) -> str | None:
    """The folder that a request is about."""
    match parts:
        case ["folders"]:
            return str(body["uid"]) if body else None
        case ["folders", uid] | ["v1", "provisioning", "folder", uid, "rule-groups", _]:
            return uid
        case ["dashboards", "db"]:
            return str(body["folderUid"])
        case ["v1", "provisioning", "alert-rules"] if body:
            return str(body["folderUID"])
    return None


def _redacted(point: Json) -> Json:
    hidden = SECRET_SETTINGS.get(point["type"], set())
    settings = {key: REDACTED if key in hidden else v for key, v in point["settings"].items()}
    return {**point, "settings": settings}


def _receivers(route: Json) -> set[str]:
    own = {route["receiver"]} if route.get("receiver") else set()
    return own.union(*(_receivers(each) for each in route.get("routes") or []))


def _muted(route: Json) -> set[str]:
    own = set(route.get("mute_time_intervals") or [])
    return own.union(*(_muted(each) for each in route.get("routes") or []))


def _check_interval(interval: Json) -> None:
    for days in interval.get("weekdays", []):
        first, _, last = days.partition(":")
        if first not in WEEK or (last and last not in WEEK):
            raise No(400, f"{days} is not a valid weekday")
        if last and WEEK.index(first) > WEEK.index(last):
            raise No(400, "start day cannot be before end day")
    for times in interval.get("times", []):
        if set(times) != {"start_time", "end_time"}:
            raise No(400, "both start and end times must be provided")


def _content(rule: Json) -> Json:
    return {key: value for key, value in rule.items() if key not in {"id", "orgID"}}


def _as_go_says(duration: str) -> str:
    """Go's own way: 5m0s."""
    return duration + "0s" if duration.endswith("m") else duration


def _without_numbers(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_numbers(v) for k, v in value.items() if k not in {"id", "version"}}
    return [_without_numbers(each) for each in value] if isinstance(value, list) else value


@contextmanager
def grafana(stub: Stub) -> Iterator[str]:
    """The base address of a stub that is served; in the end nothing was to complain about."""
    with served(stub) as address:
        yield address + stub.prefix
    assert not stub.complaints, "\n".join(stub.complaints)
