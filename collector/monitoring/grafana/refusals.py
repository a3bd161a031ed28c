"""What Grafana's refusals and broken connections mean, in words for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from socket import gaierror

_MAX_ANSWER = 200


@dataclass(frozen=True, slots=True)
class Login:
    """A credential: where the secret comes from, and whose it is as far as that is known."""

    reference: str
    user: str | None
    name: str = ""

    def hint(self, verb: str, where: str, status: int) -> str:
        """What to do about a refusal."""
        if status == 401 and self.user is not None:
            return f"is {self.reference} the password of the user {self.user}?"
        if status == 401:
            return (
                "is the token that of a service account of this organization, and not expired? "
                f"It is read from {self.reference}"
            )
        if status != 403:
            return ""
        whose = f"the user {self.user}"
        if self.user is None:
            whose = "the token's service account" + (f", {self.name}," if self.name else "")
        return f"give {whose} the role {_role_for(verb, where)}"


def _role_for(verb: str, where: str) -> str:
    """The least role of Grafana that may send a request."""
    if verb == "GET" or where == "/ds/query":
        return "Viewer"
    return "Admin" if where.startswith("/datasources") else "Editor"


def message_in(answer: object, hidden: Callable[[str], str]) -> str:
    """The message in an answer, without secrets, on one line and not too long."""
    message = answer.get("message") if isinstance(answer, dict) else answer
    text = message or failure_of_query(answer)
    return " ".join(hidden(str(text or "")).split())[:_MAX_ANSWER]


def failure_of_query(answer: object) -> str:
    """Why the query of an answer failed; empty if it did not."""
    results = answer.get("results") if isinstance(answer, dict) else None
    result = results.get("A") if isinstance(results, dict) else None
    return str(result.get("error") or "") if isinstance(result, dict) else ""


def refusal_text(verb: str, where: str, status: int, said: str, login: Login) -> str:
    """A refusal in one line: the request, Grafana's status and message, and what to do."""
    hint = login.hint(verb, where, status)
    return (
        f"{verb} /api{where}: {status}"
        + (f", {said}" if said else "")
        + (f"; {hint}" if hint else "")
    )


def reason_of(error: BaseException) -> str:
    """Why no usable answer came, as the predicate of a sentence about the address."""
    from niquests.exceptions import (  # noqa: PLC0415 - optional
        JSONDecodeError,
        SSLError,
        TooManyRedirects,
    )

    if isinstance(error, TooManyRedirects):
        return "redirects to another address: set that one as grafana.url"
    if isinstance(error, JSONDecodeError):
        return "does not answer with JSON: is it the base address of Grafana?"
    if isinstance(error, SSLError):
        return "has a certificate that is not trusted here: set REQUESTS_CA_BUNDLE to its authority"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, gaierror):
            return "cannot be found: the host name does not resolve"
        if isinstance(cause, OSError) and cause.strerror and cause.errno is not None:
            return f"cannot be reached: {cause.strerror}"
        arguments = [each for each in cause.args if isinstance(each, BaseException)]
        cause = next(iter(arguments), None) or cause.__cause__ or cause.__context__
    return "cannot be reached: the connection broke"
