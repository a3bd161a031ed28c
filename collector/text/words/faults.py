"""What keeps a source from being read, in words: what happened, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

from collector.model.bilingual import Language, Text
from collector.model.codes import Fault

_WORDS: Mapping[Fault, Text] = {
    Fault.NAME_UNKNOWN: Text(
        sv="Serverns namn är inte känt här. Kontrollera adressen och namnuppslagningen (DNS).",
        en="The server's name is not known here. Check the address and name resolution (DNS).",
    ),
    Fault.REFUSED: Text(
        sv="Servern tar inte emot anslutningar. Kontrollera att den är igång, och adressens port.",
        en="The server accepts no connections. Check that it is running, and the address's port.",
    ),
    Fault.CONNECTION: Text(
        sv="Anslutningen gick inte att få eller bröts. Kontrollera nätet och brandväggar om det "
        "håller i sig.",
        en="The connection failed or broke off. Check the network and firewalls if it lasts.",
    ),
    Fault.TIMEOUT: Text(
        sv="Servern svarade inte i tid. Nästa läsning försöker igen; kontrollera servern och nätet "
        "om det håller i sig.",
        en="The server did not answer in time. The next poll tries again; check the server and the "
        "network if it lasts.",
    ),
    Fault.UNTRUSTED: Text(
        sv="Ingen säker förbindelse (TLS): serverns certifikat godtas inte. Rätta adressen, eller "
        "ange ca_file.",
        en="No secure connection (TLS): the server's certificate is not trusted. Correct the "
        "address, or set ca_file.",
    ),
    Fault.LOGIN: Text(
        sv="Servern godtar inte inloggningen. Förnya nyckeln eller lösenordet.",
        en="The server does not accept the login. Renew the token or the password.",
    ),
    Fault.FORBIDDEN: Text(
        sv="Kontot får inte läsa det som behövs. Ge det läsrätt i systemet.",
        en="The account may not read what is needed. Give it the right to read in the system.",
    ),
    Fault.NOT_FOUND: Text(
        sv="Adressen finns inte på servern. Kontrollera url och att gränssnittet är påslaget.",
        en="The server has no such address. Check url, and that its interface is switched on.",
    ),
    Fault.REJECTED: Text(
        sv="Servern avvisade frågan. Kontrollera adressen och källans inställningar.",
        en="The server rejected the request. Check the address and the settings of the source.",
    ),
    Fault.TOO_MANY_REQUESTS: Text(
        sv="Så många anrop som servern tillåter är redan gjorda. Läsningen fortsätter senare; läs "
        "mer sällan om det håller i sig.",
        en="As many requests as are allowed have been sent. The reading goes on later; poll less "
        "often if it lasts.",
    ),
    Fault.SERVER_FAILING: Text(
        sv="Servern svarar med ett fel hos sig själv. Nästa läsning försöker igen; säg till dem "
        "som sköter den om det håller i sig.",
        en="The server answers with a fault of its own. The next poll tries again; tell those who "
        "run it if it lasts.",
    ),
    Fault.REDIRECTED: Text(
        sv="Servern hänvisar till en annan adress. Ange den slutliga adressen.",
        en="The server refers to another address. Configure the final address.",
    ),
    Fault.WEB_PAGE: Text(
        sv="Servern svarar med en webbsida i stället för data, kanske en inloggning eller "
        "driftinformation. Kontrollera url och inloggningen.",
        en="The server answers with a web page instead of data, perhaps to log in or about "
        "maintenance. Check url and the login.",
    ),
    Fault.DAMAGED: Text(
        sv="Svaret är inte fullständigt, eller inte det som systemet brukar ge. Kontrollera url om "
        "det håller i sig.",
        en="The answer is incomplete, or not what the system gives. Check url if it lasts.",
    ),
    Fault.TOO_LARGE: Text(
        sv="Svaret är större än vad som läses. Kontrollera url.",
        en="The answer is larger than what is read. Check url.",
    ),
    Fault.CREDENTIALS_MISSING: Text(
        sv="En hemlighet saknas eller är tom. Ange miljövariabeln eller filen.",
        en="A secret is missing or empty. Set the environment variable or the file.",
    ),
    Fault.NOTHING_VISIBLE: Text(
        sv="Inget ärende syns för kontot. Ge det rätt att läsa ärendena, eller ange allow_empty om "
        "systemet är tomt.",
        en="No ticket is visible to the account. Give it the right to read tickets, or set "
        "allow_empty if the system is empty.",
    ),
    Fault.RIGHTS_LOST: Text(
        sv="Kontot ser färre ärenden än förut, troligen för att en rättighet togs bort. Inget "
        "ärende har räknats bort. Återställ rättigheten.",
        en="The account sees fewer tickets than before, probably because a right was taken away. "
        "No ticket was left out for it. Restore the right.",
    ),
    Fault.FILE_MISSING: Text(
        sv="Filen finns inte. Kontrollera sökvägen, och att exporten körs.",
        en="The file does not exist. Check the path, and that the export runs.",
    ),
    Fault.FILE_DENIED: Text(
        sv="Filen får inte läsas. Ge den användare som kör programmet läsrätt.",
        en="The file may not be read. Let the user that runs this program read it.",
    ),
    Fault.FILE_UNREADABLE: Text(
        sv="Filen går inte att läsa. Kontrollera exporten.",
        en="The file cannot be read. Check the export.",
    ),
    Fault.TOO_MANY_REJECTED: Text(
        sv="För många poster går inte att använda, så inget av läsningen sparas. Orsakerna står "
        "nedan.",
        en="Too many entries cannot be used, so nothing of this reading is stored. The reasons are "
        "below.",
    ),
    Fault.TOO_MANY_IGNORED: Text(
        sv="Ovanligt många rader gav ingen post. Orsakerna står nedan.",
        en="Unusually many entries gave no record. The reasons are below.",
    ),
    Fault.STORE: Text(
        sv="Databasen svarar inte. Kontrollera disken eller databasservern.",
        en="The store does not answer. Check the disk or the database server.",
    ),
    Fault.UNEXPECTED: Text(
        sv="Ett oväntat fel i programmet. Loggen säger var.",
        en="An unexpected fault of the program. The log says where.",
    ),
}


def fault_in_words(fault: str | None, language: Language) -> str:
    """A sentence about a kind of fault; empty for none, and for one of a later release."""
    known = {each.value: words for each, words in _WORDS.items()}
    return known[fault][language] if fault in known else ""
