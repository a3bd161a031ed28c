"""How long /metrics takes while 2,000 connections are silent and 60 readers ask for pages.

Prints, as ratios to the same service when nobody else asks: the 50th and 99th percentile of a
scrape, and the memory of both processes. The goals: 3 times, and 1.5 times.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import select
import socket
import statistics
import tempfile
import threading
import time
from pathlib import Path

import requests
from measuring import NOW, fill, settings

from collector.service.entrance import Entrance
from collector.service.listener import listen
from collector.service.service import Service
from collector.service.serving import serve_until_stopped
from collector.store import Store

SCRAPES = 150
PAUSE = 0.02
SILENT = 2000
READERS = 60
PAGES = ("/indicator/normal_response?period=year", "/", "/open", "/calls")


def serve(file: Path, told: multiprocessing.connection.Connection) -> None:
    """Run the service on a store until it is told to stop."""
    os.environ.setdefault("TZ", "Europe/Stockholm")
    configured = settings(file)
    listener = listen("127.0.0.1", 0)
    with Store.open(configured.store) as store:
        service = Service(configured, store, clock=lambda: NOW)
        service.measure()
        service.look_back()
        listener.listen()  # who comes before the server waits
        told.send(listener.getsockname()[1])
        with Entrance(listener) as entrance:
            serve_until_stopped(service, entrance)


def be_silent(port: int) -> None:
    """Hold connections open, and open others in the place of those that are ended."""
    held: dict[int, socket.socket] = {}
    while True:
        while len(held) < SILENT:
            try:
                made = socket.create_connection(("127.0.0.1", port), timeout=5)
            except OSError:
                time.sleep(0.05)
                continue
            held[made.fileno()] = made
        poll = select.poll()
        for number in held:
            poll.register(number, select.POLLIN)
        for number, _ in poll.poll(200):
            held.pop(number).close()


def read_pages(port: int) -> None:
    """Ask for pages, as many readers at once."""

    def ask(first: int) -> None:
        number = first
        with requests.Session() as session:
            while True:
                number += 1
                try:
                    found = session.get(
                        f"http://127.0.0.1:{port}{PAGES[number % len(PAGES)]}", timeout=60
                    )
                    if found.status_code == 503:
                        time.sleep(float(found.headers["Retry-After"]))
                except requests.RequestException:
                    time.sleep(0.05)

    threads = [threading.Thread(target=ask, args=[n], daemon=True) for n in range(READERS)]
    for each in threads:
        each.start()
    threads[0].join()


def scraped(port: int) -> tuple[float, float]:
    """The 50th and 99th percentile of the seconds that a scrape takes, each by a new connection."""
    found = []
    for _ in range(SCRAPES):
        began = time.perf_counter()
        answer = requests.get(f"http://127.0.0.1:{port}/metrics", timeout=60)
        found.append(time.perf_counter() - began)
        assert answer.status_code == 200
        time.sleep(PAUSE)
    return statistics.median(found), sorted(found)[int(SCRAPES * 0.99)]


def memory(process: int) -> float:
    """Megabytes that a process holds, with those it has started: the entrance."""
    folder = Path(f"/proc/{process}")
    pages = int((folder / "statm").read_text().split()[1])
    children = (folder / f"task/{process}/children").read_text().split()
    own = pages * resource.getpagesize() / 1_000_000
    return own + sum(memory(int(each)) for each in children)


def main() -> None:
    """Print two lines of figures and their ratios."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--size", type=int, default=20_000)
    given = arguments.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "store.sqlite"
        fill(file, given.size)
        ours, theirs = spawn.Pipe(duplex=False)
        server = spawn.Process(target=serve, args=(file, theirs), daemon=True)
        server.start()
        port = ours.recv()
        for page in PAGES * 2:
            requests.get(f"http://127.0.0.1:{port}{page}", timeout=60)
        quiet, before = scraped(port), memory(server.pid)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 10_000), most))  # of the silent ones
        crowd = [
            spawn.Process(target=each, args=[port], daemon=True) for each in (be_silent, read_pages)
        ]
        for each in crowd:
            each.start()
        time.sleep(5)
        loud = scraped(port)
        after = memory(server.pid)
        for each in crowd:
            each.terminate()
        server.terminate()
        server.join()
    print(f"quiet:   p50 {quiet[0] * 1e3:6.1f} ms  p99 {quiet[1] * 1e3:6.1f} ms  {before:6.0f} MB")
    print(f"crowded: p50 {loud[0] * 1e3:6.1f} ms  p99 {loud[1] * 1e3:6.1f} ms  {after:6.0f} MB")
    ratios = loud[0] / quiet[0], loud[1] / quiet[1], after / before
    print("ratio:   p50 {:6.1f}      p99 {:6.1f}      {:6.2f}".format(*ratios))


if __name__ == "__main__":
    main()
