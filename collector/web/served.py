"""A page as the application serves it: its content as HTML within the frame, and as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import ClassVar, Generic

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from collector.io.errors import UserFacingError
from collector.model.bilingual import LANGUAGES, Text
from collector.store import StoreError
from collector.text.numbers import number
from collector.text.vocabulary import STATE_LOOKS, state_text
from collector.web.answers import conditional, plain_text
from collector.web.desk import Desk, SourceAge, source_ages
from collector.web.drawings import framed
from collector.web.frame import Frame, Framed, NavigationItem, frame
from collector.web.page import Content, Page, adapter
from collector.web.paging import Paging
from collector.web.parameters import Parameter, Question, Unknown, in_use
from collector.web.rooms import RETRY_AFTER, Busy

_TITLES = {
    400: Text(sv="Det går inte att fråga så", en="That cannot be asked"),
    403: Text(sv="Det är inte tillåtet", en="That is not allowed"),
    404: Text(sv="Det finns inte", en="There is no such thing"),
    409: Text(sv="Inte härifrån", en="Not from here"),
    429: Text(sv="Vänta lite", en="Wait a moment"),
    503: Text(sv="Inget svar just nu", en="No answer right now"),
}
_HOME = Text(sv="Till målen", en="To the goals")

_EXPECTED = (Unknown, ValueError, UserFacingError, Busy)


class Served(Generic[Content]):
    """A page in its two forms. ``desk`` gives the desk of now; ``items``: the navigation."""

    def __init__(
        self, page: Page[Content], desk: Callable[[], Desk], items: Sequence[NavigationItem]
    ) -> None:
        self._page = page
        self._desk = desk
        self._items = items
        self._json = adapter(page.CONTENT)

    def html(self, request: Request) -> Response:
        """The page; 404 for what does not exist, 400 for a wrong question, 503 without a store."""
        desk, page = self._desk(), self._page
        try:
            asked, content, told = self._answer(desk, request)
            more = page.extras(desk, content, asked)
            root = "../" * (page.PATH.count("/") - 1)
            around = frame(page, desk, asked, told, self._items, root)
        except _EXPECTED as error:
            return failed_by(page, self._items, desk, request, error)
        context = {
            "title": page.title(content, asked.language),
            "page": content,
            "t": {key: each[asked.language] for key, each in page.WORDS.items()},
            **more,
        }
        body = _rendered(page.NAME, around, asked, context)
        return conditional(request, body, "text/html")

    def json(self, request: Request) -> Response:
        """The same content as JSON, under ``page``, with the age of its sources."""
        try:
            asked, content, told = self._answer(self._desk(), request)
        except _EXPECTED as error:
            text, status = _fault(error)
            return JSONResponse({"error": text["en"]}, status, _come_back(status))
        body = b'{"language":"%s","sources":%s,"page":%s}' % (
            asked.language.encode(),
            adapter(list[SourceAge]).dump_json(told),
            self._json.dump_json(content),
        )
        answer = conditional(request, body, "application/json")
        paging = getattr(content, "paging", None)
        if isinstance(paging, Paging) and paging.more:
            after = asked.link(page=paging.number + 1)
            answer.headers["Link"] = f'<{after}>; rel="next"'
        return answer

    def _answer(self, desk: Desk, request: Request) -> tuple[Question, Content, list[SourceAge]]:
        asked = self._page.asked(desk, request)
        content = self._page.content(desk, asked)
        told = source_ages(desk, asked.language, self._page.sources(desk, content))
        return asked, content, told


class Nowhere:
    """What the frame must know of an address that is none."""

    NAME: ClassVar[str] = "goals"
    PATH: ClassVar[str] = ""
    PARAMETERS: ClassVar[Sequence[Parameter]] = ()
    EVERY: ClassVar[int | None] = None


def failed_by(
    page: Framed,
    items: Sequence[NavigationItem],
    desk: Desk,
    request: Request,
    error: Exception,
) -> Response:
    """The answer to one of the errors that are expected."""
    return failed(page, desk, request, items, *_fault(error))


def failed(
    page: Framed,
    desk: Desk,
    request: Request,
    items: Sequence[NavigationItem],
    text: Text,
    status: int,
) -> Response:
    """An error: within the frame for a browser, so that there is a way on, else as plain text."""
    if "text/html" not in request.headers.get("accept", ""):
        return plain_text(text["en"], status, _come_back(status))
    asked_for = request.query_params.get("lang", "")
    asked_for = asked_for if asked_for in LANGUAGES else ""
    language = in_use(desk.settings, asked_for, request.headers.get("accept-language", ""))
    raw = request.scope.get("raw_path", b"/").partition(b"?")[0]
    asked = Question({}, language, bool(asked_for), request.path_params.get("name", ""))
    root = "../" * (raw.count(b"/") - 1)
    try:
        around = frame(page, desk, asked, [], items, root)
    except StoreError:  # the options of its filter are read from there
        around = frame(Nowhere(), desk, asked, [], items, root)
    context = {
        "title": _TITLES[status][language],
        "text": text[language],
        "said": "en" if text["sv"] == text["en"] else language,
        "home": _HOME[language],
    }
    body = _rendered("error", around, asked, context)
    return HTMLResponse(body, status, _come_back(status))


def _rendered(
    template: str, around: Frame, asked: Question, context: Mapping[str, object]
) -> bytes:
    language = asked.language
    text = (
        environment()
        .get_template(f"{template}.html")
        .render(
            frame=around,
            asked=asked,
            link=lambda address, **changes: asked.link(around.root + address, **changes),
            count=lambda n: number(n, language),
            state_text=lambda state: state_text(state, language),
            framed=framed,
            **context,
        )
    )
    return text.encode()


def _fault(error: Exception) -> tuple[Text, int]:
    if isinstance(error, StoreError):
        return Text(
            sv=f"Databasen svarar inte: {error}", en=f"the store does not answer: {error}"
        ), 503
    text = Text(sv=str(error), en=str(error))
    if isinstance(error, Busy | UserFacingError):
        return text, 503
    return text, 404 if isinstance(error, Unknown) else 400


def _come_back(status: int) -> dict[str, str]:
    return {"Retry-After": str(RETRY_AFTER)} if status == 503 else {}


@cache
def environment() -> Environment:
    """The templates of this package, with autoescaping: their variables are text, never markup."""
    made = Environment(
        loader=PackageLoader("collector.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["states"] = STATE_LOOKS
    return made
