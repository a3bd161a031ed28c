"""The words of the report's annex: municipalities, distributions, definitions, data quality,
amendments and the seal."""

from __future__ import annotations

ANNEX_WORDS: dict[str, tuple[str, str]] = {
    # municipality by municipality
    "whole": ("Alla", "All"),
    "organizations_caption": (
        "Indikatorerna per kommun, {span}",
        "The indicators by organization, {span}",
    ),
    "not_by_organization": ("kan inte delas per kommun", "cannot be divided by organization"),
    "organizations_note": (
        "Färre än {n} ärenden visas inte. Där en kommuns siffra kunde räknas ut av de andras "
        "visas inte heller en andra.",
        "Fewer than {n} tickets are not shown. Where an organization's figure could be computed "
        "from the others', a second one is not shown either.",
    ),
    "organizations_note_differ": (
        "Färre än {least}–{most} ärenden, olika för olika indikatorer, visas inte. Där en kommuns "
        "siffra kunde räknas ut av de andras visas inte heller en andra.",
        "Fewer than {least}–{most} tickets, by indicator, are not shown. Where an organization's "
        "figure could be computed from the others', a second one is not shown either.",
    ),
    # distributions
    "distribution_caption": (
        "{span}: så många tog så lång tid",
        "{span}: how many took so long",
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
        "Varje intervall räknas till och med sin övre gräns. Andelarna är av alla räknade; "
        "utan tid är de som inte är besvarade eller klara.",
        "Each range includes its upper bound. Shares are of all that count; without a time are "
        "those that are not answered or done.",
    ),
    "distribution_within": (
        "Gräns {limit}: {good} av {of} inom den ({share}).",
        "Limit {limit}: {good} of {of} within it ({share}).",
    ),
    "distribution_within_untimed": (
        "Gräns {limit}: {good} av {of} inom den ({share}), varav {n} utan tid.",
        "Limit {limit}: {good} of {of} within it ({share}), {n} of them without a time.",
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
    "definition_source": ("källa {sources}", "source {sources}"),
    "definition_target": ("målvärdet är {target}", "the target is {target}"),
    "definition_what": ("Vad", "What"),
    "definition_is": ("Gäller", "In force"),
    "definition_exclude": ("Undantas:", "Left out:"),
    "definition_sources": ("Källan", "The source"),
    "definition_shared": ("Gemensamt för alla indikatorer", "Common to all indicators"),
    "definition_own": ("Varje indikator", "Each indicator"),
    "calendar_caption": ("Arbetstid: {name}", "Business hours: {name}"),
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
    "restated_title": ("Omräknat bakåt i tiden", "Restated back in time"),
    "corrected_title": ("Rättat av den som lämnat siffran", "Corrected by who gave the figure"),
    "nothing": ("inget", "nothing"),
    # quality
    "sources_caption": ("Källorna och deras ålder", "The sources and their age"),
    "source": ("Källa", "Source"),
    "source_complete": ("Helt läst", "Read to its end"),
    "source_known": ("Känd till", "Known up to"),
    "source_begins": ("Första post", "First record"),
    "source_newest": ("Nyaste post", "Newest record"),
    "covers_title": ("Vad källorna täcker", "What the sources cover"),
    "source_age": ("Ålder", "Age"),
    "source_rejected": ("Avvisade rader", "Rejected rows"),
    "yes": ("Ja", "Yes"),
    "no": ("Nej", "No"),
    "quality_caption": (
        "Vad varje siffra vilar på, {span}",
        "What each figure rests on, {span}",
    ),
    "quality_eligible": ("Räknade", "Counted"),
    "quality_pending": ("Väntar", "Pending"),
    "quality_excluded": ("Undantagna", "Excluded"),
    "quality_own": ("Källans egen beräkning", "The source's own calculation"),
    "office_doubts": ("Uppgifter som inte stämmer", "What does not add up"),
    "own_none": ("ingen", "none"),
    "own_agrees": ("{n} lika", "{n} agree"),
    "own_differs": ("{n} av {of} avviker", "{n} of {of} differ"),
    "not_measured_title": ("Ej mätta indikatorer", "Indicators not measured"),
    "calibrated": (
        "80 %-intervallet: i {years} avslutade år rymde det {held} av {forecasts} utfall.",
        "80% interval: in {years} finished years it held {held} of {forecasts} outcomes.",
    ),
    "untested": (
        "80 %-intervallet är inte prövat här: det finns inte två avslutade år.",
        "80% interval: not tested here yet, there are no two finished years.",
    ),
    "versions": (
        "Helgdagar enligt holidays {holidays}, tidszoner enligt tzdata {tzdata}, beräknat med "
        "servicedesk-kpi {program}.",
        "Holidays by holidays {holidays}, time zones by tzdata {tzdata}, computed with "
        "servicedesk-kpi {program}.",
    ),
    # given by hand
    "given_caption": ("Siffror som människor har lämnat", "Figures that people gave"),
    "given_what": ("Vad", "What"),
    "given_by": ("Av vem", "By whom"),
    "given_when": ("När", "When"),
    "given_comment": ("Kommentar", "Comment"),
    "given_value": ("Värde", "Value"),
    "given_forecast": ("Prognos", "Forecast"),
    "given_none": ("Ingen siffra är lämnad för hand.", "No figure was given by hand."),
    "unknown": ("uppgift saknas", "not stated"),
    # amendments
    "amendments_none": (
        "Inga rättelser är frysta av denna period.",
        "No amendments of this period are frozen.",
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
    "number": ("Nr", "No."),
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
        "kommer ur förvaltningens egna filer och kan ändras efteråt. Detta dokument är gjort av "
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
