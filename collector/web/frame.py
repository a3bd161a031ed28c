"""What stands around every page: navigation, languages, the filter, the age of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol
from urllib.parse import quote

from collector.model.bilingual import Language, Text
from collector.text.dates import LocalTimes
from collector.text.vocabulary import state_text
from collector.web.assets import assets
from collector.web.desk import Desk, SourceAge
from collector.web.parameters import Parameter, Question

WORDS: Mapping[str, Text] = {
    "skip": Text(sv="Till innehållet", en="Skip to the content"),
    "navigation": Text(sv="Sidor", en="Pages"),
    "other": Text(sv="In English", en="På svenska"),
    "theme": Text(sv="Ljust eller mörkt", en="Light or dark"),
    "show": Text(sv="Visa", en="Show"),
    "filter": Text(sv="Urval", en="Filter"),
    "data": Text(sv="Data", en="Data"),
    "json": Text(sv="Sidan som JSON", en="This page as JSON"),
    "pages": Text(sv="Listans sidor", en="Pages of the list"),
    "before": Text(sv="← Tidigare", en="← Before"),
    "after": Text(sv="Fler →", en="More →"),
    "of": Text(sv="av", en="of"),
    "beyond": Text(
        sv="Listan är slut före den här sidan: den har {0} rader.",
        en="The list ends before this page: it has {0} entries.",
    ),
    "last": Text(sv="Till dess sista sida", en="To its last page"),
    "lost": Text(
        sv="Servern svarar inte. Sidan visar läget kl.",
        en="The server does not answer. The page shows how it was at",
    ),
}


class Framed(Protocol):
    """What the frame must know of a page, see ``Page``."""

    NAME: ClassVar[str]
    PATH: ClassVar[str]
    PARAMETERS: ClassVar[Sequence[Parameter]]
    EVERY: ClassVar[int | None]


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A page in the navigation: its path and its name."""

    path: str
    label: Text


@dataclass(frozen=True, slots=True)
class Filter:
    """A select of the filter form: its options as (value, label), and the chosen value."""

    name: str
    label: str
    options: list[tuple[str, str]]
    chosen: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What the layout's template needs.

    ``root``: the relative way to the first page; all links begin with it, so that they work behind
    a proxy. ``navigation``: address, name and whether it is this page. ``other``: the other
    language in use, with this page's address in it. ``sources``: the name of each source, the age
    of its data in words, and its state's words where it is not good. ``zone``: of the desk, for
    the script.
    """

    language: Language
    root: str
    t: dict[str, str]
    navigation: list[tuple[str, str, bool]]
    other: tuple[Language, str] | None
    sources: list[tuple[SourceAge, str]]
    filters: list[Filter]
    hidden: list[tuple[str, str]]
    style: str
    script: str
    icon: str
    json: str
    every: int | None
    zone: str
    when: LocalTimes


def frame(
    page: Framed,
    desk: Desk,
    asked: Question,
    told: Sequence[SourceAge],
    items: Sequence[NavigationItem],
    root: str,
) -> Frame:
    """What stands around a page. ``root``: the relative way to the first page."""
    language = asked.language
    own = page.NAME + (f"/{quote(asked.path, safe='')}" if "{" in page.PATH else "")
    other = next((each for each in desk.settings.languages if each != language), None)
    chosen = {"lang": language} if asked.chosen else {}
    controls = {each.name for each in page.PARAMETERS if each.options} | {"page"}
    return Frame(
        language=language,
        root=root,
        t={key: text[language] for key, text in WORDS.items()},
        navigation=[
            (
                Question({}, language, asked.chosen).link(root + each.path.lstrip("/") or "."),
                each.label[language],
                each.path == page.PATH,
            )
            for each in items
        ],
        other=None if other is None else (other, asked.link(lang=other)),
        sources=[(each, state_text(each.state, language) if each.state else "") for each in told],
        filters=[
            Filter(
                each.name,
                (each.label or Text(sv=each.name, en=each.name))[language],
                each.choices(desk, language, asked.get(each.name) or each.default),
                asked.get(each.name) or each.default,
            )
            for each in page.PARAMETERS
            if each.options is not None
        ],
        hidden=[(k, v) for k, v in {**asked.values, **chosen}.items() if k not in controls],
        style=f"{root}static/{assets()['style.css'].name}",
        script=f"{root}static/{assets()['page.js'].name}",
        icon=f"{root}static/{assets()['icon.svg'].name}",
        json=asked.link(f"{root}api/v1/{own}", **asked.values),
        every=page.EVERY,
        zone=desk.settings.timezone,
        when=desk.times(language),
    )
