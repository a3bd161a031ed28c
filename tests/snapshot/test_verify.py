"""verify: one byte anywhere, a row that is gone or in another's place."""

import random
import zlib
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import create_engine, text

from collector.model.periods import parse_period
from collector.snapshot import DamagedSnapshot, NotFrozen, first_freeze
from collector.snapshot.canonical import canonical, digest, parse_json
from collector.snapshot.chain import decode_row, envelope, is_intact, latest, next_row, seal_of
from collector.snapshot.verify import (
    NotDelivered,
    read_delivered,
    verify,
    verify_delivered,
)
from collector.store import DeliveryKey, Store, StoreError
from collector.store.engine import parse_url
from tests.worlds.frozen import CLOCK, JUNE, fill, froze, sql

MONTHS = [parse_period(f"2020-0{n}", date.min) for n in (4, 5, 6)]
TEXTS = ("kind", "first", "last", "sha256", "records_sha256", "previous", "seal")


def three_months(store):
    """Three months, frozen one after the other."""
    fill(store)
    for month in MONTHS:
        froze(store, month)
    assert verify(store) == (3, [])


@pytest.fixture
def store_content():
    return three_months


@pytest.fixture
def chain(store):
    return store


def parts(store):
    return {(fault.number, fault.part) for fault in verify(store)[1]}


@pytest.mark.parametrize("column", ["content", "records"])
@pytest.mark.parametrize("seed", range(3))
def test_a_byte_of_what_was_frozen(chain, store_url, column, seed):
    chance = random.Random(seed)
    raw = bytearray(getattr(chain.snapshots.find(2), column))
    place = [0, 1, chance.randrange(len(raw))][seed]
    raw[place] ^= 1 << chance.randrange(8)
    sql(store_url, f"UPDATE snapshots SET {column} = :raw WHERE number = 2", raw=bytes(raw))
    assert parts(chain) == {(2, column)}
    with pytest.raises(DamagedSnapshot, match="snapshot 2"):
        first_freeze(chain, MONTHS[1])


def test_every_byte_of_a_short_content_counts(chain, store_url):
    """Compressed bytes that decompress to the same, as of another level, are others too."""
    raw = bytearray(chain.snapshots.find(3).records)
    assert raw[:2] == b"\x78\x9c"
    raw[1] = 0xDA
    sql(store_url, "UPDATE snapshots SET records = :raw WHERE number = 3", raw=bytes(raw))
    assert parts(chain) == {(3, "records")}


@pytest.mark.parametrize("column", TEXTS)
def test_a_letter_of_any_column(chain, store_url, column):
    value = getattr(chain.snapshots.find(2).head, column)
    other = ("0" if value[-1] != "0" else "1") if column != "kind" else "x"
    sql(store_url, f"UPDATE snapshots SET {column} = :v WHERE number = 2", v=value[:-1] + other)
    found = verify(chain)[1]
    assert {fault.number for fault in found} <= {2, 3}
    assert any(fault.number == 2 for fault in found)
    assert column in " ".join(map(str, found)), "it says which"


def test_another_instant(chain, store_url):
    sql(store_url, "UPDATE snapshots SET frozen_at = frozen_at + 1 WHERE number = 2")
    assert parts(chain) == {(2, "seal")}


def test_a_row_that_is_gone(chain, store_url):
    sql(store_url, "DELETE FROM snapshots WHERE number = 2")
    assert parts(chain) == {(3, "chain")}
    assert "2, is missing" in str(verify(chain)[1][0])


def test_the_last_row_that_is_gone(chain, store_url):
    sql(store_url, "DELETE FROM snapshots WHERE number = 3")
    assert parts(chain) == {(3, "chain")}
    again = froze(chain, MONTHS[2]).snapshot
    assert again.number == 4, "no number is given twice"
    assert parts(chain) == {(4, "chain")}


def test_two_rows_in_each_others_place(chain, store_url):
    swap = "UPDATE snapshots SET number = {} WHERE number = {}"
    sql(store_url, swap.format(9, 2), swap.format(2, 3), swap.format(3, 9))
    assert {number for number, _ in parts(chain)} == {2, 3}


def test_all_of_it_forged_but_the_chain(chain, store_url):
    """Who makes a seal anew would have to make every later one anew."""
    other = chain.snapshots.find(1).head.seal
    sql(store_url, "UPDATE snapshots SET previous = '', seal = :s WHERE number = 1", s="0" * 64)
    assert other != "0" * 64
    assert {(1, "seal"), (2, "chain")} <= parts(chain)


def test_bytes_that_are_no_text_are_a_finding(sqlite_url):
    with Store.open(sqlite_url) as store:
        fill(store)
        froze(store)
        sql(sqlite_url, "UPDATE snapshots SET kind = CAST(x'ff' AS TEXT)")
        assert [fault.part for fault in verify(store)[1]] == ["seal"]
        sql(sqlite_url, "UPDATE snapshots SET kind = 'freeze', content = 'text'")
        assert {fault.part for fault in verify(store)[1]} == {"content"}


def test_it_says_where_in_the_content(chain, store_url):
    raw = chain.snapshots.find(3).content
    said = parse_json(raw)
    (answered,) = [each for each in said["indicators"] if each["id"] == "answered"]
    good = answered["year_to_date"][0]["good"]
    whole = raw.index(b'"id":"answered"')
    place = raw.index(f'"good":{good},'.encode(), raw.index(b'"year_to_date":[', whole))
    forged = raw[:place] + f'"good":{good + 1},'.encode() + raw[place + len(f'"good":{good},') :]
    sql(store_url, "UPDATE snapshots SET content = :raw WHERE number = 3", raw=forged)
    (fault,) = verify(chain)[1]
    assert fault.part == "content"
    assert f"answered.year_to_date (all) says good {good + 1}, its verdicts {good}" in fault.text


def forged(store, store_url, change, number=3, **columns):
    """Changes the content of the newest snapshot and makes all its digests and its seal anew."""
    row = store.snapshots.find(number)
    said = parse_json(row.content)
    change({each["id"]: each for each in said["indicators"]})
    raw = canonical(said)
    head = replace(row.head, sha256=digest(raw), **columns)
    put = "UPDATE snapshots SET content = :raw, sha256 = :sha, seal = :seal, frozen_at = :at"
    sql(store_url, put + " WHERE number = :number", raw=raw, sha=head.sha256, seal=seal_of(head),
        at=head.frozen_at, number=number)  # fmt: skip


def _all_good(own):
    figure = own["urgent"]["year_to_date"][0]
    figure |= {"good": figure["eligible"], "value": 1.0, "state": "met"}


def _met(own):
    own["urgent"]["year_to_date"][0]["state"] = "met"


def _no_data(own):
    own["urgent"]["year_to_date"][0]["state"] = "no_data"


def _too_few(own):
    own["answered"]["year_to_date"][0]["state"] = "too_few"


def _a_month(own):
    month = own["answered"]["months"][-1]
    month |= {"good": month["eligible"], "value": 1.0}


def _an_easier_target(own):
    own["urgent"]["target"]["threshold"] = 0.1
    own["urgent"]["year_to_date"][0] |= {"threshold": 0.1, "state": "met"}


def _faster(own):
    own["handling"]["year_to_date"][0]["median"]["seconds"] = 60.0


def _none_left_out(own):
    own["answered"]["period"][0]["excluded"] = {}
    own["answered"]["period"][0]["pending"] = 5


def _another_number(own):
    own["answered"]["records"]["verdicts"] = 1


FORGERIES = {
    "answered": [_a_month, _none_left_out, _another_number, _too_few],
    "urgent": [_all_good, _met, _an_easier_target, _no_data],
    "handling": [_faster],
}


@pytest.mark.parametrize(
    ("name", "change"), [(name, each) for name, found in FORGERIES.items() for each in found]
)
def test_figures_that_contradict_their_verdicts_though_every_seal_was_made_anew(
    chain, store_url, name, change
):
    forged(chain, store_url, change)
    assert is_intact(chain.snapshots.find(3))
    (fault,) = verify(chain)[1]
    assert (fault.number, fault.part) == (3, "content")
    assert f"contradict the verdicts stored beside them: {name}." in fault.text


def _by_hand(own):
    own["urgent"]["kind"] = "manual"
    _all_good(own)


def _under_another_name(own):
    own["urgent"]["id"] = "urgent2"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (_by_hand, "urgent says that it is entered by hand, and its verdicts are there"),
        (_under_another_name, "urgent is missing, and its verdicts are there"),
    ],
)
def test_no_indicator_is_withdrawn_from_the_count(chain, store_url, change, told):
    forged(chain, store_url, change)
    (fault,) = verify(chain)[1]
    assert (fault.number, fault.part) == (3, "content")
    assert told in fault.text


def test_a_snapshot_older_than_the_one_before_it(chain, store_url):
    """The clock had been set back, or the time was forged; the seals hold either way."""
    forged(chain, store_url, lambda own: None, frozen_at=CLOCK - 1)
    (fault,) = verify(chain)[1]
    assert (fault.number, fault.part) == (3, "chain")
    assert "frozen 2020-07-01 04:59 UTC, before snapshot 2 (2020-07-01 05:00 UTC)" in fault.text


DEEP = b"[" * 100_000
ODD = {
    "a number for the indicators": b'{"indicators":5}',
    "indicators of all kinds": b'{"indicators":[5,null,{}]}',
    "no finite number": b'{"a":1e999}',
    "half a character": b'{"a":"\\ud800"}',
    "nested without end": DEEP,
    "nothing": b"",
    "another kind of value": b"[]",
    "no period": b'{"period":null,"indicators":[]}',
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("kind", ["freeze", "freeze "])
def test_whatever_stands_there_is_a_finding_and_hides_no_other(chain, store_url, name, kind):
    put = "UPDATE snapshots SET content = :raw, kind = :kind WHERE number = 2"
    sql(store_url, put, raw=ODD[name], kind=kind)
    sql(store_url, "UPDATE snapshots SET records = :raw WHERE number = 3", raw=b"")
    assert {(2, "content"), (3, "records")} <= parts(chain)


LINES = {
    "an id that is a list": b'["urgent","desk",[],null,5,"met","",null]\n',
    "an indicator that is a list": b'[[],"desk","1",null,5,"met","",null]\n',
    "an instant that is text": b'["urgent","desk","1",null,"x","met","",null]\n',
    "nested without end": DEEP + b"\n",
}


@pytest.mark.parametrize("name", LINES)
def test_whatever_stands_among_the_verdicts_is_a_finding(chain, store_url, name):
    put = "UPDATE snapshots SET records = :raw WHERE number = 2"
    sql(store_url, put, raw=zlib.compress(LINES[name]))
    assert parts(chain) == {(2, "records")}


def test_what_cannot_be_examined_is_a_finding(chain, store_url, monkeypatch):
    sql(store_url, "UPDATE snapshots SET content = '{}' WHERE number = 2")
    sql(store_url, "UPDATE snapshots SET content = CAST(content AS BLOB) WHERE number = 2"
        if "sqlite" in store_url else "SELECT 1")  # fmt: skip

    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr("collector.snapshot.verify.contradictions", broken)
    assert "where cannot be determined (ZeroDivisionError)" in str(verify(chain)[1][0])


def test_the_newest_and_the_counter_gone_but_delivered(chain, store_url):
    """The store alone cannot tell; what was delivered can."""
    key = DeliveryKey(chain.snapshots.find(3).head.seal, "sv", "board")
    chain.deliveries.claim(key, {}, CLOCK, frozenset())
    assert verify(chain) == (3, [])
    sql(store_url, "DELETE FROM snapshots WHERE number = 3",
        "UPDATE counters SET value = 2 WHERE name = 'snapshots'")  # fmt: skip
    (fault,) = verify(chain)[1]
    assert fault.part == "chain"
    assert key.seal in fault.text


def test_no_row_is_put_in_anothers_place(sqlite_url):
    with Store.open(sqlite_url) as store:
        fill(store)
        froze(store)
        columns = "number, kind, first, last, content, sha256, records, records_sha256"
        for change in ("seal, previous", "'x', 'y'"):
            taken = f"INSERT OR REPLACE INTO snapshots ({columns}, frozen_at, seal, previous) "
            taken += f"SELECT {columns}, 5, {change} FROM snapshots"
            with (
                pytest.raises(StoreError, match="never changed"),
                store._database.writing() as connection,
            ):
                connection.exec_driver_sql(taken)
        assert verify(store) == (1, [])


def test_of_one_period(chain, store_url):
    sql(store_url, "UPDATE snapshots SET content = :raw WHERE number = 3", raw=b"{}")
    assert verify(chain, ("2020-04-01", "2020-04-30")) == (3, [])
    assert len(verify(chain, ("2020-06-01", "2020-06-30"))[1]) == 1
    with pytest.raises(NotFrozen, match="snapshot freeze 2020-03"):
        latest(chain, parse_period("2020-03", date.min))


def test_a_delivered_file(chain):
    data = envelope(first_freeze(chain, JUNE))
    assert verify_delivered(read_delivered(data), chain) == []
    assert verify_delivered(read_delivered(data), None) == []
    assert not read_delivered(data).laid_out
    assert read_delivered(data.replace(b'","', b'", "', 1)).laid_out
    chance = random.Random(5)
    for _ in range(60):
        place = chance.randrange(len(data) - 1)
        other = bytearray(data)
        other[place] = ord("7") if other[place] != ord("7") else ord("8")
        try:
            found = verify_delivered(read_delivered(bytes(other)), chain)
        except NotDelivered:
            continue
        assert found, f"byte {place}"


@pytest.mark.parametrize(
    "text",
    [b"", b"[]", b"{}", b'{"content":{},"seal":{}}', b'{"content":{},"content":{}}', b"\xff", DEEP],
)
def test_what_is_no_delivered_file(text):
    with pytest.raises(NotDelivered):
        read_delivered(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"format":1', b'"format":1e999'),
        (b'"format":1', b'"format":"\\ud800"'),
        (b'"format":1', b'"format":' + DEEP),
        (b'"seal":{', b'"seal":{"kind":"\\ud800",'),
        (b'"number":1', b'"number":[]'),
        (b'"number":1', b'"number":{}'),
        (b'"kind":"freeze"', b'"kind":"\\ud800"'),
        (b'"kind":"freeze"', b'"kind":null'),
    ],
)
def test_whatever_a_file_holds_is_told(chain, before, after):
    data = envelope(first_freeze(chain, MONTHS[0]))
    assert before in data
    with pytest.raises(NotDelivered):
        read_delivered(data.replace(before, after))


def test_a_file_that_was_sealed_anew_is_not_that_of_the_store(chain, tmp_path):
    row = chain.snapshots.find(1)
    forged = next_row([], 0, "freeze", MONTHS[0], row.content + b" ", row.records, CLOCK)
    file = read_delivered(envelope(decode_row(forged)))
    assert verify_delivered(file, None) != [] or verify_delivered(file, chain) != []
    honest = next_row([], 0, "freeze", MONTHS[0], row.content, row.records, CLOCK + 1)
    file = read_delivered(envelope(decode_row(honest)))
    assert verify_delivered(file, None) == []
    elsewhere = next_row([], 7, "freeze", MONTHS[0], row.content, row.records, CLOCK)
    unknown = read_delivered(envelope(decode_row(elsewhere)))
    assert "the store has no such snapshot" in str(verify_delivered(unknown, chain)[0])
    assert "in the store it has another" in str(verify_delivered(file, chain)[0])


def test_no_column_is_left_unsealed(store, store_url):
    engine = create_engine(parse_url(store_url))
    with engine.connect() as connection:
        columns = set(connection.execute(text("SELECT * FROM snapshots")).keys())
    engine.dispose()
    assert columns == {*TEXTS, "number", "content", "records", "frozen_at"}
