"""Serves the pages and metrics of a running service, from start to signal."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from types import FrameType

from starlette.applications import Starlette

from collector.config.loading.load import load_settings
from collector.io.clock import now
from collector.measuring.engine.definition_guard import register
from collector.monitoring.metrics.collector import DeskCollector
from collector.monitoring.metrics.exposition import Exposition
from collector.service.entrance import BehindEntrance, Entrance
from collector.service.leading import LeaseKeeper
from collector.service.listener import listen
from collector.service.reload import ServiceInForce
from collector.service.service import Service
from collector.store import Store
from collector.web.app import build_app
from collector.web.desk import Desk
from collector.web.hooks import Hooks
from collector.web.pages import refused
from collector.web.poll_now import poll_route
from collector.web.web_file import WebFileInForce

log = logging.getLogger(__name__)


def serve(file: Path, *, restate: bool = False, commit: bool = False, create: bool = False) -> None:
    """Run with a configuration file until SIGTERM or SIGINT, then finish the open pages and return.

    Raises FaultyFile, StoreError, CannotListen, and PastEdited unless ``restate`` is set.
    ``commit``: see ``register``; ``create``: see ``Store.open``.
    """
    settings = load_settings(file)
    web_config = settings.server.web_config
    web_file = WebFileInForce(None if web_config is None else Path(web_config))
    with (
        closing(listen(settings.server.host, settings.server.port)) as listener,
        Entrance(listener) as entrance,  # starts while the store is opened
        Store.open(settings.store, settings.store_password, create=create) as store,
    ):
        store.remember()
        store.check_quickly()
        register(settings, store, now(), restate=restate, commit=commit)
        host, port = listener.getsockname()[:2]
        scheme, number = "https" if web_file.uses_tls else "http", len(settings.sources)
        log.info("serving %s://%s:%d/metrics; %d sources", scheme, host, port, number)
        with LeaseKeeper(store) as leading:
            service = Service(settings, store, leading=leading)
            service.reread = lambda: load_settings(file)
            serve_until_stopped(service, entrance, file=file)
    log.info("stopped")


def web_app(service: Service) -> Starlette:
    """Return the web application of a service, including its metrics, as its entrance sees it."""

    def desk() -> Desk:
        live, readings = service.live, service.readings.current()
        beside = readings, service.queues.current(), service.health()
        return Desk(live.measuring, service.clock(), service.snapshot(), live, *beside)

    metrics = DeskCollector(
        service.settings, service.snapshot, service.counters, service.health, service.queues.current
    )
    asked = poll_route(lambda: service.settings, service.ask_for_poll, refused(desk))
    hooks = Hooks(service.settings.sources, service.hear, service.counters.add_hook)
    return build_app(
        desk,
        Exposition(metrics),
        service.waiting_for,
        hooks.route(),
        asked,
    )


def serve_until_stopped(
    service: Service,
    entrance: Entrance,
    on_start: Callable[[], None] = lambda: None,
    file: Path | None = None,
) -> None:
    """Serve behind an entrance until SIGTERM or SIGINT, then stop the service. ``file``: the
    configuration to read again on SIGHUP."""
    in_force = ServiceInForce(service, web_app)
    server = BehindEntrance(in_force, entrance, service.settings.server)
    hung_up = Event()

    def ask_to_stop(sent: int, _frame: FrameType | None) -> None:
        in_force.service.ask_to_stop()  # at once, so that drains stop beside the server
        server.handle_exit(sent, None)

    def hang_up(_signal: int, _frame: FrameType | None) -> None:
        hung_up.set()

    def follow() -> None:
        while True:
            hung_up.wait()
            hung_up.clear()
            if file is not None:
                in_force.reload(file, server.follow)

    handlers = {signal.SIGTERM: ask_to_stop, signal.SIGINT: ask_to_stop, signal.SIGHUP: hang_up}
    before = {each: signal.signal(each, handler) for each, handler in handlers.items()}
    Thread(target=follow, daemon=True, name="reload").start()
    try:
        service.start()
        service.counters.reloaded(service.clock())
        on_start()
        server.run()
    finally:
        if not in_force.stop():
            log.error("stopped without waiting any longer for what still runs")
            logging.shutdown()
            os._exit(1)  # leaving in order would wait for it; what is not committed is not stored
        for each, handler in before.items():
            signal.signal(each, handler)
