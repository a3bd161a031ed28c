"""Runs eark-validator without the network: it asks for vocabularies that it brings itself."""

import importlib.util
import urllib.request
from pathlib import Path

found = importlib.util.find_spec("eark_validator")
assert found is not None
assert found.origin is not None
VOCABULARIES = Path(found.origin).parent / "ipxml" / "resources" / "vocabs"


def packaged(url):
    return (VOCABULARIES / url.rpartition("/")[2]).read_bytes().splitlines(keepends=True)


urllib.request.urlopen = packaged
from eark_validator.cli.app import main  # noqa: E402

main()
