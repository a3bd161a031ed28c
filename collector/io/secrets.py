"""References to secrets in an environment variable or a file, read only when they are used."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from collector.io.errors import UserFacingError
from collector.io.files import resolve_path
from collector.model.codes import Fault

_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE_LIMIT = 64 * 1024
"""The most bytes read from a secret's file."""


class SecretUnavailable(UserFacingError):
    """The environment variable or file of a secret is missing or empty; never quotes the secret."""

    permanent = True
    fault = Fault.CREDENTIALS_MISSING


class Secret:
    """A reference to a secret, ``${NAME}`` or ``file:PATH``, read only when it is used.

    When printed, dumped or logged it shows the reference. Raises ValueError for any other form,
    without quoting it.
    """

    __slots__ = ("_reference",)

    def __init__(self, reference: str) -> None:
        if not (_ENVIRONMENT.fullmatch(reference) or reference.removeprefix("file:") != reference):
            raise ValueError(
                "write a secret as ${NAME} (environment) or file:PATH, never in plain text"
            )
        self._reference = reference

    def reveal(self) -> str:
        """Return the current secret. Raises SecretUnavailable, which names the reference."""
        if match := _ENVIRONMENT.fullmatch(self._reference):
            value = os.environ.get(match[1], "")
            if not value:
                raise SecretUnavailable(f"the environment variable {match[1]} is not set")
            return value
        path = Path(self._reference.removeprefix("file:"))
        try:
            with path.open("rb") as file:
                value = file.read(_FILE_LIMIT).decode().strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise SecretUnavailable(f"the secret file {path} cannot be read: {reason}") from None
        if not value:
            raise SecretUnavailable(f"the secret file {path} is empty")
        return value

    @property
    def reference(self) -> str:
        """Where the secret lies, as it is written in the configuration; not the secret."""
        return self._reference

    def __repr__(self) -> str:
        return f"Secret({self._reference})"

    @classmethod
    def _beside(cls, reference: str, info: ValidationInfo) -> Secret:
        if reference.startswith("file:"):
            reference = "file:" + resolve_path(reference.removeprefix("file:"), info)
        return cls(reference)

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(
            cls._beside,
            core_schema.str_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda secret: secret._reference
            ),
        )
