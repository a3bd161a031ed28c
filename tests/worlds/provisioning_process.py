"""A run of provisioning in a process of its own, for test_killed_halfway."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

from collector.config.settings import Settings
from collector.monitoring.grafana import boards, compare
from collector.store import Store
from tests.worlds.provisioning import provision


def provision_in_process(
    settings: str, database: str, folder: str, secrets: Mapping[str, str], ready: Connection
) -> None:
    """Tells its own number, then runs once; ends with 0 if all is as it shall be."""
    os.environ.update(secrets)
    boards.PLACES = (Path(folder),)
    compare._COST = 16
    ready.send(os.getpid())
    with Store.open(database) as store:
        outcome = provision(Settings.model_validate(json.loads(settings)), store)
    sys.exit(1 if outcome.failures or outcome.drift else 0)
