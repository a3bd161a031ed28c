"""The scheduler: APScheduler's, but with a plan that no change of the machine's clock can move."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

STEP = 1.0
"""Seconds by which the clock must differ from monotonic time, since the last look, to have been
set. Looks are seconds apart, within which a clock that is only slewed differs by milliseconds."""


_LOGGER = logging.getLogger("apscheduler.scheduler")
_LOGGER.addFilter(lambda record: not str(record.msg).startswith("Execution of job"))
"""Overlaps are told by whoever counts them, once, and not each time."""


class SteadyScheduler(BackgroundScheduler):  # type: ignore[misc] # the library has no types
    """Runs jobs at intervals of monotonic time.

    APScheduler keeps for each job when it is due by the clock. Set back by an hour, nothing is due
    for an hour; set forward by a month, each job is due thousands of times. So at every look at the
    plan, and a job that is due lets it look, all jobs are moved by what the clock was set.
    """

    def __init__(self, workers: int, on_step: Callable[[float], None]) -> None:
        """``on_step`` gets the seconds by which the clock was set: below 0 if back."""
        super().__init__(
            logger=_LOGGER,
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(workers)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._on_step = on_step
        self._offset = _offset()

    def at_once(self, job: str) -> None:
        """Make a job due now. Raises JobLookupError if there is none of that name."""
        with self._jobstores_lock:  # the plan follows the clock before this job is put into it
            self._follow()
            self.modify_job(job, next_run_time=datetime.now(UTC))

    def stop(self, seconds: float) -> bool:
        """Start no more jobs and wait so long for those that run; return whether all ended."""
        ending = Thread(target=self.shutdown, daemon=True)
        ending.start()
        ending.join(seconds)
        return not ending.is_alive()

    def _process_jobs(self) -> Any:
        with self._jobstores_lock:
            self._follow()
        return super()._process_jobs()

    def _follow(self) -> None:
        offset = _offset()
        step, self._offset = offset - self._offset, offset
        if abs(step) < STEP:
            return
        for job in self.get_jobs():
            if job.next_run_time is not None:
                job.modify(next_run_time=job.next_run_time + timedelta(seconds=step))
        self._on_step(step)


def _offset() -> float:
    """Return the seconds by which the clock is ahead of monotonic time."""
    return time.time() - time.monotonic()
