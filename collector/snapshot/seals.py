"""Seals as people write them: in groups, with spaces, or only their beginning. Pure."""

from __future__ import annotations

import re
import unicodedata

SEAL_DIGITS = 64
"""Hexadecimal digits of a seal."""

LEAST_DIGITS = 16
"""The fewest digits by which a seal may be given; nobody can choose figures to match so many."""

_GROUP = 4
_HEX = re.compile(r"[0-9a-f]+")
_BETWEEN = {"Cf", "Pd", "Zl", "Zp", "Zs"}
"""Categories of what stands between digits in a copied text: spaces, hyphens, invisible marks."""


def grouped_digits(digits: str) -> str:
    """``3f2a 91c0 …``: digits in groups of four, easier for people to compare."""
    return " ".join(digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP))


def parse_seal(text: str) -> str:
    """Return the digits of a seal, or of its beginning, as printed or typed.

    Raises ValueError, saying what is wrong, unless there are LEAST_DIGITS to SEAL_DIGITS digits.
    """
    plain = "".join(
        each
        for each in text.strip().rstrip("…. ").lower()
        if not each.isspace() and unicodedata.category(each) not in _BETWEEN
    )
    if not _HEX.fullmatch(plain):
        raise ValueError(f"{text!r} is not a seal: write its digits 0-9 and a-f, as printed")
    if len(plain) < LEAST_DIGITS:
        raise ValueError(
            f"{text!r} has {len(plain)} digits: give all {SEAL_DIGITS}, or at least the first "
            f"{LEAST_DIGITS}"
        )
    if len(plain) > SEAL_DIGITS:
        raise ValueError(f"it has {len(plain)} digits, and a seal {SEAL_DIGITS}")
    return plain
