"""The frozen months: what is listed, what can be downloaded, and what differs now."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests
from starlette.applications import Starlette

from collector.config.archive import ArchiveSettings
from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.live import Live
from collector.report.office import read_office
from collector.report.render.files import render_files
from collector.snapshot.capture import capture_period
from collector.snapshot.chain import envelope, first_freeze, latest, of_same_year
from collector.snapshot.compare import compare_with_present
from collector.snapshot.freeze import FreezeRequest, amend
from collector.web.desk import Desk
from collector.web.months_page import MonthPage
from collector.web.pages import page_routes
from collector.web.parameters import Question
from collector.web.rooms import room
from tests.worlds import frozen
from tests.worlds.measured import polled
from tests.worlds.samples import save
from tests.worlds.serving import served

JUNE = "2020-06"
LATER = frozen.CLOCK + 2 * 3600


def test_a_month_is_listed_with_its_seal_and_documents(site, desk):
    (head,) = desk.measuring.store.snapshots.heads()
    found = requests.get(f"{site}/api/v1/months", timeout=30).json()["page"]
    (month,) = found["periods"]
    assert (month["period"], month["title"]) == (JUNE, "June\N{NO-BREAK SPACE}2020")
    assert (found["snapshots"], found["newest_seal"]) == (1, head.seal)
    assert [each["seal"] for each in month["snapshots"]] == [head.seal]
    assert [each["address"] for each in month["documents"]] == [
        f"{JUNE}/{language}.{ending}"
        for language in ("en", "sv")
        for ending in desk.settings.report.formats
    ]
    shown = requests.get(f"{site}/months?lang=en", timeout=30).text
    assert f'href="months/{JUNE}/en.pdf"' in shown
    assert f'href="months/{JUNE}?lang=en"' in shown


@pytest.mark.parametrize("form", ["csv", "html", "xlsx"])
def test_a_document_is_what_report_writes(site, desk, form):
    store, settings = desk.measuring.store, desk.settings
    period = desk.measuring.period(JUNE, desk.now)
    snapshot = first_freeze(store, period)
    ((name, content),) = render_files(
        snapshot,
        envelope(snapshot),
        settings.report,
        others=of_same_year(store, snapshot),
        office=read_office(settings, period),
        formats=[form],
        languages=["sv"],
    )
    answer = requests.get(f"{site}/months/{JUNE}/sv.{form}", timeout=60)
    assert answer.content == content
    assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    again = requests.get(answer.url, headers={"If-None-Match": answer.headers["etag"]}, timeout=60)
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (f"{JUNE}/snapshot.json", "there is no document 'snapshot.json'; there are: en.pdf, "),
        (f"{JUNE}/fi.pdf", "there is no document 'fi.pdf'"),
        ("2020-05/sv.pdf", "'2020-05' is not frozen; there are: 2020-06"),
        ("month/sv.pdf", "'month' is not frozen"),
        ("9999-12..9999-12/sv.pdf", "'9999-12..9999-12' is not frozen"),
    ],
)
def test_what_is_not_there_or_not_for_the_reader_is_said(site, address, says):
    answer = requests.get(f"{site}/months/{address}", timeout=30)
    assert answer.status_code == 404
    assert answer.text.startswith(says)


def test_a_reader_who_may_see_all_gets_the_snapshot_itself(desk):
    server = desk.settings.server.model_copy(update={"documents": "all"})
    settings = desk.settings.model_copy(update={"server": server})
    measuring = Measuring(settings, desk.measuring.store)
    other = replace(desk, measuring=measuring)
    snapshot = first_freeze(measuring.store, measuring.period(JUNE, desk.now))
    with served(Starlette(routes=page_routes(lambda: other))) as address:
        answer = requests.get(f"{address}/months/{JUNE}/snapshot.json", timeout=30)
        assert answer.content == envelope(snapshot)
        assert "not for publication" in requests.get(f"{address}/months/{JUNE}", timeout=30).text


@pytest.mark.parametrize(("unmasked", "status"), [(False, 200), (True, 404)])
def test_an_archive_package_that_hides_nothing_is_not_for_every_reader(desk, unmasked, status):
    archive = ArchiveSettings(creator={"name": "IT-nämnden"}, unmasked=unmasked)
    report = desk.settings.report.model_copy(update={"formats": ["fgs"], "archive": archive})
    settings = desk.settings.model_copy(update={"report": report})
    other = replace(desk, measuring=Measuring(settings, desk.measuring.store))
    with served(Starlette(routes=page_routes(lambda: other))) as address:
        answer = requests.get(f"{address}/months/{JUNE}/archive.zip", timeout=60)
        assert answer.status_code == status
        assert answer.content.startswith(b"PK") == (status == 200)
        page = requests.get(f"{address}/months/{JUNE}?lang=en", timeout=30).text
        assert ("archive.zip" in page) == (status == 200)
        assert "not for publication" not in page


def test_documents_are_made_a_few_at_a_time(site):
    with room(), room():
        answer = requests.get(f"{site}/months/{JUNE}/sv.pdf", timeout=30)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert requests.get(f"{site}/months/{JUNE}/sv.csv", timeout=60).status_code == 200


def _month(store, now=LATER):
    """The page of June as it is with the store at ``now``."""
    live = Live(Measuring(frozen.SETTINGS, store))
    live.refresh(now)
    live.extend(now)
    desk = Desk(live.measuring, now, live.snapshot)
    return MonthPage().content(desk, Question({}, "en", path=JUNE))


def test_what_differs_now_is_what_compare_says(tmp_path):
    with frozen.opened(f"sqlite:///{tmp_path}/store.db") as store:
        frozen.froze(store)
        assert _month(store, frozen.CLOCK).differences == []
        save(store, frozen.ANSWERED, source="desk")
        for source in ("desk", "phone"):
            polled(store, source, LATER - 60)
        month = _month(store)
        taken = capture_period(frozen.SETTINGS, store, frozen.JUNE, LATER)
        compared = compare_with_present(latest(store, frozen.JUNE), taken, store, frozen.SETTINGS)
        expected = {
            (each.indicator, each.organization)
            for each in compared.figures
            if each.span == "period"
        }
        found = {(each.indicator, each.organization): each for each in month.differences}
        assert set(found) == expected != set()
        whole = found["urgent", None]
        assert (whole.then.pending, whole.now.pending) == (1, 0)
        assert whole.now.n == whole.then.n + 1
        assert month.amendments == []

        amend(
            frozen.SETTINGS,
            store,
            FreezeRequest(frozen.JUNE),
            lambda: LATER,
        )
        month = _month(store)
        assert month.number == 2
        assert month.differences == []
        (said,) = month.amendments
        assert said.records == 2
        assert said.reasons == [("answered since then", 1), ("resolved or closed since then", 1)]
