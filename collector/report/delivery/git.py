"""Deliver files by committing them to a git remote; none is ever replaced there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from collector.config.witnesses import GitWitness
from collector.report.delivery.parcel import DeliveryError, Parcel


def push_to_git(
    parcel: Parcel, name: str, target: GitWitness, at: int, within: float | None = None
) -> None:
    """Commit the files of a parcel and push them; identical files that are there are fine.

    ``at``: the date of the commit, epoch seconds. ``within``: seconds for each question to the
    remote, if fewer than configured. Raises DeliveryError, permanent if the remote has
    a file of that name with other content: then somebody was told another seal.
    """
    where = f"git remote of {name}"
    with TemporaryDirectory() as folder:
        work = _Work(Path(folder), where, target, at, within)
        work.run("init", "--quiet")
        work.run("remote", "add", "origin", target.remote)
        if work.run("ls-remote", "--exit-code", "origin", f"refs/heads/{target.branch}", fine=(2,)):
            work.run("fetch", "--quiet", "--depth=1", "origin", f"refs/heads/{target.branch}")
            work.run("checkout", "--quiet", "-b", "told", "FETCH_HEAD")
        for file, content in parcel.files:
            path = Path(folder) / file
            if path.exists() and path.read_bytes() != content:
                text = f"{where}: holds another {file}: compare the two, one of them is forged"
                raise DeliveryError(text, permanent=True)
            path.write_bytes(content)
        work.run("add", "--all")
        if work.run("diff", "--cached", "--quiet", fine=(1,)):
            return
        work.run("commit", "--quiet", "-m", f"Snapshot of {parcel.period}, seal {parcel.seal}")
        work.run("push", "--quiet", "origin", f"HEAD:refs/heads/{target.branch}")


class _Work:
    """A work tree for one commit. The user's hooks do not act on it, and git cannot ask for a
    password."""

    def __init__(
        self, folder: Path, where: str, target: GitWitness, at: int, within: float | None
    ) -> None:
        self._folder, self._where = folder, where
        self._timeout = target.timeout if within is None else min(within, target.timeout)
        who = {"NAME": "servicedesk-kpi", "EMAIL": target.author, "DATE": f"{at} +0000"}
        self._environment = {
            **os.environ,
            **{f"GIT_{whose}_{k}": v for whose in ("AUTHOR", "COMMITTER") for k, v in who.items()},
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        }

    def run(self, *arguments: str, fine: tuple[int, ...] = ()) -> bool:
        """Run git; whether it ended with 0. ``fine``: other codes that are no failure.

        Its own words are not repeated, since they may hold an address with a password. Raises
        DeliveryError.
        """
        settings = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false")
        try:
            done = subprocess.run(  # noqa: S603
                ["git", *settings, *arguments],  # noqa: S607
                cwd=self._folder,
                env=self._environment,
                capture_output=True,
                stdin=subprocess.DEVNULL,
                timeout=self._timeout,
                start_new_session=True,
                check=False,
            )
        except FileNotFoundError:
            text = f"{self._where}: git is not there: install it (Debian: git)"
            raise DeliveryError(text, permanent=True) from None
        except (OSError, subprocess.SubprocessError) as error:
            text = f"{self._where}: git {arguments[0]} failed ({type(error).__name__})"
            raise DeliveryError(text) from None
        if done.returncode and done.returncode not in fine:
            text = (
                f"{self._where}: git {arguments[0]} ended with {done.returncode}; try the same as "
                "this user, and check remote and branch"
            )
            raise DeliveryError(text)
        return not done.returncode
