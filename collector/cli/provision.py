"""Implements ``provision``: prints what differs in Grafana, then writes what is configured."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import typer

from collector.cli.options import WrongInput, find_configuration
from collector.config.alerts import GrafanaSettings
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.files import write_file
from collector.io.secrets import Secret
from collector.monitoring.alerts.prometheus import rule_text
from collector.monitoring.grafana.client import Grafana, GrafanaError, parse_version
from collector.monitoring.grafana.desired import desired_state
from collector.monitoring.grafana.files import files, reference, write_files
from collector.monitoring.grafana.plan import Change
from collector.monitoring.grafana.sync import Sync, SyncResult
from collector.service.leading import PROVISIONING, LeaseKeeper
from collector.store import Overtaken, Store

_MAX_PATHS = 4
_TESTED_RELEASES = range(11, 14)
"""The major releases of Grafana that this is tested with."""

_NO_GRAFANA = """there is no Grafana in {}; add one, as in
grafana:
  url: https://grafana.example.org/
  token: "${{GRAFANA_TOKEN}}"      # of a service account with the role Admin"""


def provision_grafana(
    *, check: bool, anyway: bool, out: Path | None, rules: Path | None, config: Path | None
) -> None:
    """Write boards, rules and contact points to Grafana, or to files with ``out`` or ``rules``.
    ``anyway``: even if the data source has none of our metrics.

    Raises WrongInput for options that exclude each other, without a Grafana in the configuration,
    and when a file cannot be written; typer.Exit(1) when something failed or still differs;
    typer.Exit(2) when ``check`` finds differences.
    """
    file = find_configuration(config)
    settings = load_settings(file)
    if anyway and (rules is not None or out is not None):
        raise WrongInput("--anyway is for Grafana itself: files are written without asking it")
    if rules is not None:
        if check or out is not None:
            raise WrongInput("--rules cannot be combined with --check or --out")
        _write_rules(settings, rules)
        return
    if settings.grafana is None:
        raise WrongInput(_NO_GRAFANA.format(file))
    if check and out is not None:
        raise WrongInput("--check and --out cannot be combined")
    if out is not None:
        _write_files(settings, out)
        return
    code = _provision(settings, settings.grafana, check=check, anyway=anyway)
    if code:
        raise typer.Exit(code)


def _write_rules(settings: Settings, file: Path) -> None:
    try:
        written = write_file(file, rule_text(settings))
    except OSError as error:
        raise WrongInput(f"{error.filename or file}: cannot be written: {error.strerror}") from None
    print(f"{file} " + ("written" if written else "is up to date"))
    if settings.alerts.deploy == "grafana":
        print("note: it contains no rules, because Grafana evaluates them (alerts.deploy)")


def _write_files(settings: Settings, out: Path) -> None:
    try:
        changed = write_files(out, files(settings, desired_state(settings, secret=reference)))
    except OSError as error:
        raise WrongInput(f"{error.filename or out}: cannot be written: {error.strerror}") from None
    for name in changed:
        print(f"{out / name}")
    print("all files are up to date" if not changed else f"{len(changed)} files written")


def _provision(settings: Settings, options: GrafanaSettings, *, check: bool, anyway: bool) -> int:
    with (
        Store.open(settings.store, settings.store_password) as store,
        nullcontext() if check else _only_one(store),
    ):
        try:
            with Grafana(
                options.url, options.secret, options.timeout, user=options.user
            ) as grafana:
                outcome = _run(settings, grafana, store, check=check, anyway=anyway)
        except GrafanaError as error:
            store.provisions.record(options.url, now(), None, str(error))
            _complain([str(error)])
            return 1
        failure = outcome.failures[0] if outcome.failures else None
        store.provisions.record(options.url, now(), outcome.drift, failure)
    for remark in outcome.remarks:
        print(f"note: {remark}")
    _complain(outcome.failures)
    if check:
        return 2 if outcome.drift else 0
    return 1 if outcome.failures or outcome.drift else 0


@contextmanager
def _only_one(store: Store) -> Iterator[None]:
    """Nobody else provisions meanwhile. Raises Overtaken if somebody does already: each would take
    the other's objects for foreign ones."""
    with LeaseKeeper(store, PROVISIONING, "provisions Grafana") as lease:
        if not lease.leads():
            raise Overtaken(
                f"{lease.other or 'another process'} provisions Grafana from this store just now: "
                "wait until it has ended, and run provision again"
            )
        yield


def _run(
    settings: Settings, grafana: Grafana, store: Store, *, check: bool, anyway: bool
) -> SyncResult:
    def revealed(secret: Secret) -> str:
        text = secret.reveal()
        grafana.hide(text)
        return text

    sync = Sync(grafana, desired_state(settings, secret=revealed), store, anyway=anyway)
    version = parse_version(sync.version)
    tested = version is not None and version[0] in _TESTED_RELEASES
    print(f"Grafana {sync.version} at {grafana.url}" + ("" if tested else "; untested release"))
    if not sync.brings_boards:
        print("note: this installation contains no boards; those in Grafana stay as they are")
    if sync.dropped:
        print(f"note: this release of Grafana has no {' and '.join(sync.dropped)} in rules")
    changes = sync.plan.changes if check else sync.changes()
    for change in changes:
        print(_line(change, sync.name_of(change.kind, change.key)))
    sys.stdout.flush()  # the differences are shown before anything is written
    if check:
        for conflict in sync.plan.conflicts:
            print(f"  cannot  {conflict.kind} {conflict.key}: {conflict.text}")
        outcome = sync.check()
        print(
            _counted(outcome.drift, "differs" if outcome.drift == 1 else "differ")
            if outcome.drift
            else _UP_TO_DATE
        )
        return outcome
    outcome = sync.write()
    if outcome.written:
        print(_counted(outcome.written, "written"))
    elif not outcome.failures:
        print(f"{_UP_TO_DATE}; nothing was written")
    return outcome


_UP_TO_DATE = "everything is up to date"


def _counted(number: int, what: str) -> str:
    return f"{number} object{'' if number == 1 else 's'} {what}"


def _line(change: Change, name: str) -> str:
    paths = ", ".join(change.paths[:_MAX_PATHS])
    more = len(change.paths) - _MAX_PATHS
    where = f": {paths}" + (f" and {more} more" if more > 0 else "") if paths else ""
    return f"  {change.action}  {change.kind} {name}{where}"


def _complain(failures: Iterable[str]) -> None:
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
