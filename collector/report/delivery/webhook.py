"""Deliver by posting a notice as JSON to a web address."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from collector.config.delivery import WebhookTarget
from collector.io.http import plain_http_url
from collector.io.secrets import SecretUnavailable
from collector.io.transport import HttpSession
from collector.report.delivery.parcel import DeliveryError, Parcel

_TEMPORARY = frozenset({408, 425, 429, 503})
"""Statuses that mean: not now, and nothing was done."""


def notice(parcel: Parcel, name: str, *, content: bool) -> bytes:
    """Build the notice as JSON. ``name``: the target's; ``content``: add the files as base64."""
    files = []
    for file, whole in parcel.files:
        entry = {"name": file, "sha256": parcel.digests[file], "bytes": len(whole)}
        if content:
            entry["base64"] = base64.b64encode(whole).decode()
        files.append(entry)
    body: dict[str, object] = {
        "id": parcel.mark(name),
        "seal": parcel.seal,
        "period": parcel.period,
        "language": parcel.language,
        "files": files,
    }
    if parcel.draft:
        body["draft"] = True
    return json.dumps(body, ensure_ascii=False, sort_keys=True).encode()


def post_notice(
    parcel: Parcel, name: str, target: WebhookTarget, within: float | None = None
) -> None:
    """Post the notice; any 2xx is a success.

    The same notice has the same ``Idempotency-Key``. If the address cannot be reached, or answers
    4xx or 503, the notice was not accepted. ``within``: seconds to wait for the answer; whoever
    gives up earlier than configured posts the same notice again later. Raises DeliveryError,
    ``unclear`` for other 5xx answers and for connections that break before the answer.
    """
    url = _address(name, target)
    parts = urlsplit(url)
    # Only the host is shown: at some addresses, knowing the path is enough to post
    where = f"POST {parts.hostname}{f':{parts.port}' if parts.port else ''}"
    headers = _headers(parcel.mark(name), target, where)
    body = notice(parcel, name, content=target.content)
    status = _posted(url, target, where, headers, body, within)
    if 200 <= status < 300:
        return
    if status in _TEMPORARY:
        raise DeliveryError(f"{where}: answered {status}")
    if status >= 500:
        raise DeliveryError(f"{where}: answered {status}", unclear=True)
    advice = "a redirect is not followed" if status < 400 else "check url and token"
    raise DeliveryError(f"{where}: answered {status}: {advice}", permanent=True)


def _headers(mark: str, target: WebhookTarget, where: str) -> dict[str, str]:
    headers = {"Content-Type": "application/json", "Idempotency-Key": mark}
    if target.token is not None:
        try:
            headers["Authorization"] = f"Bearer {target.token.reveal()}"
        except SecretUnavailable as error:
            raise DeliveryError(f"{where}: {error}", permanent=True) from None
    return headers


def _address(name: str, target: WebhookTarget) -> str:
    """The address; one that is a secret can be checked only now."""
    if isinstance(target.url, str):
        return target.url
    try:
        url = plain_http_url(target.url.reveal())
        if problem := target.exposed(url):
            raise DeliveryError(f"url of {name}: {problem}", permanent=True)
    except (SecretUnavailable, ValueError) as error:
        raise DeliveryError(f"url of {name}: {error}", permanent=True) from None
    return url


def _posted(
    url: str,
    target: WebhookTarget,
    where: str,
    headers: Mapping[str, str],
    body: bytes,
    within: float | None,
) -> int:
    """The status of the answer; its body is not read. Slow answers are cut off at the deadline."""
    seconds = target.timeout if within is None else min(within, target.timeout)
    began = time.monotonic()
    with HttpSession(target.ca_file) as session, session.deadline(seconds):
        try:
            with session.exchange(
                "POST", url, data=body, headers=headers, timeout=seconds
            ) as response:
                return response.status_code
        except requests.exceptions.SSLError:
            text = f"{where}: its certificate is not trusted; set ca_file or correct url"
            raise DeliveryError(text, permanent=True) from None
        except requests.RequestException as error:
            if within is not None and time.monotonic() - began >= seconds:
                raise DeliveryError(f"{where}: no answer within {seconds:.0f} s") from None
            raise _broken(where, error) from None
        except (OSError, ValueError):
            text = f"{where}: the request cannot be made; check url, token and ca_file"
            raise DeliveryError(text, permanent=True) from None


def _broken(where: str, error: requests.RequestException) -> DeliveryError:
    """Classify a failure: only an address that was reached can have accepted the notice."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    if isinstance(cause, NewConnectionError | ConnectTimeoutError):
        return DeliveryError(f"{where}: cannot be reached")
    if isinstance(error, requests.exceptions.InvalidHeader | requests.exceptions.InvalidURL):
        return DeliveryError(f"{where}: check url and token", permanent=True)
    return DeliveryError(f"{where}: disconnected before it answered", unclear=True)
