"""A page: what can be asked, a pure function that gives its content, and the content's two forms,
HTML and JSON."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from collector.model.bilingual import Language, Text
from collector.store import StoreError
from collector.text.numbers import number
from collector.text.vocabulary import STATE_LOOKS, state_text
from collector.web.answers import conditional, plain_text
from collector.web.desk import Desk, SourceAge, source_ages
from collector.web.drawings import framed
from collector.web.frame import Frame, NavigationItem, frame
from collector.web.parameters import Parameter, Question, Unknown, in_use

Content = TypeVar("Content")
Words = Mapping[str, Mapping[Language, str]]

API = "/api/v1/"


class Page(ABC, Generic[Content]):
    """A page of the web face. docs/architecture.md has the recipe.

    ``NAME``: of its template and of its JSON, ``/api/v1/NAME``. ``PATH``: its address, with
    ``{name}`` where it is about one thing. ``LABEL``: its name in the navigation; None: not there.
    ``PARAMETERS``: what can be asked. ``CONTENT``: the dataclass that ``content`` gives. ``WORDS``:
    the template's words, by key. ``EVERY``: after how many seconds an open page is made anew.
    """

    NAME: ClassVar[str]
    PATH: ClassVar[str]
    LABEL: ClassVar[Text | None] = None
    ABOUT: ClassVar[str]
    PARAMETERS: ClassVar[Sequence[Parameter]] = ()
    CONTENT: ClassVar[type]
    WORDS: ClassVar[Words] = {}
    EVERY: ClassVar[int | None] = None

    @abstractmethod
    def content(self, desk: Desk, asked: Question) -> Content:
        """What the page says. Reads only ``desk``, and no clock.

        Raises Unknown for what does not exist, ValueError for what cannot be asked, StoreError.
        """

    @abstractmethod
    def title(self, content: Content, language: Language) -> str:
        """The title of the page, which is also that of the browser's tab."""

    def sources(self, desk: Desk, content: Content) -> list[str] | None:
        """The sources whose age is told; None: all."""
        return None

    def extras(self, desk: Desk, content: Content, asked: Question) -> Mapping[str, object]:
        """What only the template needs beside the content, such as drawings."""
        return {}

    def asked(self, desk: Desk, request: Request) -> Question:
        """The validated question. Raises ValueError, in one line for people."""
        query = request.query_params
        language = in_use(
            desk.settings, query.get("lang", ""), request.headers.get("accept-language", "")
        )
        values = {
            each.name: each.checked(desk, text)
            for each in self.PARAMETERS
            if (text := query.get(each.name, ""))
        }
        return Question(
            values, language, bool(query.get("lang")), request.path_params.get("name", "")
        )


class Served(Generic[Content]):
    """A page as the application serves it: as HTML and as JSON.

    ``desk`` gives the desk of now; ``items``: the navigation.
    """

    def __init__(
        self, page: Page[Content], desk: Callable[[], Desk], items: Sequence[NavigationItem]
    ) -> None:
        self.page = page
        self._desk = desk
        self._items = items
        self._json = adapter(page.CONTENT)

    def html(self, request: Request) -> Response:
        """The page; 404 for what does not exist, 400 for a wrong question, 503 without a store."""
        desk = self._desk()
        try:
            asked = self.page.asked(desk, request)
            content = self.page.content(desk, asked)
            told = source_ages(desk, asked.language, self.page.sources(desk, content))
            body = self._rendered(desk, asked, content, told, request.url.path)
        except (Unknown, ValueError, StoreError) as error:
            text, status = _fault(error)
            return plain_text(text, status)
        return conditional(request, body, "text/html")

    def _rendered(
        self, desk: Desk, asked: Question, content: Content, told: list[SourceAge], path: str
    ) -> bytes:
        page, language = self.page, asked.language
        around: Frame = frame(page, desk, asked, told, self._items, path)
        text = (
            environment()
            .get_template(f"{page.NAME}.html")
            .render(
                title=page.title(content, language),
                page=content,
                asked=asked,
                link=lambda address, **changes: asked.link(around.root + address, **changes),
                frame=around,
                t={key: each[language] for key, each in page.WORDS.items()},
                count=lambda n: number(n, language),
                state_text=lambda state: state_text(state, language),
                framed=framed,
                **page.extras(desk, content, asked),
            )
        )
        return text.encode()

    def json(self, request: Request) -> Response:
        """The same content as JSON, under ``page``, with the age of its sources."""
        desk = self._desk()
        try:
            asked = self.page.asked(desk, request)
            content = self.page.content(desk, asked)
            told = source_ages(desk, asked.language, self.page.sources(desk, content))
        except (Unknown, ValueError, StoreError) as error:
            text, status = _fault(error)
            return JSONResponse({"error": text}, status)
        body = b'{"language":"%s","sources":%s,"page":%s}' % (
            asked.language.encode(),
            adapter(list[SourceAge]).dump_json(told),
            self._json.dump_json(content),
        )
        return conditional(request, body, "application/json")


def _fault(error: Exception) -> tuple[str, int]:
    if isinstance(error, StoreError):
        return f"the store does not answer: {error}", 503
    return str(error), 404 if isinstance(error, Unknown) else 400


@cache
def adapter(content: Any) -> TypeAdapter[Any]:
    """Writes a content as JSON, and knows its JSON Schema."""
    return TypeAdapter(content)


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
