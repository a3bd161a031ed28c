"""Warnings: what a configuration may say, but probably does not mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from shutil import which
from urllib.parse import urlsplit

from collector.config.checks.consistency import versions_of
from collector.config.checks.references import dangling_references
from collector.config.indicators import Indicator
from collector.config.settings import Settings
from collector.io.yaml import Finding, Place
from collector.model.fields import duration_text
from collector.sources import SOURCES
from collector.sources.kit.mapping import DEFAULT


def warnings(settings: Settings) -> list[Finding]:
    """Everything that is allowed but probably a mistake."""
    return [
        *_plain_password(settings),
        *_links_without_tls(settings),
        *_doubtful_exclusions(settings),
        *_doubtful_indicators(settings),
        *_doubtful_versions(settings),
        *dangling_references(settings),
        *_zones(settings),
        *_doubtful_sources(settings),
        *_unused(settings),
        *_too_slow(settings),
        *_signing(settings),
    ]


def _signing(settings: Settings) -> Iterator[Finding]:
    """What snapshots cannot be signed or told for want of, on this machine."""
    signing, witnesses = settings.snapshot.sign, settings.snapshot.witness
    if signing is not None:
        place: Place = ("snapshot", "sign")
        if which("ssh-keygen") is None:
            yield (
                place,
                "ssh-keygen is not installed here: months would be frozen without a signature; "
                "install it (Debian: openssh-client)",
            )
        for key in ("key", "allowed_signers"):
            if not Path(getattr(signing, key)).is_file():
                yield (*place, key), f"there is no file {getattr(signing, key)}"
    if which("git") is None:
        for index, each in enumerate(witnesses):
            if each.type == "git":
                yield (
                    ("snapshot", "witness", index),
                    f"git is not installed here: {each.name} would not be told; install it "
                    "(Debian: git)",
                )


def _plain_password(settings: Settings) -> Iterator[Finding]:
    if urlsplit(settings.store).password:
        yield ("store",), "contains a password: move it to store_password, as in file:PATH"


def _links_without_tls(settings: Settings) -> Iterator[Finding]:
    server = settings.server
    if server.web_config is not None and server.url is None:
        yield ("server",), "has a web_config but no url: links lead to http; write url: https://…"


def _doubtful_exclusions(settings: Settings) -> Iterator[Finding]:
    for name, chosen in settings.exclude.items():
        yield from _priorities(settings, ("exclude", name), chosen.priority)


def _priorities(
    settings: Settings, place: Place, chosen: Iterable[str] | None
) -> Iterator[Finding]:
    for value in chosen or ():
        if value not in settings.priorities:
            yield (*place, "priority"), f"{value!r} is not listed under priorities"


def _doubtful_indicators(settings: Settings) -> Iterator[Finding]:
    delivered = {SOURCES[settings.sources[name].type].delivers for name in settings.sources}
    for name, each in settings.indicators.items():
        place: Place = ("indicators", name)
        if each.title.sv == each.title.en == name:
            yield place, "has no title: its id is shown instead"
        if each.target is None and all(version.target is None for version in each.versions):
            yield place, "has no target: its figure is shown, but not judged"
        if each.measured_on is None and not each.given:
            yield place, "has no values: it is shown as not measured"
        records = each.measured_on
        if settings.sources and records is not None and records not in delivered:
            yield place, f"no source delivers {records}: it is shown as not measured"


def _doubtful_versions(settings: Settings) -> Iterator[Finding]:
    """Warnings about indicators as they start, and about what their versions set."""
    for name in settings.indicators:
        for each, place, sets in versions_of(settings, name):
            for at, text in _doubtful(settings, each, place):
                if sets(at):
                    yield at, text


def _doubtful(settings: Settings, each: Indicator, place: Place) -> Iterator[Finding]:
    if each.target is not None and each.target.number == 0 and each.measured_on:
        yield (
            (*place, "target"),
            "is 0, which every figure reaches: remove it if there is no target yet",
        )
    for key in ("records", "where"):
        chosen = getattr(getattr(each, key, None), "priority", None)
        yield from _priorities(settings, (*place, key), chosen)


def _zones(settings: Settings) -> Iterator[Finding]:
    for name, options in settings.sources.items():
        naive = getattr(options, "time_format", "epoch") != "epoch"
        if naive and getattr(options, "timezone", "") is None:
            place = ("sources", name, "timezone")
            yield place, f"is not set: times without a zone are read in {settings.timezone}"


def _doubtful_sources(settings: Settings) -> Iterator[Finding]:
    for name, options in settings.sources.items():
        for place, text in options.doubts():
            yield ("sources", name, *place), text


def _too_slow(settings: Settings) -> Iterator[Finding]:
    """Sources that are polled too seldom for alerts about deadlines."""
    limits = [
        each.deadline_seconds
        for name in settings.indicators
        for each, *_ in versions_of(settings, name)
        if each.deadline_event == "first_response" and each.deadline_seconds
    ]
    soon = [settings.due_soon.get(each) for each in settings.priorities]
    spans = [*limits, *(ahead for ahead in soon if ahead)] if limits else []
    for name, options in settings.sources.items():
        if spans and SOURCES[options.type].delivers == "tickets" and 2 * options.every > min(spans):
            shortest = duration_text(min(spans))
            text = (
                f"is longer than half of {shortest}, the shortest limit or warning time for a "
                "first response: overdue tickets would alert late, and tickets reported as due "
                "soon might be answered already; poll more often"
            )
            yield ("sources", name, "every"), text


def _unused(settings: Settings) -> Iterator[Finding]:
    used = {
        getattr(each, "calendar", None)
        for name in settings.indicators
        for each, *_ in versions_of(settings, name)
    }
    for name in settings.calendars:
        if name not in used:
            yield ("calendars", name), "is not used by any indicator"
    for name in settings.sources:
        table = settings.sources[name].map.get("organization", {})
        if table and not settings.organizations and set(table) != {DEFAULT}:
            yield ("organizations",), f"is empty although sources.{name} maps organizations"
