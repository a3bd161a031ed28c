"""Hide one figure after another until no small group can be computed from those shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collector.report.content.disclosure import Audit, Leak
from collector.report.content.timeline_sums import FigureKey, HiddenReason, Shown


def hidden_figures(
    figures: Sequence[Shown],
    min_n: int,
    published: Sequence[Sequence[Shown]] = (),
    masked: Sequence[Mapping[FigureKey, HiddenReason]] = (),
) -> dict[FigureKey, HiddenReason]:
    """Return which figures of one indicator in one document are hidden, and why.

    ``published``: the figures of the documents before it, the oldest first; ``masked``: what each
    of those hides. Nothing can be done about what these give away by themselves.
    """
    reasons: dict[FigureKey, HiddenReason] = {
        each.key: "too_few" for each in figures if 0 < each.n < min_n
    }
    every = _newest([figures, *reversed(published)])
    shown_before = [
        [each for each in own if each.key not in hides]
        for own, hides in zip(published, masked, strict=True)
    ]
    before = _newest(reversed(shown_before))
    given_up: set[Leak] = set()
    while True:
        own = [each for each in figures if each.key not in reasons]
        hide = _without_whole(own, reasons)
        if not hide:
            audit = Audit(every, own, before, min_n)
            leak = next((each for each in audit.leaks() if each not in given_up), None)
            if leak is None:
                return reasons
            hide = audit.remedy(leak)
            if not hide:
                given_up.add(leak)
        reasons |= dict.fromkeys((each.key for each in hide), "protected")


def _newest(documents: Iterable[Sequence[Shown]]) -> list[Shown]:
    """The figures of documents, each once, as the first of them has it."""
    found: dict[FigureKey, Shown] = {}
    for own in documents:
        for each in own:
            found.setdefault(each.key, each)
    return list(found.values())


def _without_whole(own: Sequence[Shown], reasons: Mapping[FigureKey, object]) -> list[Shown]:
    """The organizations shown in a span in which the whole desk is hidden."""
    return [each for each in own if each.n and each.organization and (None, each.dates) in reasons]
