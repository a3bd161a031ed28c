"""The languages in use and the locale: what other sections take over from them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from collector.model.bilingual import LANGUAGES, Language
from collector.text.locales import is_locale


def _each_once(languages: list[Language]) -> list[Language]:
    if len(set(languages)) < len(languages):
        raise ValueError("lists a language twice")
    return languages


LanguageList = Annotated[list[Language], Field(min_length=1), AfterValidator(_each_once)]
_LANGUAGE_LIST = TypeAdapter(LanguageList)


def languages_of(data: Any) -> list[Language]:
    """The languages in use in the data of a configuration; both where it names none, and where what
    it names is faulty, which the models report."""
    written = data.get("languages", LANGUAGES) if isinstance(data, dict) else LANGUAGES
    try:
        return _LANGUAGE_LIST.validate_python(list(written))
    except (TypeError, ValidationError):
        return list(LANGUAGES)


def with_desk_defaults(data: Any) -> Any:
    """The data of a configuration: reports and boards come in all languages in use and deliveries
    in the first one, and reports write dates by the locale, unless they say otherwise."""
    if not isinstance(data, dict):
        return data
    defaults: dict[str, dict[str, Any]] = {"report": {}, "grafana": {}, "delivery": {}}
    if "languages" in data:
        in_use = languages_of(data)
        for section, languages in zip(defaults, (in_use, in_use, in_use[:1]), strict=True):
            defaults[section]["languages"] = languages
    if is_locale(str(data.get("locale"))):
        defaults["report"]["locale"] = data["locale"]
    data = {"report": {}, "delivery": {}} | data
    return data | {
        section: keys | data[section]
        for section, keys in defaults.items()
        if keys and isinstance(data.get(section), dict)
    }
