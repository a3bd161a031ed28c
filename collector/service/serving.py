"""Serves the pages and metrics of a running service, from start to signal."""

from __future__ import annotations

import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType

import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette

from collector.config.loading.load import load_settings
from collector.io.clock import now
from collector.measuring.engine.definition_guard import register
from collector.monitoring.metrics.collector import metrics_registry
from collector.service.leading import LeaseKeeper
from collector.service.listener import listen
from collector.service.service import Service
from collector.store import Store
from collector.web.app import build_app
from collector.web.desk import Desk
from collector.web.hooks import Hooks
from collector.web.pages import refused
from collector.web.poll_now import poll_route

log = logging.getLogger(__name__)


def serve(file: Path, *, restate: bool = False, commit: bool = False, create: bool = False) -> None:
    """Run with a configuration file until SIGTERM or SIGINT, then finish the open pages and return.

    Raises FaultyFile, StoreError, CannotListen, and PastEdited unless ``restate`` is set.
    ``commit``: see ``register``; ``create``: see ``Store.open``.
    """
    settings = load_settings(file)
    with (
        closing(listen(settings.server.host, settings.server.port)) as listener,
        Store.open(settings.store, settings.store_password, create=create) as store,
    ):
        store.remember()
        store.check_quickly()
        register(settings, store, now(), restate=restate, commit=commit)
        host, port = listener.getsockname()[:2]
        log.info("serving http://%s:%d/metrics; %d sources", host, port, len(settings.sources))
        with LeaseKeeper(store) as leading:
            service = Service(settings, store, leading=leading)
            service.reread = lambda: load_settings(file)
            serve_until_stopped(service, listener)
    log.info("stopped")


def web_app(service: Service, metrics: CollectorRegistry) -> Starlette:
    """Return the web application of a service, including its metrics."""

    def desk() -> Desk:
        live, readings = service.live, service.readings.current()
        beside = readings, service.queues.current(), service.health()
        return Desk(live.measuring, service.clock(), service.snapshot(), live, *beside)

    asked = poll_route(lambda: service.settings, service.ask_for_poll, refused(desk))
    hooks = Hooks(service.settings.sources, service.hear, service.counters.add_hook)
    return build_app(desk, metrics, service.waiting_for, hooks.route(), asked)


def serve_until_stopped(
    service: Service, listener: socket.socket, on_start: Callable[[], None] = lambda: None
) -> None:
    """Serve on a bound socket until SIGTERM or SIGINT, then stop the service."""
    metrics = metrics_registry(
        service.settings, service.snapshot, service.counters, service.health, service.queues.current
    )
    app = web_app(service, metrics)
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, log_level="warning", timeout_graceful_shutdown=5)
    )

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        # uvicorn passes the signal on only after closing; set this at once so that drains stop too.
        service.ask_to_stop()
        server.should_exit = True

    before = {each: signal.signal(each, ask_to_stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        service.start()
        on_start()
        server.run(sockets=[listener])
    finally:
        if not service.stop():
            log.error("stopped without waiting any longer for what still runs")
            logging.shutdown()
            os._exit(1)  # leaving in order would wait for it; what is not committed is not stored
        for each, handler in before.items():
            signal.signal(each, handler)
