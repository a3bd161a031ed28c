"""From a frozen month to its targets: by command, and by the service itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest

from collector.config.loading.load import load_settings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.monitoring.health import HealthMonitor
from collector.monitoring.metrics.collector import Counters
from collector.service.delivery_job import AGAIN, AutomaticDelivery
from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.desk import write_desk
from tests.worlds.metrics import metrics_registry

JULY = 1_593_676_800
"""2020-07-02 08:00 UTC."""


@cache
def frozen_store() -> bytes:
    """The store of the small desk, whose June 2020 is frozen."""
    with TemporaryDirectory() as folder:
        file = write_desk(Path(folder))
        assert run_here("poll", "-c", file).code == 0
        now = "2020-07-02T08:00:00+02:00"
        done = run_here("snapshot", "freeze", "2020-06", "--now", now, "-c", file)
        assert done.code == 0, done.err
        return file.with_name("servicedesk.db").read_bytes()


def configured(folder: Path, **delivery: Any) -> Path:
    """A configuration with the targets, whose June 2020 is frozen."""
    file = write_desk(folder)
    whole = yaml.safe_load(file.read_text())
    whole["delivery"] = {"formats": ["csv", "html"], "languages": ["sv", "en"], **delivery}
    file.write_text(yaml.safe_dump(whole, allow_unicode=True))
    (folder / "servicedesk.db").write_bytes(frozen_store())
    return file


def later_in(file: Path, say: str) -> Path:
    """The same with what was frozen beside June later: ticket 4 is answered."""
    tickets = file.parent / "tickets.csv"
    tickets.write_text(tickets.read_text().replace("2020-06-24 09:00:00,,,,open", say))
    assert run_here("poll", "-c", file).code == 0
    done = run_here("snapshot", "freeze", "2020-06", "--amendment", "-c", file)
    assert done.code == 0, done.err
    return file


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def file(tmp_path: Path, archive: Path) -> Path:
    return configured(tmp_path, targets={"archive": {"type": "folder", "path": str(archive)}})


def test_by_command(file: Path, archive: Path) -> None:
    done = run_here("report", "2020-06", "--deliver", "-c", file)
    assert done.code == 0, done.err
    assert "sv: archive: sent 2 files" in done.out
    assert sorted(each.name for each in archive.iterdir()) == [
        "servicedesk-2020-06-en-draft.csv", "servicedesk-2020-06-en-draft.html",
        "servicedesk-2020-06-sv-utkast.csv", "servicedesk-2020-06-sv-utkast.html",
    ]  # fmt: skip
    again = run_here("report", "2020-06", "--deliver", "-c", file)
    assert again.code == 0
    assert again.out.count("is not sent again") == 2


def test_a_draft_that_was_delivered_is_followed_by_the_finished_document(
    file: Path, archive: Path
) -> None:
    first = run_here("report", "2020-06", "--deliver", "-c", file)
    assert "a draft, which the finished document can follow" in first.out
    assert "a draft was sent" in run_here("report", "2020-06", "--deliver", "-c", file).out
    comment(file)
    done = run_here("report", "2020-06", "--deliver", "-c", file)
    assert done.code == 0, done.err
    assert "sv: archive: sent 2 files\n" in done.out
    assert (archive / "servicedesk-2020-06-sv.html").exists()
    assert "sv: archive: was sent" in run_here("report", "2020-06", "--deliver", "-c", file).out


def test_what_the_board_saw_can_be_proved(file: Path, archive: Path, tmp_path: Path) -> None:
    """The ledger's digests are those of the files; a later document that differs is told of."""
    run_here("report", "2020-06", "--deliver", "-c", file)
    shown = run_here("snapshot", "show", "2020-06", "-c", file)
    assert "delivered " in shown.out
    assert ": archive (sv)" in shown.out
    for each in archive.iterdir():
        assert f"{sha256(each.read_bytes()).hexdigest()}  {each.name}" in shown.out
    write = ("report", "2020-06", "--format", "html,csv", "--out", tmp_path / "out", "-c", file)
    assert "differs" not in run_here(*write).err
    comments = file.parent / "commentary/2020-06"
    comments.mkdir(parents=True)
    (comments / "urgent.md").write_text("Ett tillägg efteråt.\n")
    done = run_here(*write)
    assert done.code == 0
    warned = [line for line in done.err.splitlines() if "differs from the file delivered" in line]
    assert [line.split()[1] for line in warned] == [
        "servicedesk-2020-06-sv-utkast.html", "servicedesk-2020-06-en-draft.html",
    ]  # fmt: skip
    assert "to archive:" in warned[0]
    (comments / "engagement.md").write_text("Nu är allt kommenterat.\n")
    (comments / "high.md").write_text("Även detta.\n")
    done = run_here(*write)
    assert "is a draft until" not in done.err
    assert "warning: servicedesk-2020-06-sv.html differs from the file delivered" in done.err


def test_sent_again_when_somebody_says_so(file: Path, archive: Path) -> None:
    run_here("report", "2020-06", "--deliver", "-c", file)
    (archive / "servicedesk-2020-06-sv-utkast.csv").unlink()
    done = run_here("report", "2020-06", "--deliver", "--again", "archive", "-c", file)
    assert done.code == 0, done.err
    assert (archive / "servicedesk-2020-06-sv-utkast.csv").exists()


def test_what_did_not_arrive_ends_with_1(file: Path, archive: Path) -> None:
    archive.write_text("no folder")
    done = run_here("report", "2020-06", "--deliver", "-c", file)
    assert done.code == 1
    assert "error: sv: archive: " in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--again", "archive"], "--again: can only be used with --deliver"),
        (["--deliver", "--again", "nobody"], "--again nobody: must be one of archive"),
        (["--deliver", "--out", "x"], "targets and formats from delivery"),
        (["--deliver", "--format", "pdf"], "targets and formats from delivery"),
    ],
)
def test_options_that_do_not_go_together(file: Path, options: list[str], says: str) -> None:
    done = run_here("report", "2020-06", *options, "-c", file)
    assert done.code == 2
    assert says in done.err


def test_without_targets(tmp_path: Path) -> None:
    done = run_here("report", "2020-06", "--deliver", "-c", configured(tmp_path))
    assert done.code == 2
    assert "no targets are configured" in done.err


# -- by the service -----------------------------------------------------------------------------


class Clock:
    """A clock that a test moves."""

    at = JULY

    def __call__(self) -> int:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def commented(file: Path) -> None:
    """Every target that June misses has its comment, so the document is final."""
    comment(file)


def comment(file: Path) -> None:
    folder = file.parent / "commentary/2020-06"
    folder.mkdir(parents=True)
    for name in ("engagement", "high", "urgent"):
        (folder / f"{name}.md").write_text("Sommaren.\n")


@pytest.fixture
def measuring(file: Path) -> Iterator[Measuring]:
    settings = load_settings(file)
    with Store.open(settings.store) as store:
        yield Measuring(settings, store)


@pytest.mark.usefixtures("commented")
def test_last_month_is_delivered_once(measuring: Measuring, archive: Path, clock: Clock) -> None:
    service = AutomaticDelivery(clock, lambda _: None)
    assert service.run_if_due(measuring)
    assert len(list(archive.iterdir())) == 4
    for each in archive.iterdir():
        each.unlink()
    clock.at += AGAIN
    assert not service.run_if_due(measuring)
    assert list(archive.iterdir()) == []
    state = measuring.store.deliveries.states()["archive"]
    assert (state.last_success, state.failures, state.unclear) == (JULY, 0, 0)


def test_a_month_that_is_not_frozen_waits(
    measuring: Measuring, archive: Path, clock: Clock
) -> None:
    clock.at += 40 * 86400
    assert not AutomaticDelivery(clock, lambda _: None).run_if_due(measuring)
    assert not archive.exists()


@pytest.mark.usefixtures("commented")
def test_a_failure_is_tried_again_in_an_hour(
    measuring: Measuring, archive: Path, clock: Clock
) -> None:
    archive.write_text("no folder")
    service = AutomaticDelivery(clock, lambda _: None)
    assert service.run_if_due(measuring)
    archive.unlink()
    clock.at += AGAIN - 1
    assert not service.run_if_due(measuring)
    clock.at += 1
    assert service.run_if_due(measuring)
    assert len(list(archive.iterdir())) == 4


SAID = "2020-06-24 09:00:00,2020-06-24 09:30:00,2020-06-24 10:00:00,,resolved"


@pytest.mark.usefixtures("commented")
def test_what_was_frozen_beside_it_before_is_told(
    file: Path, archive: Path, measuring: Measuring, clock: Clock
) -> None:
    later_in(file, SAID)
    assert AutomaticDelivery(clock, lambda _: None).run_if_due(measuring)
    text = (archive / "servicedesk-2020-06-en.html").read_text()
    seals = [head.seal for head in measuring.store.snapshots.heads()]
    assert all(" ".join(seal[i : i + 4] for i in range(0, 64, 4)) in text for seal in seals)


@pytest.mark.usefixtures("commented")
def test_what_is_frozen_beside_it_after_is_somebodys_decision(
    file: Path, archive: Path, measuring: Measuring, clock: Clock
) -> None:
    assert AutomaticDelivery(clock, lambda _: None).run_if_due(measuring)
    later_in(file, SAID)
    assert not AutomaticDelivery(clock, lambda _: None).run_if_due(measuring)


def test_a_month_frozen_as_not_complete_is_not_delivered_by_itself(
    tmp_path: Path, archive: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    target = {"archive": {"type": "folder", "path": str(archive)}}
    folder = tmp_path / "other"
    folder.mkdir()
    file = write_desk(folder)
    whole = yaml.safe_load(file.read_text())
    whole["delivery"] = {"formats": ["csv"], "targets": target}
    file.write_text(yaml.safe_dump(whole, allow_unicode=True))
    assert run_here("snapshot", "freeze", "2020-06", "--incomplete", "-c", file).code == 0
    settings = load_settings(file)
    with Store.open(settings.store) as store:
        AutomaticDelivery(clock, lambda _: None).run_if_due(Measuring(settings, store))
        assert (
            "2020-06 was frozen although incomplete, so it is not delivered automatically"
            in caplog.text
        )
        assert store.deliveries.states() == {}
    assert not archive.exists()
    assert run_here("report", "2020-06", "--deliver", "-c", file).code == 0, "by a person"


def test_a_draft_waits_for_its_comments(
    file: Path,
    measuring: Measuring,
    archive: Path,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service = AutomaticDelivery(clock, lambda _: None)
    for _ in range(2):
        assert service.run_if_due(measuring)
        assert (service.held_back, archive.exists()) == (2, False)
        clock.at += AGAIN
    assert caplog.text.count("2020-06 (sv) is a draft, so it is not delivered") == 1, "said once"
    assert f"{file.parent / 'commentary/2020-06/engagement.md'}: does not exist" in caplog.text
    assert measuring.store.deliveries.states() == {}
    comment(file)
    assert service.run_if_due(measuring)
    assert service.held_back == 0
    assert sorted(each.name for each in archive.iterdir()) == [
        "servicedesk-2020-06-en.csv", "servicedesk-2020-06-en.html",
        "servicedesk-2020-06-sv.csv", "servicedesk-2020-06-sv.html",
    ]  # fmt: skip


def test_the_finished_document_follows_a_draft_that_a_person_sent(
    file: Path, measuring: Measuring, archive: Path, clock: Clock
) -> None:
    run_here("report", "2020-06", "--deliver", "-c", file)
    service = AutomaticDelivery(clock, lambda _: None)
    assert service.run_if_due(measuring)
    assert len(list(archive.iterdir())) == 4, "drafts"
    comment(file)
    clock.at += AGAIN
    assert service.run_if_due(measuring)
    assert (archive / "servicedesk-2020-06-sv.html").exists()
    clock.at += AGAIN
    assert not service.run_if_due(measuring)


@pytest.mark.usefixtures("commented")
def test_nothing_is_delivered_while_a_clock_is_wrong(
    measuring: Measuring,
    archive: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    service, skew = AutomaticDelivery(clock, lambda _: None), [-301.0]
    monkeypatch.setattr(measuring.store, "clock_skew", lambda: skew[0])
    assert service.run_if_due(measuring)
    assert not archive.exists()
    assert (
        "2020-06 could not be delivered; trying again in an hour: The database's clock"
        in caplog.text
    )
    skew[0] = -300.0
    clock.at += AGAIN
    assert service.run_if_due(measuring)
    assert archive.exists()


def test_automatic_may_be_off(tmp_path: Path, archive: Path, clock: Clock) -> None:
    target = {"archive": {"type": "folder", "path": str(archive)}}
    settings = load_settings(configured(tmp_path, automatic=False, targets=target))
    with Store.open(settings.store) as store:
        assert not AutomaticDelivery(clock, lambda _: None).run_if_due(Measuring(settings, store))
    assert not archive.exists()


def test_a_faulty_file_of_the_office_is_told_not_raised(
    measuring: Measuring, archive: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    folder = Path(measuring.settings.committee.folder) / "2020-06"
    folder.mkdir(parents=True)
    (folder / "decisions.yaml").write_text("nonsense: [")
    assert AutomaticDelivery(clock, lambda _: None).run_if_due(measuring)
    assert "2020-06 could not be delivered; trying again in an hour" in caplog.text
    assert not archive.exists()


@pytest.mark.usefixtures("commented")
def test_metrics_tell_how_deliveries_stand(file: Path, archive: Path, clock: Clock) -> None:
    archive.write_text("no folder")
    settings = load_settings(file)
    with Store.open(settings.store) as store:
        live, monitor = Live(Measuring(settings, store)), HealthMonitor()
        metrics = metrics_registry(
            settings, lambda: live.snapshot, Counters(), lambda: monitor.health
        )
        live.refresh(JULY)
        monitor.refresh(live.measuring, JULY)
        shown = generate_latest(metrics).decode()
        assert 'servicedesk_deliveries_failed_total{target="archive"} 0.0' in shown
        assert "servicedesk_delivery_last_success_timestamp_seconds{" not in shown
        service = AutomaticDelivery(clock, lambda _: None)
        service.run_if_due(live.measuring)
        monitor.refresh(live.measuring, clock.at)
        broken = generate_latest(metrics).decode()
        archive.unlink()
        clock.at += AGAIN
        service.run_if_due(live.measuring)
        monitor.refresh(live.measuring, clock.at)
        shown = generate_latest(metrics).decode()
    assert 'servicedesk_deliveries_failed_total{target="archive"} 2.0' in shown
    assert 'servicedesk_deliveries_unclear{target="archive"} 0.0' in shown
    assert 'servicedesk_deliveries_failing{target="archive"} 2.0' in broken, "a language each"
    assert 'servicedesk_deliveries_failing{target="archive"} 0.0' in shown
    success = 'servicedesk_delivery_last_success_timestamp_seconds{target="archive"} '
    assert float(shown.split(success)[1].split()[0]) == clock.at
