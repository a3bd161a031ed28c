"""The words of the report's annex: municipalities, distributions, definitions, data quality,
amendments and the seal."""

from __future__ import annotations

ANNEX_WORDS: dict[str, tuple[str, str]] = {
    # municipality by municipality
    "whole": ("Alla", "All"),
    "organizations_caption": (
        "Värden per kommun, {span}",
        "Values by organization, {span}",
    ),
    "not_by_organization": ("kan inte delas per kommun", "cannot be divided by organization"),
    "organizations_note": (
        "Siffror som bygger på färre än {n} ärenden visas inte. Där en kommuns siffra annars "
        "kunde räknas ut av de andras är ännu en dold.",
        "Figures based on fewer than {n} tickets are not shown. Where an organization's figure "
        "could otherwise be computed from the others', another one is hidden as well.",
    ),
    "organizations_note_differ": (
        "Siffror som bygger på för få ärenden visas inte; gränsen är {least}–{most}, beroende på "
        "indikator. Där en kommuns siffra annars kunde räknas ut av de andras är ännu en dold.",
        "Figures based on too few tickets are not shown; the limit is {least}–{most}, depending on "
        "the indicator. Where an organization's figure could otherwise be computed from the "
        "others', another one is hidden as well.",
    ),
    # distributions
    "distribution_caption": (
        "Antal per tidsintervall, {span}",
        "Records by range of time, {span}",
    ),
    "distribution_time": ("Tid", "Time"),
    "distribution_business_time": ("Arbetstid", "Business time"),
    "distribution_clock": ("Tiderna är arbetstid.", "Times are business time."),
    "distribution_clock_day": (
        "Tiderna är arbetstid; en arbetsdag är {day}.",
        "Times are business time; a business day is {day}.",
    ),
    "distribution_share": ("Andel", "Share"),
    "distribution_open": ("utan tid", "without a time"),
    "distribution_or_open": ("{over} eller utan tid", "{over} or without a time"),
    "distribution_note": (
        "Den övre gränsen hör till varje intervall. Andelarna avser alla som räknas; utan tid är "
        "de som inte har besvarats eller blivit klara.",
        "Each range includes its upper bound. Shares are of all records that count; those without "
        "a time have not been answered or completed.",
    ),
    "distribution_within": (
        "Inom gränsen {limit}: {good} av {of} ({share}).",
        "Within the limit of {limit}: {good} of {of} ({share}).",
    ),
    "distribution_within_untimed": (
        "Inom gränsen {limit}: {good} av {of} ({share}), varav {n} utan tid.",
        "Within the limit of {limit}: {good} of {of} ({share}), {n} of them without a time.",
    ),
    "distribution_over": ("över {time}", "over {time}"),
    "distribution_text": (
        "Median {median}. 90 % tog högst {ninety}. Medelvärde {mean}.",
        "Median {median}. 90% took at most {ninety}. Mean {mean}.",
    ),
    "distribution_text_share": (
        "Median {median}. 90 % tog högst {ninety}.",
        "Median {median}. 90% took at most {ninety}.",
    ),
    "distribution_alt": (
        "Stapeldiagram över {title}: {groups}",
        "Bar chart of {title}: {groups}",
    ),
    # definitions
    "definition_source": (
        "uppgifterna kommer från {sources}",
        "the data come from {sources}",
    ),
    "definition_target": ("målet är {target}", "the target is {target}"),
    "definition_aim": ("målet är att {target}", "the target is to {target}"),
    "definition_tickets": ("ärenden", "tickets"),
    "definition_calls": ("samtal", "calls"),
    "definition_share": ("andelen {records} som är {what}", "the share of {records} {what}"),
    "definition_share_of": ("andelen {what}", "the share {what}"),
    "definition_among": ("{what}, för {records}", "{what}, for {records}"),
    "definition_with": ("med {field} {value}", "with {field} {value}"),
    "definition_excluded": (
        "Ärenden {chosen} räknas inte (undantag {name}).",
        "Tickets {chosen} do not count (exclusion {name}).",
    ),
    "definition_reads": ("Så läses {source}: {settings}.", "How {source} is read: {settings}."),
    "definition_what": ("Vad", "What"),
    "definition_is": ("Gäller", "In force"),
    "definition_shared": ("Gemensamt för alla indikatorer", "Common to all indicators"),
    "definition_own": ("Varje indikator", "Each indicator"),
    "calendar_title": ("Arbetstid: {name}", "Business hours: {name}"),
    "calendar_caption": ("Öppettider och stängda dagar", "Opening hours and closed days"),
    "calendar_closed": ("Stängda och kortare dagar", "Closed and shorter days"),
    "definition_changes_title": (
        "Definitioner som ändrats under året",
        "Definitions that changed within the year",
    ),
    "definition_changed": (
        "från {since}: {what}: {before} → {after}",
        "from {since}: {what}: {before} → {after}",
    ),
    "definition_no_changes": (
        "Ingen definition har ändrats under året.",
        "No definition changed within the year.",
    ),
    "restated_title": ("Omräknat bakåt i tiden", "Recalculated for past dates"),
    "corrected_title": (
        "Rättat av den som lämnat siffran",
        "Corrected by the person who entered the figure",
    ),
    "nothing": ("inget", "nothing"),
    # quality
    "sources_caption": ("Källorna och deras ålder", "The sources and their age"),
    "source": ("Källa", "Source"),
    "source_complete": ("Helt läst", "Fully read"),
    "source_known": ("Läst till", "Read up to"),
    "source_begins": ("Första post", "First record"),
    "source_newest": ("Nyaste post", "Newest record"),
    "covers_title": ("Vad källorna täcker", "What the sources cover"),
    "source_age": ("Ålder", "Age"),
    "source_rejected": ("Avvisade rader", "Rejected rows"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "quality_caption": (
        "Underlaget för varje siffra, {span}",
        "The records behind each figure, {span}",
    ),
    "quality_eligible": ("Räknade", "Counted"),
    "quality_pending": ("Väntar", "Pending"),
    "quality_excluded": ("Undantagna", "Excluded"),
    "quality_own": ("Källans egen beräkning", "The source's own calculation"),
    "office_doubts": ("Uppgifter som inte stämmer överens", "What does not add up"),
    "own_none": ("ingen", "none"),
    "own_agrees": ("{n} lika", "{n} agree"),
    "own_differs": ("{n} av {of} avviker", "{n} of {of} differ"),
    "not_measured_title": ("Ej mätta indikatorer", "Indicators not measured"),
    "calibrated": (
        "Prövat på {years} avslutade år rymde 80 %-intervallet {held} av {forecasts} utfall.",
        "Tested on {years} completed years, the 80% interval held {held} of {forecasts} outcomes.",
    ),
    "untested": (
        "80 %-intervallet har ännu inte kunnat prövas: det kräver två avslutade år.",
        "The 80% interval has not been tested yet: that takes two completed years.",
    ),
    "versions": (
        "Helgdagar enligt holidays {holidays}, tidszoner enligt tzdata {tzdata}, beräknat med "
        "servicedesk-kpi {program}.",
        "Holidays by holidays {holidays}, time zones by tzdata {tzdata}, computed with "
        "servicedesk-kpi {program}.",
    ),
    # given by hand
    "given_caption": ("Värden och prognoser", "Values and forecasts"),
    "given_caption_over": ("Värden", "Values"),
    "given_what": ("Vad", "What"),
    "given_by": ("Av vem", "By whom"),
    "given_when": ("När", "When"),
    "given_comment": ("Kommentar", "Comment"),
    "given_value": ("Värde", "Value"),
    "given_forecast": ("Prognos", "Forecast"),
    "given_none": ("Ingen uppgift har angetts för hand.", "No figure was entered by hand."),
    "unknown": ("uppgift saknas", "not stated"),
    # amendments
    "amendments_none": (
        "Inga rättelser har frysts för perioden.",
        "No amendments have been frozen for this period.",
    ),
    "amendments_caption": ("Frysta rättelser", "Frozen amendments"),
    "amendment_caption": (
        "Rättelse nr {number}: ändrade siffror",
        "Amendment no. {number}: figures that changed",
    ),
    "amendment_same": ("inga siffror ändrades", "no figures changed"),
    "amendment_unseen_one": (
        "Ytterligare 1 siffra ändrades men visas inte här.",
        "1 more figure changed and is not shown here.",
    ),
    "amendment_unseen": (
        "Ytterligare {n} siffror ändrades men visas inte här.",
        "{n} more figures changed and are not shown here.",
    ),
    "amendment_required": ("Resten av året", "The rest of the year"),
    "amendment_there": ("finns", "is there"),
    "number": ("Nummer", "Number"),
    "frozen": ("Fryst", "Frozen"),
    "before": ("Före", "Before"),
    "after": ("Efter", "After"),
    # signature
    "signature_text": (
        "Siffrorna är frysta i en ögonblicksbild. Kommandot nedan, med sigillet ur detta dokument, "
        "visar om systemet fortfarande har just den ögonblicksbilden. Mer visar det inte: inte att "
        "siffrorna mättes rätt, och inget om dokumentets texter.",
        "The figures are frozen in a snapshot. The command below, with the seal of this document, "
        "shows whether the system still holds exactly that snapshot. It shows no more: not that "
        "the figures were measured correctly, and nothing about the texts of the document.",
    ),
    "signature_caption": ("Ögonblicksbilden", "The snapshot"),
    "signature_content": ("Innehållets SHA-256", "SHA-256 of the content"),
    "signature_previous": ("Föregående sigill", "Previous seal"),
    "signature_first": ("ingen: den är den första", "none: it is the first"),
    "signature_records": (
        "Posterna bakom varje siffra (SHA-256)",
        "The records behind each figure (SHA-256)",
    ),
    "office_files_title": ("Utanför sigillet", "Outside the seal"),
    "office_files_text": (
        "Sigillet gäller siffrorna. Texter, kommentarer, beslut, ekonomi, investeringar och klimat "
        "kommer ur förvaltningens egna filer och kan ändras efteråt. Dokumentet bygger på "
        "filerna nedan. Står andra kontrollsummor i ett dokument med samma sigill har filerna "
        "ändrats mellan dem. Sidfotens kontrollsumma gäller dokumentets hela innehåll, texterna "
        "medräknade, och är densamma i PDF, DOCX och HTML.",
        "The seal is of the figures. Texts, comments, decisions, economy, investments and climate "
        "come from the office's own files and can change afterwards. This document is made of the "
        "files below. If another document with the same seal has other digests, the files changed "
        "between the two. The digest in the footer is of the whole content of the document, texts "
        "included, and is the same in PDF, DOCX and HTML.",
    ),
    "office_files_none": (
        "Sigillet gäller siffrorna. Inget i detta dokument kommer ur förvaltningens egna filer.",
        "The seal is of the figures. Nothing in this document comes from the office's own files.",
    ),
    "office_files_caption": (
        "Förvaltningens filer (SHA-256)",
        "The office's files (SHA-256)",
    ),
    "office_file": ("Fil", "File"),
    "verdicts": ("Poster från {day}", "Records from {day}"),
    "digest": ("SHA-256", "SHA-256"),
}  # fmt: skip
