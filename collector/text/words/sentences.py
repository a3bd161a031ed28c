"""Words of definitions as sentences: what is counted, and the rules that indicators share."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Text

SELECTED: Mapping[str, Text] = {
    "kind": Text(sv="av typen {value}", en="of the kind {value}"),
    "priority": Text(sv="med prioriteten {value}", en="with the priority {value}"),
    "organization": Text(sv="från {value}", en="from {value}"),
    "category": Text(sv="i kategorin {value}", en="in the category {value}"),
    "team": Text(sv="hos {value}", en="with {value}"),
    "status": Text(sv="med status {value}", en="with the status {value}"),
    "queue": Text(sv="i kön {value}", en="in the queue {value}"),
    "outcome": Text(sv="med utfallet {value}", en="with the outcome {value}"),
    "source": Text(sv="ur källan {value}", en="from the source {value}"),
}
"""How records are selected, by field; the text follows ``ärenden`` or ``samtal``."""

SHARED: Mapping[str, Text] = {
    "rules.counted_by": Text(
        sv="Ett ärende räknas i den period då det {value}.",
        en="A ticket counts in the period in which it was {value}.",
    ),
    "rules.priority": Text(
        sv="Den prioritet som gäller är {value}.", en="The priority that counts is {value}."
    ),
    "rules.response_pauses true": Text(
        sv="Svarstiden står still medan ärendet är vilande.",
        en="The response time stands still while a ticket is on hold.",
    ),
    "rules.response_pauses false": Text(
        sv="Svarstiden löper även medan ärendet är vilande.",
        en="The response time runs on while a ticket is on hold.",
    ),
    "rules.resolution_pauses true": Text(
        sv="Lösningstiden står still medan ärendet är vilande.",
        en="The resolution time stands still while a ticket is on hold.",
    ),
    "rules.resolution_pauses false": Text(
        sv="Lösningstiden löper även medan ärendet är vilande.",
        en="The resolution time runs on while a ticket is on hold.",
    ),
    "rules.closed_pauses true": Text(
        sv="Öppnas ett ärende igen räknas inte tiden då det var stängt.",
        en="If a ticket is reopened, the time for which it was closed does not count.",
    ),
    "rules.closed_pauses false": Text(
        sv="Öppnas ett ärende igen räknas även tiden då det var stängt.",
        en="If a ticket is reopened, the time for which it was closed counts, too.",
    ),
    "rules.resolution": Text(
        sv="Löses ett ärende flera gånger räknas {value} lösningen.",
        en="If a ticket is resolved several times, {value} counts.",
    ),
    "rules.answers": Text(
        sv="Som första svar räknas {value}.", en="What counts as a first response is {value}."
    ),
    "rules.phone_solved_within": Text(
        sv="Ett ärende som löses i telefon inom {value} räknas som besvarat direkt.",
        en="A ticket solved on the phone within {value} counts as answered at once.",
    ),
    "rules.before_opening": Text(
        sv="Ett svar före öppnandet {value}.", en="A response before the opening {value}."
    ),
    "rules.before_opening by_source": Text(
        sv="Ett svar före öppnandet räknas så som källan anger det.",
        en="A response before the opening counts as the source states it.",
    ),
    "rules.withdrawn": Text(
        sv="Samtal som telefonisystemet tog ur kön {value}.",
        en="Calls that the telephone system took out of the queue {value}.",
    ),
    "rules.refused": Text(
        sv="Samtal som inte släpptes in i kön {value}.",
        en="Calls that were not let into the queue {value}.",
    ),
    "rules.min_n": Text(
        sv="En siffra som bygger på färre än {value} poster bedöms inte.",
        en="A figure based on fewer than {value} records is not assessed.",
    ),
    "rejoin_within": Text(
        sv="Den som är tillbaka i kön inom {value} är samma uppringare.",
        en="Who is back in the queue within {value} is the same caller.",
    ),
    "short_abandon": Text(
        sv="Den som lägger på inom {value} räknas inte.",
        en="Callers who hang up within {value} do not count.",
    ),
    "organizations": Text(
        sv="Siffrorna delas upp på {value}.", en="Figures are divided into {value}."
    ),
    "priorities": Text(
        sv="Prioriteterna är, från den strängaste: {value}.",
        en="The priorities are, from the strictest on: {value}.",
    ),
    "timezone": Text(
        sv="Dagar, månader och år börjar enligt tidszonen {value}.",
        en="Days, months and years begin by the time zone {value}.",
    ),
    "fiscal_year_start": Text(
        sv="Räkenskapsåret börjar i {value}.", en="The fiscal year begins in {value}."
    ),
    "tertials": Text(sv="Tertialen räknas {value}.", en="Tertials are counted {value}."),
}
"""The rules that all indicators share, by path, or by path and value."""
