"""The formats there have been: what each consists of, and how an older one is brought up.

An older recording is read as it is and never changed. Only one whose session goes on, after Vigil
was updated while its engine was not running, is brought up to the present format.

Format 2 ties every table into the chains and knows local time (table `offsets`, views).
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from monitor.recording.links import (
    DIGESTS,
    STAGED,
    VITALS,
    Head,
    contents,
    follow,
    staged_contents,
)
from monitor.recording.local_time import offsets
from monitor.recording.schema import ADDED_IN_2, FORMAT_VERSION, SCHEMA, Anchor

VIEWS_1 = ("actions", "alarms", "limits", "gaps", "vitals_utc")
INSERT_OFFSET = "INSERT OR IGNORE INTO offsets VALUES (?, ?, ?, ?)"
UPSERT_HEAD = (
    "INSERT INTO chain_head VALUES (?, ?, ?) "
    "ON CONFLICT (name) DO UPDATE SET n = excluded.n, hash = excluded.hash"
)


def objects(database: sqlite3.Connection) -> dict[str, str]:
    """Every table, index, view and trigger of a file: name and the text that made it."""
    rows = database.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {name: " ".join(text.split()) for name, text in rows}


@cache
def expected(version: int) -> Mapping[str, str]:
    """`objects` of an untouched recording of this format."""
    script = SCHEMA
    if version < FORMAT_VERSION:
        script = files(__package__).joinpath(f"layout_{version}.sql").read_text("utf-8")
    with contextlib.closing(sqlite3.connect(":memory:")) as database:
        database.executescript(script)
        return objects(database)


def bring_up(database: sqlite3.Connection, start: Head) -> int:
    """Bring an open recording up to the present format, in one transaction.

    Args:
        database: the recording, open for writing.
        start: what precedes the first row of each chain.

    Returns:
        The format it had.
    """
    version: int = database.execute("PRAGMA user_version").fetchone()[0]
    if version < 2:
        drop = "".join(f"DROP VIEW {name};" for name in VIEWS_1)
        try:
            # executescript commits what is open, so the script brings its own transaction.
            database.executescript(f"BEGIN IMMEDIATE;{drop}{ADDED_IN_2}")
            _fill_2(database, start)
            database.execute("PRAGMA user_version = 2")
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
    return version


def _fill_2(database: sqlite3.Connection, start: Head) -> None:
    for row in database.execute(DIGESTS["anchors"]).fetchall():
        segment, t_ns, utc_ns, zone, _, _, rate = row
        anchor = Anchor(segment=segment, t_ns=t_ns, utc_ns=utc_ns, zone=zone, rate=rate)
        database.executemany(INSERT_OFFSET, offsets(anchor))
    heads = small_heads(database, start)
    heads["vitals"] = follow(start, contents(database.execute(VITALS, (-1,))))
    heads["staged"] = follow(start, staged_contents(database.execute(STAGED)))
    database.executemany(UPSERT_HEAD, [(name, h.n, h.hash) for name, h in heads.items()])


def small_heads(database: sqlite3.Connection, start: Head) -> dict[str, Head]:
    """The heads of the small tables as they are now."""
    return {
        name: follow(start, contents(database.execute(query))) for name, query in DIGESTS.items()
    }
