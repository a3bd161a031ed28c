"""Containers without an engine of their own: podman in namespaces that vanish with one process.

Networks, mounts and processes are those of one ``unshare``: the compose file's ports are free
there, and ending that process leaves nothing behind. Needs root.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

SETTINGS = """\
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
log_driver = "k8s-file"
"""
"""What works without systemd; file limits stay within those of the machine."""

STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{folder}/graph"
runroot = "{folder}/run"
"""

STATE = Path("/run/libpod"), Path("/run/containers")
"""Where podman and its networks keep what would outlive the namespaces: addresses of containers
that were killed would be told to those of the next run."""


class CannotRun(Exception):
    """A command in the namespaces failed; the text is the end of what it said."""


class Machine:
    """``folder``: for images, containers and settings; removed by ``remove``."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="containers-"))
        self.socket = self.folder / "podman.sock"
        (self.folder / "containers.conf").write_text(SETTINGS.format(folder=self.folder))
        (self.folder / "storage.conf").write_text(STORAGE.format(folder=self.folder))
        self.environment = {
            **os.environ,
            "CONTAINERS_CONF": str(self.folder / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "DISABLE_HC_SYSTEMD": "true",  # no systemd: `healthcheck run` is called instead
            "DOCKER_HOST": f"unix://{self.socket}",
            "TMPDIR": str(self.folder),
        }
        for state in STATE:
            state.mkdir(exist_ok=True)
        own = " && ".join(f"mount -t tmpfs none {state}" for state in STATE)
        script = (
            f"ip link set lo up && {own} && "
            f"exec podman system service --time 0 unix://{self.socket}"
        )
        self._log = (self.folder / "service.log").open("wb")
        self._process = subprocess.Popen(
            ["unshare", "--net", "--pid", "--mount", "--mount-proc", "--fork", "--kill-child",
             "sh", "-c", script],
            env=self.environment, stdout=self._log, stderr=self._log, start_new_session=True,
        )  # fmt: skip
        try:
            self.wait(self.socket.exists, 60, "podman's service")
        except CannotRun:
            self.remove()
            raise

    def wait(self, until: Callable[[], bool], seconds: float, what: str) -> None:
        """Ask until it is so. Raises CannotRun after ``seconds``, or when podman has ended."""
        end = time.monotonic() + seconds
        while not until():
            if self._process.poll() is not None or time.monotonic() > end:
                said = (self.folder / "service.log").read_text(errors="replace")[-1500:]
                raise CannotRun(f"waited in vain for {what}\n{said}")
            time.sleep(0.2)

    def _inside(self) -> list[str]:
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        first = children.read_text().split()[0]
        return ["nsenter", "--target", first, "--net", "--pid", "--mount"]

    def run(
        self, *command: object, timeout: float = 60, cwd: Path | None = None, **set_: str
    ) -> str:
        """What a command in the namespaces printed; ``set_``: further environment variables.
        Raises CannotRun."""
        where = [f"--wd={cwd or self.folder}"]
        return self._run([*self._inside(), *where, *map(str, command)], timeout, set_)

    def _run(
        self,
        command: Sequence[str],
        timeout: float,
        set_: Mapping[str, str] | None = None,
    ) -> str:
        try:
            done = subprocess.run(
                command, text=True, timeout=timeout, check=False, errors="replace",
                env={**self.environment, **(set_ or {})}, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
        except subprocess.TimeoutExpired as late:
            said = (late.output or b"").decode(errors="replace")[-2000:]
            raise CannotRun(f"{' '.join(command[5:12])} took over {timeout} s\n{said}") from None
        if done.returncode:
            raise CannotRun(
                f"{' '.join(command[5:12])} exited {done.returncode}\n{done.stdout[-3000:]}"
            )
        return done.stdout

    def run_outside(self, *command: object, timeout: float) -> str:
        """The same over this machine's own network, as building needs it. Raises CannotRun."""
        target = [part for part in self._inside() if part != "--net"]
        return self._run([*target, *map(str, command)], timeout)

    def imported(self, root: Path, image: str, *changes: str) -> None:
        """An image made of a tar file or a folder's files."""
        options = [part for change in changes for part in ("--change", change)]
        self.run("podman", "import", "--quiet", *options, root, image, timeout=240)

    def remove(self) -> None:
        """End what runs and delete what was written."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def tiny(folder: Path) -> Path:
    """A tar file with one program of this machine and the libraries that it needs."""
    target = folder / "tiny.tar"
    program = shutil.which("true") or "/bin/true"
    said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    libraries = {part for part in said.split() if part.startswith("/")}
    with tarfile.open(target, "w", dereference=True) as tar:
        for path in sorted({program, *libraries}):
            tar.add(path, path.lstrip("/"))
    return target


def probe(machine: Machine) -> None:
    """Starts the smallest hardened container. Raises CannotRun where the machine forbids it."""
    machine.imported(tiny(machine.folder), "localhost/tiny")
    machine.run("podman", "network", "create", "probe")
    machine.run(
        "podman", "run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "probe",
        "--security-opt", "no-new-privileges", "localhost/tiny", shutil.which("true"),
    )  # fmt: skip
