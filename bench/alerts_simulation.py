"""Simulates false alarms in a healthy desk's year, and how soon the rules notice a bad desk.

    python bench/alerts_simulation.py [--years 40] [--seed 1]

The desk has about 75 tickets and 150 calls on each of 250 working days, simulated by the minute.
As in Prometheus the day's counts so far are compared with the count that chance explains, with the
conditions and waiting times of the rules of config/servicedesk.yaml.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from math import sqrt
from pathlib import Path
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from collector.config.loading.load import load_settings
from collector.measuring.engine.freshness import stale_after
from collector.measuring.figures.statistics import binomial_threshold
from collector.monitoring.alerts.figure_rules import MIN_RECORDS
from collector.monitoring.alerts.model import Rule
from collector.monitoring.alerts.rules import alert_groups

BOARD = Path(__file__).parents[1] / "config" / "servicedesk.yaml"
DAYS = 250
MINUTES = 540  # 08:00 to 17:00
NEVER = 10**9
PROFILE = np.repeat([1.3, 1.5, 1.3, 1.1, 0.6, 1.0, 1.0, 0.8, 0.4], 60)  # by the hour: mornings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stream:
    """An indicator's records: how many per day, its target, and the share a healthy desk reaches.

    Shares are 0-1. ``limit``: minutes until an unanswered ticket is a miss; 0 if a record is
    decided at once. ``decided``: the share decided on the day of its arrival.
    """

    name: str
    volume: float
    target: float
    share: float
    limit: int = 0
    decided: float = 1.0


DESK = (
    Stream("answered_20s", 150, 0.70, 0.72),
    Stream("answered_60s", 150, 0.70, 0.84),
    Stream("first_line", 75, 0.45, 0.48, decided=0.6),
    Stream("urgent_response", 4, 0.90, 0.92, limit=30),
    Stream("high_response", 11, 0.85, 0.87, limit=120),
    Stream("normal_response", 52, 0.90, 0.92, limit=480),
)
"""A desk slightly better than its targets; calls answered within 20 s also count within 60 s."""


def rule(name: str, severity: str = "", of: str = "") -> Rule:
    """The first matching rule of the shipped configuration. Raises IndexError without one."""
    found = [
        each
        for group in alert_groups(load_settings(BOARD))
        for each in group.rules
        if each.name == name and severity in {"", each.severity} and of in {"", each.of}
    ]
    return found[0]


@cache
def too_many(target: float, most: int = 400) -> Floats:
    """The misses at which the rule about the day fires, by the number of records (0 to most - 1).

    ``binomial_threshold`` plus half a standard deviation, from FLOOR records on.
    """
    misses = 1 - target
    counts = [binomial_threshold(n, misses) + sqrt(n * target * misses) / 2 for n in range(most)]
    return np.array([count if n >= MIN_RECORDS else np.inf for n, count in enumerate(counts)])


def so_far(stream: Stream, share: float, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Cumulative counts of decided and missed records at each minute of a day: two arrays of shape
    (MINUTES,)."""
    opened = _arrivals(stream.volume * stream.decided, rng)
    missed = rng.random(len(opened)) >= share
    decided = opened
    if stream.limit:
        # lognormal times to the answer, of which 1 - share are over the limit
        scale = np.log(stream.limit) - 1.2 * NormalDist().inv_cdf(share)
        answered = rng.lognormal(scale, 1.2, len(opened))
        missed = answered > stream.limit
        decided = (opened + np.minimum(answered, stream.limit)).astype(np.int64)
    inside = decided < MINUTES
    counted = np.bincount(decided[inside], minlength=MINUTES)
    misses = np.bincount(decided[inside & missed], minlength=MINUTES)
    return np.cumsum(counted), np.cumsum(misses)


def _arrivals(volume: float, rng: np.random.Generator) -> Ints:
    return np.repeat(np.arange(MINUTES), rng.poisson(PROFILE * volume / PROFILE.sum()))


def fires_at(condition: NDArray[np.bool_], wait: int) -> int:
    """The first minute at which a condition has held for ``wait`` minutes; NEVER if none."""
    run = 0
    for minute, holds in enumerate(condition.tolist()):
        run = run + 1 if holds else 0
        if run > wait:
            return minute
    return NEVER


def bad_day(stream: Stream, share: float, rng: np.random.Generator) -> tuple[int, int]:
    """The minute at which the rule about the day fires, and that of a naive rule, which compares
    the share with its target from the same number of records on; NEVER if it does not."""
    n, misses = so_far(stream, share, rng)
    wait = rule_waits()
    ours = fires_at(misses >= too_many(stream.target)[n], wait)
    naive = fires_at((n >= MIN_RECORDS) & (misses > (1 - stream.target) * n), wait)
    return ours, naive


@cache
def rule_waits() -> int:
    """``for`` of the rule about the day, in minutes."""
    return rule("ServicedeskDayBelowTarget").for_seconds // 60


def alarms_a_year(
    years: int, seed: int, *, better: float = 1.0, spread: float = 0.0
) -> dict[str, tuple[float, float]]:
    """By indicator, alarms per year about a healthy desk's days: of our rule and the naive one.

    ``better`` 1: the shares of DESK; 0: exactly at target. ``spread``: the standard deviation of
    the shares of days, for days that differ by more than chance.
    """
    rng = np.random.default_rng(seed)
    found: dict[str, tuple[float, float]] = {}
    for stream in DESK:
        level = stream.target + better * (stream.share - stream.target)
        ours = naive = 0
        for _ in range(years * DAYS):
            share = min(0.99, max(0.01, rng.normal(level, spread))) if spread else level
            own_minute, naive_minute = bad_day(stream, share, rng)
            ours += own_minute != NEVER
            naive += naive_minute != NEVER
        found[stream.name] = ours / years, naive / years
    return found


def notices(days: int, seed: int, factor: float = 2.0) -> dict[str, tuple[float, float]]:
    """By indicator, for a desk that misses ``factor`` times as often as the healthy one from the
    morning on: the share (0-1) of such days that are noticed, and the median hours until then."""
    rng = np.random.default_rng(seed)
    found: dict[str, tuple[float, float]] = {}
    for stream in DESK:
        share = max(0.0, 1 - factor * (1 - stream.share))
        at = np.array([bad_day(stream, max(share, 0.01), rng)[0] for _ in range(days)])
        hours = float(np.median(at[at != NEVER])) / 60 if (at != NEVER).any() else float("nan")
        found[stream.name] = float((at != NEVER).mean()), hours
    return found


@dataclass
class Pages:
    """The numbers of pages: rightly sent, wrongly sent, and missing."""

    right: int = 0
    wrong: int = 0
    overlooked: int = 0


@dataclass(frozen=True)
class Readings:
    """Polls every minute, of up to 50 s, of a ticket system that is down for a part of the day.

    All in seconds of the day, an array with a value for each ticket: ``phase`` of the polls, and
    the outage from ``down`` until ``up``.
    """

    phase: Floats
    down: Floats
    up: Floats
    rng: np.random.Generator

    def after(self, instant: Floats) -> Floats:
        """When the first complete poll ends that begins after an instant."""
        begins, ends = self._poll(instant)
        cut = (ends > self.down) & (begins < self.up)
        return np.where(cut, self._poll(self.up)[1], ends)

    def _poll(self, instant: Floats) -> tuple[Floats, Floats]:
        begins = instant + 60 - (instant - self.phase) % 60
        return begins, begins + self.rng.uniform(1, 50, len(instant))

    def silent(self, at: Floats, limit: int) -> Floats:
        """``at``, or if the source is stale then, when it has been read again. ``limit``: seconds
        until it is stale."""
        stale = (at > self.down - 30 + limit) & (at < self.up)
        return np.where(stale, self.after(self.up), at)


def urgent_pages(years: int, seed: int, *, by_readings: bool = True) -> Pages:
    """Pages about urgent tickets, simulated by the second: polled each minute, scraped, evaluated.

    The ticket system fails as for ``outage_pages``. Wrong: the ticket was answered before its
    deadline. Overlooked: still unanswered a quarter of an hour after it, without a page.
    ``by_readings``: a deadline counts from the first poll that begins after it; otherwise by the
    clock.
    """
    rng = np.random.default_rng(seed)
    stream = next(each for each in DESK if each.name == "urgent_response")
    wakes = rule("ServicedeskResponseOverdue", "page")
    settings = load_settings(BOARD)
    limit = max(stale_after(settings, name) for name in settings.sources)
    pages = Pages()
    for _ in range(years):
        down, up = _breaks(rng)
        n = rng.poisson(stream.volume, DAYS)
        day = np.repeat(np.arange(DAYS), n)
        count = len(day)
        due = 60.0 * (480 + rng.choice(MINUTES, count, p=PROFILE / PROFILE.sum()) + stream.limit)
        scale = np.log(60 * stream.limit) - 1.2 * NormalDist().inv_cdf(stream.share)
        late = rng.lognormal(scale, 1.2, count) - 60 * stream.limit  # seconds after the deadline
        polls = Readings(rng.uniform(0, 60, count), 60.0 * down[day], 60.0 * up[day], rng)
        # a tick of the collector, and a scrape
        known = polls.after(due) if by_readings else due
        shown = known + rng.uniform(0, 15, count) + rng.uniform(0, 30, count)
        gone = polls.after(due + late) + rng.uniform(0, 15, count) + rng.uniform(0, 30, count)
        first = shown + rng.uniform(0, 30, count)  # the first evaluation that sees it
        fires = polls.silent(first + wakes.for_seconds, limit)
        woken = gone > fires
        pages.wrong += int((woken & (late < 0)).sum())
        pages.right += int((woken & (late >= 0)).sum())
        pages.overlooked += int((~woken & (late > 900)).sum())
    return pages


def _breaks(rng: np.random.Generator) -> tuple[Ints, Ints]:
    """From and until which minute of each day of a year the ticket system is down (NEVER: not at
    all): ten short breaks of up to ten minutes, and four outages of an hour."""
    down, up = np.full(DAYS, NEVER), np.full(DAYS, NEVER)
    days = rng.choice(DAYS, 14, replace=False)
    down[days] = rng.integers(480, 900, 14)
    up[days] = down[days] + np.append(rng.integers(2, 11, 10), [60] * 4)
    return down, up


def outage_pages(years: int, seed: int) -> Pages:
    """Pages about a ticket system that is down, simulated by the minute, nights included.

    There are 40 minutes of backup every night, and each year ten short breaks of up to ten minutes
    and four real outages of an hour in office hours. Wrong: a page on a day without a real outage.
    Overlooked: a real outage without a page.
    """
    rng = np.random.default_rng(seed)
    wakes = rule("ServicedeskSourceStale", "page", "tickets page")
    settings = load_settings(BOARD)
    limit = max(map(partial(stale_after, settings), settings.sources)) // 60
    pages = Pages()
    for _ in range(years):
        real = set(rng.choice(DAYS, 4, replace=False).tolist())
        short = set(rng.choice(DAYS, 10, replace=False).tolist())
        for day in range(DAYS):
            down = np.zeros(1440, dtype=np.bool_)
            down[120:160] = True
            if day in short:
                begin = int(rng.integers(480, 1000))
                down[begin : begin + int(rng.integers(2, 11))] = True
            if day in real:
                begin = int(rng.integers(480, 900))
                down[begin : begin + 60] = True
            stale = _age(down) > limit
            stale[:480] = stale[1020:] = False
            woken = fires_at(stale, wakes.for_seconds // 60) != NEVER
            pages.right += woken and day in real
            pages.wrong += woken and day not in real
            pages.overlooked += day in real and not woken
    return pages


def _age(down: NDArray[np.bool_]) -> Ints:
    """Minutes since the last minute that was not down."""
    minutes = np.arange(len(down))
    return minutes - np.maximum.accumulate(np.where(down, 0, minutes))


def _table(title: str, head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    print(f"\n{title}\n")
    for row in (list(head), *map(list, rows)):
        print("  ".join(f"{cell:>20}" for cell in row))


def main() -> None:
    """Print the tables of docs/alerts.md."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--years", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    years, seed = options.years, options.seed
    cases = (
        ("slightly better than its targets", {}),
        ("exactly at its targets", {"better": 0.0}),
        ("slightly better, days differ by 4 points", {"spread": 0.04}),
    )
    for title, how in cases:
        found = alarms_a_year(years, seed, **how)
        rows = [[name, f"{ours:.2f}", f"{naive:.0f}"] for name, (ours, naive) in found.items()]
        total = [sum(each[place] for each in found.values()) for place in (0, 1)]
        rows.append(["all", f"{total[0]:.2f}", f"{total[1]:.0f}"])
        _table(
            f"False alarms a year, a desk {title}", ("indicator", "ours", "share < target"), rows
        )
    seen = notices(years * 25, seed)
    rows = [[name, f"{100 * share:.0f} %", f"{hours:.1f}"] for name, (share, hours) in seen.items()]
    _table("A desk that misses twice as often", ("indicator", "on the first day", "after h"), rows)
    pages = {
        "urgent unanswered": urgent_pages(years, seed),
        "the same by the clock": urgent_pages(years, seed, by_readings=False),
        "source stale": outage_pages(years, seed),
    }
    rows = [
        [name, *(f"{n / years:.2f}" for n in (each.right, each.wrong, each.overlooked))]
        for name, each in pages.items()
    ]
    _table("Pages a year", ("about", "right", "wrong", "overlooked"), rows)


if __name__ == "__main__":
    main()
