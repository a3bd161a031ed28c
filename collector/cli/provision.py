"""The work of ``provision``: print what differs in Grafana, then make it as it shall be."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from pathlib import Path

import typer

from collector.cli.options import WrongInput, find_configuration
from collector.config.alerts import GrafanaSettings
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.files import write_file
from collector.io.secrets import Secret
from collector.monitoring.alerts.prometheus import rule_text
from collector.monitoring.grafana.client import Grafana, GrafanaError, parse_version
from collector.monitoring.grafana.desired import desired
from collector.monitoring.grafana.files import files, reference, write_files
from collector.monitoring.grafana.plan import Change
from collector.monitoring.grafana.sync import Outcome, Sync
from collector.store import Store

_MOST_PATHS = 4
_TRIED = range(11, 14)
"""The releases of Grafana that it is written for."""

_WANTED = """there is no Grafana in {}; add one, as in
grafana:
  url: https://grafana.example.org/
  token: "${{GRAFANA_TOKEN}}"      # of a service account with the role Admin"""


def provision_grafana(
    *, check: bool, out: Path | None, rules: Path | None, config: Path | None
) -> None:
    """Put boards, rules and contact points into Grafana, and keep them as configured."""
    file = find_configuration(config)
    settings = load_settings(file)
    if rules is not None:
        if check or out is not None:
            raise WrongInput("--rules writes one file alone; leave --check and --out away")
        _write_rules(settings, rules)
        return
    if settings.grafana is None:
        raise WrongInput(_WANTED.format(file))
    if check and out is not None:
        raise WrongInput("--check asks Grafana and --out does not; give one of them")
    if out is not None:
        _write_files(settings, out)
        return
    code = _provision(settings, settings.grafana, check=check)
    if code:
        raise typer.Exit(code)


def _write_rules(settings: Settings, file: Path) -> None:
    try:
        written = write_file(file, rule_text(settings))
    except OSError as error:
        raise WrongInput(f"{error.filename or file}: cannot be written: {error.strerror}") from None
    print(f"{file} " + ("written" if written else "is as it shall be"))
    if settings.alerts.deploy == "grafana":
        print("note: it holds no rules, since Grafana evaluates them (alerts.deploy)")


def _write_files(settings: Settings, out: Path) -> None:
    try:
        changed = write_files(out, files(settings, desired(settings, secret=reference)))
    except OSError as error:
        raise WrongInput(f"{error.filename or out}: cannot be written: {error.strerror}") from None
    for name in changed:
        print(f"{out / name}")
    print("all files are as they shall be" if not changed else f"{len(changed)} files written")


def _provision(settings: Settings, options: GrafanaSettings, *, check: bool) -> int:
    with Store.open(settings.store, settings.store_password) as store:
        try:
            with Grafana(
                options.url, options.secret, options.timeout, user=options.user
            ) as grafana:
                outcome = _run(settings, grafana, store, check=check)
        except GrafanaError as error:
            store.provisions.record(options.url, int(time.time()), None, str(error))
            _complain([str(error)])
            return 1
        failure = outcome.failures[0] if outcome.failures else None
        store.provisions.record(options.url, int(time.time()), outcome.drift, failure)
    for remark in outcome.remarks:
        print(f"note: {remark}")
    _complain(outcome.failures)
    if check:
        return 2 if outcome.drift else 0
    return 1 if outcome.failures or outcome.drift else 0


def _run(settings: Settings, grafana: Grafana, store: Store, *, check: bool) -> Outcome:
    def revealed(secret: Secret) -> str:
        text = secret.reveal()
        grafana.hide(text)
        return text

    sync = Sync(grafana, desired(settings, secret=revealed), store)
    version = parse_version(sync.version)
    tried = version is not None and version[0] in _TRIED
    print(f"Grafana {sync.version} at {grafana.url}" + ("" if tried else "; not tried with it"))
    if not sync.brings_boards:
        print("note: no boards come with this installation; those in Grafana stay")
    if sync.dropped:
        print(f"note: this release does not know {' and '.join(sync.dropped)} of rules")
    changes = sync.plan.changes if check else sync.changes()
    for change in changes:
        print(_line(change, sync.name_of(change.kind, change.key)))
    sys.stdout.flush()  # the difference is told before anything is written
    if check:
        for conflict in sync.plan.conflicts:
            print(f"  cannot  {conflict.kind} {conflict.key}: {conflict.text}")
        outcome = sync.check()
        print(
            _counted(outcome.drift, "differs" if outcome.drift == 1 else "differ")
            if outcome.drift
            else _WELL
        )
        return outcome
    outcome = sync.write()
    if outcome.written:
        print(_counted(outcome.written, "written"))
    elif not outcome.failures:
        print(f"{_WELL}; nothing was written")
    return outcome


_WELL = "all is as it shall be"


def _counted(number: int, what: str) -> str:
    return f"{number} object{'' if number == 1 else 's'} {what}"


def _line(change: Change, name: str) -> str:
    paths = ", ".join(change.paths[:_MOST_PATHS])
    more = len(change.paths) - _MOST_PATHS
    told = f": {paths}" + (f" and {more} more" if more > 0 else "") if paths else ""
    return f"  {change.action}  {change.kind} {name}{told}"


def _complain(failures: Iterable[str]) -> None:
    for failure in failures:
        print(f"error: {failure}", file=sys.stderr)
