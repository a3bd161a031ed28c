"""Places in a queue log's files while these are renamed, cut and packed under the reader."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from collector.io.errors import SourceError
from collector.model.codes import Fault
from collector.sources.asterisk_queue_log import files
from collector.sources.asterisk_queue_log.files import (
    FilesMoved,
    LogFiles,
    logs_with_places,
    open_log,
    unreadable,
)

LINES = b"".join(b"16000000%02d|1.%d|IT|NONE|ENTERQUEUE||555\n" % (n, n) for n in range(20))


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "queue_log"
    file.write_bytes(LINES)
    return file


def test_a_file_that_is_renamed_while_it_is_listed_is_found_under_its_new_name(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspect = files._inspect

    def renamed(path: Path) -> files.Log:
        if path == log and log.exists():
            log.rename(log.with_name("queue_log.1"))
            raise FileNotFoundError
        return inspect(path)

    monkeypatch.setattr(files, "_inspect", renamed)
    assert [each.path.name for each in LogFiles(str(log)).look()] == ["queue_log.1"]


def test_without_a_file_it_says_what_to_check(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="check the path, and that Asterisk writes a queue log"):
        LogFiles(str(tmp_path / "queue_log")).look()
    with pytest.raises(SourceError, match="nowhere does not exist") as raised:
        LogFiles(str(tmp_path / "nowhere" / "queue_log")).look()
    assert raised.value.fault is Fault.FILE_MISSING


def test_a_log_that_was_replaced_since_it_was_looked_at_is_looked_for_again(log: Path) -> None:
    (seen,) = LogFiles(str(log)).look()
    log.rename(log.with_name("queue_log.1"))
    with pytest.raises(FilesMoved), open_log(seen):
        pass
    log.write_bytes(LINES)
    with pytest.raises(FilesMoved), open_log(seen):
        pass


@pytest.mark.parametrize(
    ("error", "said", "fault"),
    [
        (PermissionError(13, "no"), "permission denied for log: allow the user", Fault.FILE_DENIED),
        (FileNotFoundError(2, "no"), "log does not exist: check the path", Fault.FILE_MISSING),
        (OSError(5, "Input/output error"), "log cannot be read: Input/output error",
         Fault.FILE_UNREADABLE),
        (OSError(), "log cannot be read: OSError", Fault.FILE_UNREADABLE),
    ],
)  # fmt: skip
def test_why_a_file_cannot_be_read(error: OSError, said: str, fault: Fault) -> None:
    told = unreadable(Path("log"), error)
    assert said in str(told)
    assert told.fault is fault


def test_a_file_that_cannot_be_opened_says_so(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (seen,) = LogFiles(str(log)).look()

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files, "_unpacked", denied)
    with pytest.raises(SourceError, match="permission denied"), open_log(seen):
        pass
    with pytest.raises(SourceError, match="permission denied"):
        LogFiles(str(log)).look()


def test_a_log_that_is_being_packed_is_read_from_what_is_whole(log: Path) -> None:
    """gzip writes its file beside the log, which is removed only when that is complete."""
    log.with_name("queue_log.1.gz").write_bytes(gzip.compress(LINES)[:40])
    found = logs_with_places(LogFiles(str(log)).look(), [])
    assert [each.path.name for each, _ in found] == ["queue_log"]
