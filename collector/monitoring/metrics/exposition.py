"""What /metrics answers: the desk's metrics, encoded once for each published state."""

from __future__ import annotations

import gzip
from threading import Lock

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from collector.monitoring.metrics.collector import DeskCollector

_END = b"# EOF\n"
"""The last line of an exposition in the form of OpenMetrics."""

_LEVEL = 1
"""Of gzip: the text repeats itself so much that a higher level wins little."""


class Exposition:
    """The metrics of the desk and those of the process, as bytes.

    A scrape of a state that was published before costs what the process's own few metrics cost.
    """

    def __init__(self, desk: DeskCollector) -> None:
        """``desk``: gives its metrics, and the state that they are made of."""
        self._desk = desk
        self._registry = CollectorRegistry()
        self._registry.register(desk)
        self._process = CollectorRegistry()
        ProcessCollector(registry=self._process)
        PlatformCollector(registry=self._process)
        self._lock = Lock()
        self._snapshot: object = None
        self._rest: object = None
        self._encoded: dict[tuple[str, bool], bytes] = {}

    def encode(self, accept: str, *, compress: bool) -> tuple[bytes, str]:
        """Return the body and its media type. ``accept``: that header of the request."""
        encoder, media_type = choose_encoder(accept)
        with self._lock:
            snapshot, rest = self._desk.state()
            if snapshot is not self._snapshot or rest != self._rest:
                self._snapshot, self._rest, self._encoded = snapshot, rest, {}
            key = media_type, compress
            if key not in self._encoded:
                text = encoder(self._registry).removesuffix(_END)
                self._encoded[key] = gzip.compress(text, _LEVEL) if compress else text
            first = self._encoded[key]
        own = encoder(self._process)
        return first + (gzip.compress(own, _LEVEL) if compress else own), media_type
