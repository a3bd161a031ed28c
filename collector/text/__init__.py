"""One vocabulary and one formatter of numbers, dates and durations, in Swedish and English.

``vocabulary`` and ``words/`` are the words, ``colours`` checks that they can be read; ``numbers``,
``durations``, ``dates`` and ``period_names`` write one thing each, and ``measures`` writes the
numbers and the target of an indicator. All of them return plain text: whoever prints it to a
terminal or a page escapes it there.
"""
