"""Witnesses of seals: what is handed to git must be a remote and a branch, never an option."""

import pytest
from pydantic import TypeAdapter, ValidationError

from collector.config.witnesses import Witness

GIT = {"type": "git", "name": "auditor", "remote": "git@git.example.org:board/seals.git"}
WITNESS = TypeAdapter(Witness)


def test_a_remote_and_the_usual_branch():
    made = WITNESS.validate_python(GIT)
    assert (made.remote, made.branch) == (GIT["remote"], "main")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("remote", "", "is not a git remote: write it as in git@"),
        ("remote", "--upload-pack=touch /tmp/x", "is not a git remote"),
        ("remote", "ext::sh -c touch% /tmp/x", "is not a git remote"),
        ("branch", "--force", "'--force' is not a branch name: write it as in main"),
        ("branch", "a b", "is not a branch name"),
        ("branch", "", "is not a branch name"),
        ("author", "board", "'board' is not an email address"),
    ],
)
def test_what_git_would_take_for_something_else_is_refused(key, value, said):
    with pytest.raises(ValidationError, match=said):
        WITNESS.validate_python({**GIT, key: value})
