"""The settings of snapshots: when a month is frozen, who signs it and who is told its seal."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from collector.config.witnesses import Witness
from collector.io.files import ConfigPath
from collector.model.fields import Interval, Strict

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


def _time_of_day(value: object) -> int:
    """Seconds since midnight on the local clock. Raises ValueError for anything but ``HH:MM``."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        raise ValueError('is not a time of day: write it in quotes, as in "07:00"')
    return int(match[1]) * 3600 + int(match[2]) * 60


TimeOfDay = Annotated[
    int,
    BeforeValidator(_time_of_day),
    WithJsonSchema({"type": "string", "pattern": rf"^{_TIME.pattern}$"}),
]
"""``"07:00"`` in the configuration, seconds since midnight on the local clock in the program."""


SIGNATURE = "signature of snapshots"
"""The name of signing in the log of deliveries; no target can be called so, nor as a witness."""


def witness_name(witness: Witness) -> str:
    """The name of a witness in the log of deliveries."""
    return f"witness {witness.name}"


class SshSigning(Strict):
    """Signs each snapshot with an SSH key (``ssh-keygen -Y``); the only ``type`` so far.

    ``key``: the file of the private key, without a passphrase, or of the public half of one that an
    ssh-agent holds. ``signer``: its name in ``allowed_signers``, a file as ssh-keygen(1) describes
    it. ``folder``: where the signatures are kept, beside the configuration.
    """

    type: Literal["ssh"]
    key: ConfigPath
    signer: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9@._+-]*$")]
    allowed_signers: ConfigPath
    folder: Annotated[ConfigPath, Field(validate_default=True)] = "seals"


def _told_apart(witnesses: list[Witness]) -> list[Witness]:
    names = [each.name for each in witnesses]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise ValueError(f"two witnesses are called {name}")
    return witnesses


class SnapshotSettings(Strict):
    """When last month is frozen.

    ``automatic``: ``run`` freezes it; otherwise a person has to. It happens on the
    ``working_day``-th day of the month on which ``calendar`` is open (by default the calendar of
    alerts), or on the last day of the month if there are not that many, from ``at`` on in the
    reporting time zone. ``max_clock_skew``: nothing is frozen while the clock of a source or of the
    store's database differs by more from this machine's: one of them is wrong, and so may be the
    month. ``sign``: with which key each snapshot is signed. ``witness``: who is told each new seal,
    and so can prove later that the chain was not made anew.
    """

    automatic: bool = True
    working_day: Annotated[int, Field(ge=1, le=15)] = 1
    at: Annotated[TimeOfDay, Field(validate_default=True)] = "07:00"  # type: ignore[assignment]
    calendar: str | None = None
    max_clock_skew: Annotated[Interval, Field(validate_default=True)] = "5min"  # type: ignore[assignment]
    sign: SshSigning | None = None
    witness: Annotated[list[Witness], AfterValidator(_told_apart)] = []

    @property
    def watched(self) -> tuple[str, ...]:
        """The names under which signing and witnesses stand in the log of deliveries."""
        signing = () if self.sign is None else (SIGNATURE,)
        return (*signing, *(witness_name(each) for each in self.witness))
