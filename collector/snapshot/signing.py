"""Sign snapshots with a key that the database does not have, and check the signatures.

A signature is an SSH signature (``ssh-keygen -Y``, OpenSSH 8.2 or later) of the text whose SHA-256
is the seal. Both are kept as files in a folder, so that anybody can check them without us:

    ssh-keygen -Y verify -f allowed_signers -I SIGNER -n servicedesk-kpi-snapshot \\
        -s snapshot-3.json.sig < snapshot-3.json
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from collector.config.snapshot import SshSigning
from collector.io.files import write_file
from collector.snapshot.canonical import canonical, digest
from collector.snapshot.chain import SnapshotError
from collector.snapshot.format import head_of
from collector.snapshot.verify import Fault
from collector.store import SnapshotHead

NAMESPACE = "servicedesk-kpi-snapshot"
"""What the signatures are made for: one of an email or of git does not pass for one of these."""

_SECONDS = 30
_FILE = re.compile(r"snapshot-([0-9]{1,9})\.json")


class SigningError(SnapshotError):
    """A snapshot could not be signed; the message says why and what to do."""


def signed_text(head: SnapshotHead) -> bytes:
    """Return the text that is signed; its SHA-256 is the seal."""
    return canonical(head_of(head))


def text_file(head: SnapshotHead) -> str:
    """Return the name of the file with the signed text; that of the signature adds ``.sig``."""
    return f"snapshot-{head.number}.json"


def is_signed(head: SnapshotHead, settings: SshSigning) -> bool:
    """Whether a signature of this very snapshot is in the folder; it is not checked."""
    folder = Path(settings.folder)
    try:
        same = (folder / text_file(head)).read_bytes() == signed_text(head)
        return same and (folder / f"{text_file(head)}.sig").is_file()
    except OSError:
        return False


def signature_files(head: SnapshotHead, settings: SshSigning | None) -> list[tuple[str, bytes]]:
    """Return name and content of what shows who signed a snapshot: the signature, and who may
    sign. Empty if it is not signed. Raises SigningError if they cannot be read."""
    if settings is None or not is_signed(head, settings):
        return []
    signature = Path(settings.folder) / f"{text_file(head)}.sig"
    signers = Path(settings.allowed_signers)
    try:
        return [
            (signature.name, signature.read_bytes()),
            ("allowed_signers", signers.read_bytes()),
        ]
    except OSError as error:
        raise SigningError(f"{error.filename}: cannot be read ({error.strerror})") from None


def sign(head: SnapshotHead, settings: SshSigning) -> None:
    """Sign a snapshot and keep text and signature in the folder. Raises SigningError."""
    folder, text = Path(settings.folder), signed_text(head)
    if not Path(settings.key).is_file():
        raise SigningError(f"snapshot.sign.key: {settings.key} is not there or cannot be read")
    made = _ssh_keygen("sign", "-f", settings.key, "-n", NAMESPACE, text=text)
    if made.returncode or not made.stdout.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise SigningError(
            f"snapshot.sign.key: {settings.key} cannot sign; it must be a private key without a "
            "passphrase, readable only for this user, or the public half of one that an "
            "ssh-agent holds"
        )
    try:
        written = folder / text_file(head)
        if written.exists() and written.read_bytes() != text:
            raise SigningError(
                f"{written}: holds another snapshot of that number; run servicedesk-kpi snapshot "
                "verify"
            )
        write_file(written, text)
        write_file(folder / f"{text_file(head)}.sig", made.stdout)
    except OSError as error:
        raise SigningError(
            f"snapshot.sign.folder: {folder} cannot be written ({error.strerror})"
        ) from None


def signature_faults(heads: Sequence[SnapshotHead], settings: SshSigning) -> Iterator[Fault]:
    """Yield what does not hold: signatures that are wrong, that lack, or whose snapshot is gone.

    Snapshots before the first signed one need no signature: its seal covers theirs. Raises
    SigningError where signatures cannot be checked at all.
    """
    if not Path(settings.allowed_signers).is_file():
        raise SigningError(
            f"snapshot.sign.allowed_signers: {settings.allowed_signers} is not there or cannot be "
            "read: write a line for each signer, as ssh-keygen(1) says under ALLOWED SIGNERS"
        )
    signed = _signed(Path(settings.folder))
    known = {head.number: head for head in heads}
    for number in sorted(signed.keys() - known.keys()):
        text = f"it was signed (seal {signed[number]}) and no longer exists"
        yield Fault(number, "chain", text)
    if heads and not signed:
        yield Fault(heads[-1].number, "signature", f"{settings.folder} holds no signature at all")
        return
    for head in heads:
        if head.number not in signed:
            if head.number > min(signed):
                text = "it is not signed: see docs/snapshots.md, or servicedesk-kpi snapshot sign"
                yield Fault(head.number, "signature", text)
        elif signed[head.number] != head.seal:
            text = f"what was signed has another seal: {signed[head.number]}"
            yield Fault(head.number, "signature", text)
        elif not _holds(head, settings):
            text = f"it is not a signature by {settings.signer} that allowed_signers allows"
            yield Fault(head.number, "signature", text)


def _signed(folder: Path) -> dict[int, str]:
    """By number, the seal of each signed text in the folder."""
    found: dict[int, str] = {}
    for file in folder.glob("snapshot-*.json"):
        match = _FILE.fullmatch(file.name)
        if match and file.with_name(f"{file.name}.sig").exists():
            found[int(match[1])] = digest(file.read_bytes())
    return found


def _holds(head: SnapshotHead, settings: SshSigning) -> bool:
    signature = str(Path(settings.folder) / f"{text_file(head)}.sig")
    options = ["-f", settings.allowed_signers, "-I", settings.signer, "-n", NAMESPACE]
    done = _ssh_keygen("verify", *options, "-s", signature, text=signed_text(head))
    return done.returncode == 0


def _ssh_keygen(what: str, *options: str, text: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run ``ssh-keygen -Y`` without a terminal, so that it cannot ask for a passphrase."""
    try:
        return subprocess.run(  # noqa: S603
            ["ssh-keygen", "-Y", what, *options],  # noqa: S607
            input=text,
            capture_output=True,
            timeout=_SECONDS,
            start_new_session=True,
            check=False,
        )
    except FileNotFoundError:
        text_ = "ssh-keygen is not there: install it (Debian: openssh-client)"
        raise SigningError(f"snapshot.sign: {text_}") from None
    except (OSError, subprocess.SubprocessError) as error:
        raise SigningError(f"snapshot.sign: ssh-keygen failed ({type(error).__name__})") from None
