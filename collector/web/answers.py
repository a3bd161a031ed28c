"""What all pages share: their language, plain answers, and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from collector.measuring.engine.engine import Measuring
from collector.model.bilingual import LANGUAGES, Language
from collector.store import PollState, StoreError
from collector.text.dates import LocalTimes
from collector.text.vocabulary import STATE_LOOKS

_AS_OF: dict[Language, str] = {"sv": "Data till och med", "en": "Data as of"}
_NEVER_READ: dict[Language, str] = {
    "sv": "Data: aldrig läst till slut",
    "en": "Data: never read to the end",
}


def plain(text: str, status: int) -> Response:
    """An answer in one line, for what cannot be shown."""
    return Response(text + "\n", status, media_type="text/plain")


class Page:
    """A page about what is measured.

    ``measuring`` hands out the configuration in force; ``now`` is the clock in epoch seconds.
    """

    TEMPLATE: str

    def __init__(self, measuring: Callable[[], Measuring], now: Callable[[], int]) -> None:
        self._measuring = measuring
        self._now = now
        self._template = template(self.TEMPLATE)

    def _rendered(self, context: Callable[[], Mapping[str, object]]) -> Response:
        """The page; 503 where the store does not answer for what it shows."""
        try:
            return HTMLResponse(self._template.render(context()))
        except StoreError as error:
            return plain(f"the store does not answer: {error}", 503)


def last_seen(
    sources: Iterable[str], states: Mapping[str, PollState], when: LocalTimes, language: Language
) -> str:
    """When the data were last seen: the oldest last whole reading of what they are drawn from;
    empty where that is no source."""
    known = [states[name].last_success if name in states else None for name in sources]
    read = [instant for instant in known if instant is not None]
    if len(read) < len(known):
        return f"{_NEVER_READ[language]}."
    return f"{_AS_OF[language]} {when(min(read))}." if read else ""


def language_of(request: Request) -> Language:
    """What ``lang`` says, or else what the browser asks for. Raises ValueError for others."""
    language = request.query_params.get("lang")
    language = language or _accepted(request.headers.get("accept-language", ""))
    if language not in LANGUAGES:
        raise ValueError(f"lang: {language!r} is neither sv nor en")
    return "sv" if language == "sv" else "en"


def _accepted(header: str) -> str:
    """The language that a browser asks for first, if it is one of ours."""
    wanted = (part.partition(";")[0].strip().lower()[:2] for part in header.split(","))
    return next((each for each in wanted if each in LANGUAGES), "en")


def template(name: str) -> Template:
    """A template of ours; what it is given is text, never markup."""
    environment = Environment(
        loader=PackageLoader("collector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name, globals={"states": STATE_LOOKS})
