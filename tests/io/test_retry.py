"""Trying again: how often, after which pauses, and what ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from collector.io.errors import SourceError, UserFacingError
from collector.io.retry import Retry


class Work:
    """Fails as told, then succeeds."""

    def __init__(self, *errors: UserFacingError) -> None:
        self.errors = list(errors)
        self.tries = 0

    def __call__(self) -> str:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        return "done"


def passing() -> SourceError:
    return SourceError("not now")


def doubling(failures: int, _: UserFacingError) -> float:
    return 2.0**failures


@pytest.fixture
def waits() -> list[float]:
    return []


def sleeping(waits: list[float], *, stops: bool = False) -> Callable[[float], bool]:
    def sleep(seconds: float) -> bool:
        waits.append(seconds)
        return stops

    return sleep


def test_it_tries_until_it_succeeds(waits: list[float]) -> None:
    work = Work(passing(), passing())
    retry = Retry(3, doubling, sleeping(waits))
    assert retry.run(work) == "done"
    assert (work.tries, retry.failures, waits) == (3, 2, [2, 4])


def test_the_last_error_is_raised_without_a_pause_behind_it(waits: list[float]) -> None:
    last = passing()
    retry = Retry(2, doubling, sleeping(waits))
    with pytest.raises(SourceError) as caught:
        retry.run(Work(passing(), last))
    assert caught.value is last
    assert (retry.failures, waits) == (2, [2])


def test_a_permanent_error_ends_it(waits: list[float]) -> None:
    work = Work(SourceError("never", permanent=True))
    with pytest.raises(SourceError, match="never"):
        Retry(5, doubling, sleeping(waits)).run(work)
    assert (work.tries, waits) == (1, [])


def test_no_pause_and_a_stop_give_up(waits: list[float]) -> None:
    for pause, stops in ((lambda *_: None, False), (doubling, True)):
        work = Work(passing())
        with pytest.raises(SourceError):
            Retry(5, pause, sleeping(waits, stops=stops)).run(work)
        assert work.tries == 1
    assert waits == [2]


def test_a_fault_of_the_program_is_not_tried_again(waits: list[float]) -> None:
    work = Work(ZeroDivisionError())  # type: ignore[arg-type]
    with pytest.raises(ZeroDivisionError):
        Retry(5, doubling, sleeping(waits)).run(work)
    assert work.tries == 1
