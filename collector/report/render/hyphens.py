"""Soft hyphens in long words, for word processors without a dictionary of the language. Pure.

The last of the consonants between two vowels begins the next line (in Swedish enkonsonantsregeln),
with those before it that begin syllables as well (kommun-gränserna). A word processor's own
dictionary would know the parts of a compound; this does not (löse-nord).
"""

from __future__ import annotations

import re
from itertools import pairwise

_LONG = re.compile(r"[^\W\d_]{11,}")
_BEFORE, _AFTER = 3, 3
"""The fewest letters left on the line and taken to the next."""
_VOWELS = "aeiouyåäöé"
_PLACE = re.compile(
    rf"(?<=[^\W\d_])(?=[bdfgkptv]r[{_VOWELS}]|[bfgkp]l[{_VOWELS}])"  # kommun-gränserna
    rf"|(?<=[^\W\d_{_VOWELS}])(?=s[kpt][{_VOWELS}])"  # åter-ställning
    rf"|(?<=[^\W\d_])(?<![bdfgkptv](?=r))(?<![bfgkp](?=l))(?<![^\W\d_{_VOWELS}]s(?=[kpt]))"
    rf"(?=[^\W\d_{_VOWELS}][{_VOWELS}])",
    re.IGNORECASE,
)
_TOGETHER = ("ch", "ck", "sh", "th", "ng", "ph", "qu")
SOFT = "\u00ad"


def hyphenated(text: str) -> str:
    """The text with soft hyphens where words of more than 10 letters may be divided."""
    return _LONG.sub(lambda word: _divided(word[0]), text)


def _divided(word: str) -> str:
    places = [
        each.start()
        for each in _PLACE.finditer(word)
        if _BEFORE <= each.start() <= len(word) - _AFTER and not _one_sound(word, each.start())
    ]
    starts = [0, *places, len(word)]
    return SOFT.join(word[a:b] for a, b in pairwise(starts))


def _one_sound(word: str, place: int) -> bool:
    """Whether the letters around a place are one sound, and no other consonant follows."""
    pair, after = word[place - 1 : place + 1].lower(), word[place + 1].lower()
    return pair in _TOGETHER and after in _VOWELS
