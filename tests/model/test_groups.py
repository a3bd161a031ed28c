"""Groups whose number does not grow with the records."""

import pytest

from collector.model.groups import group_of, other_than


@pytest.mark.parametrize(
    ("value", "names", "group"),
    [
        ("Laxå", ["Laxå"], "Laxå"),
        ("Nora", ["Laxå"], "other"),
        ("Nora", [], "other"),
        ("", ["Laxå"], ""),
        (None, ["Laxå"], ""),
        ("other", ["Laxå"], "other"),
        ("other", ["other"], "other"),
        ("Nora", ["other"], "(other)"),
        ("Nora", ["other", "(other)"], "((other))"),
    ],
)
def test_a_value_is_in_its_own_group_or_that_of_all_others(value, names, group):
    assert group_of(value, names) == group


def test_the_group_of_others_has_the_name_of_nothing_that_is_listed():
    names = []
    for _ in range(5):
        assert other_than(names) not in names
        names.append(other_than(names))
