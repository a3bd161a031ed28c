"""schemathesis, which reads the OpenAPI document and asks what it allows, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from collector.web.pages import PAGES
from tests.worlds.document_tools import checker, run
from tests.worlds.sizes import sample_size

pytestmark = pytest.mark.integration


def test_every_answer_is_as_described_and_none_is_a_fault(site: str, tmp_path: Path) -> None:
    """No fault, and no status, media type, header, method and content but those that the document
    names. The seed is fixed, so that a run finds what the last one found.

    Two checks do not hold, and are not promised: what is configured, such as names of
    organizations, is not in the document, so that a text may be refused; and a parameter that does
    not exist, or is empty, is as good as none."""
    found = run(
        checker("schemathesis"),
        "run",
        f"{site}/api/v1/openapi.json",
        "--phases=examples,coverage,fuzzing",
        "--checks=all",
        "--exclude-checks=negative_data_rejection,positive_data_acceptance",
        f"--max-examples={sample_size(5, 15)}",
        "--seed=13",
        "--no-shrink",
        "--continue-on-failure",
        "--request-timeout=60",
        "--warnings=off",
        f"--report-dir={tmp_path}",
        "--suppress-health-check=all",
        folder=tmp_path,  # it keeps what it found beside
    )
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
    assert f"Tested: {len(PAGES) + 1}" in found.stdout
