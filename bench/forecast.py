"""Tests year-end forecasts and their 80 % intervals on simulated desks and on a real one.

    python bench/forecast.py [--desks 8] [--years 5] [--seed 1]

Every forecast is made from the months before it alone, after months 1–11 of each year. Simulated
desks have 20, 200 or 2,000 records a month and five shares of KINDS, which drift, swing with the
season and vary together. The real desk is ../shared/data/helpdesk_monthly.csv; without the file it
is left out. Errors are mean absolute ones in percentage points.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from collector.measuring.figures.backtest import BacktestRow, BacktestSeries, backtest
from collector.measuring.figures.forecast import HALF_WIDTH, YEAR, Months

Floats = NDArray[np.float64]
REAL = Path(__file__).parents[2] / "shared" / "data" / "helpdesk_monthly.csv"
REAL_BREAK = 32  # its closing rule changed in September of the third year
SIZES = (20, 200, 2000)
SHARES = 5


class Kind(NamedTuple):
    """How a desk's shares vary, in standard deviations of their logits: a noise of which half
    lasts until the next month, the season, the step of a drift from month to month, and the jumps
    that come every other year."""

    noise: float
    season: float
    drift: float
    jump: float


KINDS = {
    "calm": Kind(0.1, 0.05, 0.0, 0.0),
    "seasonal": Kind(0.15, 0.3, 0.03, 0.0),
    "drifting": Kind(0.15, 0.15, 0.08, 0.0),
    "changing": Kind(0.15, 0.15, 0.03, 0.5),
    "noisy": Kind(0.4, 0.1, 0.04, 0.0),
}


@dataclass(frozen=True)
class Row:
    """A forecast of one desk, and the errors of the simple ones made at the same time (0–1)."""

    desk: str
    made: BacktestRow
    seasonal: float
    holt_winters: float

    @property
    def year(self) -> int:
        """The year of the desk's history, from 1 on."""
        return self.made.year // YEAR + 1


def simulated(rng: np.random.Generator, size: int, kind: Kind, years: int) -> dict[str, Months]:
    """The months of a desk's shares; ``size``: records a month."""
    months = np.arange(YEAR * years)

    def swings() -> Floats:
        steps = rng.normal(size=len(months) + 1)
        for i in range(1, len(steps)):
            steps[i] = steps[i - 1] / 2 + steps[i] * np.sqrt(3 / 4)
        season = np.sin((months + rng.uniform(0, YEAR)) * 2 * np.pi / YEAR) * np.sqrt(2)
        drift = np.cumsum(rng.normal(0, kind.drift, len(months)))
        jumped = rng.random(len(months)) < 1 / 24
        jumps = np.cumsum(jumped * rng.normal(0, kind.jump, len(months)))
        return np.asarray(kind.noise * steps[1:] + kind.season * season + drift + jumps)

    usual = rng.normal(0, 0.15, YEAR) - 0.4 * (np.arange(YEAR) == 6)  # July
    volume = usual[months % YEAR] + np.cumsum(rng.normal(0, 0.03, len(months)))
    eligible = rng.poisson(size * np.exp(volume + rng.normal(0, 0.1, len(months))))
    common = swings()  # half of what happens happens to all shares
    levels = [rng.uniform(-0.3, 2.5) + (common + swings()) * np.sqrt(0.5) for _ in range(SHARES)]
    return {
        str(n): Months(0, rng.binomial(eligible, 1 / (1 + np.exp(-level))), eligible)
        for n, level in enumerate(levels)
    }


def real() -> dict[str, Months]:
    """The months of the real desk's shares, the last one of the last year without records."""
    with REAL.open() as file:
        lines = list(csv.DictReader(file))
    eligible = np.array([int(line["n"]) for line in lines] + [0])
    names = [name for name in lines[0] if name not in ("opened", "n")]
    return {
        name: Months(0, np.array([int(line[name]) for line in lines] + [0]), eligible)
        for name in names
    }


def tested(desk: str, shares: dict[str, Months], breaks: tuple[int, ...] = ()) -> Iterator[Row]:
    """Every forecast of a desk's years."""
    series = {name: BacktestSeries(_before(whole), breaks=breaks) for name, whole in shares.items()}
    years = range(0, max(whole.after for whole in shares.values()), YEAR)
    for made in backtest(series, years):
        whole, at = shares[made.indicator], made.year + made.month
        good, eligible = whole.good[:at].astype(float), whole.eligible[:at].astype(float)
        so_far = good[made.year :].sum(), eligible[made.year :].sum()
        left = made.forecast.eligible_left
        rest = YEAR - made.month
        smooth = (so_far[0] + left * _holt_winters(good, eligible, rest)) / (so_far[1] + left)
        last = (good[at - YEAR :][:rest].sum(), eligible[at - YEAR :][:rest].sum())
        seasonal = (so_far[0] + last[0]) / (so_far[1] + last[1]) if at > YEAR else made.naive
        yield Row(desk, made, abs(seasonal - made.actual), abs(smooth - made.actual))


def _before(whole: Months) -> Callable[[int], Months]:
    return lambda month: Months(0, whole.good[:month], whole.eligible[:month])


_GRID = np.array(list(product((0.1, 0.3, 0.5, 0.8), (0.0, 0.05, 0.2), (0.1, 0.3)))).T


def _holt_winters(good: Floats, eligible: Floats, rest: int) -> float:
    """The mean share of the next ``rest`` months by Holt–Winters, additive, with a damped trend.

    Its weights are those of _GRID with the least squared one-step error. Without two years of
    history it has no season, without records a month has the share of the one before.
    """
    shares = [good.sum() / max(eligible.sum(), 1)]
    for met, of in zip(good, eligible, strict=True):
        shares.append(met / of if of else shares[-1])
    seen = np.array(shares[1:])
    alpha, beta, gamma = _GRID
    has_season = len(seen) >= 2 * YEAR
    level = np.full(len(alpha), seen[:YEAR].mean() if has_season else seen[0])
    trend, error = np.zeros_like(level), np.zeros_like(level)
    usual = seen[:YEAR] - seen[:YEAR].mean() if has_season else np.zeros(YEAR)
    season = np.tile(usual, (len(alpha), 1))
    for month, share in enumerate(seen):
        at = month % YEAR
        expected = level + 0.9 * trend
        error += (share - expected - season[:, at]) ** 2
        level, before = alpha * (share - season[:, at]) + (1 - alpha) * expected, level
        trend = beta * (level - before) + (1 - beta) * 0.9 * trend
        if has_season:
            season[:, at] = gamma * (share - level) + (1 - gamma) * season[:, at]
    best = int(error.argmin())
    ahead = np.arange(1, rest + 1)
    damped = np.cumsum(0.9**ahead) * trend[best]
    coming = level[best] + damped + season[best, (len(seen) - 1 + ahead) % YEAR]
    return float(np.clip(coming, 0, 1).mean())


def conformal(rows: Sequence[Row]) -> list[bool]:
    """Whether each interval would hold if its half width were the split-conformal 80 % quantile of
    error / scale over the desk's finished years: what the program does not do."""
    held = []
    ratio = {id(row): row.made.error / row.made.forecast.scale for row in rows}
    known: dict[tuple[str, int], float] = {}
    for row in rows:
        key = row.desk, row.year
        if key not in known:
            past = sorted(ratio[id(r)] for r in rows if r.desk == row.desk and r.year < row.year)
            place = -(-4 * (len(past) + 1) // 5)
            known[key] = past[place - 1] if 0 < place <= len(past) else HALF_WIDTH
        held.append(ratio[id(row)] <= known[key])
    return held


def coverage(rows: Sequence[Row]) -> float:
    """The share of intervals that held, 0–1."""
    return float(np.mean([row.made.held for row in rows]))


def simulated_rows(desks: int, years: int, seed: int, size: int) -> dict[str, list[Row]]:
    """Kind → the forecasts of so many desks of that kind."""
    found: dict[str, list[Row]] = {}
    for number, (name, kind) in enumerate(KINDS.items()):
        found[name] = []
        for desk in range(desks):
            rng = np.random.default_rng([seed, size, number, desk])
            shares = simulated(rng, size, kind, years)
            found[name] += tested(f"{size} {name} {desk}", shares)
    return found


def _print(label: str, rows: Sequence[Row]) -> None:
    learnt = conformal(rows)
    spans = (("1–2", lambda year: year <= 2), ("3–", lambda year: year > 2))
    years = sorted({row.year for row in rows})
    each = [coverage([row for row in rows if row.year == year]) for year in years]
    by_year = " ".join(f"{share:.2f}" for share in each)
    for span, inside in spans:
        chosen = [row for row in rows if inside(row.year)]
        conform = np.mean(
            [held for row, held in zip(rows, learnt, strict=True) if inside(row.year)]
        )
        errors = [
            100 * np.mean([row.made.error for row in chosen]),
            100 * np.mean([row.made.naive_error for row in chosen]),
            100 * np.mean([row.seasonal for row in chosen]),
            100 * np.mean([row.holt_winters for row in chosen]),
        ]
        cells = "".join(f"{error:>9.2f}" for error in errors)
        print(
            f"{label:26}{span:>6}{len(chosen):>8,}{coverage(chosen):>10.2f}{conform:>11.2f}{cells}"
            f"   {by_year if span == '1–2' else ''}",
            flush=True,
        )


def main() -> None:
    """Print coverage and errors, of the first two years and of the later ones."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--desks", type=int, default=8, help="of each kind and size")
    arguments.add_argument("--years", type=int, default=5)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    print("wanted: a coverage of 0.75–0.85, and an error below those of the simple forecasts")
    names = ("desk", "years", "count", "coverage", "conformal", "error", "naive", "seasonal", "H-W")
    print("{:26}{:>6}{:>8}{:>10}{:>11}{:>9}{:>9}{:>9}{:>9}   coverage by year".format(*names))
    by_kind: dict[str, list[Row]] = {name: [] for name in KINDS}
    for size in SIZES:
        found = simulated_rows(options.desks, options.years, options.seed, size)
        _print(f"{size:,} a month", [row for rows in found.values() for row in rows])
        for name, rows in found.items():
            by_kind[name] += rows
    for name, rows in by_kind.items():
        _print(f"{name}, all sizes", rows)
    if REAL.exists():
        _print("real", list(tested("real", real())))
        _print("real, its break configured", list(tested("real", real(), (REAL_BREAK,))))


if __name__ == "__main__":
    main()
