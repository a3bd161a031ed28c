"""References to secrets: an environment variable or a file, read only when the secret is used."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from collector.io.errors import UserFacingError
from collector.io.files import beside_configuration

_ENVIRONMENT = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE_LIMIT = 64 * 1024
"""Bytes of a secret's file that are read."""


class SecretUnavailable(UserFacingError):
    """A secret's environment variable or file is not there; the text never holds the secret."""

    permanent = True


class Secret:
    """A reference to a secret, ``${NAME}`` or ``file:PATH``; read only when it is used.

    Printed, dumped or logged it shows the reference. Raises ValueError for anything else than
    those two forms, without quoting it.
    """

    __slots__ = ("_reference",)

    def __init__(self, reference: str) -> None:
        if not (_ENVIRONMENT.fullmatch(reference) or reference.removeprefix("file:") != reference):
            raise ValueError(
                "a secret is written as ${NAME} (environment) or file:PATH, never plain"
            )
        self._reference = reference

    def reveal(self) -> str:
        """The secret itself, as it is now. Raises SecretUnavailable, which names the reference."""
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
            reference = "file:" + beside_configuration(reference.removeprefix("file:"), info)
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
