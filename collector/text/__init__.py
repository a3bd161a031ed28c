"""Vocabulary and formatting of numbers, dates and durations, in Swedish and English.

``vocabulary`` and ``words/`` hold the words, ``colours`` checks their contrast. ``numbers``,
``durations``, ``dates`` and ``period_names`` each format one kind of value, and ``measures``
formats the numbers and the target of an indicator. All return plain text: escaping it for a
terminal or a page is up to the caller.
"""
