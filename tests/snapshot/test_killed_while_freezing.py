"""kill -9 while a month is frozen: nothing is there afterwards, or a whole snapshot."""

import random
import shutil
import time
from contextlib import suppress

import pytest

from collector.snapshot.verify import verify
from collector.store import Store
from tests.worlds.freezing_process import MOMENTS, freeze_and_die
from tests.worlds.frozen import fill, froze
from tests.worlds.polling import FORKSERVER
from tests.worlds.sizes import sample_size


def run(url, moment, seconds=None):
    """A process that freezes; killed after ``seconds``, or by itself. What it told."""
    ours, theirs = FORKSERVER.Pipe(duplex=False)
    process = FORKSERVER.Process(target=freeze_and_die, args=(url, moment, theirs))
    process.start()
    theirs.close()
    told = [ours.recv()]
    if seconds is not None:
        time.sleep(seconds)  # any moment of measuring and writing
        process.kill()
    process.join()
    with suppress(EOFError):
        told.append(ours.recv())
    code = process.exitcode
    process.close()
    ours.close()
    return told, code


def whole(url):
    """How many snapshots there are, after checking that each is whole."""
    with Store.open(url) as store:
        count, faults = verify(store)
    assert faults == []
    return count


@pytest.fixture
def filled(store_url):
    with Store.open(store_url) as store:
        fill(store)
    return store_url


@pytest.mark.parametrize("moment", MOMENTS)
def test_at_each_step_of_the_writing(filled, moment):
    told, code = run(filled, moment)
    assert code == -9
    assert told == ["begins"]
    assert whole(filled) == (1 if moment == "committed" else 0)
    with Store.open(filled) as store:
        assert froze(store).new is (moment != "committed")
    assert whole(filled) == 1


def test_at_any_moment(tmp_path):
    file = tmp_path / "store.db"
    with Store.open(f"sqlite:///{file}") as store:
        fill(store)
    copies = [shutil.copy(file, tmp_path / str(kill)) for kill in range(sample_size(4, 12))]
    with Store.open(f"sqlite:///{file}") as store:
        began = time.monotonic()
        wanted = froze(store).snapshot
        passed = time.monotonic() - began
    chance = random.Random(11)
    for copy in copies:
        url = f"sqlite:///{copy}"
        told, _ = run(url, None, chance.uniform(0, 1.5 * passed))
        count = whole(url)
        assert count == 1 or len(told) == 1, "what was told to be frozen is there"
        with Store.open(url) as store:
            assert froze(store).snapshot.raw == wanted.raw
        assert whole(url) == 1
