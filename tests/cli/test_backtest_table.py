"""The back-test in the terminal: shares together, each mean by itself, and who was nearer."""

import io

from rich.console import Console

from collector.cli.tables.backtest import print_backtest, verdicts
from collector.measuring.figures.backtest import BacktestRow
from collector.measuring.figures.forecast import Forecast

YEAR = 2019 * 12


def row(indicator, value, naive, actual, *, month=6, mean=False, scale=0.02):
    made = Forecast(value, scale, (value,), 100.0, 12, mean)
    return BacktestRow(indicator, YEAR, month, made, naive, actual)


def printed(rows):
    out = io.StringIO()
    print_backtest(rows, "en", Console(file=out, width=120))
    return out.getvalue().replace("\N{NO-BREAK SPACE}", " ")


def test_shares_are_summed_up_together_and_means_by_themselves_in_hours():
    text = printed(
        [
            row("urgent", 0.90, 0.80, 0.91),
            row("normal", 0.70, 0.60, 0.72),
            row("resolution", 7200, 10800, 9000, mean=True, scale=600),
        ]
    )
    shares, time = text.split("resolution", 1)
    for name in ("urgent", "normal"):
        assert name in shares
    assert "1.50" in shares  # percentage points: the mean of 1 and 2
    assert "11.50" in shares  # of the year to date
    assert "urgent" not in time
    assert "0.50" in time  # 1800 s in hours
    assert "forecasts of shares" not in time


def test_only_means_have_no_table_of_shares():
    one = printed([row("resolution", 7200, 10800, 9000, mean=True, scale=600)])
    both = printed(
        [row("urgent", 0.9, 0.8, 0.91), row("resolution", 7200, 10800, 9000, mean=True, scale=600)]
    )
    assert one in both
    assert len(both) > len(one)


def test_where_nothing_changes_was_nearer_is_said():
    (naive,) = verdicts([row("urgent", 0.95, 0.90, 0.90)], "en")
    nearer, *rest = verdicts(
        [row("urgent", 0.90, 0.70, 0.90), row("normal", 0.75, 0.71, 0.70)], "en"
    )
    assert naive != nearer
    assert any("normal" in line for line in rest)
    assert not any("urgent" in line for line in rest)
