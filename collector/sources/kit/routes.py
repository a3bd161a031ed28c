"""Routes that an administrator chooses: a method, and a path with names to be filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from collector.io.http import Answer, HttpClient

Route = Annotated[str, Field(pattern=r"^(GET|POST) /\S*$")]
"""As in ``GET /Ticket/:TicketID``."""


def ask(
    connection: HttpClient,
    route: str,
    asked: Mapping[str, str | Sequence[str]],
    *,
    anonymous: bool = False,
) -> Answer:
    """Return the answer of a route.

    A value whose name stands in the path is filled in, a list with commas between. The others are
    sent as JSON or, with GET, as parameters, one for each of a list.
    """
    method, _, path = route.partition(" ")
    filled = {name for name in asked if re.search(rf":{re.escape(name)}\b", path)}
    for name in filled:
        value = asked[name]
        text = value if isinstance(value, str) else ",".join(value)
        path = re.sub(rf":{re.escape(name)}\b", text, path)
    rest = {name: value for name, value in asked.items() if name not in filled}
    if method == "POST":
        return connection.post(path, json=rest, anonymous=anonymous)
    listed = {name: [each] if isinstance(each, str) else each for name, each in rest.items()}
    pairs = [(name, each) for name, some in listed.items() for each in some]
    return connection.get(path, pairs, anonymous=anonymous)
