"""The documents of frozen periods, made when somebody downloads them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from collector.io.errors import UserFacingError
from collector.model.periods import Period
from collector.report.office import read_office
from collector.report.render.files import render_files
from collector.snapshot.chain import amendments, envelope, first_freeze, of_same_year
from collector.snapshot.signing import signature_files
from collector.web.answers import conditional
from collector.web.desk import Desk
from collector.web.frozen import DocumentLink, frozen_period
from collector.web.parameters import Unknown
from collector.web.rooms import Busy, room

_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
    "csv": "text/csv",
    "json": "application/json",
    "kolada": "application/json",
    "fgs": "application/zip",
}

Failed = Callable[[Desk, Request, Exception], Response]


def document_route(desk: Callable[[], Desk], failed: Failed) -> Callable[[Request], Response]:
    """Answers ``/months/NAME/FILE``: the bytes that ``report`` writes.

    404 for what is not frozen and for documents that the reader may not see; 503 with Retry-After
    when too many are being made, and without it where one cannot be made. ``failed`` says it.
    """

    def answer(request: Request) -> Response:
        at = desk()
        try:
            link, period = _chosen(at, request)
            with room():
                name, content = _made(at, link, period)
        except (Unknown, UserFacingError, Busy) as error:
            return failed(at, request, error)
        made = conditional(request, content, _TYPES[link.form])
        made.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return made

    return answer


def _chosen(desk: Desk, request: Request) -> tuple[DocumentLink, Period]:
    name, file = request.path_params["name"], request.path_params["file"]
    frozen, period = frozen_period(desk, name, desk.settings.language)
    known = {each.address.rpartition("/")[2]: each for each in frozen.documents}
    if file not in known:
        raise Unknown(f"there is no document {file[:60]!r}; there are: {', '.join(known)}")
    return known[file], period


def _made(desk: Desk, link: DocumentLink, period: Period) -> tuple[str, bytes]:
    settings, store = desk.settings, desk.measuring.store
    snapshot = first_freeze(store, period)
    return next(
        render_files(
            snapshot,
            envelope(snapshot),
            settings.report,
            amendments=amendments(store, period),
            others=of_same_year(store, snapshot),
            office=read_office(settings, period),
            signature=signature_files(snapshot.head, settings.snapshot.sign),
            formats=[link.form],
            languages=None if link.language is None else [link.language],
        )
    )
