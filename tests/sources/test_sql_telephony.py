"""FusionPBX and 3CX by their examples, from tables of their shape in a real PostgreSQL; what is
expected was counted by hand."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from collector.io.errors import SourceError
from collector.io.yaml import read_yaml
from collector.sources import SOURCES, make_source
from collector.sources.kit.contract import Source
from tests.worlds.paths import ROOT

T = 1_772_442_000  # 2026-03-02T09:00:00Z

FUSIONPBX = """
    CREATE TABLE v_xml_cdr (
        xml_cdr_uuid uuid PRIMARY KEY, caller_id_number text, end_epoch numeric, cc_side text,
        cc_queue text, cc_queue_joined_epoch numeric, cc_queue_answered_epoch numeric,
        cc_queue_terminated_epoch numeric, cc_queue_canceled_epoch numeric,
        cc_cancel_reason text, cc_cause text)
"""
CALLERS = [
    # joined, answered, ended, cancelled, why, cause: seconds after 09:00
    (0, 12, 100, None, "NONE", "answered"),
    (10, 30, 90, None, None, "answered"),  # exactly 20 s
    (20, 41, 200, None, "NONE", "answered"),  # 21 s
    (30, None, None, 33, "BREAK_OUT", "cancel"),
    (40, None, None, 100, "BREAK_OUT", "cancel"),
    (50, None, None, 650, "TIMEOUT", "cancel"),
    (60, None, None, 60, "NO_AGENT_TIMEOUT", "cancel"),
    (70, None, None, 80, "EXIT_WITH_KEY", "cancel"),
]
BY_HAND_FUSIONPBX = {
    1: ("answered", 12, 88), 2: ("answered", 20, 60), 3: ("answered", 21, 159),
    4: ("abandoned", 3, None), 5: ("abandoned", 60, None), 6: ("timeout", 600, None),
    7: ("empty", 0, None), 8: ("key_exit", 10, None),
}  # fmt: skip

THREECX = """
    CREATE TABLE callcent_queuecalls (
        idcallcent_queuecalls serial PRIMARY KEY, q_num varchar(255),
        time_start timestamp NOT NULL, time_end timestamp NOT NULL,
        ts_waiting interval DEFAULT '00:00:00', ts_polling interval DEFAULT '00:00:00',
        ts_servicing interval DEFAULT '00:00:00', reason_noanswercode integer NOT NULL DEFAULT 0,
        reason_noanswerdesc varchar(255) DEFAULT '', from_userpart varchar(255) DEFAULT '')
"""
BY_HAND_3CX = {
    "1": ("answered", 8, 172), "2": ("answered", 21, 60), "3": ("abandoned", 5, None),
    "4": ("unanswered", 300, None),
}  # fmt: skip


def configured(product: str, url: str, **more: Any) -> Source:
    file = ROOT / "config" / "examples" / f"sql_calls-{product}.yaml"
    keys = {**read_yaml(file).data["sources"]["phone"], "url": url, "password": None, **more}
    return make_source("phone", SOURCES["sql_calls"].model_validate(keys), ())


def read(source: Source, cursor: Any = None) -> dict[str, Any]:
    return {record.id: record for page in source.pages(cursor) for record in page.records}


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


@pytest.fixture
def fusionpbx(postgres_url: str) -> Source:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(FUSIONPBX)
        for number, caller in enumerate(CALLERS, 1):
            *instants, why, cause = caller
            after = [None if each is None else T + each for each in instants]
            connection.execute(
                "INSERT INTO v_xml_cdr VALUES (%s, '0701234567', %s, 'member', 'it@pbx.example',"
                " %s, %s, %s, %s, %s, %s)",
                (uuid(number), max(each for each in after if each), *after, why, cause),
            )
        connection.execute(  # the leg of an agent, and a call without a queue
            "INSERT INTO v_xml_cdr VALUES (%s, '', %s, 'agent', 'it@pbx.example', %s), "
            "(%s, '', %s, NULL, NULL, NULL)",
            (uuid(98), T, T, uuid(99), T),
        )
    return configured("fusionpbx", postgres_url)


@pytest.fixture
def threecx(postgres_url: str) -> Source:
    with psycopg.connect(postgres_url) as connection:
        connection.execute(THREECX)
        connection.execute(
            "INSERT INTO callcent_queuecalls (q_num, time_start, time_end, ts_waiting,"
            " ts_servicing, reason_noanswerdesc, from_userpart) VALUES"
            " ('800', '2026-03-02 09:00', '2026-03-02 09:03', '00:00:08', '00:02:52', '', '0701'),"
            " ('800', '2026-03-02 09:01', '2026-03-02 09:02:21', '00:00:20.4', '00:01', '', '07'),"
            " ('800', '2026-03-02 09:05', '2026-03-02 09:05:05', '00:00:05', '0', 'Left', '0701'),"
            " ('800', '2026-03-02 09:06', '2026-03-02 09:11', '00:05', '0', 'Expired', '0701')"
        )
    known = {"outcome": {"answered": "answered", "Left": "abandoned", "default": "unanswered"}}
    return configured("3cx", postgres_url, map=known)


def test_calls_of_fusionpbx_are_those_counted_by_hand(fusionpbx: Source) -> None:
    found = read(fusionpbx)
    facts = {
        number: (call.outcome.value, call.wait_seconds, call.talk_seconds)
        for number, call in found.items()
    }
    assert facts == {uuid(number): each for number, each in BY_HAND_FUSIONPBX.items()}
    assert {call.queue for call in found.values()} == {"it"}
    assert found[uuid(1)].entered_at == T
    assert "0701234567" not in repr(found)


def test_calls_of_3cx_are_those_counted_by_hand(threecx: Source) -> None:
    found = read(threecx)
    facts = {n: (c.outcome.value, c.wait_seconds, c.talk_seconds or None) for n, c in found.items()}
    assert facts == BY_HAND_3CX
    assert found["1"].entered_at == T
    assert found["1"].queue == "800"


def test_times_without_a_zone_follow_the_setting(threecx: Source, postgres_url: str) -> None:
    """A zone of the setting, whatever that of the server; ``:since`` too."""
    local = configured("3cx", postgres_url, timezone="Europe/Stockholm")
    pages = list(local.pages(None))
    assert {call.entered_at for page in pages for call in page.records if call.id == "1"} == {
        T - 3600
    }
    assert read(local, pages[-1].cursor) == {}
    with psycopg.connect(postgres_url) as connection:
        connection.execute("INSERT INTO callcent_queuecalls (q_num, time_start, time_end)"
                           " VALUES ('800', '2026-03-02 09:00', '2026-03-02 09:20')")  # fmt: skip
    assert list(read(local, pages[-1].cursor)) == ["5"]


def test_a_column_with_a_zone_knows_its_own(postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as connection:
        connection.execute("CREATE TABLE call_history (id int, queue text, received timestamptz,"
                           " stop timestamptz, callee_answered timestamptz)")  # fmt: skip
        connection.execute(
            "INSERT INTO call_history VALUES"
            " (1, 'it', '2026-03-02 10:00+01', '2026-03-02 10:05+01', '2026-03-02 10:00:07+01'),"
            " (2, 'it', '2026-03-02 09:01+00', '2026-03-02 09:01:40+00', NULL)"
        )
    found = read(configured("dstny", postgres_url, timezone="America/New_York"))
    facts = {n: (c.entered_at - T, c.outcome.value, c.wait_seconds) for n, c in found.items()}
    assert facts == {"1": (0, "answered", 7), "2": (60, "abandoned", 40)}


def test_check_says_what_it_sees(fusionpbx: Source) -> None:
    said = fusionpbx.check()
    assert said.startswith("postgresql ") and said.endswith(", 8 calls")


def test_a_query_that_writes_is_stopped_by_the_database(
    fusionpbx: Source, postgres_url: str
) -> None:
    query = """
        WITH gone AS (DELETE FROM v_xml_cdr RETURNING *)
        SELECT xml_cdr_uuid AS id, cc_queue AS queue, end_epoch AS entered_at, end_epoch AS
        changed_at FROM gone WHERE end_epoch >= :since ORDER BY changed_at
    """
    writing = configured("fusionpbx", postgres_url, calls=query)
    with pytest.raises(SourceError, match="must not contain data-modifying"):
        read(writing)
    assert len(read(fusionpbx)) == len(CALLERS)


def test_a_query_that_takes_too_long_is_ended(fusionpbx: Source, postgres_url: str) -> None:
    query = """
        SELECT pg_sleep(3)::text AS id, '' AS queue, 1 AS entered_at, 1 AS changed_at
        WHERE :since >= 0 ORDER BY 1
    """
    with pytest.raises(SourceError, match="took over 1 s"):
        read(configured("fusionpbx", postgres_url, calls=query, timeout="1s"))


def test_a_query_with_a_mistake_is_said(fusionpbx: Source, postgres_url: str) -> None:
    query = """
        SELECT uuid AS id, cc_queue AS queue, end_epoch AS entered_at, end_epoch AS changed_at
        FROM v_xml_cdr WHERE end_epoch >= :since ORDER BY changed_at
    """
    with pytest.raises(SourceError, match='column "uuid" does not exist') as caught:
        read(configured("fusionpbx", postgres_url, calls=query))
    assert caught.value.permanent
