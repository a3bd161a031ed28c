"""Soft hyphens in long words, for word processors without a dictionary of the language. Pure.

Words are divided by the rule that Swedish has for it (Svenska skrivregler: enkonsonantsregeln): the
last of the consonants between two vowels begins the next line. In English it finds most places.
"""

from __future__ import annotations

import re

_LONG = re.compile(r"[^\W\d_]{11,}")
_BEFORE, _AFTER = 4, 3
"""The fewest letters left on the line and taken to the next."""
_PLACE = re.compile(r"(?<=[^\W\d_])(?=[^\W\d_aeiouyåäöé][aeiouyåäöé])", re.IGNORECASE)
_TOGETHER = ("ch", "ck", "sch", "sh", "th", "ng", "ph", "qu")
SOFT = "\u00ad"


def hyphenated(text: str) -> str:
    """The text with soft hyphens where words of more than 10 letters may be divided."""
    return _LONG.sub(lambda word: _divided(word[0]), text)


def _divided(word: str) -> str:
    places = [
        each.start()
        for each in _PLACE.finditer(word)
        if _BEFORE <= each.start() <= len(word) - _AFTER
        and word[each.start() - 1 : each.start() + 1].lower() not in _TOGETHER
    ]
    starts = [0, *places, len(word)]
    return SOFT.join(word[a:b] for a, b in zip(starts, starts[1:], strict=False))
