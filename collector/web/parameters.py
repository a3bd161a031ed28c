"""What a page can be asked: parameters that check themselves, and the validated question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from collector.config.settings import Settings
from collector.model.bilingual import LANGUAGES, Language, Text
from collector.text.vocabulary import WHOLE_DESK
from collector.web.desk import Desk

Options = list[tuple[str, str]]
"""Values with their labels; an empty value is left out of the address."""


class Unknown(Exception):
    """What is asked about does not exist; its text says what there is. Answered with 404."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a page's address.

    ``about``: its description in the OpenAPI document; ``schema``: its JSON Schema there.
    ``options``: what can be chosen, for a select in the filter; None: no control of the filter.
    ``check``: returns the value to use and raises ValueError, in one line for people; without it
    the value must be one of the options. ``default``: the option that stands for no value.
    ``named``: the label of a value that is none of the options.
    """

    name: str
    about: str
    label: Text | None = None
    options: Callable[[Desk, Language], Options] | None = None
    check: Callable[[Desk, str], str] | None = None
    default: str = ""
    named: Callable[[Desk, Language, str], str] | None = None
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})

    def choices(self, desk: Desk, language: Language, value: str) -> Options:
        """The options, and before them the ``value`` in use if it is none of them."""
        known = [] if self.options is None else self.options(desk, language)
        if value in [each for each, _ in known]:
            return known
        label = value if self.named is None else self.named(desk, language, value)
        return [(value, label), *known]

    def checked(self, desk: Desk, text: str) -> str:
        """The value to use. Raises ValueError."""
        if self.check is not None:
            return self.check(desk, text)
        if self.options is not None:
            known = [value for value, _ in self.options(desk, "en")]
            if text not in known:
                raise ValueError(
                    f"{self.name}: {text[:60]!r} is not one of {', '.join(filter(None, known))}"
                )
        return text


@dataclass(frozen=True, slots=True)
class Question:
    """A validated request: ``values`` by parameter, without those that were not given.

    ``language``: to answer in; ``chosen``: whether the address asks for it. ``path``: what stands
    in the place of ``{name}`` in the page's path.
    """

    values: Mapping[str, str]
    language: Language
    chosen: bool = False
    path: str = ""

    def get(self, name: str) -> str | None:
        """The value of a parameter; None: not given."""
        return self.values.get(name)

    @property
    def page(self) -> int:
        """The number of the page of a long list, from 1."""
        return int(self.values.get("page", "1"))

    def link(self, address: str = "", **changes: object) -> str:
        """A link to this page with some parameters changed (None: left out), or to another
        ``address`` with just these. Relative, so that it works behind a proxy."""
        given: dict[str, object] = {} if address else dict(self.values)
        if self.chosen:
            given["lang"] = self.language
        given |= changes
        query = urlencode({key: value for key, value in given.items() if value is not None})
        return f"{address}?{query}" if query else address or "?"


def in_use(settings: Settings, asked: str, accepted: str) -> Language:
    """The first language in use among the one asked for and the browser's preferences, or else the
    desk's own: a link with a language that is no longer in use still opens.

    ``accepted``: the header Accept-Language. Raises ValueError when ``asked`` is neither sv nor en.
    """
    if asked and asked not in LANGUAGES:
        raise ValueError(f"lang: {asked[:60]!r} is neither sv nor en")
    preferred = [
        asked, *(part.partition(";")[0].strip().lower()[:2] for part in accepted.split(","))
    ]  # fmt: skip
    known = {each: each for each in settings.languages}
    return next((known[each] for each in preferred if each in known), settings.language)


def _organizations(desk: Desk, language: Language) -> Options:
    return [("", WHOLE_DESK[language]), *((each, each) for each in desk.settings.organizations)]


def _organization(desk: Desk, text: str) -> str:
    if text not in desk.settings.organizations:
        raise ValueError(f"organization: {text[:60]!r} is not one of the configured ones")
    return text


def _page(_: Desk, text: str) -> str:
    if not text.isascii() or not text.isdigit() or len(text) > 7 or not 1 <= int(text) <= 10**6:
        raise ValueError(f"page: {text[:20]!r} is not a page number")
    return text


ORGANIZATION = Parameter(
    "organization",
    "Only of this organization; without it of the whole desk.",
    Text(sv="Organisation", en="Organization"),
    _organizations,
    _organization,
)
PAGE = Parameter(
    "page",
    "Which page of the list, from 1.",
    check=_page,
    schema={"type": "integer", "minimum": 1, "maximum": 10**6},
)
LANG = Parameter(
    "lang",
    "Language of titles and words; without it that of Accept-Language.",
    schema={"type": "string", "enum": list(LANGUAGES)},
)
