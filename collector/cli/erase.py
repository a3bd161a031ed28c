"""Implements ``erase``: says what leads to some records, and removes it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from collector.cli.options import WrongInput, find_configuration
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.clock import now as present
from collector.snapshot.erased import frozen_with
from collector.store import Named, Standing, Store
from collector.store.engine import is_sqlite, parse_url
from collector.text.iso_times import iso_instants
from collector.text.numbers import number

log = logging.getLogger(__name__)

_WHY_NOT = {
    Standing.OPEN: "is open and still changes: close it, poll, and erase it then",
    Standing.RECENT: "began less than 24 hours ago and may go on in another queue: erase it then",
    Standing.ABSENT: "is not stored: there is nothing to erase",
}
_REACH = (
    "What this does not reach, see docs/operations.md:\n"
    "  the source itself, whose record stays there: delete it there, too;\n"
    "  backups, which hold it as it was: delete those that were made before;\n"
    "  what was frozen or delivered, whose seal covers each record's id."
)


def erase_records(
    source: str | None, ids: Sequence[str], file: Path | None, config: Path | None, *, erase: bool
) -> int:
    """Print what is erased of some records of a source; with ``erase`` do it.

    Returns 1 if some of them cannot be, otherwise 0. Raises WrongInput for a source that there is
    not, without any id, or for a file that cannot be read, and StoreError.
    """
    settings = load_settings(find_configuration(config))
    wanted = [*ids, *_ids_of(file)]
    if source is None or not wanted:
        raise WrongInput("say what to erase: erase SOURCE ID, or erase SOURCE --ids FILE")
    now = present()
    with _opened(settings) as store:
        found = store.erased.look(source, wanted, now)
        if source not in settings.sources and not any(each.kind for each in found):
            known = ", ".join(settings.sources)
            raise WrongInput(f"there is no source {source!r}; there are: {known}")
        stored = [each for each in found if each.standing is Standing.STORED]
        frozen = _frozen(store, source, stored)
        if erase:
            found = store.erased.erase(source, wanted, now)
        _print(source, found, erased=erase)
        if frozen:
            print(frozen)
        if stored:
            print(_REACH)
        if erase:
            _finish(settings, store, source, found)
        elif stored:
            print("Nothing was changed: --yes does it. Only a backup would bring it back.")
    return int(any(each.standing in _WHY_NOT for each in found))


def print_log(config: Path | None) -> None:
    """Print when what was erased: how many records of which source. Raises StoreError."""
    settings = load_settings(find_configuration(config))
    instant = iso_instants(settings.timezone)
    with _opened(settings) as store:
        entries = store.erased.log()
    for each in entries:
        print(f"{instant(each.at)}  {each.source:<16}{number(each.records, 'en'):>8} {each.kind}")
    if not entries:
        print("nothing was erased")


def _opened(settings: Settings) -> Store:
    return Store.open(settings.store, settings.store_password)


def _ids_of(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise WrongInput(f"--ids {file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WrongInput(f"--ids {file}: is not a text in UTF-8 with one id a line") from None
    return [line.strip() for line in lines if line.strip()]


def _frozen(store: Store, source: str, stored: Sequence[Named]) -> str:
    """A line on the snapshots that hold verdicts on these records; empty without any."""
    names = {name for each in stored for name in each.ids}
    found = [
        f"{period or 'which cannot be read'} (snapshot {n})"
        for n, period in (frozen_with(store, source, names) if names else ())
    ]
    return f"frozen under their ids, and that stays: {', '.join(found)}" if found else ""


def _print(source: str, found: Sequence[Named], *, erased: bool) -> None:
    keys = {
        (each.kind, key) for each in found if each.standing is Standing.STORED for key in each.keys
    }
    counted = Counter(kind for kind, _ in keys)
    what = " and ".join(_some(n, kind) for kind, n in sorted(counted.items()))
    done = "erased" if erased else "would be erased"
    print(f"{source}: {what or 'nothing'} {done}")
    for each in found:
        if each.standing is Standing.ERASED:
            print(f"  {each.id}: was erased before, or is the name of what was")
        elif each.standing in _WHY_NOT:
            print(f"  {each.id}: {_WHY_NOT[each.standing]}")
        elif len(each.keys) > 1:
            print(f"  {each.id}: a call of {len(each.keys)} stays in queues, which go together")


def _some(n: int, kind: str) -> str:
    return f"{number(n, 'en')} {kind.removesuffix('s') if n == 1 else kind}"


def _finish(settings: Settings, store: Store, source: str, found: Sequence[Named]) -> None:
    """Leave no remnant in the file, log what was done, and say what could not be."""
    done = [each for each in found if each.standing in {Standing.STORED, Standing.ERASED}]
    if not done:
        return
    counted = {kind: set[int]() for kind in ("tickets", "calls")}
    for each in found:
        if each.standing is Standing.STORED:
            counted[each.kind].update(each.keys)
    for kind, keys in counted.items():
        if keys:
            log.info("source %s: %s erased", source, _some(len(keys), kind))
    if not is_sqlite(parse_url(settings.store)):
        print(
            "PostgreSQL keeps the rows as they were until its administrator runs\n"
            "  VACUUM FULL tickets, calls, polls, poll_states, sweeps"
        )
    elif not store.erased.finish():
        print(
            "Remnants may be left in the store's file: other processes are using it, or its disk "
            "is nearly full. Give the same command again, without the service if need be."
        )
    names = {name for each in done for name in (each.id, *each.ids)}
    if store.erased.has_in_cursor(source, names):
        print(
            f"The position from which {source} is read still names it: give the same command "
            "again after its next polls."
        )
