"""kill -9 in the midst of a poll: what is stored is always what the cursor says."""

import itertools
import random
import statistics
import time
from datetime import timedelta

import pytest

from collector.config.settings import Settings
from collector.measuring.engine.engine import Measuring
from collector.service.drain import drain
from collector.store import Store
from tests.worlds.fake_source import NAME, PAGES, FakeSource, dump
from tests.worlds.polling import FORKSERVER, poll
from tests.worlds.sizes import sample_size


@pytest.fixture
def undisturbed(tmp_path):
    """What a store holds after a growing number of pages, stored without disturbance."""
    url = f"sqlite:///{tmp_path / 'undisturbed.db'}"
    known = {}

    def after(pages):
        if pages not in known:
            with Store.open(url) as store:
                reached = (store.pages.cursor(NAME) or {"page": 0})["page"]
                assert reached <= pages
                assert drain(FakeSource(pages), store, clock=itertools.count().__next__).ok
            known[pages] = dump(url)
        return known[pages]

    after.url = url
    return after


TITLE = {"sv": "x", "en": "x"}
BOARD = Settings.model_validate(
    {
        "timezone": "Europe/Stockholm",
        "calendars": {"always": {"timezone": "UTC", "hours": {"mon-sun": ["00:00-24:00"]}}},
        "indicators": {
            "response": {
                "title": TITLE,
                "kind": "share_within",
                "to": "first_response",
                "within": "1h",
                "calendar": "always",
            },
            "handling": {
                "title": TITLE,
                "kind": "mean_duration",
                "to": "resolved",
                "calendar": "always",
            },
            "calls": {"title": TITLE, "kind": "service_level", "within": "20s"},
        },
    }
)


def figures(url):
    """Every day's tallies of a store, and that they hold something."""
    with Store.open(url) as store:
        measuring = Measuring(BOARD, store)
        first, last = store.records.span()
        now = last + 1
        after = measuring.today(now) + timedelta(days=1)
        tallies = measuring.tallies(measuring.today(first), after, now)
    found = {name: sums.sum(axis=(0, 1)).tolist() for name, sums in tallies.sums.items()}
    assert all(any(sums) for sums in found.values())
    return found, {name: sums.tolist() for name, sums in tallies.sums.items()}


def kill_after(url, page, seconds):
    """Polls in a process, and kills it some time after it has stored ``page``."""
    ours, theirs = FORKSERVER.Pipe(duplex=False)
    process = FORKSERVER.Process(target=poll, args=(url, theirs))
    process.start()
    theirs.close()
    while ours.recv() < page:
        pass
    time.sleep(seconds)  # any moment of the next page's transaction
    process.kill()
    process.join()
    assert process.exitcode == -9
    process.close()
    ours.close()


def reached(url):
    with Store.open(url) as store:
        return (store.pages.cursor(NAME) or {"page": 0})["page"]


def disturb(url, kills, undisturbed):
    """Kills ``kills`` polls, each of which goes on where the last was killed; in words, how often
    and how long it took to open the store afterwards."""
    moments = random.Random(kills)
    page, opened = 0, []
    for _ in range(kills):
        target = page + moments.randint(1, (PAGES - 60) // kills)
        kill_after(url, target, moments.uniform(0, 0.02))
        began = time.perf_counter()
        page = reached(url)
        opened.append(time.perf_counter() - began)
        assert target <= page < PAGES, "the machine was faster than the kill"
        assert dump(url) == undisturbed(page)
    with Store.open(url) as store:
        assert drain(FakeSource(), store, clock=lambda: 0).ok
    assert dump(url) == undisturbed(PAGES)
    assert figures(url) == figures(undisturbed.url)
    middle, longest = statistics.median(opened) * 1e3, max(opened) * 1e3
    return f"{kills} kills, 0 inconsistent, reopened in {middle:.0f} ms (longest {longest:.0f} ms)"


def test_kills_on_sqlite(sqlite_url, undisturbed, figure):
    figure("SQLite: " + disturb(sqlite_url, sample_size(4, 20, 100), undisturbed))


def test_kills_on_postgresql(postgres_url, undisturbed, figure):
    figure("PostgreSQL: " + disturb(postgres_url, sample_size(2, 5, 60), undisturbed))


def test_both_engines_hold_the_same(store, store_url, undisturbed):
    assert drain(FakeSource(), store, clock=lambda: 0).ok
    assert dump(store_url) == undisturbed(PAGES)
