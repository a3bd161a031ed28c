"""What all pages share: choosing the language, plain-text responses, and templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from collector.config.settings import Settings
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


def language_of(request: Request, settings: Settings) -> Language:
    """The first language in use among the ``lang`` parameter and the browser's preferences, or else
    the desk's own: a link with a language that is no longer in use still opens.

    Raises ValueError when ``lang`` is neither sv nor en.
    """
    asked = request.query_params.get("lang") or ""
    if asked and asked not in LANGUAGES:
        raise ValueError(f"lang: {asked!r} is neither sv nor en")
    header = request.headers.get("accept-language", "")
    preferred = [asked, *(part.partition(";")[0].strip().lower()[:2] for part in header.split(","))]
    in_use = {each: each for each in settings.languages}
    return next((in_use[each] for each in preferred if each in in_use), settings.language)


def other_language(language: Language, settings: Settings) -> Language | None:
    """The other language that a page can be read in; None where only one is in use."""
    return next((each for each in settings.languages if each != language), None)


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
