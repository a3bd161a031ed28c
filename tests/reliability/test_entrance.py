"""Two processes, the service and its entrance: neither looks alive when the other is not."""

import asyncio
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from collector.web.entrance import held
from collector.web.entrance.held import Answer, Held, Question
from collector.web.entrance.lines import NoAnswer
from collector.web.lanes import METRICS
from tests.worlds.processes import get, running, value_of


def refused(address):
    host, port = address.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=60).close()
    except (ConnectionRefusedError, ConnectionResetError):
        return True
    return False


def entrance_of(process):
    number = process._process.pid
    found = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return int(found[0]) if found else None


def test_a_service_that_stops_is_not_taken_for_one_that_lives(polled: Path):
    with running(["run"], polled) as process:
        address, entrance = process.address(), entrance_of(process)
        assert value_of(get(address + "/metrics")[1], "process_start_time_seconds")

        process.signal(signal.SIGSTOP)
        begun = time.monotonic()
        for path in ("/healthz", "/readyz"):
            status, text = get(address + path)
            assert (status, "does not answer" in text or "has not answered" in text) == (503, True)
        process.until("old figures to be gone", lambda: get(address + "/metrics")[0] == 503)
        assert time.monotonic() - begun < 60
        assert "# TYPE" not in get(address + "/metrics")[1]
        process.signal(signal.SIGCONT)
        process.until("figures", lambda: get(address + "/metrics")[0] == 200)
        assert get(address + "/healthz") == (200, "alive\n")

        os.kill(entrance, signal.SIGKILL)
        process.until("another", lambda: entrance_of(process) not in (None, entrance))
        assert get(address + "/healthz") == (200, "alive\n")

        process.signal(signal.SIGKILL)
        process.until("the end of both", lambda: refused(address), running=False)
        process.wait()  # also for whoever still writes to its log
    assert "Traceback" not in process.log
    assert process.log.count("the entrance has ended (signal 9)") == 1


def test_ctrl_c_reaches_both_and_both_end_in_order(polled: Path):
    with running(["run"], polled) as process:
        process.address()
        os.kill(entrance_of(process), signal.SIGINT)
        assert process.end(signal.SIGINT) == 0
    assert "Traceback" not in process.log
    assert "entrance" not in process.log
    assert process.lines[-1].endswith("stopped\n")


class Service:
    """Answers with how many times it was asked; where ``fails``, not at all."""

    def __init__(self):
        self.asked = 0
        self.fails = False

    async def __call__(self):
        self.asked += 1
        if self.fails:
            raise NoAnswer
        return Answer(200, [], b"%d" % self.asked, asyncio.get_running_loop().time())


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(held, "REFRESH", 0.02)
    monkeypatch.setattr(held, "PATIENCE", 0.2)


def run(scenario):
    """In a thread: tests in a browser leave an event loop to their own."""
    with ThreadPoolExecutor() as thread:
        thread.submit(asyncio.run, scenario).result()


def test_figures_are_held_and_asked_for_while_somebody_wants_them(quick):
    async def scenario():
        service = Service()
        question = Question(service, oldest=60, wanted=0.1)
        answers = await asyncio.gather(*(question.answer() for _ in range(50)))
        assert {each.body for each in answers} == {b"1"}, "asked once"
        while (await question.answer()).body == b"1":
            await asyncio.sleep(0.001)
        before = service.asked
        await asyncio.sleep(0.5)
        after = service.asked
        assert after < before + 20, "no more once nobody wants them"
        await asyncio.sleep(0.1)
        assert service.asked == after
        assert (await question.answer()).body == b"%d" % (after + 1), "nothing old is held"

    run(scenario())


def test_old_figures_are_not_told(quick):
    async def scenario():
        service = Service()
        question = Question(service, oldest=0.3, wanted=60)
        first = await question.answer()
        service.fails = True
        begun = asyncio.get_running_loop().time()
        while (last := await question.answer()) is not None:
            assert asyncio.get_running_loop().time() - last.asked < 0.3 + 1
            await asyncio.sleep(0.005)
        assert asyncio.get_running_loop().time() - begun < 30
        service.fails = False
        while (answer := await question.answer()) is None:
            await asyncio.sleep(0.005)
        assert int(answer.body) > int(first.body)

    run(scenario())


def test_figures_do_not_contradict_what_health_has_told(quick):
    async def scenario():
        question = Question(Service(), oldest=60, wanted=60)
        for _ in range(3):
            since = asyncio.get_running_loop().time()
            assert (await question.answer(since)).asked > since

    run(scenario())


def test_reasons_for_not_being_ready_are_no_other_state_of_health(monkeypatch):
    """Whoever is let in hears them, nobody else; figures are held all the same."""
    monkeypatch.setattr(held, "REFRESH", 60)
    monkeypatch.setattr(held, "PATIENCE", 0.5)
    service = Service()

    async def asked(_, path, __, ___, anonymous):
        figures = path == METRICS
        return await service() if figures else Answer(503, [], b"%d" % anonymous, 1.0)

    monkeypatch.setattr(held, "_asked", asked)

    async def scenario():
        told = []

        async def send(message):
            told.append(message)

        async def get(path, anonymous=False):
            scope = {"type": "http", "method": "GET", "path": path}
            scope |= {"headers": [], "anonymous": anonymous}
            await answering(scope, None, send)
            return told[-2]["status"], told[-1]["body"]

        answering = Held(None, None)
        assert await get("/readyz") == (503, b"0")
        assert await get(METRICS) == (200, b"1")
        assert await get("/readyz", anonymous=True) == (503, b"1")
        assert await get(METRICS) == (200, b"1")

    run(scenario())


def test_a_service_that_hangs_is_waited_for_a_while_and_no_longer(quick):
    async def scenario():
        async def hangs():
            await asyncio.Event().wait()

        assert await Question(hangs).answer() is None

    run(scenario())


def test_health_is_asked_each_time_and_once_for_all_who_ask_together(quick):
    async def scenario():
        service = Service()
        question = Question(service)
        for number in range(1, 4):
            answers = await asyncio.gather(*(question.answer() for _ in range(9)))
            assert {each.body for each in answers} == {b"%d" % number}

    run(scenario())
