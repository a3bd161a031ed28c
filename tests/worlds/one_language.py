"""A desk with tickets and calls that uses one language."""

from __future__ import annotations

from typing import Any

MONTH = "2026-03"
TITLES = {
    "sv": {
        "urgent_response": "Ärenden besvarade i tid",
        "handling_time": "Handläggningstid",
        "answered_20s": "Besvarade samtal",
        "volume": "Antal samtal",
        "sick_leave": "Sjukfrånvaro",
        "diploma": "Diplom",
    },
    "en": {
        "urgent_response": "Tickets answered in time",
        "handling_time": "Mean handling time",
        "answered_20s": "Calls answered in time",
        "volume": "Number of calls",
        "sick_leave": "Sick leave",
        "diploma": "Diploma",
    },
}
COLUMNS = {
    "id": "Number", "opened_at": "Opened", "first_response_at": "Responded",
    "resolved_at": "Resolved", "status": "State", "priority": "Priority",
    "organization": "Company",
}  # fmt: skip
CALLS = "id,queue,organization,entered_at,outcome,wait_seconds\n" + "".join(
    f"{n},{'it' if n % 3 else 'phones'},{'North' if n % 2 else 'South'},"
    f"2026-0{1 + n % 3}-1{n % 10} 10:{n % 60:02}:00,{'answered' if n % 4 else 'abandoned'},"
    f"{7 * n % 50}\n"
    for n in range(90)
)


def configuration(language: str) -> dict[str, Any]:
    """The configuration, with its texts in this language alone."""
    titles = {name: {language: text} for name, text in TITLES[language].items()}
    calendar = {
        "timezone": "Europe/Stockholm",
        "hours": {"mon-fri": ["08:00-17:00"]},
        "holidays": {
            "country": "SE",
            "add": ["2026-03-20"],
        },
    }
    return {
        "timezone": "Europe/Stockholm",
        "languages": [language],
        "store": "sqlite:///desk.db",
        "organizations": ["North", "South"],
        "priorities": ["P1", "P2", "P3", "P4"],
        "server": {"url": "https://kpi.example.org"},
        "calendars": {"office": calendar},
        "rules": {"versions": [{"valid_from": "2026-02-01", "min_n": 3}]},
        "sources": {
            "desk": {
                "type": "csv_tickets", "path": "tickets.csv", "timezone": "Europe/Stockholm",
                "time_format": "%m/%d/%Y %I:%M %p", "columns": COLUMNS,
                "map": {"status": {"On Hold": "on_hold", "In Progress": "open"}},
            },
            "phone": {
                "type": "csv_calls", "path": "calls.csv", "timezone": "Europe/Stockholm",
                "time_format": "%Y-%m-%d %H:%M:%S",
            },
        },
        "goals": {
            "service": {"level": "council", "title": {language: "Service"}},
            "own": {"level": "board", "under": "service", "title": {language: "Support"}},
        },
        "alerts": {"page": ["P1"], "due_soon": {"P1": "10min"}},
        "grafana": {
            "url": "https://grafana.example.org", "token": "${GRAFANA_TOKEN}",
            "datasource": {"url": "http://prometheus:9090"},
        },
        "delivery": {
            "targets": {
                "board": {
                    "type": "mail", "host": "localhost", "security": "none",
                    "from": "kpi@example.org", "to": ["board@example.org"],
                }
            }
        },
        "indicators": {
            "urgent_response": {
                "title": titles["urgent_response"], "goal": "own", "kind": "share_within",
                "records": {"priority": "P1"}, "from": "opened", "to": "first_response",
                "within": "30min", "calendar": "office", "target": ">= 90%",
                "versions": [{"valid_from": "2026-03-01", "within": "20min"}],
            },
            "handling_time": {
                "title": titles["handling_time"], "kind": "mean_duration", "from": "opened",
                "to": "resolved", "calendar": "office", "unit": "business_days",
                "target": "<= 1 business_days",
            },
            "answered_20s": {
                "title": titles["answered_20s"], "kind": "service_level", "within": "20s",
                "target": ">= 80%",
            },
            "volume": {"title": titles["volume"], "kind": "count", "of": "calls"},
            "sick_leave": {
                "title": titles["sick_leave"], "kind": "manual", "unit": "%",
                "target": "< baseline 5%", "values": [{"date": "2026-03-31", "value": 6}],
            },
            "diploma": {
                "title": titles["diploma"], "kind": "manual", "unit": "yes/no", "target": "yes",
            },
        },
    }  # fmt: skip
