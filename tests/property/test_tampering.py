"""Whatever single thing is changed in a real recording, verification finds it."""
# ruff: noqa: S608 - names of tables come from the recording's own schema

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitor.exchange import detect, imported
from monitor.recording.chain import verify

DATA = Path(__file__).parents[1] / "data"
RECORDINGS = DATA / "recordings"
EDITS = [20, pytest.param(60, marks=pytest.mark.slow)]
"""A recording and kind of edit: every run makes others."""


@pytest.fixture(scope="module", params=["session.db", "session-unended.db", "E4"])
def original(request, tmp_path_factory):
    if request.param != "E4":
        return RECORDINGS / request.param
    path = tmp_path_factory.mktemp("import") / "S02.db"
    imported.write(detect.load([DATA / "empatica" / "S02"]), path)
    return path


@pytest.fixture
def copy(original, tmp_path):
    path = tmp_path / "copy.db"
    shutil.copyfile(original, path)
    assert verify(path) == []
    return path


class Attacker:
    """Somebody with SQLite and no respect for triggers, who covers the traces."""

    def __init__(self, path, rng):
        self.database = sqlite3.connect(path, isolation_level=None)
        self.database.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        self.database.execute("PRAGMA synchronous = OFF")
        self.database.execute("PRAGMA journal_mode = MEMORY").fetchall()
        self.rng = rng
        objects = self.database.execute("SELECT type, name, sql FROM sqlite_schema").fetchall()
        self.triggers = [(name, sql) for kind, name, sql in objects if kind == "trigger"]
        self.tables = [
            name
            for kind, name, _ in objects
            if kind == "table" and self.one(f'SELECT count(*) FROM "{name}"')
        ]
        for name, _ in self.triggers:
            self.database.execute(f"DROP TRIGGER {name}")

    def one(self, query, *values):
        return self.database.execute(query, values).fetchone()[0]

    def finish(self):
        for _, sql in self.triggers:
            self.database.execute(sql)
        self.database.close()

    def content(self):
        return {t: self.database.execute(f"SELECT * FROM {t}").fetchall() for t in self.tables}

    def pick(self):
        """A table, the columns of its key, all its columns, and one row of it."""
        table = self.rng.choice(self.tables)
        about = self.database.execute(f"PRAGMA table_info({table})").fetchall()
        columns = [column[1] for column in about]
        keys = [column[1] for column in about if column[5]]
        offset = self.rng.randrange(self.one(f"SELECT count(*) FROM {table}"))
        row = self.database.execute(f"SELECT * FROM {table} LIMIT 1 OFFSET {offset}").fetchone()
        where = " AND ".join(f"{key} = ?" for key in keys)
        return table, columns, where, [row[columns.index(key)] for key in keys], row

    def change(self):
        table, columns, where, keys, row = self.pick()
        column = self.rng.randrange(len(columns))
        value = self.other(row[column])
        self.database.execute(
            f"UPDATE OR IGNORE {table} SET {columns[column]} = ? WHERE {where}", [value, *keys]
        )
        return f"{table}.{columns[column]} {keys}: {row[column]!r:.60} -> {value!r:.60}"

    def other(self, value):
        rng = self.rng
        if rng.random() < 0.1:
            return rng.choice([0, 1, "", b"", "x", b"\xff", 1e300, -1])
        if isinstance(value, bytes):
            return flipped(value, rng) if value else b"\0"
        if isinstance(value, str):
            text = flipped(value.encode(), rng) if value else b"?"
            return self.one("SELECT CAST(? AS TEXT)", text)
        return rng.choice([(value or 0) + 1, (value or 0) * -1 - 1e-9, None, str(value), 10**18])

    def remove(self):
        table, _, where, keys, _ = self.pick()
        self.database.execute(f"DELETE FROM {table} WHERE {where}", keys)
        return f"{table} {keys} removed"

    def cut(self):
        """The end of a table is gone."""
        table, *_ = self.pick()
        n = self.rng.randint(1, min(5, self.one(f"SELECT count(*) FROM {table}")))
        key = {"meta": "key", "sensors": "alias", "chain_head": "name", "offsets": "t_ns"}
        by = key.get(table, "rowid")
        last = f"SELECT {by} FROM {table} ORDER BY {by} DESC LIMIT {n}"
        self.database.execute(f"DELETE FROM {table} WHERE {by} IN ({last})")
        return f"{table}: last {n} cut off"

    def swap(self):
        """Two rows change places."""
        table = self.rng.choice([t for t in ("journal", "blocks", "vitals") if t in self.tables])
        key = {"journal": "seq", "blocks": "id", "vitals": "t_s"}[table]
        keys = [k for (k,) in self.database.execute(f"SELECT {key} FROM {table}")]
        one, two = self.rng.sample(keys, 2)
        for old, new in ((one, -99), (two, one), (-99, two)):
            self.database.execute(f"UPDATE {table} SET {key} = {new} WHERE {key} = {old}")
        return f"{table}: {one} and {two} change places"

    def add(self):
        """A row that was never written, much like one that was."""
        table, columns, _, _, row = self.pick()
        at = self.rng.randrange(len(columns)) if table in {"meta", "sensors", "chain_head"} else 0
        row = list(row)
        row[at] = self.other(row[at])
        if isinstance(row[0], int):
            row[0] = self.one(f"SELECT max({columns[0]}) + 1 FROM {table}")
        places = ", ".join("?" * len(row))
        self.database.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", row)
        return f"{table}: added {row!r:.80}"


def flipped(raw, rng):
    at = rng.randrange(len(raw))
    return raw[:at] + bytes([raw[at] ^ (1 << rng.randrange(7))]) + raw[at + 1 :]


@pytest.mark.parametrize("edits", EDITS)
@pytest.mark.parametrize("how", ["change", "remove", "cut", "swap", "add"])
def test_every_single_edit_is_found(original, copy, how, edits):
    rng = random.Random(random.getrandbits(64))  # noqa: S311 - not a secret
    untouched = copy.read_bytes()
    missed, made = [], 0
    wanted = edits if how == "change" else edits // 4
    for _ in range(20 * wanted):  # some change nothing, or SQLite refuses them
        if made == wanted:
            break
        copy.write_bytes(untouched)
        attacker = Attacker(copy, rng)
        with closing(attacker.database):
            before = attacker.content()
            try:
                what = getattr(attacker, how)()
            except sqlite3.IntegrityError:
                continue
            changed = same_not(before, attacker.content())
            attacker.finish()
        made += changed
        if changed and not verify(copy):
            missed.append(what)
    assert missed == []
    assert made == wanted


def same_not(before, after):
    """Whether anything differs, types included: 1 is not 1.0."""
    return repr(before) != repr(after)
