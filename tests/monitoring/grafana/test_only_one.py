"""Of two that provision at once the second is refused: each would take the other's for foreign."""

from __future__ import annotations

from pathlib import Path

from collector.service.leading import PROVISIONING, LeaseKeeper
from collector.store import Store
from tests.worlds.commands import run_here
from tests.worlds.desk import CONFIGURATION, write_desk


def test_a_second_provision_is_refused_and_names_the_first(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("glsa_x")
    grafana = "grafana: {url: 'http://127.0.0.1:9', token: 'file:token'}\n"
    url = f"sqlite:///{tmp_path / 'store.db'}"
    file = write_desk(tmp_path, CONFIGURATION + grafana + f"store: {url}\n")
    with Store.open(url) as store, LeaseKeeper(store, PROVISIONING, "provisions Grafana"):
        refused = run_here("provision", "--config", file)
    assert refused.code == 2
    assert "provisions Grafana from this store just now: wait until it has ended" in refused.err
    assert "process " in refused.err
    after = run_here("provision", "--config", file)
    assert after.code == 1, "nobody holds it any more, but there is no Grafana"
    assert "just now" not in after.err
