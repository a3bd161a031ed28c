"""Implements ``backup``, ``restore`` and ``copy``."""

from __future__ import annotations

from pathlib import Path

from collector.cli.options import WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.clock import now
from collector.store import Store
from collector.store.backup import FileContent, back_up, restore
from collector.store.engine import is_sqlite, parse_url
from collector.store.transfer import TableDigest
from collector.text.numbers import number

_NOT_A_FILE = (
    "the store is a PostgreSQL database, which its own tools {verb}: {command} (docs/operations.md)"
)


def back_up_store(file: Path | None, config: Path | None, *, record: bool) -> None:
    """Write a backup of the store, and record in the store that there is one; with ``record``
    only the latter.

    Raises WrongInput for neither or both, and for a store in PostgreSQL; StoreError as
    ``store.backup.back_up``.
    """
    settings = load_settings(find_configuration(config))
    if record:
        if file is not None:
            raise WrongInput("--record notes a backup made by other tools, and takes no file")
        with Store.open(settings.store, settings.store_password) as opened:
            opened.backups.record(now())
        print("noted that there is a backup")
        return
    if file is None:
        raise WrongInput("name the file of the backup")
    store = _file(settings, "back up", f"pg_dump --format=custom --file={file} DATABASE")
    if not store.is_file():
        raise WrongInput(f"store {store}: there is no such file, so there is nothing to back up")
    started = now()
    found = back_up(store, file)
    with Store.open(settings.store) as opened:
        opened.backups.record(started)
    print(f"{file}: {_in_words(found)}; checked")


def restore_store(file: Path, config: Path | None) -> None:
    """Put a backup in the place of the store, upgraded to this release.

    Raises WrongInput for a store in PostgreSQL, StoreError as ``store.backup.restore``.
    """
    settings = load_settings(find_configuration(config))
    store = _file(settings, "restore", f"pg_restore --clean --if-exists --dbname=DATABASE {file}")
    found, kept = restore(file, store)
    with Store.open(settings.store):  # upgrades its tables
        pass
    print(f"{store}: {_in_words(found)}")
    if kept is not None:
        print(f"the store that was there is kept as {kept}")
    print("what was polled since the backup is read again by the next polls")


def copy_store(to: str, config: Path | None) -> None:
    """Copy the store into another database, printing what each table holds.

    Raises StoreError if one cannot be opened, the target is not empty, or they differ.
    """
    settings = load_settings(find_configuration(config))
    with Store.open(settings.store, settings.store_password) as source, Store.open(to) as target:
        found = source.copy_to(target, _print_table)
    total = number(sum(each.rows for each in found), "en")
    print(f"{total} rows copied, the same in both by digest")
    print("name the new database under store: in the configuration, and restart the service")


def _print_table(found: TableDigest) -> None:
    if found.rows:
        print(f"  {found.table:<16}{number(found.rows, 'en'):>12}  {found.digest[:16]}")


def _file(settings: Settings, verb: str, command: str) -> Path:
    url = parse_url(settings.store)
    if not is_sqlite(url):
        raise WrongInput(_NOT_A_FILE.format(verb=verb, command=command))
    return Path(str(url.database))


def _in_words(found: FileContent) -> str:
    rows = (f"{number(found.rows.get(name, 0), 'en')} {name}" for name in _NAMED)
    return f"{', '.join(rows)}; {number(found.size / 1_000_000, 'en', 1)} MB"


_NAMED = ("tickets", "calls", "snapshots")
