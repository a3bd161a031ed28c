"""What is told to Prometheus of a snapshot."""

import pytest
from measured import CALLS, at, call, polled, settings_of
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from samples import save

from collector.live import Live
from collector.measuring import Measuring
from collector.metrics import Counters, registry
from collector.records import Outcome
from collector.store import Store

NOW = at("2020-07-15 12:00")


@pytest.fixture
def told(sqlite_url):
    """The samples of a family for calls that waited so long: their bound → value."""

    def samples(waits, name, entered="2020-07-14 09:00", **wanted):
        settings = settings_of({"one": CALLS})
        with Store.open(sqlite_url) as store:
            answered = Outcome.ANSWERED
            records = [call(answered, wait, entered, str(n)) for n, wait in enumerate(waits)]
            save(store, *records, source="phone")
            live = Live(Measuring(settings, store))
            live.refresh(NOW)
        text = generate_latest(registry(settings, lambda: live.snapshot, Counters())).decode()
        return {
            sample.labels.get("bound"): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == f"servicedesk_{name}" and sample.labels.items() >= wanted.items()
        }

    return samples


def test_percentiles_with_the_bounds_they_lie_between(told):
    waits = [4, 4, 7, 8, 9, 12, 14, 18, 31, 45]
    median = told(waits, "indicator_median_seconds", indicator="one", period="month")
    assert median == {"about": pytest.approx(5 + 5 * 3 / 3), "low": 5, "high": 10}
    ninety = told(waits, "indicator_p90_seconds", indicator="one", period="month")
    assert (ninety["low"], ninety["high"]) == (30, 40)
    assert 30 < ninety["about"] <= 40


def test_a_percentile_beyond_the_last_bucket_has_no_upper_bound(told):
    found = told(
        [8_000_000] * 3, "indicator_median_seconds", "2020-01-02 09:00", period="year_to_date"
    )
    assert found == {"about": 7_200_000, "low": 7_200_000}


def test_what_a_stale_source_does_not_tell_is_not_told_either(sqlite_url):
    """The value stays as it was read; what the rest of the year brings is not known."""
    resting_on_the_rest = {"misses_left", "required_ratio", "forecast_ratio"}
    with Store.open(sqlite_url) as store:
        for month in range(1, 7):
            day = f"2020-0{month}-02 09:00"
            save(store, call(Outcome.ANSWERED, 5, day, str(month)), source="phone")
        for read, told in ((NOW, resting_on_the_rest), (NOW - 3600, set())):
            polled(store, "phone", read)
            live = Live(Measuring(settings_of({"one": CALLS}), store))
            live.refresh(NOW)
            assert not live.extend(NOW)
            snapshot = live.refresh(NOW)
            text = generate_latest(
                registry(live.measuring.settings, lambda shot=snapshot: shot, Counters())
            ).decode()
            names = {
                sample.name.removeprefix("servicedesk_indicator_")
                for family in text_string_to_metric_families(text)
                for sample in family.samples
                if sample.labels.get("period") == "year_to_date"
            }
            assert names & resting_on_the_rest == told
            assert {"ratio", "eligible", "state"} <= names


def test_without_durations_there_is_no_percentile(told):
    assert told([], "indicator_median_seconds") == {}
    assert told([5], "indicator_median_seconds", period="last_month") == {}
