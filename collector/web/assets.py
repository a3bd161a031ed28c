"""The stylesheet and the script: made once, named by their content, kept for ever by browsers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from collector.text.vocabulary import STATE_LOOKS
from collector.web.palette import DARK, DRAWN, LIGHT

_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages refer to. ``name``: with a digest of its ``content``."""

    name: str
    content: bytes
    media_type: str


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its plain name: ``style.css``, ``page.js``."""
    folder = files("collector.web") / "static"
    found = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        text = file.read_text(encoding="utf-8")
        if file.name.endswith(".css"):
            text = _styled(text)
        stem, _, ending = file.name.rpartition(".")
        digest = blake2b(text.encode(), digest_size=8).hexdigest()
        found[file.name] = Asset(f"{stem}.{digest}.{ending}", text.encode(), _TYPES[ending])
    return found


def _styled(text: str) -> str:
    """A stylesheet with its colours filled in."""
    environment = Environment(autoescape=False, undefined=StrictUndefined)  # noqa: S701 - CSS
    return environment.from_string(text).render(
        light=LIGHT, dark=DARK, drawn=DRAWN, states=list(STATE_LOOKS)
    )


def asset(request: Request) -> Response:
    """Answers ``/static/NAME``; 304 if the browser has it, 404 for another version."""
    known = {each.name: each for each in assets().values()}
    found = known.get(request.path_params["name"])
    if found is None:
        return Response("there is no such file\n", 404, media_type="text/plain")
    etag = f'"{found.name}"'
    headers = {"Cache-Control": _FOR_EVER, "ETag": etag}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(found.content, headers=headers, media_type=found.media_type)
