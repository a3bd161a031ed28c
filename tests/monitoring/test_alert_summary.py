"""Who is woken by what, in a few lines."""

from datetime import date

import pytest

from collector.monitoring.alerts.rules import alert_groups
from collector.monitoring.alerts.summary import alert_summary
from tests.worlds.measured import CALLS, FIRST_LINE, MEAN, RESOLUTION, RESPONSE, settings_of
from tests.worlds.promtool import board

DAY = date(2026, 11, 30)
P1_TO_P4 = ["P1", "P2", "P3", "P4"]
LIMITS = {
    f"answer_{name.lower()}": {**RESPONSE, "within": within, "records": {"priority": name}}
    for name, within in zip(P1_TO_P4, ("30min", "2h", "8h", "2 business_days"), strict=True)
}


def _said(settings, seen=None):
    lines = list(alert_summary(settings, DAY, seen))
    assert max(map(len, lines)) <= 80
    return lines


def _of(lines, head):
    """The texts under a heading, each unfolded."""
    found = []
    for line in lines[1:]:
        if line[2:7].strip():
            found.append((line[2:7].strip(), line[8:]))
        else:
            found[-1] = found[-1][0], f"{found[-1][1]} {line.strip()}"
    return [text for name, text in found if name == head]


def test_the_board_of_the_seed():
    assert _said(board()) == [
        "alerts by prometheus: page wakes somebody, warn is read within the hour",
        "  page  response overdue: urgent (office)",
        "  page  source stale, collector absent (office)",
        "  warn  response overdue: high, normal (office); resolution overdue: urgent",
        "        (office); due soon: urgent (office); backlog grows: high, normal, low,",
        "        other, none (office); 13 others (docs/alerts.md)",
        "  hours office: mon-fri 08:00-17:00 Europe/Stockholm, closed on holidays of SE",
    ]


def test_the_strictest_priority_pages_without_further_settings():
    lines = _said(settings_of(LIMITS, priorities=P1_TO_P4))
    assert _of(lines, "page")[0] == "response overdue: P1 (office)"
    assert "response overdue: P2, P3, P4 (office)" in _of(lines, "warn")[0]


def test_it_names_all_that_pages_and_nothing_else():
    some = {"answer": RESPONSE, "solve": RESOLUTION, "mean": MEAN, "line": FIRST_LINE}
    for settings in (
        settings_of({**some, "answered": CALLS}, alerts={"page": ["urgent", "low"]}),
        settings_of({"line": FIRST_LINE, "answered": CALLS}),
        settings_of({"answered": CALLS}, calendars={}),
    ):
        pages = [r for g in alert_groups(settings) for r in g.rules if r.severity == "page"]
        told = "; ".join(t for t in _of(_said(settings), "page") if not t.startswith("nobody"))
        assert {r.runbook.replace("-", " ") for r in pages} == {
            name.strip() for part in told.split("; ") if part
            for name in part.partition(":")[0].partition("(")[0].split(",")
        }  # fmt: skip


def test_each_priority_has_the_hours_of_its_own_deadlines():
    settings = settings_of(
        {
            "one": {**RESPONSE, "records": {"priority": "urgent"}, "calendar": "always"},
            "two": {**RESPONSE, "records": {"priority": "high"}},
        },
        alerts={"page": ["urgent", "high"]},
    )
    lines = _said(settings)
    assert _of(lines, "page") == [
        "response overdue: urgent (always)",
        "response overdue: high (office)",
        "source stale, collector absent (always, office)",
    ]
    assert _of(lines, "hours") == [
        "always: mon-sun 00:00-24:00 Europe/Stockholm",
        "office: mon-fri 08:00-17:00 Europe/Stockholm",
    ]


@pytest.mark.parametrize(
    ("settings", "seen", "reason"),
    [
        pytest.param(
            settings_of(LIMITS), None,
            "priorities lists none of theirs: P1, P2, P3, P4; list them there, the strictest first",
            id="only the indicators name them, by their limits",
        ),
        pytest.param(
            settings_of({"any": RESPONSE}), {"3 - Low", "1 - High"},
            "priorities lists none of theirs: 1 - High, 3 - Low; list them there, the strictest "
            "first",
            id="only the tickets have them",
        ),
        pytest.param(
            settings_of({"any": RESPONSE}), set(),
            "they have no priority; to page for all of them, set sources.desk.map to "
            "{priority: {default: urgent}}",
            id="no source records any",
        ),
        pytest.param(
            settings_of({"any": RESPONSE}, alerts={"page": []}), None,
            "alerts.page is empty; list the priorities, the strictest first",
            id="somebody wants it so",
        ),
        pytest.param(
            settings_of({"any": RESPONSE}, priorities=[]), None,
            "priorities is empty; list the priorities, the strictest first",
            id="no priorities",
        ),
        pytest.param(
            settings_of({"solve": RESOLUTION}), None,
            "no indicator limits the time to their first response for priority urgent; add one, "
            "or name another priority in alerts.page",
            id="no limit",
        ),
    ],
)  # fmt: skip
def test_where_nobody_is_paged_it_says_why_and_what_to_write(settings, seen, reason):
    pages = _of(_said(settings, seen), "page")
    assert pages[0] == f"nobody for tickets: {reason}"
    assert not any("response overdue" in text for text in pages)


def test_priorities_of_which_some_are_listed_page():
    pages = _of(_said(settings_of({"any": RESPONSE}), {"high", "P7"}), "page")
    assert pages[0] == "response overdue: urgent (office)"


def test_without_calendars_nobody_is_paged_at_all():
    pages = _of(_said(settings_of({"answered": CALLS}, calendars={}, sources={})), "page")
    assert pages == [
        "nobody for sources and the collector: add calendars, opening hours are not known"
    ]


def test_whom_grafana_tells():
    grafana = {
        "url": "https://grafana.example.org",
        "token": "${GRAFANA_TOKEN}",
        "contact_points": [{"name": "on call", "type": "email"}],
        "receivers": {"page": "on call"},
    }
    settings = settings_of({"any": RESPONSE}, grafana=grafana, alerts={"deploy": "grafana"})
    lines = _said(settings)
    assert lines[0].startswith("alerts by grafana: ")
    assert _of(lines, "sent") == ["page to on call, warn to whom the notification policies name"]


def test_it_says_that_links_are_missing():
    one = {"any": RESPONSE}
    assert _of(_said(settings_of(one)), "links") == [
        "none: set server.url to the address at which people reach the pages"
    ]
    assert _of(_said(settings_of(one, server={"url": "https://kpi.example.org"})), "links") == []
