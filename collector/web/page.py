"""What all pages share: choosing the language, plain-text responses, and templates."""

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


def plain_text(text: str, status: int) -> Response:
    """A one-line plain-text response, for errors."""
    return Response(text + "\n", status, media_type="text/plain")


class Page:
    """Base class of the pages that show figures. Subclasses set ``TEMPLATE``.

    ``measuring`` returns the measuring in use, with its configuration; ``now`` returns the current
    time in epoch seconds.
    """

    TEMPLATE: str

    def __init__(self, measuring: Callable[[], Measuring], now: Callable[[], int]) -> None:
        self._measuring = measuring
        self._now = now
        self._template = load_template(self.TEMPLATE)

    def _rendered(self, context: Callable[[], Mapping[str, object]]) -> Response:
        """The rendered page, or 503 when the store fails while its context is built."""
        try:
            return HTMLResponse(self._template.render(context()))
        except StoreError as error:
            return plain_text(f"the store does not answer: {error}", 503)


def data_as_of(
    sources: Iterable[str], states: Mapping[str, PollState], when: LocalTimes, language: Language
) -> str:
    """The sentence that says how recent the data are: by the source whose last complete read is
    oldest. Empty without sources."""
    reads = [states[name].last_success if name in states else None for name in sources]
    complete = [instant for instant in reads if instant is not None]
    if len(complete) < len(reads):
        return f"{_NEVER_READ[language]}."
    return f"{_AS_OF[language]} {when(min(complete))}." if complete else ""


def language_of(request: Request) -> Language:
    """The language of the ``lang`` parameter, otherwise the browser's preference.

    Raises ValueError when ``lang`` is neither sv nor en.
    """
    language = request.query_params.get("lang")
    language = language or _accepted(request.headers.get("accept-language", ""))
    if language not in LANGUAGES:
        raise ValueError(f"lang: {language!r} is neither sv nor en")
    return "sv" if language == "sv" else "en"


def _accepted(header: str) -> str:
    """The first supported language in an Accept-Language header; English if there is none."""
    preferred = (part.partition(";")[0].strip().lower()[:2] for part in header.split(","))
    return next((each for each in preferred if each in LANGUAGES), "en")


def load_template(name: str) -> Template:
    """A template of this package, with autoescaping: its variables are text, never markup.

    Raises jinja2.TemplateNotFound when there is no such template.
    """
    environment = Environment(
        loader=PackageLoader("collector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name, globals={"states": STATE_LOOKS})
