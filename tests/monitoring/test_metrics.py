"""What is told to Prometheus of a snapshot."""

import pytest
from prometheus_client.exposition import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from collector.measuring.engine.engine import Measuring
from collector.measuring.engine.freshness import FROZEN_AFTER
from collector.measuring.engine.hours import next_change
from collector.measuring.engine.live import Live
from collector.model.records import CallOutcome
from collector.monitoring.metrics.collector import Counters
from collector.service.service import Service
from collector.store import PollResult, Store, StoreError
from collector.store.ledger import LedgerChanges
from tests.worlds.measured import CALLS, RESOLUTION, RESPONSE, at, call, polled, settings_of, ticket
from tests.worlds.metrics import metrics_registry
from tests.worlds.samples import save

NOW = at("2020-07-15 12:00")


@pytest.fixture
def told(sqlite_url):
    """The samples of a family for calls that waited so long: their bound → value."""

    def samples(waits, name, entered="2020-07-14 09:00", **wanted):
        settings = settings_of({"one": CALLS})
        with Store.open(sqlite_url) as store:
            answered = CallOutcome.ANSWERED
            records = [call(answered, wait, entered, str(n)) for n, wait in enumerate(waits)]
            save(store, *records, source="phone")
            live = Live(Measuring(settings, store))
            live.refresh(NOW)
        text = generate_latest(
            metrics_registry(settings, lambda: live.snapshot, Counters())
        ).decode()
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
            save(store, call(CallOutcome.ANSWERED, 5, day, str(month)), source="phone")
        for read, told in ((NOW, resting_on_the_rest), (NOW - 3600, set())):
            polled(store, "phone", read)
            live = Live(Measuring(settings_of({"one": CALLS}), store))
            live.refresh(NOW)
            assert not live.extend(NOW)
            snapshot = live.refresh(NOW)
            text = generate_latest(
                metrics_registry(live.measuring.settings, lambda shot=snapshot: shot, Counters())
            ).decode()
            names = {
                sample.name.removeprefix("servicedesk_indicator_")
                for family in text_string_to_metric_families(text)
                for sample in family.samples
                if sample.labels.get("period") == "year_to_date"
            }
            assert names & resting_on_the_rest == told
            assert {"ratio", "eligible", "state"} <= names


def test_figures_that_stand_still_are_told_as_stale(sqlite_url, monkeypatch):
    """A store that does not answer must not leave a green wall behind."""

    def gone():
        raise StoreError("the store does not answer")

    def of(snapshot):
        told = metrics_registry(service.settings, lambda: snapshot, Counters())
        return {
            (s.name.removeprefix("servicedesk_"), *s.labels.values()): s.value
            for family in text_string_to_metric_families(generate_latest(told).decode())
            for s in family.samples
        }

    clock = [NOW]
    with Store.open(sqlite_url) as store:
        for number in range(9):
            save(
                store,
                call(CallOutcome.ANSWERED, 5, "2020-07-15 09:00", str(number)),
                source="phone",
            )
        polled(store, "phone", NOW)
        service = Service(settings_of({"one": CALLS}), store, lambda: clock[0])
        service.look_back()
        before = service.snapshot()
        assert of(before)["indicator_state", "one", "today", "met"] == 1
        monkeypatch.setattr(store.revisions, "latest", gone)
        clock[0] += FROZEN_AFTER
        service.measure()
        assert service.snapshot() is before
        clock[0] += 1
        service.measure()
        after = service.snapshot()
        assert service.snapshot() is after, "made once"
    told, was = of(after), of(before)
    assert told["indicator_state", "one", "today", "met"] == 0
    assert told["indicator_state", "one", "today", "stale"] == 1
    assert (was["records_stale", "calls"], told["records_stale", "calls"]) == (0, 1)
    assert told["indicator_ratio", "one", "today"] == was["indicator_ratio", "one", "today"]
    assert told["measured_timestamp_seconds",] == NOW
    left = {name for name, *_ in was} - {name for name, *_ in told}
    assert "indicator_misses_left" in left
    assert left <= {"indicator_misses_left", "indicator_required_ratio"}


def test_without_durations_there_is_no_percentile(told):
    assert told([], "indicator_median_seconds") == {}
    assert told([5], "indicator_median_seconds", period="last_month") == {}


def test_what_boards_need_beside_the_figures(told):
    """When today began (calls of today are compared with an hour ago), and the unit of a number."""
    assert told([5], "day_start_timestamp_seconds") == {None: at("2020-07-15 00:00")}
    info = told([], "indicator_info", indicator="one", unit_sv="", kind="service_level")
    assert info == {None: 1}


def test_the_unit_of_a_number_in_both_languages():
    settings = settings_of(
        {
            "all": {"kind": "count"},
            "survey": {"kind": "manual", "unit": "%", "values": []},
            "costs": {"kind": "manual", "unit": "tkr", "unit_label": {"sv": "tkr", "en": "kSEK"}},
        }
    )
    text = generate_latest(metrics_registry(settings, lambda: None, Counters())).decode()
    units = {
        sample.labels["indicator"]: (sample.labels["unit_sv"], sample.labels["unit_en"])
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == "servicedesk_indicator_info"
    }
    assert units == {"all": ("tickets",) * 2, "survey": ("%", "%"), "costs": ("tkr", "kSEK")}


@pytest.mark.parametrize(
    ("now", "opens", "closes"),
    [
        ("2020-06-17 12:00", "2020-06-18 08:00", "2020-06-17 17:00"),
        ("2020-06-17 08:00", "2020-06-18 08:00", "2020-06-17 17:00"),
        ("2020-06-17 17:00", "2020-06-18 08:00", "2020-06-18 17:00"),
        ("2020-06-18 16:59", "2020-06-22 08:00", "2020-06-18 17:00"),  # Midsummer's eve is closed
        ("2020-06-20 12:00", "2020-06-22 08:00", "2020-06-22 17:00"),
        ("2020-03-27 18:00", "2020-03-30 08:00", "2020-03-30 17:00"),  # summer time begins
    ],
)
def test_when_a_calendar_next_opens_and_closes(sqlite_url, now, opens, closes):
    with Store.open(sqlite_url) as store:
        measuring = Measuring(settings_of({"one": CALLS}), store)
        snapshot = Live(measuring).refresh(at(now))
        assert snapshot.next_change == {
            ("office", "open"): at(opens),
            ("office", "closed"): at(closes),
        }  # the calendar that is always open never changes
        assert next_change(measuring, "always", at(now), to_open=True) is None


def test_how_long_a_source_is_quiet_in_open_time(sqlite_url):
    """From Thursday 16:00 over a holiday and a weekend to Monday 09:00: an hour and an hour."""
    now = at("2020-06-22 09:00")
    with Store.open(sqlite_url) as store:
        for name, newest in (("phone", at("2020-06-18 16:00")), ("desk", now + 60)):
            store.polls.record(
                PollResult(source=name, started_at=now, finished_at=now, ok=True, newest_at=newest)
            )
        polled(store, "gone", now)
        snapshot = Live(Measuring(settings_of({"one": CALLS}), store)).refresh(now)
    assert snapshot.quiet == {"phone": 2 * 3600, "desk": 0}


def test_a_caller_whose_end_was_lost_hides_nobody(sqlite_url):
    """Two hours beyond the two minutes allowed nobody is still in a queue."""
    old, lost = NOW - 3600, 7200 + 120
    with Store.open(sqlite_url) as store:
        save(
            store,
            call(CallOutcome.OPEN, None, old, "old", queue="it"),
            call(CallOutcome.OPEN, None, NOW - 30, "new", queue="it"),
            source="phone",
        )
        live = Live(Measuring(settings_of({"one": CALLS}), store))

        def waiting(now):
            each = live.refresh(now).open_work.waiting["it"]
            return each.callers, each.since

        assert waiting(NOW) == (2, old)
        assert waiting(old + lost - 1) == (2, old)
        assert waiting(old + lost) == (1, NOW - 30)
        assert waiting(NOW - 30 + lost) == (0, None)


class Readings:
    """A desk with two ticket systems and a telephone, and what is told of it to the alerts."""

    def __init__(self, store):
        sources = {name: {"type": "csv_tickets", "path": f"{name}.csv"} for name in ("desk", "it")}
        sources["phone"] = {"type": "csv_calls", "path": "calls.csv"}
        self.store = store
        self.settings = settings_of({"one": RESPONSE, "two": RESOLUTION}, sources=sources)
        self.live = Live(Measuring(self.settings, store))

    def read(self, name, began, took=0, *, ok=True):
        result = PollResult(source=name, started_at=began, finished_at=began + took, ok=ok)
        self.store.polls.record(result)

    def told(self, now):
        """Unanswered and overdue now, and when read; overdue when read; the wait when read."""
        self.live.refresh(now)
        text = generate_latest(
            metrics_registry(self.settings, lambda: self.live.snapshot, Counters())
        ).decode()
        found = {
            sample.name.removeprefix("servicedesk_"): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.labels.get("organization") == "Laxå" or sample.labels.get("queue") == "it"
        }
        names = "tickets_unanswered_overdue", "tickets_unanswered_overdue_when_read"
        more = "tickets_overdue_when_read", "calls_waiting_when_read_seconds"
        return tuple(found.get(name) for name in (*names, *more))


def test_what_was_not_read_since_alarms_nobody(sqlite_url):
    """Overdue is what is past its deadline now; for the alerts, what a whole reading found that
    began after the deadline: an answer in time may have come while nothing was read, or behind
    the back of the reading in which the deadline passed."""
    due = NOW + 180
    with Store.open(sqlite_url) as store:
        desk = Readings(store)
        save(store, ticket(due - 1800, "1", organization="Laxå"), source="desk")
        save(store, call(CallOutcome.OPEN, None, NOW - 60, "1", queue="it"), source="phone")
        for name in ("desk", "it", "phone"):
            desk.read(name, NOW)
        assert desk.told(NOW) == (0, 0, 0, 60)
        assert desk.told(due) == (0, 0, 0, 60)
        assert desk.told(due + 1) == (1, 0, 0, 60), "polling broke off at noon"
        desk.read("it", due + 30)
        assert desk.told(due + 40) == (1, 0, 0, 60), "of another source nothing follows"
        desk.read("desk", due - 5, took=50)
        assert desk.told(due + 50) == (1, 0, 0, 60), "that reading began before the deadline"
        desk.read("desk", due + 60, took=5, ok=False)
        assert desk.told(due + 70) == (1, 0, 0, 60), "a reading that failed says nothing"
        desk.read("desk", due, took=80)
        assert desk.told(due + 80) == (1, 0, 0, 60), "and in the second of the deadline it was met"
        desk.read("desk", due + 90)
        desk.read("phone", NOW + 300)
        assert desk.told(due + 95) == (1, 1, 1, 360)
        desk.read("phone", NOW + 330)
        assert desk.told(due + 151) == (1, 1, 1, 390)
        save(store, ticket(due - 1800, "1", organization="Laxå", first_response_at=due - 60),
             source="desk")  # fmt: skip
        assert desk.told(due + 155) == (0, 0, 0, 390)


def _series(store, records, answered=CALLS, **more):
    """(name, labels) of all series about the tickets and calls of a store, with their values."""
    settings = settings_of({"one": RESPONSE, "two": RESOLUTION, "calls": answered}, **more)
    save(store, *(r for r in records if r.source == "desk"), source="desk")
    save(store, *(r for r in records if r.source == "phone"), source="phone")
    for name in ("desk", "phone"):
        polled(store, name, NOW)
    live = Live(Measuring(settings, store))
    live.refresh(NOW)
    text = generate_latest(metrics_registry(settings, lambda: live.snapshot, Counters())).decode()
    return {
        (sample.name.removeprefix("servicedesk_"), *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        if family.name.startswith("servicedesk_")
        for sample in family.samples
    }


def _many(number):
    """As many customers, priorities and queues, each with an open ticket and a call that waits."""
    for n in range(number):
        yield ticket(NOW - 7200, str(n), organization=f"Customer {n}", priority=f"Level {n}",
                     category=f"Category {n}")  # fmt: skip
        yield call(CallOutcome.OPEN, None, NOW - 90, str(n), queue=f"Queue {n:04}")


@pytest.mark.parametrize(("organizations", "most"), [([], 3000), (["Askersund", "Laxå"], 300)])
def test_the_number_of_series_does_not_grow_with_the_records(tmp_path, organizations, most):
    found = []
    for number in (60, most):
        with Store.open(f"sqlite:///{tmp_path}/{number}.db") as store:
            found.append(_series(store, [*_many(number)], organizations=organizations))
    few, many = found
    assert few.keys() == many.keys()
    assert len(many) < 1500
    other = ("organization", "other"), ("priority", "other")
    assert many["tickets_open", *other] == many["tickets_overdue_when_read", *other] == most
    queues = {dict(labels).get("queue") for _, *labels in many} - {None}
    assert queues == {"other", *(f"Queue {n:04}" for n in range(50))}
    assert many["calls_waiting", ("queue", "other")] == most - 50
    assert many["calls_today", ("outcome", "open"), ("queue", "other")] == most - 50
    assert many["calls_waiting_when_read_seconds", ("queue", "other")] == 90


def test_callers_who_were_not_let_in_are_beside_those_who_were(tmp_path):
    """And a queue of which none are recorded says nothing of them, rather than 0."""
    calls = [
        *(call(CallOutcome.REFUSED, 0, NOW - 90, str(n), queue="it") for n in range(3)),
        call(CallOutcome.ANSWERED, 5, NOW - 90, "3", queue="it"),
        call(CallOutcome.ANSWERED, 5, NOW - 90, "4", queue="hr"),
    ]
    with Store.open(f"sqlite:///{tmp_path}/desk.db") as store:
        found = _series(store, calls, organizations=[])
    assert found["calls_refused_today", ("queue", "it")] == 3
    assert ("calls_refused_today", ("queue", "hr")) not in found
    assert found["calls_today", ("outcome", "answered"), ("queue", "it")] == 1
    assert not [key for key in found if ("outcome", "refused") in key]


def test_a_configured_queue_has_a_zero_before_the_first_call_of_the_day(tmp_path):
    """Once its source was read; a queue that nothing names is known from its calls alone."""
    phone = {"type": "csv_calls", "path": "calls.csv", "map": {"queue": {"600": "it", "700": "hr"}}}
    sources = {"desk": {"type": "csv_tickets", "path": "tickets.csv"}, "phone": phone}
    earlier = call(CallOutcome.ANSWERED, 5, NOW - 86_400, "1", queue="växel")
    with Store.open(f"sqlite:///{tmp_path}/desk.db") as store:
        found = _series(store, [earlier], sources=sources)
    for queue in ("it", "hr"):
        assert found["calls_waiting", ("queue", queue)] == 0
        assert found["calls_today", ("outcome", "answered"), ("queue", queue)] == 0
    assert ("calls_waiting", ("queue", "växel")) not in found


def test_configured_queues_are_named_before_others_where_there_are_too_many(tmp_path):
    asked = {**CALLS, "records": {"queue": "Queue 9999"}}
    calls = [call(CallOutcome.OPEN, None, NOW - 90, str(n), queue=f"Q {n:04}") for n in range(60)]
    with Store.open(f"sqlite:///{tmp_path}/desk.db") as store:
        found = _series(store, calls, asked)
    assert found["calls_waiting", ("queue", "Queue 9999")] == 0
    assert found["calls_waiting", ("queue", "other")] == 11


def test_the_order_of_the_configuration_is_told(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/desk.db") as store:
        found = _series(
            store, [], priorities=["urgent", "low"], organizations=["Laxå", "Askersund"]
        )

    def ranked(name):
        ranks = {labels[0][1]: n for (each, *labels), n in found.items() if each == f"{name}_rank"}
        return sorted(ranks, key=ranks.__getitem__)

    assert ranked("priority") == ["urgent", "low", "other", ""]
    assert ranked("organization") == ["Laxå", "Askersund", "other", ""]
    assert ranked("indicator") == ["one", "two", "calls"]


def test_indicators_are_in_the_order_of_their_goals():
    goals = {
        "grow": {"level": "council", "title": {"sv": "Växa", "en": "Grow"}},
        "serve": {"level": "board", "under": "grow", "title": {"sv": "Serva", "en": "Serve"}},
    }
    settings = settings_of(
        {
            "none": RESPONSE,
            "own": {**RESPONSE, "goal": "grow"},
            "below": {**CALLS, "goal": "serve"},
        },
        goals=goals,
    )
    text = generate_latest(metrics_registry(settings, lambda: None, Counters())).decode()
    told = {
        name: {s.labels["indicator"]: (s.value, s.labels.get("goal_en")) for s in family.samples}
        for family in text_string_to_metric_families(text)
        if (name := family.name.removeprefix("servicedesk_")).startswith("indicator_")
    }
    assert told["indicator_rank"] == {"below": (1, None), "own": (2, None), "none": (3, None)}
    assert told["indicator_goal_rank"] == {"below": (1, "Serve"), "own": (2, "Grow")}


def test_sources_and_queues_are_in_the_order_of_the_configuration(sqlite_url):
    """A queue that only a call names comes after those that the configuration names."""
    asked = {**CALLS, "records": {"queue": ["växel", "it"]}}
    settings = settings_of({"answered": asked})
    with Store.open(sqlite_url) as store:
        save(store, call(CallOutcome.ANSWERED, 5, queue="annan"), source="phone")
        live = Live(Measuring(settings, store))
        live.refresh(at("2020-07-14 10:00"))
        registry = metrics_registry(settings, lambda: live.snapshot, Counters())
    text = generate_latest(registry).decode()
    told = {
        family.name: [(*sample.labels.values(), sample.value) for sample in family.samples]
        for family in text_string_to_metric_families(text)
    }
    assert told["servicedesk_source_rank"] == [("desk", 1), ("phone", 2)]
    assert told["servicedesk_queue_rank"] == [("växel", 1), ("it", 2), ("annan", 3)]


def test_the_group_of_others_is_none_that_is_configured(sqlite_url):
    records = [
        ticket(NOW - 60, str(n), organization=organization, priority=priority)
        for n, (organization, priority) in enumerate(
            [("other", "urgent"), ("Nora", "urgent"), (None, None), ("Laxå", "other")]
        )
    ]
    with Store.open(sqlite_url) as store:
        found = _series(store, records, organizations=["Laxå", "other"])
    opened = {labels: n for (name, *labels), n in found.items() if name == "tickets_open" and n
              for labels in [tuple(value for _, value in labels)]}  # fmt: skip
    assert opened == {
        ("other", "urgent"): 1,
        ("(other)", "urgent"): 1,
        ("Laxå", "other"): 1,
        ("", ""): 1,
    }


def test_a_solution_that_is_due_counts_by_the_last_reading_too(sqlite_url):
    with Store.open(sqlite_url) as store:
        desk = Readings(store)
        opened, due = at("2020-07-13 08:30"), at("2020-07-13 16:30")
        save(store, ticket(opened, "1", organization="Laxå", first_response_at=opened + 60),
             source="desk")  # fmt: skip
        for name in ("desk", "it", "phone"):
            desk.read(name, due)
        assert desk.told(due + 60) == (0, 0, 0, None)
        desk.read("desk", due + 70)
        assert desk.told(due + 71) == (0, 0, 1, None)


def test_who_came_after_the_last_reading_has_not_been_seen_waiting(sqlite_url):
    with Store.open(sqlite_url) as store:
        desk = Readings(store)
        for name in ("desk", "it", "phone"):
            desk.read(name, NOW - 60)
        save(store, call(CallOutcome.OPEN, None, NOW - 50, "1", queue="it"), source="phone")
        assert desk.told(NOW)[3] is None
        desk.read("phone", NOW + 10)
        assert desk.told(NOW + 20)[3] == 60


def test_a_source_that_is_read_anew_was_not_read(sqlite_url):
    with Store.open(sqlite_url) as store:
        desk = Readings(store)
        desk.read("desk", NOW)
        assert store.polls.states()["desk"].read_at == NOW
        store.ledger.record(lambda *_: LedgerChanges([], [], ["desk"]))
        assert store.polls.states()["desk"].read_at is None
