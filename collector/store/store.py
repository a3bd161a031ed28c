"""The store: everything that was polled, in SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

from collector.io.secrets import Secret
from collector.store.backup_log import BackupLog
from collector.store.deliveries import Deliveries
from collector.store.engine import Database, parse_url, with_password
from collector.store.erased import Erased
from collector.store.leases import Lease
from collector.store.ledger import Ledger
from collector.store.migrate import migrate
from collector.store.pages import Pages
from collector.store.polls import Polls
from collector.store.provisions import Provisions
from collector.store.purged import Purged
from collector.store.records import Records
from collector.store.revisions import Revisions
from collector.store.snapshots import Snapshots
from collector.store.sweeps import Sweeps
from collector.store.transfer import TableDigest, transfer


class Store:
    """An open store. Safe to use from several threads and from several processes.

    Every method of its parts raises StoreError if the database fails; nothing is changed then.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.records = Records(database)
        self.revisions = Revisions(database)
        self.pages = Pages(database)
        self.polls = Polls(database)
        self.sweeps = Sweeps(database)
        self.ledger = Ledger(database)
        self.snapshots = Snapshots(database)
        self.deliveries = Deliveries(database)
        self.provisions = Provisions(database)
        self.backups = BackupLog(database)
        self.purged = Purged(database)
        self.erased = Erased(database)

    @classmethod
    def open(cls, url: str, password: Secret | None = None, *, create: bool = False) -> Store:
        """Opens the store at ``sqlite:///file`` or ``postgresql://user@host/database``.

        Creates its tables, or upgrades them. A file that was made before and is gone is made anew
        only with ``create``: an empty store gives figures that look right. Raises StoreError if it
        is not a store or cannot be opened, if a later release wrote it, and if the password is not
        available.
        """
        parsed = parse_url(url)
        if password is not None:
            parsed = with_password(parsed, password)
        database = Database(parsed, create=create)
        try:
            migrate(database)
        except BaseException:
            database.close()
            raise
        return cls(database)

    def clock_skew(self) -> float | None:
        """Seconds by which the database's clock is ahead of this machine's; None for a file."""
        return self._database.clock_skew()

    def lease(self, name: str) -> Lease:
        """The lease of that name. From now on this process writes only while it holds it, see
        :class:`Lease`."""
        if self._database.file is not None:
            self._database.file.hold()
        return Lease(self._database, name)

    def remember(self) -> None:
        """Notes beside a file that there is a store, so that it is not made anew once it is gone.

        For what fills a store; whoever only reads one leaves nothing behind.
        """
        if self._database.file is not None:
            self._database.file.record()

    def check(self, *, structure: bool = False) -> None:
        """Raises StoreError if the store is damaged: its file, or what a row holds.

        ``structure``: only the file, as a whole, with its indexes. It reads all that there is.
        """
        self._database.check_structure(whole=True)
        if not structure:
            self.records.check()
            self.purged.check()

    def check_quickly(self) -> None:
        """Raises StoreError if the file is damaged, as far as a quick look shows."""
        self._database.check_structure(whole=False)

    def probe(self) -> None:
        """Raises StoreError unless the store can be read and written now."""
        self._database.probe()

    def hurry(self) -> None:
        """From now on gives up soon on a database that does not answer, since the program is to
        stop; what was not committed is not stored."""
        self._database.patience.hurry()

    def copy_to(
        self, target: Store, on_table: Callable[[TableDigest], None] = lambda _: None
    ) -> list[TableDigest]:
        """Copies every row into the empty ``target``, see ``store.transfer``. Raises StoreError and
        keeps nothing then."""
        return transfer(self._database, target._database, on_table)

    def close(self) -> None:
        """Closes all connections."""
        self._database.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
