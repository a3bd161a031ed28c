"""A small desk in CSV files, counted by hand: five tickets and four calls of June 2020."""

from __future__ import annotations

from pathlib import Path

CONFIGURATION = """
timezone: Europe/Stockholm
organizations: [Askersund, Laxå]
server: {port: 0}
calendars:
  office:
    timezone: Europe/Stockholm
    hours: {mon-fri: ["08:00-17:00"]}
    holidays: {country: SE, categories: [public, de_facto]}
sources:
  desk: {type: csv_tickets, path: tickets.csv, timezone: Europe/Stockholm, every: 1s}
  phone: {type: csv_calls, path: calls.csv, timezone: Europe/Stockholm, every: 1s}
rules: {min_n: 1}
indicators:
  urgent:
    title:
      sv: Högprioriterade incidenter med återkoppling inom 30 min
      en: Urgent incidents answered within 30 min
    kind: share_within
    records: {priority: urgent}
    to: first_response
    within: 30min
    calendar: office
    target: ">= 90%"
  handling:
    title: {sv: Genomsnittlig ärendehanteringstid, en: Mean handling time}
    kind: mean_duration
    to: resolved
    calendar: office
    unit: business_days
    target: "<= 10 business_days"
  orders:
    title: {sv: Beställningar inom 2 dagar, en: Orders within 2 days}
    kind: share_within
    records: {kind: order}
    to: resolved
    within: 2 business_days
    calendar: office
    target: ">= 80%"
  answered:
    title: {sv: Besvarade samtal inom 20 s, en: Calls answered within 20 s}
    kind: service_level
    within: 20s
    target: ">= 70%"
  engagement:
    title: {sv: "Medarbetarundersökning, medarbetarengagemang", en: Employee survey}
    kind: manual
    unit: "%"
    target: "> baseline 71.13"
    values: [{date: 2020-05-31, value: 59}]
"""

HEADER = (
    "id,kind,priority,organization,opened_at,first_response_at,resolved_at,closed_at,status,url,"
    "team,category\n"
)
TICKETS = HEADER + (
    "1,incident,urgent,Askersund,2020-06-18 16:50:00,2020-06-22 08:15:00,2020-06-22 10:00:00,,"
    "resolved,https://desk.example.org/1,,\n"
    "2,incident,urgent,Laxå,2020-06-15 09:00:00,2020-06-15 09:30:01,2020-06-17 10:00:00,,"
    "resolved,https://desk.example.org/2,,\n"
    "3,order,normal,Laxå,2020-06-17 09:00:00,2020-06-17 09:05:00,2020-06-22 16:59:00,,resolved,,,\n"
    "4,order,normal,Askersund,2020-06-24 09:00:00,,,,open,,,\n"
    "5,incident,urgent,Askersund,2020-06-26 16:45:00,,,,new,,,\n"
)
CALLS = """id,queue,organization,entered_at,outcome,wait_seconds,answered_at,left_at,talk_seconds
a,it,Askersund,2020-06-15 09:00:00,answered,20,,,
b,it,Laxå,2020-06-15 09:10:00,answered,21,,,
c,it,Laxå,2020-06-16 09:10:00,abandoned,3,,,
d,it,Askersund,2020-06-17 09:10:00,answered,5,,,
"""


def write_desk(folder: Path, configuration: str = CONFIGURATION) -> Path:
    """The files of the desk in a folder; the configuration among them."""
    (folder / "tickets.csv").write_text(TICKETS)
    (folder / "calls.csv").write_text(CALLS)
    file = folder / "servicedesk.yaml"
    file.write_text(configuration)
    return file
