"""The hash chains find every kind of tampering."""

import hashlib
import json
import sqlite3

import pytest

from devices.model import Frame, SensorSpec, Signal
from monitor.recording.chain import Finding, examine, verify
from monitor.recording.links import VITALS, contents, follow, genesis
from monitor.recording.schema import APPEND_ONLY, Anchor, NewSession, VitalsRow, canonical
from monitor.recording.store import Batch, Store

MINUTE_NS = 60_000_000_000
STRAP = SensorSpec(alias="strap", codec="hrs_2a37", measures=Signal.HEART_RATE, site="chest")


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "session.db"
    store = Store.create(path, NewSession(session_id="ab" * 16, subject="P-1"))
    anchor = Anchor(segment=0, t_ns=0, utc_ns=1_792_886_400 * 10**9, zone="Europe/Oslo")
    store.commit(Batch(anchors=[anchor], sensors=[STRAP]))
    for minute in range(5):
        t_ns = minute * MINUTE_NS
        store.commit(
            Batch(
                frames=[Frame(t_ns=t_ns, source="strap", payload=bytes([minute]))],
                values=[60.0 + minute],
                vitals=[VitalsRow(minute, 60.0, "VALID", 33.5, "VALID")],
                journal=[(t_ns, "action", canonical({"verb": "note", "details": {"text": "ö"}}))],
            )
        )
    store.finish(5 * MINUTE_NS)
    store.close()
    return path


def tamper(path, *statements):
    """Do what somebody with any SQLite tool can do: drop the guard, then change."""
    with sqlite3.connect(path) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)
    database.close()


def test_untouched_recording_has_no_findings(recording):
    assert verify(recording) == []


@pytest.mark.parametrize(
    ("statement", "row", "problem"),
    [
        ("UPDATE journal SET body = '{}' WHERE seq = 3", 3, "changed"),
        ("UPDATE journal SET t_ns = t_ns + 1 WHERE seq = 2", 2, "changed"),
        ("UPDATE journal SET kind = 'status' WHERE seq = 1", 1, "changed"),
        ("UPDATE journal SET hash = substr(hash, 2) || 'x'", 1, "changed"),
        ("DELETE FROM journal WHERE seq = 3", 4, "rows 3 to 3 are missing"),
        ("DELETE FROM journal WHERE seq = 1", 2, "rows 1 to 1 are missing"),
        ("DELETE FROM journal WHERE seq >= 4", 4, "rows 4 to 8 are missing at the end"),
        ("INSERT INTO journal VALUES (9, 0, 'action', '{}', 'ff')", 9, "changed"),
        ("UPDATE blocks SET payload = x'07' WHERE id = 2", 2, "changed"),
        ("UPDATE blocks SET value_max = 200 WHERE id = 4", 4, "changed"),
        ("UPDATE blocks SET source = 'other' WHERE id = 1", 1, "changed"),
        ("DELETE FROM blocks WHERE id = 2", 3, "rows 2 to 2 are missing"),
        (
            "UPDATE vitals SET skin_degc = 33.4 WHERE t_s = 2",
            0,
            "changed, added or removed: row 2 to 5",
        ),
        ("DELETE FROM vitals WHERE t_s = 4", 0, "changed, added or removed: row 2 to 5"),
        ("INSERT INTO vitals VALUES (9, 1, 'VALID', 1, 'VALID', '')", 0, "6 rows where 5"),
        ("UPDATE meta SET value = 'P-2' WHERE key = 'subject'", 0, "changed"),
        ("DELETE FROM meta WHERE key = 'ended'", 0, "changed"),
        ("UPDATE anchors SET utc_ns = utc_ns + 1", 0, "changed"),
        ("UPDATE offsets SET offset_s = 3600", 0, "changed"),
        ("UPDATE sensors SET spec = replace(spec, 'chest', 'wrist')", 0, "changed"),
        ("UPDATE chain_head SET n = n - 1 WHERE name = 'journal'", 8, "not the last row"),
        ("DELETE FROM chain_head WHERE name = 'vitals'", 0, "vitals is missing"),
        ("DELETE FROM blocks WHERE id = 5", 5, "rows 5 to 5 are missing at the end"),
    ],
)
def test_tampering_is_found_where_it_was_done(recording, statement, row, problem):
    tamper(recording, statement)
    first = verify(recording)[0]
    assert first.row == row
    assert first.table in statement
    assert problem in first.problem
    assert str(first).startswith(f"{first.table}, row {row}: " if row else f"{first.table}: ")


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("DROP TRIGGER journal_no_delete", "journal_no_delete: was removed"),
        ("DROP INDEX blocks_by_source", "blocks_by_source: was removed"),
        (
            "DROP VIEW alarms; CREATE VIEW alarms AS SELECT * FROM journal WHERE seq < 3",
            "alarms: was changed",
        ),
        ("CREATE TABLE journal_2 (seq)", "journal_2: does not belong to a recording"),
        ("ALTER TABLE vitals ADD COLUMN note", "vitals: was changed"),
    ],
)
def test_what_guards_and_shows_the_rows_is_checked_too(recording, statement, finding):
    with sqlite3.connect(recording) as database:
        database.executescript(statement)
    database.close()
    assert finding in [str(found) for found in verify(recording)]


def test_one_hash_stands_for_the_whole_recording(recording):
    """Whoever recomputes everything gets away with it, but not with the hash noted before."""
    noted = examine(recording).last_hash
    tamper(recording, "UPDATE vitals SET skin_degc = 39.9 WHERE t_s = 2")
    with sqlite3.connect(recording) as database:
        start = genesis("ab" * 16)
        forged = follow(start, contents(database.execute(VITALS, (-1,))))
        database.execute("UPDATE chain_head SET hash = ? WHERE name = 'vitals'", (forged.hash,))
    database.close()
    found = verify(recording)
    assert "vitals: changed, added or removed: row 2 to 5" in map(str, found)
    assert examine(recording).last_hash == noted


def test_removed_row_hidden_by_renumbering_is_found(recording):
    tamper(
        recording,
        "DELETE FROM journal WHERE seq = 2",
        "UPDATE journal SET seq = seq - 1 WHERE seq > 2",
    )
    assert Finding("journal", 2, "changed, or not in its place") in verify(recording)


def test_reordered_rows_are_found(recording):
    tamper(
        recording,
        "UPDATE journal SET seq = 99 WHERE seq = 2",
        "UPDATE journal SET seq = 2 WHERE seq = 3",
        "UPDATE journal SET seq = 3 WHERE seq = 99",
    )
    assert {finding.row for finding in verify(recording)} >= {2, 3}


def test_appended_row_with_a_fitting_hash_is_found_by_the_head(recording):
    with sqlite3.connect(recording) as database:
        (last,) = database.execute("SELECT hash FROM journal WHERE seq = 8").fetchone()
        content = b'[9,0,"action",{}]'
        forged = hashlib.sha256(bytes.fromhex(last) + content).hexdigest()
        database.execute("INSERT INTO journal VALUES (9, 0, 'action', '{}', ?)", (forged,))
    database.close()
    assert verify(recording) == [Finding("journal", 9, "not the last row that was written")]


def test_another_sessions_journal_is_found(recording):
    tamper(recording, "UPDATE meta SET value = 'cd' WHERE key = 'session_id'")
    found = {(f.table, f.row) for f in verify(recording)}
    assert {("journal", 1), ("blocks", 1), ("meta", 0)} <= found


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_tables_are_append_only(recording, table):
    with sqlite3.connect(recording) as database:
        key = "segment" if table == "offsets" else "rowid"
        change = (f"DELETE FROM {table}", f"UPDATE {table} SET {key} = {key} + 1")  # noqa: S608
        for statement in change:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                database.execute(statement)
    database.close()


def test_the_chain_can_be_followed_by_hand_as_documented(recording):
    """The recipe of docs/recording.md, word for word, with the standard library only."""
    with sqlite3.connect(recording) as database:
        rows = database.execute("SELECT seq, t_ns, kind, body, hash FROM journal").fetchall()
    database.close()
    before = hashlib.sha256(b"ab" * 16).digest()
    for seq, t_ns, kind, body, stored in rows:
        content = f"[{seq},{t_ns},{json.dumps(kind)},{body}]".encode()
        before = hashlib.sha256(before + content).digest()
        assert before.hex() == stored
    assert len(rows) == 8


def test_canonical_json_has_one_form():
    assert canonical({"b": float("nan"), "a": (1, "ö")}) == '{"a":[1,"ö"],"b":null}'
    assert canonical({"text": "\ud800"}) == '{"text":"\\ud800"}'
    assert canonical({"odd": object}) == '{"odd":"<class \'object\'>"}'
