"""A web page in place of the interface, as during maintenance, deletes nothing."""

from __future__ import annotations

import re

import pytest

from collector.io.errors import SourceError
from tests.conformance.systems.bench import bench_of
from tests.conformance.systems.fake import Door, Reply

_ONE = re.compile(r"/(ticket|tickets|id)/\d+/?$", re.IGNORECASE)


@pytest.mark.parametrize("kind", ["glpi", "topdesk", "django_helpdesk"])
def test_a_web_page_that_is_not_found_is_no_deleted_ticket(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench_of(kind, monkeypatch) as bench:
        ids = [str(bench.world.open()) for _ in range(3)]
        bench.drain()
        answer = Door._answer

        async def maintained(door: Door, scope: object, body: bytes) -> object:
            if _ONE.search(scope["path"]):  # type: ignore[index]
                return Reply(404, {}, b"<html>maintenance</html>", "text/html")
            return await answer(door, scope, body)  # type: ignore[arg-type]

        monkeypatch.setattr(Door, "_answer", maintained)
        with pytest.raises(SourceError, match="404 and a web page instead of data"):
            list(bench.source().tickets(ids, bench.cursor))  # type: ignore[attr-defined]
