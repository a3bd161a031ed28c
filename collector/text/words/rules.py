"""Words for the rules of indicators, as sentences: each part stands between semicolons."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Text

RULE_WORDS: Mapping[str, Text] = {
    "since": Text(sv="från {since}: ", en="from {since}: "),
    "and": Text(sv=" och ", en=" and "),
    "in_business_time": Text(
        sv="{limit} arbetstid ({calendar})", en="{limit} of business time ({calendar})"
    ),
    "in_days": Text(sv="{limit} ({calendar})", en="{limit} ({calendar})"),
    # from one event to another, within a limit
    "opened_first_response": Text(sv="besvarade inom {limit}", en="answered within {limit}"),
    "opened_resolved": Text(sv="lösta inom {limit}", en="resolved within {limit}"),
    "opened_closed": Text(sv="stängda inom {limit}", en="closed within {limit}"),
    "first_response_resolved": Text(
        sv="lösta inom {limit} efter första svaret",
        en="resolved within {limit} of the first response",
    ),
    "first_response_closed": Text(
        sv="stängda inom {limit} efter första svaret",
        en="closed within {limit} of the first response",
    ),
    "mean": Text(
        sv="medelvärde av arbetstiden från {start} till {end} ({calendar})",
        en="mean business time from {start} to {end} ({calendar})",
    ),
    # clocks
    "hold_pauses": Text(sv="vilande tid räknas inte", en="time on hold does not count"),
    "hold_counts": Text(sv="vilande tid räknas", en="time on hold counts"),
    "hold_counts_in": Text(
        sv="vilande tid räknas inte, utom i {sources}",
        en="time on hold does not count, but in {sources}",
    ),
    "gap_pauses": Text(
        sv="tiden fram till återöppnandet räknas inte", en="time until a reopening does not count"
    ),
    "first_resolution": Text(sv="den första lösningen räknas", en="the first resolution counts"),
    "answers": Text(sv="som svar räknas {answers}", en="an answer is {answers}"),
    # when a ticket counts
    "counted_responded": Text(
        sv="räknas i den period då de besvarades",
        en="counted in the period in which they were answered",
    ),
    "counted_resolved": Text(
        sv="räknas i den period då de löstes",
        en="counted in the period in which they were resolved",
    ),
    "priority_at_open": Text(
        sv="efter prioriteten vid öppnandet", en="by their priority at opening"
    ),
    "priority_at_response": Text(
        sv="efter prioriteten vid svaret", en="by their priority at the response"
    ),
    "priority_strictest": Text(
        sv="efter den strängaste prioritet de haft", en="by the strictest priority they had"
    ),
    "priority_now": Text(sv="efter nuvarande prioritet", en="by their present priority"),
    # conditions
    "of_resolved": Text(
        sv="andelen av de lösta ärendena {condition}",
        en="the share of the resolved tickets {condition}",
    ),
    "of_resolved_judged": Text(
        sv="av de lösta ärenden som källan bedömt, andelen {condition}",
        en="of the resolved tickets that the source judged, the share {condition}",
    ),
    "of_judged": Text(
        sv="av de ärenden som källan bedömt, andelen {condition}",
        en="of the tickets that the source judged, the share {condition}",
    ),
    "where.only_teams": Text(sv="som bara hållits av {value}", en="only ever held by {value}"),
    "present_team": Text(sv="vars nuvarande grupp är {value}", en="whose present team is {value}"),
    "only_teams_but_in": Text(
        sv="som bara hållits av {value} (i {sources}: vars nuvarande grupp är det)",
        en="only ever held by {value} (in {sources}: by the present team)",
    ),
    "where.own_response": Text(
        sv="vars första svar källan bedömt som {value}",
        en="whose first response the source judged {value}",
    ),
    "where.own_resolution": Text(
        sv="vars lösning källan bedömt som {value}", en="whose resolution the source judged {value}"
    ),
    "where": Text(sv="med {field} {value}", en="with {field} {value}"),
    # calls
    "answered_of_offered": Text(
        sv="besvarade inom {limit} av alla besvarade och obesvarade samtal",
        en="answered within {limit}, of all answered and unanswered calls",
    ),
    "answered_of_answered": Text(
        sv="besvarade inom {limit} av de besvarade samtalen",
        en="answered within {limit}, of the answered calls",
    ),
    "without_early_abandons": Text(
        sv="besvarade inom {limit} av alla besvarade och obesvarade samtal, utan dem som lade på "
        "inom den tiden",
        en="answered within {limit}, of all answered and unanswered calls but those who hung up "
        "within that time",
    ),
    "abandons_met": Text(
        sv="besvarade, eller avslutade utan svar, inom {limit} av alla samtal",
        en="answered, or ended without an answer, within {limit}, of all calls",
    ),
    "short_abandons_met": Text(
        sv="besvarade inom {limit}, eller pålagda inom {short}, av alla besvarade och obesvarade "
        "samtal",
        en="answered within {limit}, or hung up within {short}, of all answered and unanswered "
        "calls",
    ),
    "short_abandon": Text(
        sv="den som lagt på inom {short} räknas inte",
        en="callers who hung up within {short} do not count",
    ),
    "withdrawn": Text(
        sv="samtal som telefonisystemet tog ur kön räknas som återuppringning",
        en="calls that the system took out of the queue count as callbacks",
    ),
    "callers": Text(
        sv="den som flyttas mellan köer eller är tillbaka inom {time} är en uppringare",
        en="who is moved between queues, or back within {time}, is one caller",
    ),
    "refused": Text(
        sv="samtal som inte släpptes in i kön räknas som obesvarade",
        en="calls that were not let into the queue count as unanswered",
    ),
    # numbers
    "number_of": Text(sv="antal {of}", en="number of {of}"),
    "by_hand": Text(sv="anges för hand", en="entered by hand"),
    "valid_days": Text(sv="gäller i {days} dagar", en="valid for {days} days"),
}
