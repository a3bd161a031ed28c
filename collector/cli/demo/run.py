"""Implements ``demo``: runs the whole service against a simulated desk and telephone system.

The collector reads them through the same sources as in production: a Request Tracker over HTTP
and a queue_log on disk. Simulated time starts now (or in the next office hours, so that there is
traffic at once) and runs faster than real time. At real speed it is the real time, day and night.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread, Timer
from typing import Any

import uvicorn
from rich.console import Console

from collector.cli.arguments import parse_instant
from collector.cli.demo.first_screen import ROOM_FOR_ALL, print_measured, ways_on
from collector.cli.demo.hours import ZONE
from collector.cli.demo.queue_log import QueueLogModel
from collector.cli.demo.request_tracker import request_tracker_app
from collector.cli.demo.settings import CONFIGURATION, board_file, demo_settings
from collector.cli.demo.tickets import DeskModel
from collector.cli.tables.forecasts import print_forecasts
from collector.cli.tables.layout import console
from collector.config.calendars import build_calendar
from collector.config.loading.load import load_settings
from collector.config.settings import Settings
from collector.io.clock import now
from collector.io.progress import progress
from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.measuring.engine.live import LiveSnapshot
from collector.model.bilingual import Language
from collector.model.page import Page
from collector.model.periods import parse_period
from collector.service.drain import drain
from collector.service.entrance import Entrance
from collector.service.listener import listen
from collector.service.poll import build_source
from collector.service.service import Service
from collector.service.serving import serve_until_stopped
from collector.store import Store
from collector.text.dates import local_times
from collector.text.period_names import RUNNING

_DAY = 86_400
_STATUS_EVERY = 10.0
_WRITE_EVERY = 0.5


class SimulatedClock:
    """A clock that stands at ``start`` (epoch seconds) until :meth:`run`, then runs ``speed`` times
    as fast as real time. ``follows``: it then starts at the real time if that is later."""

    def __init__(self, start: int, speed: int, *, follows: bool = False) -> None:
        self._start: float = start
        self.speed = speed
        self._follows = follows
        self._began: float | None = None

    def run(self) -> None:
        """Start the clock."""
        if self._follows:  # generating the history took a while
            self._start = max(self._start, time.time())
        self._began = time.monotonic()

    def __call__(self) -> float:
        if self._began is None:
            return self._start
        return self._start + (time.monotonic() - self._began) * self.speed

    def seconds(self) -> int:
        """The simulated time in whole epoch seconds."""
        return int(self())


def run_demo(
    *,
    host: str = "127.0.0.1",
    port: int,
    seed: int,
    speed: int,
    seconds: int | None,
    months: int,
    start: str | None,
    language: Language,
) -> None:
    """Simulate, poll, measure, print and serve until stopped, or for ``seconds``.

    The same ``seed``, ``months`` and ``start`` (ISO 8601; None: see :func:`simulated_start`) give
    the same history. Raises WrongInput when ``start`` cannot be read, CannotListen when the address
    is taken, StoreError when the store fails.
    """
    given = None if start is None else parse_instant(start, ZONE)
    for name in ("collector.service", "collector.snapshot"):
        logging.getLogger(name).setLevel(logging.WARNING)
    out = console(120)
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        begin = simulated_start(speed, now()) if given is None else given
        clock = SimulatedClock(begin, speed, follows=given is None and speed == 1)
        _demo(host, port, seed, speed, seconds, months, begin, clock, language, out)
    except KeyboardInterrupt:  # before serving began
        out.print("stopped; all files of the demo have been removed")
    finally:
        signal.signal(signal.SIGTERM, before)


def simulated_start(speed: int, at: int) -> int:
    """The simulated time to start at when it is ``at`` (epoch seconds): the same at real speed, so
    that a Prometheus next to the demo sees true ages; otherwise :func:`next_office_time`."""
    return at if speed == 1 else next_office_time(at)


def next_office_time(at: int) -> int:
    """``at`` (epoch seconds) within the board's office hours, otherwise half an hour into the next
    ones."""
    office = build_calendar(load_settings(board_file()).calendars["office"])
    return at if office.is_open(at) else int(office.add(at, 1)) - 1 + 1800


def _demo(
    host: str,
    port: int,
    seed: int,
    speed: int,
    seconds: int | None,
    months: int,
    start: int,
    clock: SimulatedClock,
    language: Language,
    out: Console,
) -> None:
    with (
        TemporaryDirectory(prefix="servicedesk-kpi-") as folder,
        closing(listen(host, port, "with --port")) as listener,
        Entrance(listener) as entrance,
    ):
        shown, bound = listener.getsockname()[:2]
        out.print(f"http://{shown}:{bound}/", markup=False)
        out.print(
            "  the board opens there once its history has been read, in about a minute", style="dim"
        )
        out.print(
            f"[bold]Servicedesk KPI demo[/]: a simulated desk, {months} months of history, then "
            f"traffic at {speed} times real speed (seed {seed})"
        )
        with simulated_systems(
            Path(folder), clock, start, months, seed, out, language
        ) as source_keys:
            settings = demo_settings(Path(folder), source_keys, start, language)
            with Store.open(settings.store) as store:
                _run(settings, store, clock, entrance, out, seconds, language, Path(folder))
    out.print("stopped; all files of the demo have been removed")


@contextmanager
def simulated_systems(
    folder: Path,
    clock: SimulatedClock,
    start: int,
    months: int,
    seed: int,
    out: Console,
    language: Language,
) -> Iterator[dict[str, dict[str, Any]]]:
    """Runs a ticket and a telephone system with ``months`` of 30 days of history before ``start``
    (epoch seconds); yields source name → its connection settings."""
    began = start - months * 30 * _DAY - 5 * _DAY
    token = secrets.token_hex(16)
    (folder / "token").write_text(token)
    log = folder / "queue_log"
    with progress("generating history") as report:
        desk = DeskModel(seed, began, start, english=language == "en")
        report(0.5)
        phone = QueueLogModel(seed, began, log)
        phone.advance(start)
        report(1.0)
    out.print(
        f"  generated {len(desk.tickets)} tickets with {len(desk.transactions)} transactions, "
        f"and queue logs of {sum(f.stat().st_size for f in folder.glob('queue_log*')) // 1024} KiB"
    )
    with (
        _serving(desk, clock, token) as address,
        _repeating(lambda: phone.advance(clock.seconds()), _WRITE_EVERY),
    ):
        out.print(f"  ticket system (Request Tracker, simulated) at {address}", markup=False)
        out.print(f"  telephone system (Asterisk queue_log) at {log}", markup=False)
        yield {
            "desk": {"url": address, "token": f"file:{folder / 'token'}", "comments": True},
            "phone": {"path": f"{log}*"},
        }


def _run(
    settings: Settings,
    store: Store,
    clock: SimulatedClock,
    entrance: Entrance,
    out: Console,
    seconds: int | None,
    language: Language,
    folder: Path,
) -> None:
    for name in settings.sources:
        _first_poll(settings, store, name, clock, out)
    service = Service(settings, store, clock.seconds, tick=1, frozen=FROZEN_AFTER * clock.speed)
    with progress("measuring") as report:
        service.live.refresh(clock.seconds(), report)
        service.look_back()
    host, port = entrance.listener.getsockname()[:2]
    address = f"http://{host}:{port}"
    _show(service, clock.seconds(), out, language)
    for line in ways_on(address, folder / CONFIGURATION):
        out.print(line, markup=False, soft_wrap=True)
    stop_by_itself = (
        Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGTERM)) if seconds else None
    )
    when = local_times(settings.timezone, locale=settings.locale)

    def begin() -> None:
        clock.run()
        if stop_by_itself:
            stop_by_itself.daemon = True
            stop_by_itself.start()

    def print_status() -> None:
        if service.live.snapshot:
            try:
                out.print(_line(service.live.snapshot, when), markup=False)
            except BrokenPipeError:  # the reader of our output is gone
                os.kill(os.getpid(), signal.SIGTERM)

    with _repeating(print_status, _STATUS_EVERY):
        serve_until_stopped(service, entrance, begin)
    if stop_by_itself:
        stop_by_itself.cancel()
    out.print()
    _show(service, clock.seconds(), out, language)


def _first_poll(
    settings: Settings, store: Store, name: str, clock: SimulatedClock, out: Console
) -> None:
    done, began = 0, time.monotonic()
    with progress(f"polling {name}", "records") as report:

        def on_page(page: Page, _: int) -> None:
            nonlocal done
            done += len(page.records)
            report(page.progress, done)

        result = drain(build_source(settings, name), store, clock=clock.seconds, on_page=on_page)
    passed = time.monotonic() - began
    outcome = "" if result.ok else f"; failed: {result.error}"
    out.print(f"  polled {name}: {result.records} records in {passed:.1f} s{outcome}", markup=False)


def _show(service: Service, at: int, out: Console, language: Language) -> None:
    """Print the year to date for the whole desk: with forecasts, or on a narrow terminal what is
    measured, so that it fits on the first screen."""
    service.measure()
    snapshot = service.live.snapshot
    assert snapshot is not None
    today = service.live.measuring.today(at)
    name = parse_period("year_to_date", today).name
    figures = [f for f in snapshot.figures if f.period.name == name and f.organization is None]
    when = local_times(service.settings.timezone)
    out.print()
    heading = f"{RUNNING['year_to_date'][language]}, simulated time {when(at)}"
    out.print(f"[italic]{heading}[/]")
    if out.width < ROOM_FOR_ALL:
        print_measured(figures, language, out)
    else:
        print_forecasts(figures, language, out)


def _line(snapshot: LiveSnapshot, when: Callable[[int], str]) -> str:
    tickets = sum(each.open for each in snapshot.open_work.tickets.values())
    overdue = sum(each.overdue for each in snapshot.open_work.tickets.values())
    today = {
        f.indicator: f
        for f in snapshot.figures
        if f.period.name == "today" and f.organization is None
    }
    calls = today["answered_20s"]
    return (
        f"  {when(snapshot.now)}  open {tickets}, overdue {overdue}; today: "
        f"tickets {today['first_line'].eligible + today['first_line'].pending}, "
        f"calls {calls.eligible + calls.pending}, answered within 20 s {calls.good}"
    )


@contextmanager
def _serving(desk: DeskModel, clock: SimulatedClock, token: str) -> Iterator[str]:
    """Serves the simulated Request Tracker on a free loopback port; yields its address."""
    # The client compares clocks with this machine's: by a simulated one nothing would be frozen.
    app = request_tracker_app(desk, clock, token=token, comments=desk.queues, dated=False)
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def _repeating(act: Callable[[], None], seconds: float) -> Iterator[None]:
    """Calls ``act`` every ``seconds`` in a background thread, until the block is left."""
    ended = Event()

    def loop() -> None:
        while not ended.wait(seconds):
            act()

    thread = Thread(target=loop, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
