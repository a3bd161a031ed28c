"""A page: what can be asked, and a pure function that gives its content."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import TypeAdapter
from starlette.requests import Request

from collector.model.bilingual import Language, Text
from collector.web.desk import Desk
from collector.web.parameters import Parameter, Question, in_use

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


@cache
def adapter(content: Any) -> TypeAdapter[Any]:
    """Writes a content as JSON, and knows its JSON Schema."""
    return TypeAdapter(content)
